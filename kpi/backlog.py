"""The backlog as readers see it: ages, due times and flow of the cases that the live sets hold. Formulas: domain 1.8.

Every list of instants is in ms UTC, ascending. What is not there is left out of a dict, never 0: a status without
cases, a bucket of ages without cases, a clock that runs for no case.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

import msgspec

from kpi.business_time import business_time
from kpi.opening import Opening

HOUR_MS = 3_600_000
STATUSES = ("new", "open", "pending", "on_hold")
CLOCKS = ("first_response", "next_response", "resolution")
# Name of a bucket of ages -> its bound in hours: a case is in the first one whose bound its age is below, else in MORE.
AGES: dict[str, int] = {"1h": 1, "4h": 4, "8h": 8, "24h": 24, "2d": 48, "3d": 72, "7d": 168}
MORE = "more"
# Due within so many ms from now, cumulative.
SOON = {"15m": 900_000, "1h": HOUR_MS, "4h": 4 * HOUR_MS}

_AGES_MS = [hours * HOUR_MS for hours in AGES.values()]


class CaseSets(msgspec.Struct, frozen=True):
    """The open cases of one queue and channel: when they were opened, by status, and when the running clocks are due.

    `unassigned` counts those that are new or open and have no owner.
    """

    opened: Mapping[str, Sequence[int]] = {}
    unassigned: int = 0
    due: Mapping[str, Sequence[int]] = {}


class Backlog(TypedDict):
    """What is not resolved. `actionable`: the new and open cases; every age here is of one of them.

    `clocks`: clock -> overdue, due within 15m, 1h, 4h (cumulative, overdue ones not among them).
    """

    status: dict[str, int]
    unassigned: int
    actionable: int
    oldest_age_seconds: float | None
    age: dict[str, int]
    age_business: dict[str, int]
    clocks: dict[str, dict[str, int]]


class Flow(TypedDict):
    """Cases per hour in minus out (below 0: the backlog shrinks), and how long it takes to be gone at that pace."""

    net_per_hour: float
    clear_seconds: float | None


def backlog(cases: CaseSets, now_ms: int, opening: Opening, zone: str) -> Backlog:
    """The backlog of one queue and channel at an instant; `opening` and `zone` are the queue's."""
    actionable = sorted([*cases.opened.get("new", ()), *cases.opened.get("open", ())])
    status = {name: len(cases.opened[name]) for name in sorted(cases.opened) if cases.opened[name]}
    return Backlog(
        status=status,
        unassigned=cases.unassigned,
        actionable=len(actionable),
        oldest_age_seconds=max(0, now_ms - actionable[0]) / 1000 if actionable else None,
        age=ages(actionable, now_ms),
        age_business=business_ages(actionable, now_ms, opening, zone),
        clocks={clock: due_buckets(cases.due[clock], now_ms) for clock in sorted(cases.due) if cases.due[clock]},
    )


def ages(opened: Sequence[int], now_ms: int) -> dict[str, int]:
    """How many cases are how old, in calendar time."""
    return _bucketed(opened, [now_ms - bound for bound in _AGES_MS])


def business_ages(opened: Sequence[int], now_ms: int, opening: Opening, zone: str) -> dict[str, int]:
    """How many cases are how old in opening hours: a day is 24 of them.

    Worked out from the bounds and not from the cases: it costs the same for ten cases and for ten thousand.
    """
    if not opened:
        return {}
    return _bucketed(opened, business_time(opening, zone).starts(now_ms, _AGES_MS, opened[0]))


def due_buckets(due: Sequence[int], now_ms: int) -> dict[str, int]:
    """How many due times have passed, and how many come within 15m, 1h, 4h from now, that instant included."""
    overdue = bisect_left(due, now_ms)
    return {"overdue": overdue} | {name: bisect_right(due, now_ms + within) - overdue for name, within in SOON.items()}


def flow(opened: int, reopened: int, resolved: int, open_now: int, window_ms: int) -> Flow:
    """Net flow of a window, and clearing time: open / (resolved - arrived) at its pace; None unless it shrinks."""
    net = opened + reopened - resolved
    return Flow(
        net_per_hour=net * HOUR_MS / window_ms,
        clear_seconds=open_now * window_ms / -net / 1000 if net < 0 else None,
    )


def total(parts: Iterable[Backlog]) -> Backlog:
    """Several backlogs as one: sums, and the oldest of all."""
    found = Backlog(
        status={}, unassigned=0, actionable=0, oldest_age_seconds=None, age={}, age_business={}, clocks={}
    )  # fmt: skip
    for part in parts:
        found["unassigned"] += part["unassigned"]
        found["actionable"] += part["actionable"]
        found["status"] = _added(found["status"], part["status"])
        found["age"] = _added(found["age"], part["age"])
        found["age_business"] = _added(found["age_business"], part["age_business"])
        for clock, counts in part["clocks"].items():
            found["clocks"][clock] = _added(found["clocks"].get(clock, {}), counts)
        oldest = [age for age in (found["oldest_age_seconds"], part["oldest_age_seconds"]) if age is not None]
        found["oldest_age_seconds"] = max(oldest, default=None)
    return found


def _bucketed(opened: Sequence[int], since: Sequence[int | None]) -> dict[str, int]:
    """Cases per bucket; `since[n]`: who was opened later is younger than bound n. None: everybody is."""
    younger = [len(opened) if at is None else len(opened) - bisect_right(opened, at) for at in since]
    steps = zip((*AGES, MORE), (*younger, len(opened)), (0, *younger), strict=True)
    return {name: below - before for name, below, before in steps if below > before}


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted(one.keys() | other.keys())}
