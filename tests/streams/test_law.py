"""The one law: what stands in Redis is the sum of the effects of all contacts, whatever the delivery was like."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from kpi.envelope import Event, make_event
from kpi.facts import NOUN_VERBS, Fact
from tests.builders import SOURCE, any_facts
from tests.laws import SERVER_LAW
from tests.streams.harness import (
    FakeConsumer,
    FakeProducer,
    KafkaRecord,
    chunk,
    log_of,
    make_handler,
    state_in,
    state_of,
)


def as_event(one: Fact, contact: str) -> Event:
    """The event a made-up fact came from."""
    reported = {"wait_ms": one.wait, "talk_ms": one.talk, "hold_ms": one.hold}
    noun_verb = NOUN_VERBS[one.rank]
    names = {"contact.queued": "reason", "contact.offer_ended": "result", "contact.left_queue": "reason",
             "contact.ended": "ended_by", "contact.message": "author", "contact.transferred": "kind"}  # fmt: skip
    data: dict[str, Any] = {
        "contact_id": contact, "leg_id": one.leg, "channel": "voice", "queue_id": one.queue or "support",
        "agent_id": one.agent, "offer_id": one.offer, "sequence": one.sequence,
        "reported": {k: v for k, v in reported.items() if v is not None},
    }  # fmt: skip
    if noun_verb in names:
        data[names[noun_verb]] = one.what
    data = {name: value for name, value in data.items() if value is not None}
    return make_event(noun_verb, source=SOURCE, id=f"{contact}-{one.id}", time_ms=one.time, data=data)


@st.composite
def logs(draw: st.DrawFn) -> list[KafkaRecord]:
    """A log of a few contacts' events in any order, with repeats and rubbish."""
    events: list[Event | bytes] = []
    for number in range(draw(st.integers(1, 3))):
        events += [as_event(one, f"c{number}") for one in draw(any_facts())]
    events += draw(st.lists(st.sampled_from(events), max_size=4))
    events += draw(st.lists(st.just(b"rubbish"), max_size=2))
    return log_of(draw(st.permutations(events)), start=draw(st.integers(0, 1000)))


@asynccontextmanager
async def emptied(url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(url) as redis:
        await redis.flushall()
        yield redis


@given(log=logs(), data=st.data())
@SERVER_LAW
def test_after_every_chunk_redis_holds_the_sum_of_the_effects_of_all_contacts(
    redis_server: str, log: list[KafkaRecord], data: st.DataObject
) -> None:
    async def run() -> None:
        async with emptied(redis_server) as redis:
            handler = make_handler(redis, FakeConsumer(first=log[0].offset))
            at, end = log[0].offset, log[-1].offset + 1
            while at < end:
                upto = data.draw(st.integers(at + 1, end))
                await handler.handle(chunk(log, at, upto))
                at = upto
                assert await state_in(redis) == state_of(log[: at - log[0].offset])

    asyncio.run(run())


@given(log=logs(), data=st.data())
@SERVER_LAW
def test_crashes_repeats_holes_and_two_owners_leave_no_trace(
    redis_server: str, log: list[KafkaRecord], data: st.DataObject
) -> None:
    """Chunks that overlap or leave holes, delivered to workers that forget, or that never heard of one another."""

    async def run() -> None:
        async with emptied(redis_server) as redis:
            first, end = log[0].offset, log[-1].offset + 1
            consumers = [FakeConsumer(first=first) for _ in range(2)]
            handlers = [make_handler(redis, one) for one in consumers]
            for _ in range(12):
                who = data.draw(st.integers(0, 1))
                if data.draw(st.booleans()):
                    handlers[who] = make_handler(redis, consumers[who])
                start = data.draw(st.integers(first, end - 1))
                await handlers[who].handle(chunk(log, start, data.draw(st.integers(start + 1, end))))
            await make_handler(redis, consumers[0]).handle(chunk(log, first, end))
            assert await state_in(redis) == state_of(log)

    asyncio.run(run())


@given(log=logs(), data=st.data())
@SERVER_LAW
def test_dead_letters_are_acknowledged_before_the_position_moves(
    redis_server: str, log: list[KafkaRecord], data: st.DataObject
) -> None:
    failures = data.draw(st.integers(0, 3))

    async def run() -> None:
        async with emptied(redis_server) as redis:
            producer = FakeProducer(failures=failures)
            await make_handler(redis, FakeConsumer(first=log[0].offset), producer).handle(
                chunk(log, log[0].offset, log[-1].offset + 1)
            )
            refused = [record for record in log if record.value == b"rubbish"]
            assert {key for key, _ in producer.sent} == {f"calls.events/0/{one.offset}".encode() for one in refused}
            assert await state_in(redis) == state_of(log)

    asyncio.run(run())
