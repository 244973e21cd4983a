"""Why a queue is in trouble: what raised its load most, beyond what chance explains."""

from __future__ import annotations

from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.cause import (
    CALM_MS,
    NEWS_MS,
    Arrivals,
    Cause,
    Handling,
    People,
    Spiking,
    cause_of,
    handling_of,
    is_loss,
    is_surge,
    tail,
)

USUAL = Arrivals(latest=1, seconds=15, minute=5, five=25, before=300, before_minutes=60)
ALL_THERE = People(10, 10.0)
AS_EVER = Handling(200.0, 200.0)


def found(arrivals: Arrivals = USUAL, staff: People = ALL_THERE, handling: Handling = AS_EVER) -> Cause:
    return cause_of(arrivals, staff, handling, None)


@given(st.integers(0, 40), st.floats(0.01, 20))
def test_the_tail_is_that_of_a_poisson_count(count: int, expected: float) -> None:
    below = sum(exp(-expected) * expected**k / factorial(k) for k in range(count))
    assert tail(count, expected) == pytest.approx(1 - below, abs=1e-9)


def test_nothing_unusual_has_no_cause() -> None:
    assert found().kind is None


def test_many_more_customers_than_in_the_hour_before_are_volume() -> None:
    cause = found(USUAL._replace(minute=20, five=40))
    assert cause.kind == "volume"
    assert (cause.volume.now_per_minute, cause.volume.before_per_minute) == (20.0, 5.0)


def test_what_chance_brings_is_no_cause() -> None:
    assert found(USUAL._replace(minute=9, five=30)).kind is None


def test_fewer_people_are_staff_and_longer_work_is_handling_time() -> None:
    assert found(staff=People(5, 10.0)).kind == "staff"
    assert found(handling=Handling(300.0, 200.0)).kind == "handle_time"


def test_of_several_the_one_that_raised_the_load_most_is_named() -> None:
    assert found(staff=People(8, 10.0), handling=Handling(300.0, 200.0)).kind == "handle_time"
    assert found(staff=People(6, 10.0), handling=Handling(260.0, 200.0)).kind == "staff"


def test_whom_lost_people_leave_comes_again_and_is_no_crowd() -> None:
    assert found(USUAL._replace(latest=12, minute=30), People(2, 10.0)).kind == "staff"


def test_less_load_is_no_cause_and_nothing_known_is_none_either() -> None:
    assert found(USUAL._replace(minute=0, five=0), People(12, 10.0), Handling(100.0, 200.0)).kind is None
    unknown = found(USUAL._replace(minute=90, before_minutes=2), People(0, None), Handling(None, None))
    assert unknown.kind is None
    assert unknown.volume.now_per_minute is None


def test_a_crowd_is_a_surge_and_the_first_customers_of_the_day_are_none() -> None:
    assert is_surge(USUAL._replace(latest=12))
    assert not is_surge(USUAL._replace(latest=5))
    assert not is_surge(USUAL._replace(latest=3, before=0))
    assert is_surge(USUAL._replace(latest=9, seconds=3, before=0))


def test_half_of_the_people_gone_is_a_loss_but_one_of_two_is_none() -> None:
    assert is_loss(People(5, 10.0))
    assert not is_loss(People(6, 10.0))
    assert not is_loss(People(1, 2.0))
    assert not is_loss(People(0, None))


def test_handling_compares_the_last_quarter_hour_with_the_rest_of_the_hour() -> None:
    quarter = {"handle_seconds": {"count": 10, "sum": 3000.0, "mean": 300.0}}
    hour = {"handle_seconds": {"count": 40, "sum": 9000.0, "mean": 225.0}}
    assert handling_of(quarter, hour) == Handling(300.0, 200.0)
    few = {"handle_seconds": {"count": 3, "sum": 900.0, "mean": 300.0}}
    assert handling_of(few, few) == Handling(None, None)


def test_a_spike_lasts_until_it_is_calm_and_no_longer_than_it_is_news() -> None:
    spiking = Spiking()
    begin = 1_000_000
    assert spiking.look(begin, spikes=False) is None
    assert spiking.look(begin + 1, spikes=True) == begin + 1
    assert spiking.look(begin + 20_000, spikes=False) == begin + 1
    assert spiking.look(begin + 1 + CALM_MS, spikes=False) is None
    again = begin + 2 * CALM_MS
    assert spiking.look(again, spikes=True) == again
    for at in range(again, again + NEWS_MS, 10_000):
        assert spiking.look(at, spikes=True) == again
    assert spiking.look(again + NEWS_MS, spikes=True) is None
    assert spiking.look(again + NEWS_MS + 1_000, spikes=True) is None, "what goes on is no new spike"


def test_in_the_calm_after_a_spike_its_cause_is_the_one_it_began_with() -> None:
    spiking = Spiking()
    begun = cause_of(USUAL, People(2, 10.0), AS_EVER, 1_000)
    assert spiking.told(begun, spikes=True) == begun
    over = cause_of(USUAL, ALL_THERE, AS_EVER, 1_000)
    assert over.kind is None
    assert spiking.told(over, spikes=False) == begun
    calm = cause_of(USUAL, ALL_THERE, AS_EVER, None)
    assert spiking.told(calm, spikes=False) == calm
    assert spiking.told(over, spikes=True).kind is None, "what was before is forgotten"
