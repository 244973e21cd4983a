"""Snapshots -> Redis: each written and announced only over an older one, for two boards may run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from kpi.keys import snapshot_key, snapshots_channel
from kpi.snapshot import QueueSnapshot

TTL_SECONDS = 15

# KEYS[1] snapshot key; ARGV: epoch, publication time (ms), JSON, seconds to live, channel.
# A quote inside a JSON text is escaped, so the two names found in what is stored can only be the snapshot's own.
SCRIPT = """
local stored = redis.call('GET', KEYS[1])
if stored then
  local epoch = tonumber(string.match(stored, '"epoch":(%d+)'))
  local published = tonumber(string.match(stored, '"published_at_ms":(%d+)'))
  local mine = tonumber(ARGV[1])
  if epoch and published and (epoch > mine or (epoch == mine and published >= tonumber(ARGV[2]))) then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[3])
return 1
"""


class SnapshotWriter:
    """Writes the snapshots of one namespace."""

    def __init__(self, redis: Redis, namespace: str) -> None:
        self._redis, self._namespace = redis, namespace
        self._sha = ""

    async def write(self, snapshots: Iterable[tuple[QueueSnapshot, bytes]]) -> int:
        """Write (snapshot, its JSON) pairs; gives how many were written, the others met a newer one."""
        if not self._sha:
            self._sha = str(await self._redis.script_load(SCRIPT))
        channel = snapshots_channel(self._namespace)
        calls = self._redis.pipeline(transaction=False)
        for snapshot, text in snapshots:
            key = snapshot_key(self._namespace, snapshot.queue, snapshot.channel)
            calls.evalsha(self._sha, 1, key, snapshot.epoch, snapshot.published_at_ms, text, TTL_SECONDS, channel)
        try:
            answers: list[Any] = await calls.execute()
        except NoScriptError:  # Redis was started anew; the next tick brings the script along
            self._sha = ""
            return 0
        return sum(int(answer) for answer in answers)
