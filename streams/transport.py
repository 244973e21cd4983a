"""Our subclass of Faust's transport: one Faust message per fetched chunk, positions taken from Redis.

Faust gives the consumer group, rebalancing and the Kafka client. Two things differ here. A message carries
all records of one partition that a fetch brought, with `base`, the offset at which reading stood: a hole
between chunks shows. And where a partition resumes is asked of Redis, never of Kafka's committed offsets,
which go on only as a hint for lag tools. Every Faust internal that is touched has a contract test.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from aiokafka import AIOKafkaConsumer
from faust.serializers.codecs import Codec
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message


class KafkaRecord(Protocol):
    """What we need of a Kafka record: aiokafka's own is passed on as it is. `timestamp`: Kafka's own, ms UTC."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class Chunk(NamedTuple):
    """All records a fetch brought of one partition: reading stood at `base`, and stands at `next` now."""

    tp: TP
    base: int
    next: int
    records: Sequence[KafkaRecord]
    end: int


class AsIs(Codec):
    """A chunk is no bytes: hand it through."""

    def _loads(self, s: Any) -> Any:
        return s

    def _dumps(self, s: Any) -> Any:
        return s


Resume = Callable[[set[TP]], Awaitable[Mapping[TP, int | None]]]


class ChunkThread(driver.AIOKafkaConsumerThread):
    """Faust's Kafka thread; here alone the client's position is read and moved, so the two never race."""

    fetch_max_wait_ms = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        self._reading: dict[TP, int] = {}

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # Faust fixes 1500 ms, which the embedded broker makes a latency.
        consumer._fetch_max_wait_ms = self.fetch_max_wait_ms
        return consumer

    async def _seek_wait(self, consumer: AIOKafkaConsumer, partitions: Mapping[TP, int]) -> None:
        await super()._seek_wait(consumer, partitions)
        self._reading.update(partitions)

    async def _fetch_records(
        self, consumer: AIOKafkaConsumer, active_partitions: set[TP], timeout: float | None = None,
        max_records: int | None = None,
    ) -> dict[TP, Any]:  # fmt: skip
        fetched: Mapping[Any, list[Any]] = await super()._fetch_records(
            consumer, active_partitions, timeout=timeout, max_records=max_records
        )
        chunks: dict[TP, Any] = {}
        for partition, records in fetched.items():
            tp = TP(partition.topic, partition.partition)
            after = records[-1].offset + 1
            base = self._reading.get(tp)
            if base is None or records[0].offset < base:
                # Fetched before anybody said where to read from: not ours to count.
                continue
            self._reading[tp] = after
            chunks[tp] = Chunk(tp, base, after, records, consumer.highwater(partition) or after)
        return chunks

    async def first_offsets(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """The first offset that Kafka still has, by partition."""
        return dict(await self.call_thread(self._ensure_consumer().beginning_offsets, list(tps)))

    async def end_offsets(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """The offset the next record will get, by partition."""
        return dict(await self.call_thread(self._ensure_consumer().end_offsets, list(tps)))


class ChunkConsumer(driver.Consumer):
    """Faust's consumer, delivering chunks from where Redis says."""

    _thread: ChunkThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rewinds: dict[TP, int] = {}
        self._applied: dict[TP, int] = {}

    @property
    def resume(self) -> Resume:
        """How the positions of partitions are asked of Redis; the app sets it."""
        return self.app.resume  # type: ignore[attr-defined, no-any-return]

    async def lag(self) -> dict[TP, tuple[int, int]]:
        """Per assigned partition: (offset below which all is in Redis, records that are not)."""
        assigned = self.assignment()
        ends = await self._thread.end_offsets(assigned) if assigned else {}
        known = {tp: self._applied.get(tp) for tp in assigned}
        # The embedded broker's own answer lags behind what its fetches say.
        return {tp: (at, max(ends[tp], self.highwater(tp) or 0) - at) for tp, at in known.items() if at is not None}

    def _new_consumer_thread(self) -> ChunkThread:
        return ChunkThread(self, loop=self.loop, beacon=self.beacon)

    def request_rewind(self, tp: TP, offset: int) -> None:
        """Ask for a partition to be read again from `offset`.

        Only asked here: the draining task carries it out before its next fetch, because a seek from
        any other task races with a chunk on its way.
        """
        self._rewinds[tp] = offset

    def applied(self, tp: TP, offset: int) -> None:
        """Everything below `offset` is in Redis; Kafka is told so, for lag tools."""
        self._applied[tp] = offset

    async def first_offset(self, tp: TP) -> int:
        """The first offset that Kafka still has of a partition."""
        return (await self._thread.first_offsets([tp]))[tp]

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Move every assigned partition to where Redis says it resumes; without state to the log's beginning."""
        assigned = self.assignment()
        positions = dict(await self.resume(assigned))
        unknown = [tp for tp in assigned if positions.get(tp) is None]
        first = await self._thread.first_offsets(assigned) if assigned else {}
        for tp in assigned:
            known = positions.get(tp)
            positions[tp] = first[tp] if known is None or tp in unknown else max(known, first[tp])
        self._rewinds.clear()
        found = {tp: offset for tp, offset in positions.items() if offset is not None}
        self._applied = dict(found)
        if found:
            await self._thread.seek_wait(found)
        return found

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        """Fetch once, and deliver a message for each partition that had something."""
        rewinds, self._rewinds = self._rewinds, {}
        assigned = self.assignment() if rewinds else set()
        rewinds = {tp: offset for tp, offset in rewinds.items() if tp in assigned}
        if rewinds:
            await self._thread.seek_wait(rewinds)
        chunks, _ = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        chunk: Any
        for tp, chunk in (chunks or {}).items():
            if self.should_stop or not self.flow_active or generation != self.app.consumer_generation_id:
                # What is not delivered must be read again, wherever the rebalance leads.
                self.request_rewind(tp, chunk.base)
                continue
            yield tp, self._to_message(tp, chunk)

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        chunk: Any = record
        last = chunk.records[-1]
        return ConsumerMessage(
            tp.topic, tp.partition, last.offset, last.timestamp / 1000, 0, None, None, chunk, None, 0, 0, tp,
            generation_id=self.app.consumer_generation_id,
        )  # fmt: skip

    # A full buffer holds the draining task back by itself. Faust's own way, pausing partitions,
    # sleeps a whole second once all of them are paused.
    def on_buffer_full(self, tp: TP) -> None:
        """Nothing to do."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing to do."""

    # What is done is what Redis says: Faust's lists of acknowledged offsets stay empty.
    def ack(self, message: Message) -> bool:
        """Note that a chunk is out of the worker's hands."""
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Chunks lie further apart than one offset; that is no gap."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Any:
        return iter(list(self._applied))

    def _new_offset(self, tp: TP) -> int | None:
        return self._applied.get(tp)


class ChunkTransport(driver.Transport):
    """Faust's Kafka transport with our consumer."""

    Consumer = ChunkConsumer
