"""When a queue is open: weekly hours, holidays and special days in local wall-clock time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kpi.panes import day_before, local_time

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440
Span = tuple[int, int]
"""Opening and closing in minutes after local midnight, half open; closing is above 1440 when it is on the next day."""

_TIME = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Opening:
    """Opening hours of one queue. ``weekly`` has one list of spans per weekday, Monday first; None: always open.

    ``special`` (date -> spans) wins over ``holidays`` (closed all day), which win over ``weekly``.
    """

    weekly: tuple[tuple[Span, ...], ...] | None = None
    holidays: frozenset[date] = frozenset()
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def spans(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on a local day."""
        if day in self.special:
            return self.special[day]
        if day in self.holidays:
            return ()
        return self._usual(day)

    def is_open(self, now_ms: int, zone: str) -> bool:
        """Whether an instant (ms UTC) is inside a span that began on its local day or on the day before.

        What the clock on the wall says decides: a repeated hour is open (or closed) twice, a skipped one never comes.
        """
        today, minute = _on_the_wall(now_ms, zone)
        return _covers(self.spans(today), minute) or _covers(self.spans(day_before(today, zone)), minute + DAY_MINUTES)

    def is_special(self, now_ms: int, zone: str) -> bool:
        """Whether an instant (ms UTC) is not like the others of its weekday: a holiday or a special day is behind it.

        That of its own date, or that of the date before, when the hours of a night reach past midnight to it: those
        the date before has, or those its weekday would have had.
        """
        today, minute = _on_the_wall(now_ms, zone)
        if self._differs(today):
            return True
        yesterday = day_before(today, zone)
        return self._differs(yesterday) and _covers(
            (*self.spans(yesterday), *self._usual(yesterday)), minute + DAY_MINUTES
        )

    def __hash__(self) -> int:
        """Equal calendars hash alike, so that each is worked out once."""
        return hash((self.weekly, self.holidays, frozenset(self.special)))

    def _differs(self, day: date) -> bool:
        return day in self.special or day in self.holidays

    def _usual(self, day: date) -> tuple[Span, ...]:
        return self.weekly[day.weekday()] if self.weekly is not None else ((0, DAY_MINUTES),)


def _on_the_wall(now_ms: int, zone: str) -> tuple[date, int]:
    """Local date and minute after midnight."""
    local = local_time(now_ms, zone)
    return local.date(), local.hour * 60 + local.minute


def _covers(spans: tuple[Span, ...], minute: int) -> bool:
    return any(start <= minute < end for start, end in spans)


def minute_of_day(text: str) -> int:
    """Minutes after midnight: "08:30" -> 510, "24:00" -> 1440; ValueError for anything else."""
    found = _TIME.fullmatch(text)
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
    if minute > DAY_MINUTES:
        raise ValueError('wanted a time HH:MM, e.g. "08:30"')
    return minute


def parse_span(text: str) -> Span:
    """A span of hours: "08:00-12:00" -> (480, 720), "22:00-06:00" -> (1320, 1800); ValueError for anything else."""
    opens, dash, closes = text.partition("-")
    try:
        start, end = minute_of_day(opens.strip()), minute_of_day(closes.strip())
    except ValueError:
        dash = ""
    if not dash or start in (end, DAY_MINUTES):
        raise ValueError('wanted opening and closing time, e.g. "08:00-20:00"')
    return (start, end if end > start else end + DAY_MINUTES)


def parse_weekdays(text: str) -> list[int]:
    """Weekday numbers, Monday 0: "sat" -> [5], "sat-mon" -> [5, 6, 0], "daily" -> all; ValueError for the rest."""
    if text == "daily":
        return list(range(7))
    first, dash, last = text.partition("-")
    if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
        raise ValueError(f"wanted a weekday ({', '.join(WEEKDAYS)}), a range such as mon-fri, or daily")
    begin = WEEKDAYS.index(first)
    return [(begin + n) % 7 for n in range((WEEKDAYS.index(last or first) - begin) % 7 + 1)]
