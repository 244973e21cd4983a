"""Redis -> view: loads each partition in pieces, then follows all delta streams with one blocking read.

The stream keeps only the newest deltas, so a load, which takes a while, reads them along and applies them at its end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from board.deltas import parse_delta
from board.health import Health
from board.pieces import (
    HALF_WRITTEN,
    NO_POSITION,
    NotThere,
    Position,
    last_entry,
    load_partition,
    read_ledgers,
    read_positions,
    text,
)
from board.view import FloorView, Outcome
from kpi.keys import NO_QUEUE, deltas_key, parse_queue_suffix, partition_prefix, partitions_key, queues_key

PING_SECONDS = 0.5
log = logging.getLogger("floorpulse.board")

BLOCK_MS = 100
ENTRIES_PER_READ = 500
CHECK_SECONDS = 1.0
# What the ledgers say is for people who doubt, not for a wall.
LEDGER_CHECKS = 5
RETRY_SECONDS = 0.25
UNREADABLE = "what stands in Redis is not what a worker writes, see the board's log"
REDIS_ERRORS = (RedisError, OSError, asyncio.TimeoutError)
Entries = list[tuple[bytes, dict[bytes, bytes]]]


class Loader:
    """Keeps a view current until it is cancelled. `wall_ms` is the wall clock."""

    def __init__(
        self, redis: Redis, namespace: str, view: FloorView, health: Health, wall_ms: Callable[[], int]
    ) -> None:
        self._redis, self._namespace, self._view, self._health = redis, namespace, view, health
        self._wall_ms = wall_ms
        self._prefixes: dict[str, str] = {}
        self._cursors: dict[str, bytes] = {}
        self._behind: dict[str, int] = {}
        self._checks = 0

    async def run(self) -> None:
        """Load and follow for ever; a Redis that does not answer is waited for."""
        loading: asyncio.Task[None] | None = None
        checked = -CHECK_SECONDS
        try:
            while True:
                try:
                    if time.monotonic() - checked >= CHECK_SECONDS:
                        await self.check()
                        checked = time.monotonic()
                    if loading is None or loading.done():
                        if loading is not None:
                            loading.result()  # a fault of ours ends the board, as it does everywhere else
                        loading = asyncio.create_task(self._load_quietly())
                    await self.follow()
                    self._health.redis_down_since_ms = 0
                except REDIS_ERRORS as error:
                    if not self._health.redis_down_since_ms:
                        self._health.redis_down_since_ms = self._wall_ms()
                        log.warning("Redis does not answer: %s", error)
                    checked = -CHECK_SECONDS
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            if loading is not None:
                loading.cancel()
                with suppress(asyncio.CancelledError):
                    await loading

    async def check(self) -> None:
        """Look at what partitions and queues there are and how far each is; what we lost is marked as not loaded."""
        counts = await self._redis.hgetall(partitions_key(self._namespace))
        self._prefixes = {
            f"{topic}/{number}": partition_prefix(self._namespace, topic, number)
            for topic, count in ((text(raw), count) for raw, count in counts.items())
            for number in range(int(count))
        }
        self._view.expect(self._prefixes)
        # Of a view that is full names are of no use, and there may be 100,000 of them.
        suffixes = [] if self._view.is_full else await self._redis.hkeys(queues_key(self._namespace))
        for suffix in suffixes:
            queue, channel = parse_queue_suffix(text(suffix))
            if queue != NO_QUEUE:
                self._view.place(queue, channel)
        for name, position in (await read_positions(self._redis, self._prefixes)).items():
            self._compare(name, position)
        if self._checks % LEDGER_CHECKS == 0:
            self._view.ledgers.update(await read_ledgers(self._redis, self._prefixes))
        self._checks += 1

    async def load_missing(self) -> None:
        """Load every partition that is not loaded and can be."""
        for name in [name for name, partition in self._view.partitions.items() if not partition.loaded]:
            if name in self._prefixes:
                await self._load(name)

    async def follow(self) -> None:
        """One read of the deltas of all loaded partitions; returns after BLOCK_MS when nothing comes."""
        names = [name for name, partition in self._view.partitions.items() if partition.loaded]
        if not names:
            await asyncio.sleep(BLOCK_MS / 1000)
            return
        for name, entries in await self._read(names, BLOCK_MS):
            if not self._view.partitions[name].loaded or not entries:
                continue
            self._cursors[name] = entries[-1][0]
            self._apply(name, entries)
            await asyncio.sleep(0)

    async def _read(self, names: list[str], block_ms: int | None) -> list[tuple[str, Entries]]:
        by_stream = {deltas_key(self._prefixes[name]).encode(): name for name in names}
        cursors: dict[Any, Any] = {stream: self._cursors[name] for stream, name in by_stream.items()}
        answer = await self._redis.xread(cursors, count=ENTRIES_PER_READ, block=block_ms)
        return [(by_stream[stream], entries) for stream, entries in _streams(answer)]

    def _apply(self, name: str, entries: Entries) -> None:
        for entry_id, fields in entries:
            try:
                outcome = self._view.apply_delta(name, parse_delta(fields))
            except ValueError as error:
                log.error("%s: entry %s: %s; loading again", name, entry_id.decode(), error)
                outcome = Outcome.RELOAD
            if outcome is Outcome.RELOAD:
                self._lose(name, "being loaded again after a gap")
                return

    def _compare(self, name: str, position: Position | None) -> None:
        partition = self._view.partitions[name]
        if position is None:
            self._lose(name, NO_POSITION)
        elif position.dirty:
            self._lose(name, HALF_WRITTEN)
        elif partition.loaded and position.epoch != partition.epoch:
            self._lose(name, "being loaded again, the worker rebuilt it")
        elif partition.loaded and position.next > partition.next == self._behind.get(name):
            # A second later still no delta: the stream was cut beyond what we had read.
            self._lose(name, "being loaded again after a gap")
        if position is not None and position.next > partition.next:
            self._behind[name] = partition.next
        else:
            self._behind.pop(name, None)

    async def _load_quietly(self) -> None:
        """`load_missing` as a task beside `follow`, which meets the same Redis and says what is wrong with it."""
        try:
            await self.load_missing()
        except REDIS_ERRORS as error:
            log.debug("not loaded: %s", error)

    async def _load(self, name: str) -> None:
        meanwhile: Entries = []

        async def read_along() -> None:
            for _, entries in await self._read([name], None):
                self._cursors[name] = entries[-1][0]
                meanwhile.extend(entries)

        try:
            self._cursors[name] = await last_entry(self._redis, self._prefixes[name])
            loaded = await load_partition(self._redis, self._prefixes[name], read_along)
        except NotThere as reason:
            self._lose(name, str(reason))
            return
        except ValueError as error:
            log.error("%s: cannot be loaded: %s", name, error)
            self._lose(name, UNREADABLE)
            return
        if name not in self._view.partitions:
            return
        self._view.replace(name, loaded)
        self._behind.pop(name, None)
        log.info("%s: loaded at offset %d, epoch %d", name, loaded.next, loaded.epoch)
        self._apply(name, meanwhile)

    def _lose(self, name: str, reason: str) -> None:
        self._view.unload(name)
        self._health.why_missing[name] = reason


def _streams(answer: object) -> Iterator[tuple[bytes, Entries]]:
    """(stream, entries) of an XREAD answer, in the shape of either protocol version."""
    if isinstance(answer, dict):
        for stream, batches in answer.items():
            for batch in batches:
                yield stream, batch
    elif isinstance(answer, list):
        yield from answer


async def answers(redis: Redis) -> bool:
    """Whether Redis answers within half a second."""
    try:
        async with asyncio.timeout(PING_SECONDS):
            return bool(await redis.ping())
    except REDIS_ERRORS:
        return False
