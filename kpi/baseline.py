"""What is normal: the same quarter-hour of the local week, one to four weeks ago, from the 15 min panes. Pure.

Compared is the last *whole* quarter-hour (the window `previous`), because of the past nothing finer is kept. "The same"
is the same time on the same weekday by the clock on the wall of the queue's zone, not 7 * 24 h ago:

- a time that the clock skipped that week, or that stood on a date it skipped, has no value;
- of a time that the clock showed twice the first is taken, as with the reset time of a business day;
- a week in which nobody came and nothing was decided there has no value: nothing is not the same as nought;
- holidays and special days (`Opening.is_special`) are left out of the band, not of `last_week`, which is a plain fact.

The longest queue of a past quarter-hour is not told: it would take every change since then to count back to.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from kpi.measures import Group, service_level_parts, terms
from kpi.opening import Opening
from kpi.panes import COARSE_MS, local_time, pane_start, zone_of
from kpi.tally import Tally

WEEKS = 4
MEASURES = ("offered", "answered", "abandoned", "service_level", "asa_seconds")
# The live service level of a quarter-hour that is over: nobody waits in it any more.
VARIANT = "sl_event"
_NEEDED = ("offered", "answered", "abandoned", "unknown", "exit.", "wait.", "wait_ms.")
_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh-CN": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "zh-TW": ("週一", "週二", "週三", "週四", "週五", "週六", "週日"),
}


class Sample(NamedTuple):
    """What one quarter-hour counted; the ratio and the mean are None when nothing was decided or answered."""

    offered: int
    answered: int
    abandoned: int
    service_level: float | None
    asa_seconds: float | None


def whole_quarter(now_ms: int) -> int:
    """Start of the last quarter-hour that is over at `now_ms`: the one that the window `previous` sums up."""
    return pane_start(now_ms, COARSE_MS) - COARSE_MS


def same_quarters(quarter_ms: int, zone: str) -> list[int | None]:
    """Starts (ms UTC) of the same quarter-hour of the week 1 to WEEKS weeks before; None where there was none."""
    wall = local_time(quarter_ms, zone).replace(tzinfo=None)
    return [_instant(wall - timedelta(weeks=weeks), zone) for weeks in range(1, WEEKS + 1)]


def _instant(wall: datetime, zone: str) -> int | None:
    """The first instant at which the clock shows `wall`; None when it never does, or inside a pane."""
    there = wall.replace(tzinfo=zone_of(zone)).astimezone(UTC)
    if there.astimezone(zone_of(zone)).replace(tzinfo=None) != wall:
        return None
    ms = (there - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return None if ms % COARSE_MS else ms


def is_needed(field: str) -> bool:
    """Whether `sample` looks at a field of a pane."""
    return field.startswith(_NEEDED)


def sample(fields: Mapping[str, int], target_seconds: int, short_seconds: int) -> Sample | None:
    """What the fields of one 15 min pane, summed over partitions, say; None when nobody came and nothing was decided.

    `service_level` is `VARIANT`, `asa_seconds` the mean wait of the answered, both as in the glossary.
    """
    tally = Tally({name: count for name, count in fields.items() if is_needed(name)})
    if not tally.offered and not tally.decided:
        return None
    parts = service_level_parts(VARIANT, terms(Group(tally, target_seconds, short_seconds, waiting_over_target=0)))
    waits = sum(tally.wait_histogram("answered").values())
    return Sample(
        offered=tally.offered,
        answered=tally.answered,
        abandoned=tally.abandoned,
        service_level=parts[0] / parts[1] if parts and parts[1] else None,
        asa_seconds=tally.wait_sum_ms("answered") / waits / 1000 if waits else None,
    )


def normal(quarter_ms: int, zone: str, opening: Opening, samples: Sequence[Sample | None]) -> dict[str, Any] | None:
    """What is normal for a quarter-hour; None when no week is known. `samples` belong to `same_quarters`, in order.

    Per measure of MEASURES `{"last_week", "low", "high"}`, each None where it is not known; `weeks`: how many weeks are
    in the band; `weekday` (Monday 0), `from` and `to` ("10:15", "10:30", local) name the quarter-hour, `label` in
    English.
    """
    if not any(samples):
        return None
    quarters = same_quarters(quarter_ms, zone)
    band = [
        found
        for start, found in zip(quarters, samples, strict=True)
        if start is not None and found is not None and not opening.is_special(start, zone)
    ]
    begin, end = local_time(quarter_ms, zone), local_time(quarter_ms + COARSE_MS, zone)
    weekday, clock = begin.weekday(), begin.strftime("%H:%M")
    return {
        "label": label(weekday, clock),
        "weekday": weekday,
        "from": clock,
        "to": end.strftime("%H:%M"),
        "weeks": len(band),
        **{name: _spread(name, samples[0], band) for name in MEASURES},
    }


def _spread(name: str, last_week: Sample | None, band: Sequence[Sample]) -> dict[str, float | None]:
    values = [value for value in (getattr(each, name) for each in band) if value is not None]
    return {
        "last_week": getattr(last_week, name) if last_week else None,
        "low": min(values, default=None),
        "high": max(values, default=None),
    }


def label(weekday: int, clock: str, language: str = "en") -> str:
    """Weekday and time in a language of the page: en ("Tuesday 10:15"), zh-CN or zh-TW; any other gets English."""
    return f"{_DAYS.get(language, _DAYS['en'])[weekday]} {clock}"
