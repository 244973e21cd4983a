"""Snapshots -> Redis: each written and announced only over an older one, for two boards may run."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import NoScriptError

from kpi.floor_snapshot import FloorSnapshot
from kpi.keys import floor_key, snapshot_key, snapshots_channel
from kpi.snapshot import QueueSnapshot

TTL_SECONDS = 15
# One call writes so many: a call for each costs the board four times the CPU, and more at once would let Redis' other
# clients wait longer than a millisecond or two.
SNAPSHOTS_PER_CALL = 50

# KEYS: snapshot keys; ARGV: seconds to live, channel (or nothing, to tell nobody), then for each key epoch, publication
# time (ms), JSON. A quote inside a JSON text is escaped, so the two names found in what is stored can only be the
# snapshot's own.
SCRIPT = """
local function is_older(stored, epoch, published)
  local its_epoch = tonumber(string.match(stored, '"epoch":(%d+)'))
  local its_time = tonumber(string.match(stored, '"published_at_ms":(%d+)'))
  return not (its_epoch and its_time) or its_epoch < epoch or (its_epoch == epoch and its_time < published)
end
local written = 0
for index, key in ipairs(KEYS) do
  local epoch, published, text = unpack(ARGV, 3 * index, 3 * index + 2)
  local stored = redis.call('GET', key)
  if not stored or is_older(stored, tonumber(epoch), tonumber(published)) then
    redis.call('SET', key, text, 'EX', ARGV[1])
    if ARGV[2] ~= '' then
      redis.call('PUBLISH', ARGV[2], text)
    end
    written = written + 1
  end
end
return written
"""


class SnapshotWriter:
    """Writes the snapshots of one namespace."""

    def __init__(self, redis: Redis, namespace: str) -> None:
        self._redis, self._namespace = redis, namespace
        self._sha = ""

    async def write(self, snapshots: Iterable[tuple[QueueSnapshot, bytes]]) -> int:
        """Write (snapshot, its JSON) pairs; gives how many were written, the others met a newer one."""
        calls, left = await self._begin(), iter(snapshots)
        while some := list(islice(left, SNAPSHOTS_PER_CALL)):
            keys = [snapshot_key(self._namespace, snapshot.queue, snapshot.channel) for snapshot, _ in some]
            texts = [part for shot, text in some for part in (shot.epoch, shot.published_at_ms, text)]
            calls.evalsha(self._sha, len(keys), *keys, TTL_SECONDS, snapshots_channel(self._namespace), *texts)
        return await self._written(calls)

    async def write_floor(self, floor: FloorSnapshot, text: bytes) -> bool:
        """Write the snapshot of the floor and its JSON; False when it met a newer one."""
        calls, key = await self._begin(), floor_key(self._namespace)
        calls.evalsha(self._sha, 1, key, TTL_SECONDS, "", floor.epoch, floor.published_at_ms, text)
        return bool(await self._written(calls))

    async def _begin(self) -> Pipeline:
        if not self._sha:
            self._sha = str(await self._redis.script_load(SCRIPT))
        return self._redis.pipeline(transaction=False)

    async def _written(self, calls: Pipeline) -> int:
        try:
            answers: list[Any] = await calls.execute()
        except NoScriptError:  # Redis was started anew; the next tick brings the script along
            self._sha = ""
            return 0
        return sum(int(answer) for answer in answers)
