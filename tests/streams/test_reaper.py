"""The reaper, through a real Redis: what it ends, what it leaves alone, and that it can be wrong without harm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.partitioner import DefaultPartitioner
from faust.types import TP
from redis.asyncio import Redis

from kpi.envelope import Event
from kpi.events import TYPES
from kpi.floor import parse_floor
from kpi.keys import LIVE, partition_prefix, position_key
from sources.partitioner import partition_for
from streams import worker
from streams.metrics import WorkerMetrics
from streams.partition import Taken
from streams.reaper import contacts_of
from streams.transport import Chunk
from streams.worker import Worker, WorkerOptions
from tests.builders import T0, event
from tests.streams.live_centre import PLACES, LiveCentre

HOUR = 3_600
QUEUED = event("contact.queued", 0, customer_key="u1")
OFFERED = event("contact.offered", 10, agent_id="ana")
ANSWERED = event("contact.answered", 20, agent_id="ana", customer_key="u1")
ENDED = event("contact.ended", 200, agent_id="ana", ended_by="customer")
LOGGED_IN = event("agent.logged_in", -60, agent_id="ana")


def listed(at: float, *contacts: str) -> Event:
    waiting = [{"contact_id": name} for name in contacts]
    return event("queue.snapshot", at, queue_id="support", channel="voice", waiting=waiting)


def verbs(sent: list[tuple[str, Event]]) -> list[tuple[str, str]]:
    return sorted((topic, one.noun_verb) for topic, one in sent)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def centre(redis: Redis) -> LiveCentre:
    return LiveCentre(redis)


async def test_a_call_whose_end_was_lost_leaves_the_queue_and_is_no_abandonment(centre: LiveCentre) -> None:
    centre.tell(QUEUED)
    await centre.count(4 * HOUR)
    assert (await centre.live())["waiting"] == {"c1|c1/1"}
    sent = await centre.reap(4 * HOUR + 1)
    assert verbs(sent) == [("calls.events", "contact.left_queue"), ("customers.events", "contact.left_queue")]
    assert {one.time_ms for _, one in sent} == {T0 + 4 * HOUR * 1000}
    await centre.count(4 * HOUR + 2)
    assert await centre.live() == {}
    counts = await centre.counts()
    assert counts["exit.lost_unknown"] == 1
    assert not [field for field in counts if "abandoned" in field]
    assert await centre.reap(4 * HOUR + 3) == []


async def test_a_talk_whose_end_was_lost_ends_without_a_talk_time_and_the_agent_is_free_again(
    centre: LiveCentre,
) -> None:
    centre.tell(LOGGED_IN, QUEUED, OFFERED, ANSWERED)
    await centre.count(4 * HOUR + 20)
    assert (await centre.agent("ana")).state == "busy"
    sent = await centre.reap(4 * HOUR + 21)
    assert verbs(sent) == [
        ("agents.events", "contact.ended"), ("calls.events", "contact.ended"), ("customers.events", "contact.ended"),
    ]  # fmt: skip
    await centre.count(4 * HOUR + 22)
    assert await centre.live() == {}
    ana = await centre.agent("ana")
    assert (ana.state, ana.since) == ("idle", T0 + (4 * HOUR + 20) * 1000)
    counts = await centre.counts()
    assert counts["ended_by.lost_unknown"] == 1
    assert not [field for field in counts if field.startswith("talk")]
    assert centre.reaped == {"calls.events": 1}


async def test_an_offer_that_rings_for_ever_frees_the_agent(centre: LiveCentre) -> None:
    centre.tell(LOGGED_IN, QUEUED, OFFERED)
    await centre.count(311)
    await centre.reap(311)
    await centre.count(312)
    assert await centre.live() == {}
    assert (await centre.agent("ana")).state == "idle"


async def test_whom_the_newest_list_names_waits_on_and_only_he(centre: LiveCentre) -> None:
    centre.tell(QUEUED, event("contact.queued", 5, contact_id="c2", leg_id="c2/1"))
    centre.tell(listed(4 * HOUR - 60, "c1", "c2"))
    await centre.count(5 * HOUR)
    assert await centre.reap(5 * HOUR) == []
    centre.tell(listed(5 * HOUR + 1, "c2"))
    await centre.count(5 * HOUR + 2)
    assert {one.data["contact_id"] for _, one in await centre.reap(5 * HOUR + 3)} == {"c1"}


async def test_who_waits_stays_while_a_list_may_be_on_its_way_and_who_talks_does_not(centre: LiveCentre) -> None:
    centre.tell(QUEUED, event("contact.answered", 20, contact_id="c2", leg_id="c2/1", agent_id="ana"))
    await centre.count(9 * HOUR, without_tick_in="floor.events")
    assert {one.data["contact_id"] for _, one in await centre.reap(9 * HOUR)} == {"c2"}


async def test_nothing_ends_in_a_partition_that_lags(centre: LiveCentre) -> None:
    centre.tell(LOGGED_IN, QUEUED, ANSWERED)
    await centre.count(9 * HOUR)
    assert await centre.reap(9 * HOUR + 11) == []
    await centre.count(9 * HOUR + 60, without_tick_in="calls.events")
    assert await centre.reap(9 * HOUR + 60) == []


@pytest.mark.parametrize(("field", "value"), [("dirty", "1"), ("schema", "0")])
async def test_nothing_ends_in_a_partition_that_has_to_be_rebuilt(
    centre: LiveCentre, redis: Redis, field: str, value: str
) -> None:
    centre.tell(QUEUED, ANSWERED)
    await centre.count(9 * HOUR)
    for number in range(2):
        await redis.hset(position_key(partition_prefix(LIVE, "calls.events", number)), field, value)
    assert await centre.reap(9 * HOUR) == []


async def test_nothing_ends_in_a_partition_of_another_worker(centre: LiveCentre) -> None:
    centre.tell(QUEUED)
    await centre.count(9 * HOUR)
    here = ("calls.events", partition_for(b"c1", 2))
    assert await centre.reap(9 * HOUR, [place for place in PLACES if place != here]) == []
    assert len(await centre.reap(9 * HOUR, [here])) == 2


async def test_nothing_ends_in_a_replay(redis: Redis) -> None:
    replay = LiveCentre(redis, "monday")
    replay.tell(LOGGED_IN, QUEUED, ANSWERED)
    await replay.count(9 * HOUR)
    assert (await replay.live())["in_service"] == {"c1|c1/1"}
    assert await replay.reap(9 * HOUR) == []


async def test_two_reapers_at_once_end_it_once(centre: LiveCentre) -> None:
    centre.tell(LOGGED_IN, QUEUED, ANSWERED)
    await centre.count(4 * HOUR + 20)
    first, second = await centre.reap(4 * HOUR + 21), await centre.reap(4 * HOUR + 25)
    assert [one.id for _, one in first] == [one.id for _, one in second]
    await centre.count(4 * HOUR + 26)
    assert (await centre.ledger("calls.events"))["duplicate"] == 1
    assert "conflict" not in await centre.ledger("calls.events")
    assert (await centre.counts())["ended_by.lost_unknown"] == 1


async def test_the_real_end_corrects_it_when_it_comes_at_last(centre: LiveCentre) -> None:
    centre.tell(LOGGED_IN, QUEUED, ANSWERED, event("contact.queued", 5, contact_id="c2", leg_id="c2/1"))
    await centre.count(5 * HOUR)
    await centre.reap(5 * HOUR)
    await centre.count(5 * HOUR + 1)
    gave_up = event("contact.left_queue", 95, contact_id="c2", leg_id="c2/1", reason="abandoned")
    centre.tell(ENDED, gave_up)
    await centre.count(5 * HOUR + 60)
    counts = await centre.counts()
    assert not [field for field in counts if "lost_unknown" in field]
    assert (counts["talk.180"], counts["wait.abandoned.90"]) == (1, 1)


async def test_a_lost_copy_is_made_up_for_the_agent_alone(centre: LiveCentre) -> None:
    centre.tell(LOGGED_IN, QUEUED, ANSWERED)
    centre.tell(ENDED, copied=False)
    await centre.count(4 * HOUR + 20)
    before = await centre.counts()
    sent = await centre.reap(4 * HOUR + 21)
    assert verbs(sent) == [("agents.events", "contact.ended")]
    await centre.count(4 * HOUR + 22)
    assert (await centre.agent("ana")).state == "idle"
    assert await centre.counts() == before
    assert await centre.reap(4 * HOUR + 23) == []
    assert centre.reaped == {"agents.events": 1}


async def test_a_wrap_up_without_an_end_frees_the_agent_and_has_no_length(centre: LiveCentre) -> None:
    started = event("contact.wrapup_started", 200, agent_id="ana")
    centre.tell(LOGGED_IN, QUEUED, ANSWERED, ENDED, started)
    await centre.count(HOUR + 199)
    assert (await centre.agent("ana")).state == "acw"
    assert await centre.reap(HOUR + 199) == []
    await centre.count(HOUR + 200)
    assert verbs(await centre.reap(HOUR + 200)) == [("agents.events", "contact.wrapup_ended")]
    await centre.count(HOUR + 201)
    ana = await centre.agent("ana")
    assert (ana.state, ana.since) == ("idle", T0 + (HOUR + 200) * 1000)
    assert not [field for field in await centre.counts() if field.startswith("wrapup")]


async def test_an_agent_who_rings_for_somebody_on_the_list_rings_on(centre: LiveCentre) -> None:
    centre.tell(LOGGED_IN, QUEUED, OFFERED, listed(600, "c1"))
    await centre.count(700)
    assert await centre.reap(700) == []
    assert (await centre.agent("ana")).state == "ringing"


async def test_an_agent_stays_engaged_while_the_contact_may_yet_be_heard_of(centre: LiveCentre) -> None:
    centre.tell(LOGGED_IN)
    centre.tell(ANSWERED, original=False)
    await centre.count(9 * HOUR, without_tick_in="chats.events")
    assert await centre.reap(9 * HOUR) == []
    await centre.count(9 * HOUR + 1)
    assert verbs(await centre.reap(9 * HOUR + 1)) == [("agents.events", "contact.ended")]


async def test_an_agent_is_freed_however_long_nobody_looked(centre: LiveCentre) -> None:
    centre.tell(LOGGED_IN, QUEUED, ANSWERED, event("agent.heartbeat", 9 * HOUR, agent_id="ana"))
    for at in (9 * HOUR, 9 * HOUR + 30, 9 * HOUR + 60):
        await centre.count(at)
        await centre.reap(at)
    assert (await centre.agent("ana")).state == "idle"


async def test_what_was_not_acknowledged_is_told_again(centre: LiveCentre) -> None:
    centre.tell(LOGGED_IN, QUEUED, ANSWERED)
    await centre.count(5 * HOUR)
    centre.failures = 1
    with pytest.raises(OSError, match="no acknowledgement"):
        await centre.reap(5 * HOUR)
    await centre.count(5 * HOUR + 1)
    assert (await centre.live())["in_service"] == {"c1|c1/1"}
    await centre.reap(5 * HOUR + 2)
    await centre.count(5 * HOUR + 3)
    assert await centre.live() == {}


async def test_every_event_keeps_the_contract_and_says_when_it_was_recorded(centre: LiveCentre) -> None:
    centre.tell(LOGGED_IN, QUEUED, ANSWERED, event("contact.queued", 5, contact_id="c|2", leg_id="c|2/1"))
    await centre.count(5 * HOUR)
    sent = await centre.reap(5 * HOUR + 1)
    assert {one.data["contact_id"] for _, one in sent} == {"c1", "c|2"}
    for _, one in sent:
        TYPES[one.noun_verb].model_validate(one.data)
        assert (one.source, one.recorded_ms) == ("/floorpulse/reaper", T0 + (5 * HOUR + 1) * 1000)


async def test_limits_are_those_of_the_floor(redis: Redis) -> None:
    floor = parse_floor("[queue.support]\nplausible_seconds = { waiting = 600 }")
    centre = LiveCentre(redis, floor=floor)
    centre.tell(QUEUED, event("contact.queued", 0, contact_id="c2", leg_id="c2/1", queue_id="sales"))
    await centre.count(600)
    assert {one.data["contact_id"] for _, one in await centre.reap(600)} == {"c1"}


@pytest.mark.parametrize("partitions", [1, 2, 7, 12])
def test_a_copy_lands_where_sources_put_it(partitions: int) -> None:
    everywhere = list(range(partitions))
    for number in range(200):
        key = f"客服 {number}".encode()
        assert DefaultPartitioner()(key, everywhere, everywhere) == partition_for(key, partitions)


def test_a_member_may_belong_to_a_contact_with_a_bar_in_its_id() -> None:
    assert contacts_of("a|b|c") == ["a", "a|b"]
    assert contacts_of("c1|") == ["c1"]


async def test_a_worker_looks_by_itself_at_what_it_owns(
    centre: LiveCentre, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.tell(QUEUED)
    await centre.count(5 * HOUR)
    monkeypatch.setattr(worker, "REAP_SECONDS", 0.0)
    monkeypatch.setattr(worker, "time", SimpleNamespace(time_ns=lambda: (T0 + 5 * HOUR * 1000) * 1_000_000))
    told = asyncio.Event()

    class Producer:
        async def send(self, *args: Any, **more: Any) -> Any:
            told.set()
            return await centre.send(*args, **more)

    one = Worker(WorkerOptions(LIVE, "nowhere", redis_url, parse_floor(""), {}))
    owned: Any = {TP(base, number) for base, number in PLACES}
    app: Any = SimpleNamespace(rebalancing=False, started=True, consumer=SimpleNamespace(assignment=lambda: owned))
    producer: Any = Producer()
    task = asyncio.ensure_future(one._reap(app, producer))
    await asyncio.wait_for(told.wait(), 20)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await one._redis.aclose()


def test_what_was_reaped_is_counted_by_topic_from_zero() -> None:
    metrics = WorkerMetrics(parse_floor(""))
    metrics.reaped("calls.events", 2)
    sample = metrics.registry.get_sample_value
    found = [sample("cc_stream_reaped_legs_total", {"topic": f"{topic}.events"}) for topic in ("calls", "agents")]
    assert found == [2, 0]


def test_what_the_reaper_tells_is_no_delay_of_a_source() -> None:
    metrics = WorkerMetrics(parse_floor(""))
    taken = Taken(SimpleNamespace(ledger={}, counts=[]), [], T0, T0, {"/floorpulse/reaper": T0 - 10**7})  # type: ignore[arg-type]
    metrics._live(Chunk(TP("calls.events", 0), 0, 0, [], 0), "calls.events", taken, T0)
    text = {sample.name for family in metrics.registry.collect() for sample in family.samples if sample.labels}
    assert not {name for name in text if "delay" in name or "last_event" in name}
