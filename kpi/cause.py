"""Why a queue is in trouble: more customers than usual, fewer people than usual, or work that takes longer. Pure.

The load of a queue is arrivals x handling time / people. Each of the three is compared with the hour before; the one
that raised the load most is the likely cause. A difference that chance alone explains is none: arrivals are judged as a
Poisson count (the usual model of arrivals at a call centre: Gans, Koole, Mandelbaum 2003), people and times by plain
limits.
"""

from __future__ import annotations

from math import exp, log
from typing import Literal, NamedTuple

import msgspec

from kpi.ratios import Measures

Driver = Literal["volume", "staff", "handle_time"]
DRIVERS: tuple[Driver, ...] = ("volume", "staff", "handle_time")

# Arrivals of the last minute or the last five are unusual when chance brings as many once in so many looks.
UNUSUAL = 1e-3
# What is shown as spiking now must be as good as certain: every queue is looked at four times a second.
CERTAIN = 1e-6
# A queue that had nobody all hour is not on fire when the first ones come.
LEAST_PER_MINUTE = 1.0
# A change of the load by less than this is no reason.
LEAST_CHANGE = log(1.2)
# Fewer than this, and a mean of handling times says nothing.
LEAST_HANDLED = 5
# Half of the people gone at once is a spike of its own kind.
STAFF_LOST = 0.5
# A spike is shown as one for at least this long after it was seen last, and for no longer than it is news.
CALM_MS, NEWS_MS = 60_000, 180_000
_NOBODY = 0.25  # people, where a logarithm is wanted and there are none


class Volume(msgspec.Struct, frozen=True):
    """Contacts that joined per minute: lately, and in the hour before; null where nothing is known yet."""

    now_per_minute: float | None
    before_per_minute: float | None


class People(msgspec.Struct, frozen=True):
    """Agents who serve the queue: now, and on average in the hour before; null where that was not seen."""

    now: int
    before: float | None


class Handling(msgspec.Struct, frozen=True):
    """Mean talk and wrap-up in seconds: of the last 15 min, and of the rest of the hour; null for too few."""

    now: float | None
    before: float | None


class Cause(msgspec.Struct, frozen=True):
    """What the load of a queue is made of, now against the hour before.

    `kind`: what raised it most, null when nothing did. `since_ms`: since when the queue is spiking, null if it is not.
    """

    kind: Driver | None
    since_ms: int | None
    volume: Volume
    staff: People
    handle_seconds: Handling


class Arrivals(NamedTuple):
    """Contacts that joined: in the last `seconds`, in the minute and the five that end now, in the hour before these.

    `before_minutes`: how much of that hour the log covers.
    """

    latest: int
    seconds: float
    minute: int
    five: int
    before: int
    before_minutes: float

    @property
    def per_minute(self) -> float | None:
        """Of the hour before; None when less than five minutes of it are known."""
        return self.before / self.before_minutes if self.before_minutes >= 5 else None


def tail(count: int, expected: float) -> float:
    """The chance that a Poisson count with this mean is `count` or more."""
    if count <= 0:
        return 1.0
    term = total = exp(-expected)
    for k in range(1, count):
        term *= expected / k
        total += term
    return max(0.0, 1.0 - total)


def is_surge(arrivals: Arrivals) -> bool:
    """Whether so many in the last seconds are as good as no chance."""
    rate = arrivals.per_minute
    if rate is None or arrivals.latest < 3:
        return False
    return tail(arrivals.latest, max(rate, LEAST_PER_MINUTE) * arrivals.seconds / 60) < CERTAIN


def is_loss(staff: People) -> bool:
    """Whether half of the people, and at least two, are gone."""
    before = staff.before
    return before is not None and before - staff.now >= max(2.0, before * STAFF_LOST)


def lately(arrivals: Arrivals) -> float:
    """Arrivals per minute now: of the last minute where that is unusual, else of the last five."""
    rate = max(arrivals.per_minute or 0.0, LEAST_PER_MINUTE)
    return float(arrivals.minute) if tail(arrivals.minute, rate) < UNUSUAL else arrivals.five / 5


