"""What to do with a delivered chunk: apply it if it fits, drop it, or read again from where Redis stands.

No exception reaches Faust, which would acknowledge the chunk and go on. A server that does not answer is
waited for; any other failure is bisected down to the one record that causes it, which is dead-lettered.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Protocol, TypeVar

from aiokafka.errors import KafkaError
from faust.types import TP
from redis.exceptions import RedisError

from kpi.keys import base_topic_of, partition_prefix
from streams import pipeline
from streams.dead_letters import DeadLetters
from streams.decode import Limits
from streams.partition import DeadLetter, Partition, Taken
from streams.store import Store
from streams.transport import Chunk

T = TypeVar("T")
log = logging.getLogger(__name__)
_RETRY_SECONDS = (0.05, 0.2, 0.5, 1.0)


class Rewinder(Protocol):
    """What the handler asks of the consumer."""

    def request_rewind(self, tp: TP, offset: int) -> None:
        """Read this partition again from `offset`."""

    def applied(self, tp: TP, offset: int) -> None:
        """Everything below `offset` is in Redis."""

    async def first_offset(self, tp: TP) -> int:
        """The first offset that Kafka still has."""


Applied = Callable[[Chunk, str, Taken, float], None]


class Handler:
    """Applies chunks, one after the other. `lateness_ms`: how old a fact may be behind the watermark.

    `keeps_all`: panes never expire by themselves (a replay).
    """

    def __init__(self, ns: str, store: Store, letters: DeadLetters, rewinder: Rewinder, limits: Limits,
                 lateness_ms: int, keeps_all: bool, on_applied: Applied) -> None:  # fmt: skip
        self._ns, self._store, self._letters, self._rewinder = ns, store, letters, rewinder
        self._limits, self._lateness, self._keeps_all, self._on_applied = limits, lateness_ms, keeps_all, on_applied
        self._partitions: dict[TP, Partition] = {}
        # Rewinds that were asked for: until they are carried out, chunks on their way are merely dropped.
        self._awaited: dict[TP, tuple[int, float]] = {}
        self.waiting_for: str | None = None
        self._failures = 0

    async def resume(self, tps: set[TP]) -> Mapping[TP, int | None]:
        """Where each partition resumes, by Redis; what was in memory of partitions is forgotten."""
        self._partitions.clear()
        self._awaited.clear()
        found: dict[TP, int | None] = {}
        for tp in tps:
            found[tp] = (await self._insist("Redis", partial(self._load, tp))).position.next
        return found

    async def handle(self, chunk: Chunk) -> None:
        """Take one delivered chunk, whole or what is left of it. Never raises but when cancelled."""
        while True:
            partition = self._partitions.get(chunk.tp)
            if partition is None:
                partition = await self._insist("Redis", partial(self._load, chunk.tp))
            stands = partition.position.next
            if stands is not None and chunk.next <= stands:
                return
            if await self._is_ahead(chunk, stands):
                return
            if stands is not None and chunk.base < stands:
                chunk = chunk._replace(base=stands, records=[r for r in chunk.records if r.offset >= stands])
            if await self._applied(chunk, partition):
                return

    async def _is_ahead(self, chunk: Chunk, stands: int | None) -> bool:
        """True when something before this chunk is missing: it is read again from there, and this one dropped."""
        if stands is not None and chunk.base <= stands:
            self._awaited.pop(chunk.tp, None)
            return False
        first = await self._insist("Kafka", partial(self._rewinder.first_offset, chunk.tp))
        wanted = first if stands is None else stands
        if chunk.base <= max(wanted, first):
            if wanted < first:
                log.error("log regressed", extra=_where(chunk, stored=wanted, first=first))
            self._awaited.pop(chunk.tp, None)
            return False
        now = time.monotonic()
        if self._awaited.get(chunk.tp, (-1, 0.0)) < (wanted, now - 5.0) or self._awaited[chunk.tp][0] != wanted:
            log.info("rewind", extra=_where(chunk, wanted=wanted))
            self._awaited[chunk.tp] = (wanted, now)
            self._rewinder.request_rewind(chunk.tp, wanted)
        return True

    async def _applied(self, chunk: Chunk, partition: Partition) -> bool:
        """Apply the chunk; False when the partition has to be looked at anew."""
        topic = base_topic_of(self._ns, chunk.tp.topic)
        began = time.process_time()
        try:
            outcome, taken = await pipeline.apply(chunk, topic, partition, self._store, self._letters, self._limits)
        except (RedisError, KafkaError, OSError) as error:
            self._partitions.pop(chunk.tp, None)
            await self._wait_for("Redis" if isinstance(error, RedisError) else "Kafka", error)
            return False
        except Exception:
            log.exception("chunk failed", extra=_where(chunk))
            self._partitions.pop(chunk.tp, None)
            await self._bisect(chunk)
            return True
        self.waiting_for = None
        self._failures = 0
        if not outcome.done:
            log.info("position moved", extra=_where(chunk, stored=outcome.next))
            self._partitions.pop(chunk.tp, None)
            if outcome.next is None:
                log.warning("state lost", extra=_where(chunk))
            return False
        self._rewinder.applied(chunk.tp, chunk.next)
        self._measure(chunk, topic, taken, time.process_time() - began)
        return True

    def _measure(self, chunk: Chunk, topic: str, taken: Taken, cpu_seconds: float) -> None:
        """Tell the metrics. The chunk is counted: what only watches must never stop the counting."""
        try:
            self._on_applied(chunk, topic, taken, cpu_seconds)
        except Exception:
            log.exception("not measured", extra=_where(chunk))

    async def _bisect(self, chunk: Chunk) -> None:
        """Halve a chunk that fails until the record at fault stands alone, and dead-letter that one."""
        if len(chunk.records) > 1:
            middle = len(chunk.records) // 2
            border = chunk.records[middle].offset
            await self.handle(chunk._replace(next=border, records=chunk.records[:middle]))
            await self.handle(chunk._replace(base=border, records=chunk.records[middle:]))
            return
        began = time.process_time()
        partition = await self._insist("Redis", partial(self._load, chunk.tp))
        topic = base_topic_of(self._ns, chunk.tp.topic)
        letter = DeadLetter(chunk.records[0].offset, "poison", "processing this record failed; see the worker's log")
        await self._insist("Kafka", lambda: self._letters.write(topic, chunk, [letter]))
        poison = chunk._replace(records=[])
        taken = partition.take([], [], [])
        taken.difference.ledger["dead_lettered"] += 1
        taken.difference.ledger["reason:poison"] += 1
        taken.dead_letters.append(letter)
        first = chunk.base if partition.position.next is None else partition.position.first
        outcome = await self._insist("Redis", lambda: pipeline.commit(self._store, partition, poison, taken, first))
        self._partitions.pop(chunk.tp, None)
        if outcome.done:
            self._rewinder.applied(chunk.tp, chunk.next)
            self._measure(chunk, topic, taken, time.process_time() - began)

    async def _load(self, tp: TP) -> Partition:
        topic = base_topic_of(self._ns, tp.topic)
        prefix = partition_prefix(self._ns, topic, tp.partition)
        position = await self._store.position(prefix)
        sources = await self._store.sources(prefix)
        partition = Partition(prefix, position, self._lateness, self._keeps_all, sources)
        self._partitions[tp] = partition
        return partition

    async def _insist(self, name: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask a server until it answers."""
        while True:
            try:
                answer = await ask()
            except (RedisError, KafkaError, OSError) as error:
                await self._wait_for(name, error)
            else:
                self.waiting_for = None
                self._failures = 0
                return answer

    async def _wait_for(self, name: str, error: BaseException) -> None:
        """A server is down: say so, once, and wait a little longer each time."""
        if self.waiting_for != name:
            log.warning("waiting", extra={"server": name, "error": f"{type(error).__name__}: {error}"})
        self.waiting_for = name
        await asyncio.sleep(_RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS) - 1)])
        self._failures += 1


def _where(chunk: Chunk, **more: object) -> dict[str, object]:
    return {"topic": chunk.tp.topic, "partition": chunk.tp.partition, "offset": chunk.base, **more}
