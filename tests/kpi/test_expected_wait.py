"""The expected wait: its formula where it may be said, and nothing where it may not."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kpi.expected_wait import LEAST_ENDED, TAKEN_SECONDS, expected_wait, predicted
from kpi.floor import QueueConfig
from kpi.live_state import LiveState, QueueStaff
from kpi.snapshot import QueueSnapshot, build_snapshot
from kpi.tally import Tally
from tests.laws import LAW

PATIENCE = st.one_of(st.just(0.0), st.floats(1e-5, 0.2))
NOW = 1_795_168_830_000
NOBODY_FREE = QueueStaff({"busy": 4}, staffed=4)
ONE_FREE = QueueStaff({"busy": 3, "idle": 1}, available=1, staffed=4)
#: Ten calls of 200 s ended, and nobody ever gave up.
CALLS = {"offered": 10, "answered": 10, "talk.200": 10, "talk_ms": 2_000_000, "wait.answered.30": 10}
CALLS |= {"wait_ms.answered": 300_000}
#: ... besides five who gave up after 60 s each: 5 in 600 s of waiting.
IMPATIENT = CALLS | {"abandoned": 5, "wait.abandoned.60": 5, "wait_ms.abandoned": 300_000}


def snapshot(
    waiting: int,
    in_service: int = 4,
    *,
    ringing: int = 0,
    staff: QueueStaff = NOBODY_FREE,
    counts: dict[str, int] = CALLS,
    oldest: int = 10,
    **more: Any,
) -> QueueSnapshot:
    joined = [NOW - oldest * 1000] + [NOW] * (waiting - 1) if waiting else []
    told: dict[str, Any] = {"is_open": True, "state": "fresh", "channel": "voice"} | more
    hour = told.pop("hour", counts)
    tallies = {name: Tally(hour if name == "1h" else counts) for name in ("5m", "15m", "30m", "1h", "day")}
    return build_snapshot(
        namespace="live", queue="support", config=QueueConfig("support", "Support"), reason=None,
        now_ms=NOW, published_at_ms=NOW, epoch=1, live=LiveState(joined, ringing, in_service), tallies=tallies,
        staff=staff, **told,
    )  # fmt: skip


@pytest.mark.parametrize(("waiting", "seconds"), [(0, 50), (1, 100), (5, 300)])
def test_each_one_ahead_costs_a_talk_shared_by_those_who_serve(waiting: int, seconds: float) -> None:
    assert expected_wait(snapshot(waiting)) == pytest.approx(seconds)


def test_whoever_is_being_rung_is_ahead_of_nobody() -> None:
    assert expected_wait(snapshot(3, in_service=3, ringing=1)) == pytest.approx(3 * 50)


def test_a_free_agent_means_no_wait() -> None:
    assert expected_wait(snapshot(0, staff=ONE_FREE)) == 0
    assert expected_wait(snapshot(0, 0, staff=ONE_FREE, counts={})) == 0


def test_free_agents_take_those_ahead_first() -> None:
    assert expected_wait(snapshot(2, staff=ONE_FREE)) == pytest.approx(2 * 50)


def test_the_free_slots_of_chats_count_and_not_only_free_agents() -> None:
    three = QueueStaff({"busy": 2}, staffed=2, with_capacity=2, free_slots=3)
    assert expected_wait(snapshot(2, staff=three, channel="chat")) == 0
    assert expected_wait(snapshot(3, staff=three, channel="chat")) == pytest.approx(50)
    assert expected_wait(snapshot(2, staff=three)) == pytest.approx(150)


def test_customers_who_give_up_shorten_the_wait() -> None:
    # r = 4 / 200 s, theta = 5 / 600 s.
    expected = 1 / 0.02 + 1 / (0.02 + 5 / 600) + 1 / (0.02 + 10 / 600)
    assert expected_wait(snapshot(2, counts=IMPATIENT)) == pytest.approx(expected)


def test_an_hour_is_looked_at_when_half_an_hour_says_too_little() -> None:
    few = CALLS | {"talk.200": LEAST_ENDED - 1, "talk_ms": 200_000 * (LEAST_ENDED - 1)}
    longer = CALLS | {"talk.200": 0, "talk.400": 10, "talk_ms": 4_000_000}
    assert expected_wait(snapshot(0, counts=few, hour=longer)) == pytest.approx(100)


@pytest.mark.parametrize(
    "unsure",
    [
        snapshot(1, state="stale"),
        snapshot(1, state="rebuilding"),
        snapshot(1, is_open=False),
        snapshot(0, channel="email", staff=ONE_FREE),
        snapshot(1, 0),
        snapshot(1, counts=CALLS | {"talk.200": LEAST_ENDED - 1}),
        snapshot(1, counts=CALLS | {"talk_ms": 0}),
        snapshot(1, staff=QueueStaff({"idle": 2}, available=2, staffed=2), oldest=TAKEN_SECONDS + 1),
        snapshot(0, staff=QueueStaff()),
        snapshot(80),
    ],
    ids=["stale", "rebuilding", "closed", "cases", "nobody serves", "few ended", "no times", "stands still",
         "agents unknown", "over an hour"],
)  # fmt: skip
def test_nothing_is_said_where_it_cannot_be_known(unsure: QueueSnapshot) -> None:
    assert expected_wait(unsure) is None


def test_what_the_refusals_are_about_is_all_that_refuses() -> None:
    assert expected_wait(snapshot(1, staff=QueueStaff())) == pytest.approx(100)
    assert expected_wait(snapshot(1, staff=QueueStaff({"idle": 2}, available=2, staffed=2), oldest=20)) == 0
    assert expected_wait(snapshot(71)) == pytest.approx(3600)
    nothing = snapshot(1)
    assert expected_wait(replace(nothing, windows={})) is None


@LAW
@given(
    ahead=st.integers(0, 2000), rate=st.floats(0.001, 10), patience=PATIENCE
)  # fmt: skip
def test_the_short_way_to_the_sum_is_the_sum(ahead: int, rate: float, patience: float) -> None:
    whole = sum(1 / (rate + i * patience) for i in range(ahead + 1))
    assert predicted(ahead, rate, patience) == pytest.approx(whole, rel=1e-4)


@LAW
@given(ahead=st.integers(0, 300), rate=st.floats(0.001, 10), patience=PATIENCE)
def test_more_ahead_is_a_longer_wait_and_more_agents_or_less_patience_a_shorter_one(
    ahead: int, rate: float, patience: float
) -> None:
    seconds = predicted(ahead, rate, patience)
    assert seconds < predicted(ahead + 1, rate, patience)
    assert seconds > predicted(ahead, rate * 1.1, patience)
    assert seconds >= predicted(ahead, rate, patience + 0.01)


def test_a_simulated_queue_waits_as_long_as_foretold() -> None:
    chance, agents, handling, patience, ahead = random.Random(7), 4, 200.0, 1 / 120, 10
    waits = []
    for _ in range(4_000):
        seconds, queue = 0.0, ahead
        while queue >= 0:
            seconds += chance.expovariate(agents / handling + queue * patience)
            queue -= 1
        waits.append(seconds)
    assert predicted(ahead, agents / handling, patience) == pytest.approx(sum(waits) / len(waits), rel=0.03)
