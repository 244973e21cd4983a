"""The one law: what stands in Redis is the sum of the effects of all records, whatever the delivery was like.

What must stand there is worked out by the plain batch program, which shares no code with the streaming path.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from tests.laws import SERVER_LAW
from tests.streams.harness import (
    FakeConsumer,
    FakeProducer,
    KafkaRecord,
    chunk,
    expected_of,
    make_handler,
    state_in,
    state_of,
)
from tests.streams.made_up import MAKERS, made_up_log

TOPICS = st.sampled_from(["calls.events", *MAKERS])


@st.composite
def logs(draw: st.DrawFn, topic: str) -> list[KafkaRecord]:
    """A log of any events of a topic in almost any order, with repeats and rubbish."""
    start = draw(st.integers(0, 1000))
    made_up = made_up_log(draw(st.randoms(use_true_random=False)), topic, most=25)
    return [KafkaRecord(start + n, 10**13, one.key, one.value) for n, one in enumerate(made_up)]


@asynccontextmanager
async def emptied(url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(url) as redis:
        await redis.flushall()
        yield redis


async def assert_the_law(redis: Redis, log: list[KafkaRecord], topic: str) -> None:
    """What forgotten records left behind may stand there still; why records were refused is not compared."""
    found, fading = await state_in(redis, topic), expected_of(log, topic).fading
    wanted = state_of(log, topic)
    found["ledger"] = {word: n for word, n in found["ledger"].items() if not word.startswith("reason:")}
    for suffix, members in fading.items():
        name = f"live:{suffix}"
        left = {m: at for m, at in found.get(name, {}).items() if m not in members or m in wanted.get(name, {})}
        found.pop(name, None)
        found |= {name: left} if left else {}
    assert found == wanted


@given(topic=TOPICS, data=st.data())
@SERVER_LAW
def test_after_every_chunk_redis_holds_the_sum_of_the_effects_of_all_records(
    redis_server: str, topic: str, data: st.DataObject
) -> None:
    log = data.draw(logs(topic))

    async def run() -> None:
        async with emptied(redis_server) as redis:
            handler = make_handler(redis, FakeConsumer(first=log[0].offset))
            at, end = log[0].offset, log[-1].offset + 1
            while at < end:
                upto = data.draw(st.integers(at + 1, end))
                await handler.handle(chunk(log, at, upto, topic=topic))
                at = upto
                await assert_the_law(redis, log[: at - log[0].offset], topic)

    asyncio.run(run())


@given(topic=TOPICS, data=st.data())
@SERVER_LAW
def test_crashes_repeats_holes_and_two_owners_leave_no_trace(
    redis_server: str, topic: str, data: st.DataObject
) -> None:
    """Chunks that overlap or leave holes, delivered to workers that forget, or that never heard of one another."""
    log = data.draw(logs(topic))

    async def run() -> None:
        async with emptied(redis_server) as redis:
            first, end = log[0].offset, log[-1].offset + 1
            consumers = [FakeConsumer(first=first) for _ in range(2)]
            handlers = [make_handler(redis, one) for one in consumers]
            reached = first
            for _ in range(12):
                who = data.draw(st.integers(0, 1))
                if data.draw(st.integers(0, 2)) == 0:
                    handlers[who] = make_handler(redis, consumers[who])
                # Mostly what joins on, or one that another was faster with; a hole is only read again.
                is_hole = data.draw(st.integers(0, 3)) == 0
                start = data.draw(st.integers(first, end - 1 if is_hole else min(reached, end - 1)))
                upto = data.draw(st.integers(start + 1, min(end, start + 1 + (end - first) // 3)))
                await handlers[who].handle(chunk(log, start, upto, topic=topic))
                reached = max(reached, upto) if start <= reached else reached
            await make_handler(redis, consumers[0]).handle(chunk(log, first, end, topic=topic))
            await assert_the_law(redis, log, topic)

    asyncio.run(run())


@given(data=st.data(), failures=st.integers(0, 3))
@SERVER_LAW
def test_dead_letters_are_acknowledged_before_the_position_moves(
    redis_server: str, data: st.DataObject, failures: int
) -> None:
    log = data.draw(logs("calls.events"))
    log.append(KafkaRecord(log[-1].offset + 1, 10**13, b"k", b"rubbish"))

    async def run() -> None:
        async with emptied(redis_server) as redis:
            producer = FakeProducer(failures=failures)
            handler = make_handler(redis, FakeConsumer(first=log[0].offset), producer)
            await handler.handle(chunk(log, log[0].offset, log[-1].offset + 1))

            found: dict[str, Any] = await state_in(redis)
            assert b"calls.events/0/%d" % log[-1].offset in {key for key, _ in producer.sent}
            assert len({key for key, _ in producer.sent}) == found["ledger"]["dead_lettered"]
            await assert_the_law(redis, log, "calls.events")

    asyncio.run(run())
