"""Business time: how much of a stretch of time lies inside opening hours, exactly as `Opening.is_open` reads the clock.

Time is cut into UTC days. A day's open stretches are worked out once, and kept: after that a stretch of any length
costs one addition per day. An hour that the clock repeats is open (or closed) twice, one that it skips never comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from kpi.opening import Opening
from kpi.panes import day_before, local_time

DAY_MS = 86_400_000
MINUTE_MS = 60_000
DAY_MINUTES = 1440
# Ten years of one calendar; a calendar that was asked for more begins anew.
_DAYS_KEPT = 3660
_EPOCH = date(1970, 1, 1)


class _Day(NamedTuple):
    """The open stretches of a UTC day, ascending and apart, and how much they are together. All in ms."""

    stretches: tuple[tuple[int, int], ...]
    total: int


class BusinessTime:
    """The opening hours of one calendar in one zone as stretches of instants (ms UTC)."""

    def __init__(self, opening: Opening, zone: str) -> None:
        self._opening, self._zone = opening, zone
        self._days: dict[int, _Day] = {}

    def between(self, from_ms: int, to_ms: int) -> int:
        """The open time in [from, to), in ms; 0 when it is empty."""
        if to_ms <= from_ms:
            return 0
        first, last = from_ms // DAY_MS, (to_ms - 1) // DAY_MS
        if first == last:
            return _overlap(self._day(first), from_ms, to_ms)
        whole = sum(self._day(day).total for day in range(first + 1, last))
        return _overlap(self._day(first), from_ms, to_ms) + whole + _overlap(self._day(last), from_ms, to_ms)

    def starts(self, now_ms: int, amounts: Sequence[int], earliest_ms: int) -> list[int | None]:
        """Per amount of open time (ms, ascending) the latest instant from which as much has passed until `now_ms`.

        None where that instant lies before `earliest_ms`: nobody looks further back.
        """
        found: list[int | None] = []
        passed = 0
        for start, end in self._backwards(now_ms, earliest_ms):
            while len(found) < len(amounts) and passed + end - start >= amounts[len(found)]:
                found.append(end - (amounts[len(found)] - passed))
            if len(found) == len(amounts):
                break
            passed += end - start
        return found + [None] * (len(amounts) - len(found))

    def _backwards(self, now_ms: int, earliest_ms: int) -> Iterator[tuple[int, int]]:
        for day in range((now_ms - 1) // DAY_MS, earliest_ms // DAY_MS - 1, -1):
            for start, end in reversed(self._day(day).stretches):
                if start < now_ms and end > earliest_ms:
                    yield max(start, earliest_ms), min(end, now_ms)

    def _day(self, number: int) -> _Day:
        found = self._days.get(number)
        if found is None:
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            stretches = tuple(self._stretches(number * DAY_MS, (number + 1) * DAY_MS))
            found = self._days[number] = _Day(stretches, sum(end - start for start, end in stretches))
        return found

    def _stretches(self, from_ms: int, to_ms: int) -> Iterator[tuple[int, int]]:
        """The open stretches of [from, to), a day at most: on each side of a change of the clock the offset stands."""
        change = self._change(from_ms, to_ms)
        for start, end in ((from_ms, change), (change, to_ms)):
            if start < end:
                offset = self._offset(start)
                for opens, closes in self._on_the_wall(start + offset, end + offset):
                    yield opens - offset, closes - offset

    def _on_the_wall(self, from_ms: int, to_ms: int) -> Iterator[tuple[int, int]]:
        """The open stretches of a piece of wall-clock time, in ms after 1970-01-01T00:00 on the wall."""
        for number in range(from_ms // DAY_MS, (to_ms - 1) // DAY_MS + 1):
            for opens, closes in self._minutes(_EPOCH + timedelta(days=number)):
                start = max(number * DAY_MS + opens * MINUTE_MS, from_ms)
                end = min(number * DAY_MS + closes * MINUTE_MS, to_ms)
                if start < end:
                    yield start, end

    def _minutes(self, day: date) -> list[list[int]]:
        """The open minutes of a local day, ascending and apart: its own spans, and what is left of the day before's."""
        night = self._opening.spans(day_before(day, self._zone))
        before = ((opens - DAY_MINUTES, closes - DAY_MINUTES) for opens, closes in night if closes > DAY_MINUTES)
        merged: list[list[int]] = []
        for opens, closes in sorted((*before, *self._opening.spans(day))):
            opens, closes = max(opens, 0), min(closes, DAY_MINUTES)
            if merged and opens <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], closes)
            else:
                merged.append([opens, closes])
        return merged

    def _change(self, from_ms: int, to_ms: int) -> int:
        """When the offset of [from, to) changes; `to_ms` when it does not. It changes at most once in a day."""
        low, high = from_ms, to_ms - 1000
        before = self._offset(low)
        if self._offset(high) == before:
            return to_ms
        while high - low > 1000:
            middle = (low + high) // 2000 * 1000
            low, high = (middle, high) if self._offset(middle) == before else (low, middle)
        return high

    def _offset(self, ms: int) -> int:
        """Local time minus UTC at a whole second, in ms."""
        offset = local_time(ms, self._zone).utcoffset()
        return (offset or timedelta()) // timedelta(milliseconds=1)


@lru_cache(maxsize=1024)
def business_time(opening: Opening, zone: str) -> BusinessTime:
    """The business time of a calendar in an IANA zone; of equal calendars there is one. ValueError for no zone."""
    return BusinessTime(opening, zone)


def _overlap(day: _Day, from_ms: int, to_ms: int) -> int:
    return sum(max(0, min(end, to_ms) - max(start, from_ms)) for start, end in day.stretches)


def business_ms(opening: Opening, from_ms: int, to_ms: int, zone: str) -> int:
    """How much of [from, to) a calendar is open, ms; 0 when `to` is not after `from`."""
    return business_time(opening, zone).between(from_ms, to_ms)
