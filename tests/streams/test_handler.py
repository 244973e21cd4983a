"""What a handler does with a chunk that does not fit, with servers that fail, and with records that break it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from kpi.record import Record
from streams.store import SCHEMA
from tests.builders import event
from tests.streams.harness import (
    PREFIX,
    FakeConsumer,
    FakeProducer,
    chunk,
    log_of,
    make_handler,
    state_in,
    state_of,
)

LOG = log_of(
    [event("contact.queued", n, contact_id=f"c{n}", leg_id=f"c{n}/1") for n in range(10)]
    + [event("contact.left_queue", 20 + n, contact_id=f"c{n}", leg_id=f"c{n}/1", reason="abandoned") for n in range(10)]
)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    async with Redis.from_url(redis_url) as client:
        yield client


async def test_a_hole_between_chunks_is_read_again(redis: Redis) -> None:
    consumer = FakeConsumer()
    handler = make_handler(redis, consumer)
    await handler.handle(chunk(LOG, 0, 5))
    await handler.handle(chunk(LOG, 8, 20))
    assert consumer.rewinds == [5]
    assert await state_in(redis) == state_of(LOG[:5])


async def test_while_a_rewind_is_awaited_it_is_asked_for_once(redis: Redis) -> None:
    consumer = FakeConsumer()
    handler = make_handler(redis, consumer)
    await handler.handle(chunk(LOG, 0, 5))
    await handler.handle(chunk(LOG, 8, 10))
    await handler.handle(chunk(LOG, 10, 20))
    assert consumer.rewinds == [5]


async def test_without_state_reading_begins_at_the_start_of_the_log(redis: Redis) -> None:
    consumer = FakeConsumer(first=0)
    await make_handler(redis, consumer).handle(chunk(LOG, 4, 20))
    assert consumer.rewinds == [0]
    assert await state_in(redis) == {}


async def test_an_emptied_redis_is_rebuilt_from_the_start_of_the_log(redis: Redis) -> None:
    consumer = FakeConsumer(first=0)
    handler = make_handler(redis, consumer)
    await handler.handle(chunk(LOG, 0, 5))
    await redis.flushall()
    await handler.handle(chunk(LOG, 5, 20))
    assert consumer.rewinds == [0]
    await handler.handle(chunk(LOG, 0, 20))
    assert await state_in(redis) == state_of(LOG)


async def test_a_redis_put_back_to_an_older_state_is_read_on_from_there(redis: Redis) -> None:
    consumer = FakeConsumer()
    handler = make_handler(redis, consumer)
    await handler.handle(chunk(LOG, 0, 5))
    old: dict[Any, Any] = {key: await redis.dump(key) for key in await redis.keys("*")}
    await handler.handle(chunk(LOG, 5, 12))
    await redis.flushall()
    for key, blob in old.items():
        await redis.restore(key, 0, blob)
    await handler.handle(chunk(LOG, 12, 20))
    assert consumer.rewinds == [5]
    await handler.handle(chunk(LOG, 5, 20))
    assert await state_in(redis) == state_of(LOG)


async def test_a_zombie_that_wakes_up_changes_nothing(redis: Redis) -> None:
    zombie, owner = (make_handler(redis, FakeConsumer()) for _ in range(2))
    await zombie.handle(chunk(LOG, 0, 5))
    await owner.handle(chunk(LOG, 5, 15))
    await zombie.handle(chunk(LOG, 5, 15))
    await zombie.handle(chunk(LOG, 2, 12))
    assert await state_in(redis) == state_of(LOG[:15])


async def test_what_the_log_no_longer_holds_is_passed_over_and_said(
    redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    await make_handler(redis, FakeConsumer()).handle(chunk(LOG, 0, 3))
    await make_handler(redis, FakeConsumer(first=10)).handle(chunk(LOG, 10, 20))
    assert int(await redis.hget(PREFIX + ":position", "next") or 0) == 20
    assert "log regressed" in caplog.text


async def test_a_half_written_partition_is_rebuilt(redis: Redis) -> None:
    await make_handler(redis, FakeConsumer()).handle(chunk(LOG, 0, 5))
    await redis.hset(PREFIX + ":position", "dirty", "1")
    consumer = FakeConsumer(first=0)
    handler = make_handler(redis, consumer)
    await handler.handle(chunk(LOG, 5, 20))
    assert consumer.rewinds == [0]
    await handler.handle(chunk(LOG, 0, 20))
    assert await state_in(redis) == state_of(LOG)


async def test_a_worker_that_has_the_partition_in_memory_does_not_write_on_a_half_written_one(redis: Redis) -> None:
    consumer = FakeConsumer(first=0)
    handler = make_handler(redis, consumer)
    await handler.handle(chunk(LOG, 0, 5))
    await redis.hset(PREFIX + ":position", "dirty", "1")
    await handler.handle(chunk(LOG, 5, 20))
    assert consumer.rewinds == [0]
    assert await state_in(redis) == {}


async def test_a_partition_of_another_schema_is_rebuilt_under_a_new_epoch(redis: Redis) -> None:
    await make_handler(redis, FakeConsumer()).handle(chunk(LOG, 0, 5))
    before = int(await redis.hget(PREFIX + ":position", "epoch") or 0)
    await redis.hset(PREFIX + ":position", "schema", str(SCHEMA + 1))
    await asyncio.sleep(0.002)
    await make_handler(redis, FakeConsumer()).handle(chunk(LOG, 0, 20))
    assert await state_in(redis) == state_of(LOG)
    assert int(await redis.hget(PREFIX + ":position", "epoch") or 0) > before


async def test_a_script_that_was_done_but_whose_answer_was_lost_counts_once(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = make_handler(redis, FakeConsumer())
    commit = handler._store.commit
    lost = iter([True, False])

    async def answers_late(*args: object) -> object:
        outcome = await commit(*args)  # type: ignore[arg-type]
        if next(lost, False):
            raise ConnectionError("the answer never came")
        return outcome

    monkeypatch.setattr(handler._store, "commit", answers_late)
    await handler.handle(chunk(LOG, 0, 20))
    assert await state_in(redis) == state_of(LOG)


async def test_a_record_that_breaks_the_code_is_found_by_halving_and_dead_lettered(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Record.add

    def breaks_on_c7(record: Record, fact: object) -> object:
        if record.key == "c:c7":
            raise ZeroDivisionError("a bug of ours")
        return add(record, fact)  # type: ignore[arg-type]

    monkeypatch.setattr(Record, "add", breaks_on_c7)
    producer = FakeProducer()
    handler = make_handler(redis, FakeConsumer(), producer)
    told: list[tuple[int, str]] = []
    handler._on_applied = lambda _chunk, _topic, taken, _seconds: told.extend(
        (letter.offset, letter.reason) for letter in taken.dead_letters
    )
    await handler.handle(chunk(LOG, 0, 20))
    assert [key for key, _ in producer.sent] == [b"calls.events/0/7", b"calls.events/0/17"]
    found = await state_in(redis)
    assert found["ledger"] == {"applied": 18, "dead_lettered": 2, "reason:poison": 2}
    assert told == [(7, "poison"), (17, "poison")], "the metrics count them, too"


async def test_a_dead_letter_says_why_and_where_and_holds_the_raw_bytes(redis: Redis) -> None:
    producer = FakeProducer()
    log = log_of([b'{"specversion": "1.0"}'], start=41)
    await make_handler(redis, FakeConsumer(first=41), producer).handle(chunk(log, 41, 42))
    letter = msgspec.json.decode(producer.sent[0][1])
    assert letter["reason"] == "schema"
    assert "`id`" in letter["detail"]
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("calls.events", 0, 41)
    assert letter["raw"] == "eyJzcGVjdmVyc2lvbiI6ICIxLjAifQ=="


async def test_records_and_panes_past_their_time_are_swept_by_the_watermark(redis: Redis) -> None:
    handler = make_handler(redis, FakeConsumer())
    handler._keeps_all = False
    day = 86_400
    later = [event("contact.queued", n * day, contact_id=f"d{n}", leg_id=f"d{n}/1") for n in (8, 36, 37)]
    await handler.handle(chunk(LOG, 0, 20))
    log = LOG + log_of(later, start=20)
    for end in (21, 22, 23):
        await handler.handle(chunk(log, end - 1, end))
    assert set(await redis.hkeys(PREFIX + ":records")) == {b"c:d8", b"c:d36", b"c:d37"}
    names: list[Any] = await redis.keys("*pane:900:*")
    starts = {name.split(b":")[4] for name in names}
    assert len(starts) == 3  # those of days 8, 36 and 37; the first day's are gone


async def test_what_only_watches_never_stops_the_counting(redis: Redis) -> None:
    handler = make_handler(redis, FakeConsumer())

    def fails(*_: object) -> None:
        raise ValueError("a label nobody expected")

    handler._on_applied = fails
    await handler.handle(chunk(LOG, 0, 20))
    assert await state_in(redis) == state_of(LOG)
