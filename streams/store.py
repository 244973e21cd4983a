"""The Redis layout of a partition, and the few things done with it: read, commit a chunk, begin anew."""

import time
from collections.abc import Callable
from importlib.resources import files
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import RedisError

from kpi import keys
from streams.difference import Difference

# Counted up when what stands in Redis changes its meaning; a partition of another schema is rebuilt.
SCHEMA = 2
DELTAS_KEPT = 128
# What `observe` is told of.
OPERATIONS = ("commit",)


Observe = Callable[[str, float, bool], None]


class Refused(Exception):  # noqa: N818 - it names what the server did
    """Redis as it stands must not be used: the message says why and what to do."""


class Position(NamedTuple):
    """Where a partition stands. `next`: the offset to read next, None without any state. Times in ms."""

    next: int | None
    epoch: int
    watermark: int
    tick: int
    first: int


class Outcome(NamedTuple):
    """What a commit came to: `done`, or another position `next` (None: no state) of another `epoch`."""

    done: bool
    next: int | None
    epoch: int | None


class Store:
    """What a worker asks of Redis. `until`: when all keys of a replay expire, ms UTC.

    `observe` is told of each commit: the operation, how long it took in seconds, and whether Redis did it.
    """

    def __init__(self, redis: "Redis", ns: str, until: int | None = None, observe: Observe = lambda *_: None) -> None:
        self._redis, self._ns, self._until = redis, ns, until
        self._observe = observe
        self._seen: set[str] = set()
        self._script = redis.register_script(files("streams").joinpath("commit.lua").read_text())

    async def check_server(self) -> None:
        """Raise Refused when Redis may forget keys of its own accord, or is too old."""
        memory: dict[str, Any] = await self._redis.info("memory")
        server: dict[str, Any] = await self._redis.info("server")
        policy = memory.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            raise Refused(
                f"Redis may evict keys (maxmemory-policy {policy}), so the numbers could be wrong without a sign; "
                "set it to noeviction: redis-cli CONFIG SET maxmemory-policy noeviction"
            )
        version = str(server.get("redis_version", "0"))
        if tuple(int(part) for part in version.split(".")[:2]) < (6, 2):
            raise Refused(f"Redis {version} is too old; wanted 6.2 or newer")

    async def announce(self, partitions: dict[str, int]) -> None:
        """Tell readers how many partitions each base topic has."""
        await self._redis.hset(keys.partitions_key(self._ns), mapping={k: str(n) for k, n in partitions.items()})

    async def position(self, prefix: str) -> Position:
        """Where the partition stands; a half-written or unknown state is deleted first, to be rebuilt."""
        stored: dict[Any, Any] = await self._redis.hgetall(keys.position_key(prefix))
        if stored and (b"dirty" in stored or stored.get(b"schema") != str(SCHEMA).encode()):
            await self._forget(prefix)
            stored = {}
        if b"next" not in stored:
            seconds, micros = await self._redis.time()
            return Position(None, seconds * 1000 + micros // 1000, 0, 0, 0)
        numbers = [int(stored.get(name, b"0")) for name in (b"next", b"epoch", b"watermark", b"tick", b"first")]
        return Position(*numbers)

    async def sources(self, prefix: str) -> dict[str, int]:
        """The newest event time (ms) of each source that this partition heard of."""
        key = keys.live_key(prefix, keys.live_suffix("source", keys.NO_QUEUE, keys.NO_QUEUE))
        found: list[Any] = await self._redis.zrange(key, 0, -1, withscores=True)
        return {name.decode(): int(at) for name, at in found}

    async def read(
        self, prefix: str, records: list[str], watermark: int, due_at_most: int = 0
    ) -> tuple[dict[str, bytes], list[str]]:
        """The blobs of those records that exist, and the first entries of the expiry index that are due."""
        pipe = self._redis.pipeline(transaction=False)
        if records:
            pipe.hmget(keys.records_key(prefix), records)
        pipe.zrange(keys.expiry_key(prefix), "-inf", f"({watermark}", byscore=True, offset=0, num=due_at_most)
        *found, due = await pipe.execute()
        blobs = dict(zip(records, found[0], strict=True)) if found else {}
        return {key: blob for key, blob in blobs.items() if blob is not None}, [member.decode() for member in due]

    async def commit(self, prefix: str, position: Position, new_next: int, watermark: int, tick: int, first: int,
                     difference: Difference) -> Outcome:  # fmt: skip
        """Write one chunk's effect and its position by one script, or learn that the position is another."""
        names = [
            keys.position_key(prefix), keys.records_key(prefix), keys.ledger_key(prefix), keys.expiry_key(prefix),
            keys.deltas_key(prefix), keys.panes_key(prefix), keys.lives_key(prefix),
        ]  # fmt: skip
        names += [keys.pane_key(prefix, suffix) for suffix in difference.panes]
        names += [keys.live_key(prefix, suffix) for suffix in difference.lives]
        names += [keys.pane_key(prefix, suffix) for suffix in difference.panes_gone]
        arguments: list[Any] = [
            "" if position.next is None else position.next, new_next, position.epoch, SCHEMA, len(prefix) + 2,
            DELTAS_KEPT, difference.pack(watermark, tick, first, self._until),
        ]  # fmt: skip
        for key, blob in difference.records.items():
            arguments += (key, blob)
        began = time.monotonic()
        try:
            done, stored, *epoch = await self._script(names, arguments)
        except RedisError:
            self._observe("commit", time.monotonic() - began, False)
            raise
        self._observe("commit", time.monotonic() - began, True)
        if done:
            await self._announce_queues(difference)
            return Outcome(True, new_next, position.epoch)
        return Outcome(False, int(stored) if stored else None, int(epoch[0]) if epoch and epoch[0] else None)

    async def _announce_queues(self, difference: Difference) -> None:
        """Name queues that are seen for the first time, so that a reader knows them without their panes."""
        names = {suffix.split(":", 2)[2] for suffix in difference.panes}
        names |= {suffix.split(":", 1)[1] for suffix in difference.lives}
        # What belongs to no queue, as what agents do, stands under an empty name.
        names = {name for name in names if not name.startswith(":")}
        if new := names - self._seen:
            await self._redis.hset(keys.queues_key(self._ns), mapping=dict.fromkeys(new, "seen"))
            if self._until is not None:
                await self._redis.pexpireat(keys.queues_key(self._ns), self._until)
            self._seen |= new

    async def _forget(self, prefix: str) -> None:
        pattern = "".join(f"[{letter}]" if letter in "*?[]" else letter for letter in prefix) + ":*"
        async for key in self._redis.scan_iter(match=pattern, count=1000):
            await self._redis.unlink(key)
