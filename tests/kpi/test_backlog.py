"""The backlog as readers see it: ages in two kinds of time, due times per clock, flow."""

from bisect import bisect_right
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.backlog import AGES, MORE, Backlog, CaseSets, ages, backlog, business_ages, due_buckets, flow, total
from kpi.business_time import business_ms
from kpi.opening import Opening, parse_span
from tests.builders import T0
from tests.laws import WIDE

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
# T0 is a Friday, 10:00 UTC.
OFFICE = Opening(weekly=(*[(parse_span("08:00-16:00"),)] * 5, (), ()))


def at(text: str) -> int:
    """Milliseconds of a UTC time."""
    return round(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)


def ago(*lengths: int) -> list[int]:
    """When cases of these ages (ms) were opened, ascending."""
    return sorted(T0 - length for length in lengths)


@pytest.mark.parametrize(
    ("age", "bucket"),
    [
        (-5, "1h"), (0, "1h"), (HOUR - 1, "1h"), (HOUR, "4h"), (4 * HOUR, "8h"), (8 * HOUR, "24h"), (DAY, "2d"),
        (2 * DAY, "3d"), (3 * DAY, "7d"), (7 * DAY - 1, "7d"), (7 * DAY, "more"), (400 * DAY, "more"),
    ],
)  # fmt: skip
def test_a_case_is_in_the_first_bucket_whose_bound_its_age_is_below(age: int, bucket: str) -> None:
    assert ages(ago(age), T0) == {bucket: 1}


def test_no_cases_are_in_no_buckets() -> None:
    assert ages([], T0) == business_ages([], T0, OFFICE, "UTC") == {}


@pytest.mark.parametrize(
    ("opened", "bucket"),
    [
        pytest.param("2026-11-20T09:00:00.001", "1h", id="just now"),
        pytest.param("2026-11-20T09:00", "4h", id="an hour ago"),
        pytest.param("2026-11-19T20:00", "4h", id="last night counts from opening time: two hours"),
        pytest.param("2026-11-19T14:00", "8h", id="yesterday afternoon: four hours"),
        pytest.param("2026-11-17T10:00", "2d", id="three days ago: 24 hours of work"),
        pytest.param("2026-10-23T10:00", "7d", id="four weeks ago: 160 hours of work"),
        pytest.param("2026-10-22T10:00", "more", id="and a day more"),
    ],
)
def test_a_business_day_is_twenty_four_hours_of_work(opened: str, bucket: str) -> None:
    assert business_ages([at(opened)], T0, OFFICE, "UTC") == {bucket: 1}


def test_always_open_both_ages_are_the_same() -> None:
    opened = ago(5, HOUR, 5 * HOUR, 30 * HOUR, 200 * HOUR)
    assert business_ages(opened, T0, Opening(), "UTC") == ages(opened, T0)


def test_never_open_nothing_grows_older() -> None:
    assert business_ages(ago(400 * DAY, HOUR), T0, Opening(weekly=((),) * 7), "UTC") == {"1h": 2}


@given(st.lists(st.integers(0, 40 * 24 * 60), max_size=12), st.integers(-10_000, 10_000))
@WIDE
def test_business_ages_are_those_of_each_case_by_itself(minutes: list[int], later: int) -> None:
    now = T0 + later * MINUTE
    opened = sorted(now - minute * MINUTE for minute in minutes)
    names, bounds = [*AGES, MORE], [hours * HOUR for hours in AGES.values()]
    found: dict[str, int] = {}
    for one in opened:
        name = names[bisect_right(bounds, business_ms(OFFICE, one, now, "Europe/Berlin"))]
        found[name] = found.get(name, 0) + 1
    assert business_ages(opened, now, OFFICE, "Europe/Berlin") == found


def test_due_now_is_not_overdue_and_due_soon_is_cumulative() -> None:
    due = [T0 + length for length in (-DAY, -1, 0, 15 * MINUTE, 15 * MINUTE + 1, HOUR, 4 * HOUR, 4 * HOUR + 1)]
    assert due_buckets(due, T0) == {"overdue": 2, "15m": 2, "1h": 4, "4h": 5}


def test_a_backlog_says_what_is_actionable_how_old_and_how_late() -> None:
    cases = CaseSets(
        opened={"new": ago(HOUR), "open": ago(3 * DAY, 30 * MINUTE), "pending": ago(90 * DAY), "on_hold": []},
        unassigned=1,
        due={"resolution": ago(HOUR, -HOUR), "first_response": []},
    )
    assert backlog(cases, T0, OFFICE, "UTC") == {
        "status": {"new": 1, "open": 2, "pending": 1}, "unassigned": 1, "actionable": 3,
        "oldest_age_seconds": 3 * 86_400,
        "age": {"1h": 1, "4h": 1, "7d": 1}, "age_business": {"1h": 1, "4h": 1, "2d": 1},
        "clocks": {"resolution": {"overdue": 1, "15m": 0, "1h": 1, "4h": 1}},
    }  # fmt: skip


def test_an_empty_backlog_has_no_oldest_case() -> None:
    assert backlog(CaseSets(), T0, OFFICE, "UTC") == total([]) == {
        "status": {}, "unassigned": 0, "actionable": 0, "oldest_age_seconds": None, "age": {}, "age_business": {},
        "clocks": {},
    }  # fmt: skip


def test_several_backlogs_add_up_and_the_oldest_case_is_the_oldest_of_all() -> None:
    one = CaseSets(opened={"new": ago(HOUR, 2 * HOUR)}, unassigned=2, due={"resolution": ago(5)})
    due = {"resolution": ago(-5), "next_response": ago(1)}
    other = CaseSets(opened={"new": ago(DAY), "pending": ago(DAY)}, due=due)
    both = CaseSets(
        opened={"new": ago(HOUR, 2 * HOUR, DAY), "pending": ago(DAY)},
        unassigned=2,
        due={"resolution": ago(5, -5), "next_response": ago(1)},
    )
    parts: list[Backlog] = [backlog(cases, T0, OFFICE, "UTC") for cases in (one, other, CaseSets())]
    assert total(parts) == backlog(both, T0, OFFICE, "UTC")


@pytest.mark.parametrize(
    ("opened", "reopened", "resolved", "per_hour", "clear"),
    [
        pytest.param(4, 1, 9, -8, 10 / 8 * 3600, id="it shrinks by eight an hour: ten are gone in 75 minutes"),
        pytest.param(4, 1, 5, 0, None, id="it stays"),
        pytest.param(4, 2, 5, 2, None, id="it grows"),
        pytest.param(0, 0, 0, 0, None, id="nothing happened"),
    ],
)
def test_the_clearing_time_is_that_of_the_pace_of_the_window(
    opened: int, reopened: int, resolved: int, per_hour: float, clear: float | None
) -> None:
    found = flow(opened, reopened, resolved, open_now=10, window_ms=30 * MINUTE)
    assert found == {"net_per_hour": per_hour, "clear_seconds": clear}
