"""The one way into Kafka: keys, partitions, copies for agents and customers, recording time, acknowledgement.

An event is written to its own topic and, as the same bytes, to the topics of the agents and the customer it names.
Nothing counts as published before `flush` returned: then every record has been acknowledged by all replicas.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from kpi.envelope import Event, base_topic, copies, event_id, make_event
from kpi.floor import Floor
from kpi.keys import BASE_TOPICS, topic_name
from sources.errors import SourceError
from sources.identity import identified
from sources.partitioner import partition_for
from sources.topics import ensure_topics, unreachable

CLOCK_SOURCE = "/floorpulse/clock"
HEADERS = [("content-type", b"application/cloudevents+json")]
_BATCH_BYTES = 256 * 1024
_BATCHES_UNDER_WAY = 64


@dataclass(slots=True)
class Counts:
    """How many records were handed over, by kind, and how many of all of them Kafka has acknowledged."""

    sent: int = 0
    copies: int = 0
    ticks: int = 0
    acknowledged: int = 0

    @property
    def handed_over(self) -> int:
        """Records of every kind; equals `acknowledged` after a flush."""
        return self.sent + self.copies + self.ticks


class Publisher:
    """Writes the events of one namespace. An async context manager; not for use from several threads.

    `linger_ms`: how long a record may wait for others to share a batch. `clock_ms`: the wall clock, ms UTC.
    """

    def __init__(
        self,
        servers: str,
        ns: str,
        *,
        floor: Floor | None = None,
        linger_ms: float = 5,
        client: Mapping[str, Any] | None = None,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.counts = Counts()
        #: By (base topic, partition): the offset behind the newest record that Kafka acknowledged to us.
        self.ends: dict[tuple[str, int], int] = {}
        self._servers, self._ns, self._floor = servers, ns, floor
        self._linger = linger_ms / 1000
        self._client = dict(client or {})
        self._clock_ms = clock_ms
        self._producer: Any = None
        self._partitions: dict[str, int] = {}
        self._open: dict[tuple[str, int], Any] = {}
        self._locks: dict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Future[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._failures: list[BaseException] = []

    async def __aenter__(self) -> Self:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._servers,
            acks="all",
            enable_idempotence=False,  # the embedded broker has none; a repeated event changes nothing anyway
            max_batch_size=_BATCH_BYTES,
            max_request_size=4 * _BATCH_BYTES,
            **self._client,
        )
        try:
            await self._producer.start()
        except (KafkaError, OSError) as error:
            await self._producer.stop()
            raise unreachable(self._servers, error) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                await self.flush()
        finally:
            if self._timer:
                self._timer.cancel()
            for task in self._tasks:
                task.cancel()
            await self._producer.stop()

    async def ensure_topics(self, partitions: int) -> None:
        """Create the namespace's topics where they are missing. Raises SourceError when Kafka refuses."""
        await ensure_topics(self._servers, self._ns, partitions, self._client)

    async def partitions(self, base: str) -> int:
        """How many partitions a base topic has."""
        found = self._partitions.get(base)
        if found is None:
            try:
                known = await self._producer.partitions_for(topic_name(self._ns, base))
            except KafkaError as error:
                raise unreachable(self._servers, error) from None
            found = self._partitions[base] = len(known)
        return found

    async def send(self, event: Event) -> None:
        """Hand one event over, with its copies. Its recording time is set here, its ids are mapped by the floor."""
        if self._floor is not None:
            event = identified(event, self._floor)
        event.recorded_ms = self._clock_ms()
        value = event.to_json()
        await self._append_keyed(base_topic(event), event.key.encode(), value)
        self.counts.sent += 1
        for base, key in copies(event):
            await self._append_keyed(base, key.encode(), value)
            self.counts.copies += 1

    async def send_many(self, events: Iterable[Event]) -> None:
        """Hand events over in their order."""
        for event in events:
            await self.send(event)

    async def send_raw(self, base: str, key: bytes, value: bytes) -> None:
        """Hand over bytes that are no event, as they are: the workers put them into the dead-letter topic."""
        await self._append_keyed(base, key, value)
        self.counts.sent += 1

    async def tick(self, time_ms: int) -> None:
        """Write one tick (ms UTC) into every partition that workers read, behind everything handed over so far."""
        id = event_id(CLOCK_SOURCE, "clock", "tick", time_ms)
        tick = make_event("tick", source=CLOCK_SOURCE, id=id, time_ms=time_ms, data={}, recorded_ms=self._clock_ms())
        key, value = tick.key.encode(), tick.to_json()
        for base in BASE_TOPICS:
            for partition in range(await self.partitions(base)):
                await self._append(base, partition, key, value)
                self.counts.ticks += 1

    async def flush(self) -> None:
        """Return when everything handed over is acknowledged. Raises SourceError when something was not."""
        for place in list(self._open):
            self._close(place)
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._failures:
            error, missing = self._failures[0], self.counts.handed_over - self.counts.acknowledged
            self._failures.clear()
            raise SourceError(
                f"Kafka at {self._servers} did not acknowledge {missing} of {self.counts.handed_over} records "
                f"({type(error).__name__}: {error}); send them again, repeats change nothing"
            )

    async def _append_keyed(self, base: str, key: bytes, value: bytes) -> None:
        await self._append(base, partition_for(key, await self.partitions(base)), key, value)

    async def _append(self, base: str, partition: int, key: bytes, value: bytes) -> None:
        place = (base, partition)
        batch = self._open.get(place)
        if batch is not None and batch.append(timestamp=None, key=key, value=value, headers=HEADERS) is None:
            self._close(place)
            batch = None
        if batch is None:
            batch = self._open[place] = self._producer.create_batch()
            batch.append(timestamp=None, key=key, value=value, headers=HEADERS)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(self._linger, self._close_all)
        if len(self._tasks) > _BATCHES_UNDER_WAY:  # we read faster than Kafka writes: memory stays bounded
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    def _close_all(self) -> None:
        self._timer = None
        for place in list(self._open):
            self._close(place)

    def _close(self, place: tuple[str, int]) -> None:
        batch = self._open.pop(place)
        task = asyncio.ensure_future(self._deliver(place, batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, place: tuple[str, int], batch: Any) -> None:
        base, partition = place
        try:
            # Locks are first come, first served, so the batches of a partition keep their order.
            async with self._locks[place]:
                done = await self._producer.send_batch(batch, topic_name(self._ns, base), partition=partition)
            first = (await done).offset
        except KafkaError as error:
            self._failures.append(error)
        else:
            count = batch.record_count()
            self.counts.acknowledged += count
            self.ends[place] = max(self.ends.get(place, 0), first + count)
