"""Every Faust and aiokafka internal that our transport touches is there, and behaves as we rely on.

Run on every change of a dependency: the fallback, if one of these fails for good, is Faust's public
`take_events` with the handler's check for holes, which does not know who delivers a chunk.
"""

import inspect
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any, NamedTuple

import faust
import pytest
from aiokafka import AIOKafkaConsumer
from faust.transport.consumer import Consumer as BaseConsumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.transport import Chunk, ChunkConsumer, ChunkThread

THREAD, CONSUMER = driver.AIOKafkaConsumerThread, driver.Consumer
TP0 = TP("calls.events", 0)


class Record(NamedTuple):
    offset: int
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = b"{}"


def test_the_versions_are_those_this_was_written_against() -> None:
    assert version("faust-streaming") == "0.15.3"
    assert version("aiokafka") == "0.14.0"


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        (THREAD.__post_init__, ["self"]),
        (THREAD._create_worker_consumer, ["self", "transport"]),
        (THREAD._seek_wait, ["self", "consumer", "partitions"]),
        (THREAD._fetch_records, ["self", "consumer", "active_partitions", "timeout", "max_records"]),
        (THREAD._ensure_consumer, ["self"]),
        (THREAD.seek_wait, ["self", "partitions"]),
        (CONSUMER._new_consumer_thread, ["self"]),
        (CONSUMER._to_message, ["self", "tp", "record"]),
        (CONSUMER.getmany, ["self", "timeout"]),
        (CONSUMER.seek_to_committed, ["self"]),
        (CONSUMER.perform_seek, ["self"]),
        (CONSUMER.on_buffer_full, ["self", "tp"]),
        (CONSUMER.on_buffer_drop, ["self", "tp"]),
        (CONSUMER.on_partitions_revoked, ["self", "revoked"]),
        (CONSUMER.ack, ["self", "message"]),
        (CONSUMER._wait_next_records, ["self", "timeout"]),
        (CONSUMER._add_gap, ["self", "tp", "offset_from", "offset_to"]),
        (CONSUMER._new_offset, ["self", "tp"]),
        (CONSUMER._filter_tps_with_pending_acks, ["self", "topics"]),
        (CONSUMER._filter_committable_offsets, ["self", "tps"]),
        (faust.App._new_transport, ["self"]),
        (AIOKafkaConsumer.highwater, ["self", "partition"]),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_what_we_override_or_call_has_the_shape_we_know(method: Any, parameters: list[str]) -> None:
    assert list(inspect.signature(method).parameters) == parameters


def test_faust_calls_what_we_override_where_we_expect_it() -> None:
    drain, seek, fetch = (
        inspect.getsource(one) for one in (BaseConsumer._drain_messages, BaseConsumer.perform_seek, THREAD.getmany)
    )
    assert "getmany(timeout=1.0)" in drain
    assert "offset >= r_offset" in drain
    assert "await self.seek_to_committed()" in seek
    assert "self._fetch_records" in fetch
    assert "self._new_offset(tp)" in inspect.getsource(BaseConsumer._filter_committable_offsets)


async def test_the_fetch_wait_that_faust_fixes_can_be_set_before_the_start() -> None:
    client = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")
    assert isinstance(client._fetch_max_wait_ms, int)
    assert "_fetch_max_wait_ms" in inspect.getsource(AIOKafkaConsumer.start)
    await client.stop()


class Client:
    """As much of an aiokafka consumer as a fetch needs."""

    def __init__(self, *fetches: dict[TP, list[Record]]) -> None:
        self._fetches = list(fetches)

    def highwater(self, tp: TP) -> int:
        return 100


def thread_over(monkeypatch: pytest.MonkeyPatch, client: Client) -> ChunkThread:
    """A thread object whose superclass fetches from `client`; nothing is started."""

    async def fetched(self: Any, consumer: Client, *_: Any, **__: Any) -> dict[TP, list[Record]]:
        return consumer._fetches.pop(0)

    async def sought(self: Any, *_: Any) -> None:
        pass

    monkeypatch.setattr(THREAD, "_fetch_records", fetched)
    monkeypatch.setattr(THREAD, "_seek_wait", sought)
    thread = ChunkThread.__new__(ChunkThread)
    thread._reading = {}
    return thread


async def test_chunks_continue_one_another_across_holes_in_the_offsets(monkeypatch: pytest.MonkeyPatch) -> None:
    client: Any = Client({TP0: [Record(5), Record(7)]}, {TP0: [Record(11)]})
    thread = thread_over(monkeypatch, client)
    await thread._seek_wait(client, {TP0: 3})
    first, second = [(await thread._fetch_records(client, {TP0}))[TP0] for _ in range(2)]
    assert (first.base, first.next, second.base, second.next) == (3, 8, 8, 12)


async def test_what_is_fetched_before_anybody_said_where_to_read_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    client: Any = Client({TP0: [Record(5)]}, {TP0: [Record(2)]})
    thread = thread_over(monkeypatch, client)
    assert await thread._fetch_records(client, {TP0}) == {}
    await thread._seek_wait(client, {TP0: 4})
    assert await thread._fetch_records(client, {TP0}) == {}


class Consumer(ChunkConsumer):
    """A consumer object that is never started."""

    def __init__(self) -> None:
        self._rewinds, self._applied, self._unacked_messages = {}, {}, set()
        self._committed_offset = {TP0: 3}
        self.app = SimpleNamespace(consumer_generation_id=1)  # type: ignore[assignment]


def test_what_is_committed_to_kafka_is_what_redis_holds() -> None:
    consumer = Consumer()
    consumer.applied(TP0, 12)
    pending = consumer._filter_tps_with_pending_acks()
    assert consumer._filter_committable_offsets(pending) == {TP0: 12}


def test_a_chunk_becomes_one_message_at_its_last_offset() -> None:
    chunk = Chunk(TP0, 3, 8, [Record(5), Record(7)], 100)
    message = Consumer()._to_message(TP0, chunk)
    value: object = message.value
    assert message.offset == 7
    assert value is chunk
    assert Consumer().ack(message) is True
    assert message.acked
