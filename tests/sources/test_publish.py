"""Against a Kafka-compatible broker; every test uses a namespace of its own."""

import secrets
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from kpi.events import Event, make_event
from kpi.floor import parse_floor
from kpi.keys import BASE_TOPICS, DEADLETTER_TOPIC, topic_name
from sources.errors import SourceError
from sources.partitioner import partition_for
from sources.publish import HEADERS, Publisher

PARTITIONS = 3
NOW_MS = 1_795_168_800_000


@pytest.fixture
def ns() -> str:
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
async def publisher(kafka_bootstrap: str, ns: str) -> AsyncIterator[Publisher]:
    async with Publisher(kafka_bootstrap, ns, clock_ms=lambda: NOW_MS) as opened:
        await opened.ensure_topics(PARTITIONS)
        yield opened


async def log_of(servers: str, ns: str, base: str, partitions: int = PARTITIONS) -> list[ConsumerRecord]:
    """All records of one topic. Reads until it has what the broker's own fetch answers say is there."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, fetch_max_wait_ms=50)
    await consumer.start()
    try:
        places = [TopicPartition(topic_name(ns, base), number) for number in range(partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning()
        found: list[ConsumerRecord] = []
        while places:
            for records in (await consumer.getmany(timeout_ms=100)).values():
                found.extend(records)
            # None: no fetch has answered for that partition yet.
            ends = {place: consumer.highwater(place) for place in places}
            places = [place for place, end in ends.items() if end is None or await consumer.position(place) < end]
        return found
    finally:
        await consumer.stop()


def answered(number: int, agent: str | None = None, **more: str) -> Event:
    data = {"contact_id": f"c{number}", "leg_id": f"c{number}/1", "channel": "voice", "queue_id": "support", **more}
    return make_event(
        "contact.answered", source="/acd", id=f"id{number}", time_ms=1000 + number,
        data={**data, "agent_id": agent} if agent else data,
    )  # fmt: skip


async def test_an_event_is_written_to_the_partition_of_its_key_with_its_recording_time(
    publisher: Publisher, kafka_bootstrap: str, ns: str
) -> None:
    events = [answered(number) for number in range(50)]
    await publisher.send_many(events)
    await publisher.flush()
    records = await log_of(kafka_bootstrap, ns, "calls.events")
    assert len(records) == 50
    for record in records:
        event = Event.from_json(record.value)
        assert (record.key, record.headers) == (event.key.encode(), tuple(HEADERS))
        assert record.partition == partition_for(record.key, PARTITIONS)
        assert event.recorded_ms == NOW_MS


async def test_copies_for_agents_and_customers_are_the_same_bytes_under_their_keys(
    publisher: Publisher, kafka_bootstrap: str, ns: str
) -> None:
    await publisher.send(answered(1, "ana", customer_key="k9"))
    await publisher.flush()
    [own] = await log_of(kafka_bootstrap, ns, "calls.events")
    [agent] = await log_of(kafka_bootstrap, ns, "agents.events")
    [customer] = await log_of(kafka_bootstrap, ns, "customers.events")
    assert (agent.key, customer.key) == (b"ana", b"k9")
    assert own.value == agent.value == customer.value
    assert (publisher.counts.sent, publisher.counts.copies, publisher.counts.acknowledged) == (1, 2, 3)


async def test_the_floors_ids_stand_in_the_event_and_in_the_keys_of_its_copies(kafka_bootstrap: str, ns: str) -> None:
    floor = parse_floor('[[ids]]\nsource = "/acd"\nnative = "SIP/7"\nagent = "ana"\n')
    async with Publisher(kafka_bootstrap, ns, floor=floor) as publisher:
        await publisher.ensure_topics(PARTITIONS)
        await publisher.send(answered(1, "SIP/7"))
    [agent] = await log_of(kafka_bootstrap, ns, "agents.events")
    assert agent.key == b"ana"
    assert Event.from_json(agent.value).data["agent_id"] == "ana"


async def test_a_tick_is_the_last_record_of_every_partition_that_workers_read(
    publisher: Publisher, kafka_bootstrap: str, ns: str
) -> None:
    await publisher.send_many(answered(number, f"agent {number}") for number in range(20))
    await publisher.tick(9000)
    await publisher.flush()
    for base in BASE_TOPICS:
        newest = {record.partition: record for record in await log_of(kafka_bootstrap, ns, base)}
        ticks = [Event.from_json(newest[number].value) for number in range(PARTITIONS)]
        assert {(tick.noun_verb, tick.time_ms) for tick in ticks} == {("tick", 9000)}
    assert publisher.counts.ticks == len(BASE_TOPICS) * PARTITIONS


async def test_bytes_that_are_no_event_go_in_as_they_are(publisher: Publisher, kafka_bootstrap: str, ns: str) -> None:
    await publisher.send_raw("calls.events", b"oops", b"oops")
    await publisher.flush()
    [record] = await log_of(kafka_bootstrap, ns, "calls.events")
    assert (record.key, record.value, publisher.counts.sent) == (b"oops", b"oops", 1)


async def test_many_batches_of_one_partition_keep_their_order_and_its_end_is_known(
    publisher: Publisher, kafka_bootstrap: str, ns: str
) -> None:
    count = 3000  # some 900 kB: several batches
    for number in range(count):
        await publisher.send_raw("calls.events", b"one key", b"%d %300d" % (number, 0))
    await publisher.flush()
    records = await log_of(kafka_bootstrap, ns, "calls.events")
    assert [int(record.value.split()[0]) for record in records] == list(range(count))
    place = ("calls.events", partition_for(b"one key", PARTITIONS))
    assert publisher.ends == {place: count}


async def test_a_lonely_event_is_sent_without_a_flush(kafka_bootstrap: str, ns: str) -> None:
    async with Publisher(kafka_bootstrap, ns, linger_ms=1) as publisher:
        await publisher.ensure_topics(PARTITIONS)
        await publisher.send(answered(1))
        assert len(await log_until(kafka_bootstrap, ns, 1)) == 1
        assert publisher.counts.acknowledged == 1


async def log_until(servers: str, ns: str, count: int) -> list[ConsumerRecord]:
    found: list[ConsumerRecord] = []
    while len(found) < count:
        found = await log_of(servers, ns, "calls.events")
    return found


async def test_topics_are_made_once_and_left_alone_after(publisher: Publisher) -> None:
    await publisher.ensure_topics(PARTITIONS + 2)
    assert [await publisher.partitions(base) for base in (*BASE_TOPICS, DEADLETTER_TOPIC)] == [PARTITIONS] * 6 + [1]


async def test_a_kafka_that_is_not_there_is_said_in_one_sentence(unused_tcp_port: int) -> None:
    server = f"127.0.0.1:{unused_tcp_port}"
    with pytest.raises(SourceError, match=f"Kafka at {server} is not reachable .*set FLOORPULSE_KAFKA"):
        async with Publisher(server, "live"):
            pass


async def test_records_that_kafka_did_not_acknowledge_are_counted_in_the_error(
    kafka_bootstrap: str, ns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiokafka.errors import RequestTimedOutError

    async with Publisher(kafka_bootstrap, ns) as publisher:
        await publisher.ensure_topics(PARTITIONS)
        await publisher.send(answered(1))
        await publisher.flush()

        async def lost(*_: object, **__: object) -> None:
            raise RequestTimedOutError

        with monkeypatch.context() as patch:
            patch.setattr(publisher._producer, "send_batch", lost)
            await publisher.send_many([answered(2), answered(3)])
            with pytest.raises(SourceError, match="did not acknowledge 2 of 3 records"):
                await publisher.flush()
