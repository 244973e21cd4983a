"""One engine of many writes the states, whatever the others believe; what stands in Redis is what it wrote."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from redis.asyncio import Redis

from alerts import store as store_module
from alerts.store import Lost, Store
from kpi.alert_state import Held
from kpi.keys import alerts_channel, alerts_key, alerts_lease_key

HELD = Held(rule="QueueLengthHigh", severity="warning", queue="support", channel="voice", phase="firing", since_ms=5)
OTHER = msgspec.structs.replace(HELD, queue="客服: {a} |b", severity="critical")


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


async def leader(redis: Redis, owner: str = "one", namespace: str = "live") -> Store:
    made = Store(redis, namespace, owner)
    assert await made.acquire()
    return made


async def test_what_was_committed_is_loaded_by_the_next_one(redis: Redis) -> None:
    one = await leader(redis)
    await one.commit([HELD, OTHER])
    await one.commit([msgspec.structs.replace(HELD, phase="resolving")], [OTHER.field])

    stored = await Store(redis, "live", "two").load()

    assert stored.helds == (msgspec.structs.replace(HELD, phase="resolving"),)
    assert stored.version == "one:2"
    assert stored.broken == 0


async def test_nothing_was_ever_written_is_told_from_no_alerts(redis: Redis) -> None:
    one = await leader(redis)
    assert (await one.load()).version is None

    await one.commit([])

    assert (await one.load()).version == "one:1"


async def test_only_one_holds_the_lease(redis: Redis) -> None:
    one, two = await leader(redis), Store(redis, "live", "two")

    assert not await two.acquire()
    assert await one.acquire()
    await one.renew()
    with pytest.raises(Lost):
        await two.renew()
    assert one.held_until > 0 and two.held_until == 0


async def test_who_sees_another_lead_does_not_take_its_own_memory_for_newer_than_what_redis_lost(redis: Redis) -> None:
    one = await leader(redis)
    await one.commit([HELD])
    await redis.delete(alerts_key("live"))
    assert one.is_newer_than((await one.load()).version)

    await one.release()
    await leader(redis, "two")
    assert not await one.acquire()

    assert not one.is_newer_than((await one.load()).version)


async def test_a_lease_that_is_handed_back_is_free_at_once(redis: Redis) -> None:
    one, two = await leader(redis), Store(redis, "live", "two")

    await one.release()

    assert one.held_until == 0
    assert await two.acquire()


async def test_who_does_not_hold_the_lease_cannot_hand_it_back(redis: Redis) -> None:
    one = await leader(redis)

    await Store(redis, "live", "two").release()

    await one.renew()


async def test_a_lease_ends_by_itself(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "LEASE_MS", 30)
    one, two = await leader(redis), Store(redis, "live", "two")
    await asyncio.sleep(0.05)

    with pytest.raises(Lost):
        await one.renew()
    assert await two.acquire()


@pytest.mark.parametrize("taken", [True, False], ids=["taken by another", "nobody's"])
async def test_who_was_stopped_for_a_while_writes_nothing(redis: Redis, taken: bool) -> None:
    one, two = await leader(redis), Store(redis, "live", "two")
    await one.commit([HELD])
    await redis.delete(alerts_lease_key("live"))
    if taken:
        assert await two.acquire()
        await two.commit([OTHER])
    before = await redis.hgetall(alerts_key("live"))

    with pytest.raises(Lost):
        await one.commit([msgspec.structs.replace(HELD, phase="ok")], [OTHER.field], whole=True)

    assert await redis.hgetall(alerts_key("live")) == before
    assert one.held_until == 0


async def test_every_commit_is_announced_with_its_version(redis: Redis) -> None:
    one = await leader(redis)
    async with redis.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe(alerts_channel("live"))
        await channel.get_message(timeout=1)
        await one.commit([HELD])
        message = await channel.get_message(timeout=5)

    assert message is not None and message["data"] == b"one:1"


async def test_a_whole_commit_leaves_nothing_else(redis: Redis) -> None:
    one = await leader(redis)
    await one.commit([HELD])
    await redis.hset(alerts_key("live"), "rubbish", "x")

    await one.commit([OTHER], whole=True)

    assert (await one.load()).helds == (OTHER,)
    assert set(await redis.hkeys(alerts_key("live"))) == {b"#", OTHER.field.encode()}


async def test_thousands_of_alerts_are_one_commit(redis: Redis) -> None:
    one = await leader(redis)
    many = [msgspec.structs.replace(HELD, queue=f"q{number}") for number in range(5_000)]
    await one.commit(many)
    assert len((await one.load()).helds) == 5_000

    await one.commit([], [held.field for held in many])

    assert (await one.load()).helds == ()


async def test_what_is_none_is_counted_and_passed_over(redis: Redis) -> None:
    one = await leader(redis)
    await one.commit([HELD])
    await redis.hset(alerts_key("live"), mapping={"x": "{", "a|b|c": "[]", b"\xff": "", OTHER.field: HELD.to_json()})

    stored = await one.load()

    assert stored.helds == (HELD,)
    assert stored.broken == 4


async def test_states_of_a_replay_do_not_stay_for_ever(redis: Redis) -> None:
    await (await leader(redis, namespace="monday")).commit([HELD])
    await (await leader(redis)).commit([HELD])

    assert 0 < await redis.pttl(alerts_key("monday")) <= store_module.REPLAY_KEEP_MS
    assert await redis.pttl(alerts_key("live")) == -1


async def test_it_is_known_when_redis_lost_what_we_wrote(redis: Redis) -> None:
    one = await leader(redis)
    assert not one.is_newer_than(None)
    await one.commit([HELD])
    await one.commit([HELD])

    assert one.is_newer_than(None)
    assert one.is_newer_than("one:1")
    assert not one.is_newer_than("one:2")
    assert not one.is_newer_than("two:1")
    assert not one.is_newer_than("rubbish")
