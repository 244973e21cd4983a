"""Time in state over business days: every day of two years adds up to its real length, at every edge of the clock."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

import pytest

from kpi.agent import Agent, step
from kpi.events import RANKS
from kpi.facts import Fact
from kpi.levels import Heights, Levels
from kpi.panes import COARSE_MS, Part, business_days, local_time, pane_start
from kpi.staff import state_ms
from tests.kpi.agent_facts import coarse_panes, fine_panes

HOUR = 3_600_000
STATES = ("idle", "break", "busy", "acw", "ringing", "error", "has_capacity", "offline")


class Stay(NamedTuple):
    """From `start` to `end` (ms UTC) in one state."""

    start: int
    end: int
    state: str


def two_years(zone: str, year: int, reset: int) -> list[Part]:
    """The whole business days of two years of a zone."""
    first, last = (int(datetime(y, 1, 2, tzinfo=UTC).timestamp()) * 1000 for y in (year, year + 2))
    return list(business_days(first, last, zone, reset))[1:-1]


def life(days: list[Part], seed: int) -> Iterator[Stay]:
    """A state from each instant to the next: days begin and end in one, and it changes at their edges, or 1 ms off."""
    chance = random.Random(seed)
    at = {days[0].start_ms}
    for day in days:
        if chance.random() < 0.2:  # nothing at all happens for a day or more
            continue
        at.add(day.start_ms + chance.choice((-1, 0, 0, 1)))
        at |= {chance.randrange(day.start_ms, day.end_ms) for _ in range(4)}
    instants = [*sorted(instant for instant in at if instant >= days[0].start_ms), days[-1].end_ms]
    for start, end in pairwise(instants):
        yield Stay(start, end, chance.choice(STATES))


def overlap(stays: list[Stay], start: int, end: int) -> dict[str, int]:
    """Milliseconds of [start, end) in each state."""
    found: dict[str, int] = {}
    for stay in stays:
        if (length := min(stay.end, end) - max(stay.start, start)) > 0:
            found[stay.state] = found.get(stay.state, 0) + length
    return dict(sorted(found.items()))


@pytest.mark.parametrize("reset", [0, 150])
@pytest.mark.parametrize(
    ("zone", "year", "lengths"),
    [
        # the lengths of days in hours that occur
        ("Asia/Shanghai", 2025, {24}),
        ("Asia/Taipei", 2025, {24}),
        ("Europe/Berlin", 2025, {23, 24, 25}),
        ("America/New_York", 2025, {23, 24, 25}),
        ("Asia/Kolkata", 2025, {24}),
        ("Australia/Lord_Howe", 2025, {23.5, 24, 24.5}),
        ("America/Sao_Paulo", 2017, {23, 24, 25}),  # its clocks changed at midnight
        ("Pacific/Apia", 2011, {23, 24, 25}),  # and it skipped a whole day
    ],
)
def test_the_states_of_an_agent_add_up_to_every_business_day(
    zone: str, year: int, lengths: set[float], reset: int
) -> None:
    days = two_years(zone, year, reset)
    stays = list(life(days, seed=year + reset))
    state, counts = Agent(), []
    for n, stay in enumerate(stays):
        fact = Fact(stay.start, 0, RANKS["agent.state_changed"], str(n), "acd", agent="ana", what=stay.state)
        state, more = step(state, fact)
        counts += more
    panes = coarse_panes(fine_panes(counts))

    by_day: dict[int, list[int]] = {day.start_ms: [] for day in days}
    for part in days:
        by_day[part.start_ms] = [start for start in range(part.start_ms, part.end_ms, COARSE_MS) if start in panes]
    assert sum(map(len, by_day.values())) == len(panes)

    before: Heights = {}
    seen, at = set(), 0
    for day in days:
        length = day.end_ms - day.start_ms
        seen.add(length / HOUR)
        levels = Levels((start, COARSE_MS, panes[start]) for start in by_day[day.start_ms])
        spent = levels.forward(day.start_ms, day.end_ms, before).get("ana", {})
        while stays[at].end <= day.start_ms:
            at += 1
        wanted = overlap(stays[at : at + 20], day.start_ms, day.end_ms)

        assert pane_start(day.start_ms, COARSE_MS) == day.start_ms
        assert state_ms(spent, length) == wanted
        assert sum(wanted.values()) == length
        before = levels.ends(before)
    assert seen == lengths or reset  # a reset time that a clock skips cuts days in other places


def test_the_edges_that_were_looked_at_are_the_ones_of_the_clock() -> None:
    dates = {day.key for day in two_years("Pacific/Apia", 2011, 0)}
    assert {"2011-12-29", "2011-12-31"} <= dates
    assert "2011-12-30" not in dates  # which the zone skipped
    starts = {local_time(day.start_ms, "America/Sao_Paulo") for day in two_years("America/Sao_Paulo", 2017, 0)}
    assert {start.strftime("%H:%M") for start in starts} == {"00:00", "01:00"}  # midnight itself was skipped