def changes(arrivals: Arrivals, staff: People, handling: Handling) -> dict[Driver, float]:
    """By how much each raised the load, as natural logarithms of ratios; 0 where it did not, or chance explains it."""
    found: dict[Driver, float] = dict.fromkeys(DRIVERS, 0.0)
    rate = arrivals.per_minute
    if rate is not None:
        usual = max(rate, LEAST_PER_MINUTE)
        if is_surge(arrivals):
            found["volume"] = log(arrivals.latest * 60 / arrivals.seconds / usual)
        elif min(tail(arrivals.minute, usual), tail(arrivals.five, usual * 5)) < UNUSUAL:
            found["volume"] = log(max(arrivals.minute, arrivals.five / 5) / usual)
    if staff.before is not None and staff.before - staff.now >= 1:
        found["staff"] = log(staff.before / max(staff.now, _NOBODY))
        if is_loss(staff):
            # Whom they left comes again, and looks like a crowd.
            found["volume"] = 0.0
    if handling.now and handling.before:
        found["handle_time"] = log(handling.now / handling.before)
    return {driver: max(change, 0.0) for driver, change in found.items()}


def likeliest(found: dict[Driver, float]) -> Driver | None:
    """What raised the load most; None when nothing did by a fifth."""
    driver = max(DRIVERS, key=lambda each: found[each])
    return driver if found[driver] >= LEAST_CHANGE else None


def handling_of(quarter: Measures, hour: Measures) -> Handling:
    """Mean handling time of the last 15 min and of the rest of the hour, from the measures of the two windows."""
    recent, whole = quarter["handle_seconds"], hour["handle_seconds"]
    rest, spent = whole["count"] - recent["count"], whole["sum"] - recent["sum"]
    now = recent["mean"] if recent["count"] >= LEAST_HANDLED else None
    return Handling(now, spent / rest if rest >= LEAST_HANDLED else None)


def cause_of(arrivals: Arrivals, staff: People, handling: Handling, since_ms: int | None) -> Cause:
    """All of it; `since_ms`: since when the queue is spiking, as `Spiking` says."""
    kind = likeliest(changes(arrivals, staff, handling))
    known = arrivals.per_minute is not None
    # To one decimal: a longer number would be another one at every look, and no truer.
    volume = Volume(_told(lately(arrivals) if known else None), _told(arrivals.per_minute))
    people, times = People(staff.now, _told(staff.before)), Handling(_told(handling.now), _told(handling.before))
    return Cause(kind, since_ms, volume, people, times)


def _told(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


class Spiking:
    """Since when one queue is spiking: from the first look that says so until it is calm, or no news any more.

    `began` is the cause as it was seen while the spike lasted: what began it is its cause until it is over.
    """

    __slots__ = ("_last", "_since", "began")

    def __init__(self) -> None:
        self._since: int | None = None
        self._last = 0
        self.began: Cause | None = None

    def told(self, cause: Cause, *, spikes: bool) -> Cause:
        """`cause` as of now, or, in the calm after a spike, the one that the spike had."""
        if cause.since_ms is None:
            self.began = None
            return cause
        if cause.kind is not None and (spikes or self.began is None):
            self.began = cause
            return cause
        return cause if self.began is None else msgspec.structs.replace(self.began, since_ms=cause.since_ms)

    def look(self, now_ms: int, *, spikes: bool) -> int | None:
        """Take one look at `now_ms`; looks come in order of time, and the instant it began comes back, or None."""
        if spikes and self._since is None and now_ms - self._last >= CALM_MS:
            self._since = now_ms
        if spikes:
            self._last = now_ms
        elif self._since is not None and now_ms - self._last >= CALM_MS:
            self._since = None
        if self._since is not None and now_ms - self._since >= NEWS_MS:
            self._since = None
        return self._since
