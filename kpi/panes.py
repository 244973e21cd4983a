"""Pane arithmetic: slices of event time, windows as sums of slices, and the days, hours and minutes of a time zone.

All instants are integer milliseconds UTC.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FINE_MS = 10_000
COARSE_MS = 900_000
FINE_KEEP_MS = 2 * 3_600_000
COARSE_KEEP_MS = 35 * 86_400_000
MINUTE_MS = 60_000

# Length in ms. Those without a length follow the clock on the wall: the business day begins at the queue's reset time,
# `interval` is the present quarter-hour so far, `previous` the whole one before it.
WINDOWS: dict[str, int | None] = {
    "5m": 300_000, "15m": 900_000, "30m": 1_800_000, "1h": 3_600_000, "day": None, "interval": None, "previous": None,
}  # fmt: skip
# The windows that end now: who waits now belongs to them, and they stand as `window` on metrics. `previous` is over,
# and `interval`, which falls to nothing every quarter-hour, would be drawn as a saw.
METRIC_WINDOWS = ("5m", "15m", "30m", "1h", "day")


class WindowPanes(NamedTuple):
    """The starts of the panes that a window is the sum of: 15 min panes and 10 s panes."""

    coarse: range
    fine: range


class Part(NamedTuple):
    """A stretch [start_ms, end_ms) of one local hour, day or minute; a repeated hour (DST) gives two with one key."""

    key: str
    start_ms: int
    end_ms: int


def pane_start(ms: int, res_ms: int) -> int:
    """Start of the pane of length `res_ms` that `ms` lies in."""
    return ms - ms % res_ms


def pane_ceiling(ms: int, res_ms: int) -> int:
    """The first pane start at or after `ms`."""
    return -(-ms // res_ms) * res_ms


def roll_up(fine_start: int, field: str) -> tuple[int, str]:
    """(start of the 15 min pane, its field) where a count of the 10 s pane at `fine_start` stands.

    Only `net.<s>` changes its name, because its second counts from the pane's start.
    """
    coarse_start = pane_start(fine_start, COARSE_MS)
    if not field.startswith("net."):
        return coarse_start, field
    return coarse_start, f"net.{(fine_start - coarse_start) // 1000 + int(field[4:])}"


def window_panes(window: str, now_ms: int, day_start_ms: int | None = None) -> WindowPanes:
    """The panes with end > now - W and start <= now; every window but `previous` ends with the present 10 s pane.

    `day` needs the start of the business day: whole quarter-hours from 15 min panes, the present one from 10 s panes.
    `previous` is one 15 min pane; its empty range of 10 s panes says where it ends.
    KeyError for an unknown window, ValueError for `day` without its start.
    """
    length = WINDOWS[window]
    end, quarter = pane_start(now_ms, FINE_MS) + FINE_MS, pane_start(now_ms, COARSE_MS)
    if length is not None:
        return WindowPanes(range(0), range(pane_start(now_ms - length, FINE_MS), end, FINE_MS))
    if window == "interval":
        return WindowPanes(range(0), range(quarter, end, FINE_MS))
    if window == "previous":
        return WindowPanes(range(quarter - COARSE_MS, quarter, COARSE_MS), range(quarter, quarter, FINE_MS))
    if day_start_ms is None:
        raise ValueError("window 'day': no start; wanted the start of the queue's business day")
    # A business day never begins inside a quarter-hour, except in zones of the past with offsets in seconds.
    whole = range(pane_start(day_start_ms, COARSE_MS), quarter, COARSE_MS)
    return WindowPanes(whole, range(quarter, end, FINE_MS))


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The IANA zone `name`; ValueError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise ValueError(f"zone: {name!r}; wanted an IANA name, e.g. Europe/Berlin or UTC") from error


def local_time(ms: int, zone: str) -> datetime:
    """The instant as an aware local time of `zone`."""
    return (datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000)).astimezone(zone_of(zone))


def business_day_start(now_ms: int, zone: str, reset_minutes: int = 0) -> int:
    """The latest instant at or before `now_ms` at which a business day of `zone` begins."""
    return business_day(now_ms, zone, reset_minutes).start_ms


def business_day(now_ms: int, zone: str, reset_minutes: int = 0) -> Part:
    """The business day that `now_ms` lies in; its key, `YYYY-MM-DD`, is the local date of its beginning.

    It begins when the clock first reaches `reset_minutes` after midnight: at the first of two when that time is
    repeated, at the jump when the clock skips it. Days of 23 and 25 hours come out as they are. A date that a zone
    skips as a whole (Apia had no 2011-12-30) is no business day, the one before it goes on.
    """
    # Where a clock is put back over midnight, the day after the date on the wall has begun: hence from there downward.
    day = local_time(now_ms, zone).date() + timedelta(days=2)
    while True:
        end = _clock_reaches(day, reset_minutes, zone)
        day = day_before(day, zone)
        start = _clock_reaches(day, reset_minutes, zone)
        if start <= now_ms:
            return Part(day.isoformat(), start, end)


def business_days(from_ms: int, to_ms: int, zone: str, reset_minutes: int = 0) -> Iterator[Part]:
    """The business days of [from, to), each cut to it, in order; every instant lies in exactly one."""
    at = from_ms
    while at < to_ms:
        day = business_day(at, zone, reset_minutes)
        yield Part(day.key, at, min(day.end_ms, to_ms))
        at = day.end_ms


@lru_cache(maxsize=4096)
def day_before(day: date, zone: str) -> date:
    """The local date before another one: the calendar's, but for dates that the zone skipped as a whole."""
    before = day - timedelta(days=1)
    skipped = _clock_reaches(before, 0, zone) == _clock_reaches(day, 0, zone)
    return day_before(before, zone) if skipped else before


@lru_cache(maxsize=4096)
def _clock_reaches(day: date, minutes: int, zone: str) -> int:
    # Arithmetic within one zone is wall-clock arithmetic: midnight plus minutes on the clock.
    wall = datetime(day.year, day.month, day.day, tzinfo=zone_of(zone)) + timedelta(minutes=minutes)
    before, after = (_to_ms(wall.replace(fold=fold)) for fold in (0, 1))
    if before <= after:
        return before
    # The time does not exist: read with the offset after the jump it lies before the jump, and the other way round.
    low, high = after, before
    offset = local_time(high, zone).utcoffset()
    while high - low > 1000:
        middle = (low + high) // 2000 * 1000
        low, high = (low, middle) if local_time(middle, zone).utcoffset() == offset else (middle, high)
    return high


def _to_ms(instant: datetime) -> int:
    return (instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def local_hour_key(ms: int, zone: str) -> str:
    """`YYYY-MM-DDTHH` of the local time."""
    return local_time(ms, zone).strftime("%Y-%m-%dT%H")


def local_day_key(ms: int, zone: str) -> str:
    """`YYYY-MM-DD` of the local time."""
    return local_time(ms, zone).strftime("%Y-%m-%d")


def local_minute_key(ms: int, zone: str) -> str:
    """`YYYY-MM-DDTHH:MM` of the local time."""
    return local_time(ms, zone).strftime("%Y-%m-%dT%H:%M")


def local_hours(from_ms: int, to_ms: int, zone: str) -> Iterator[Part]:
    """The local hours of [from, to), each cut to it, in order."""
    return _parts(from_ms, to_ms, COARSE_MS, lambda ms: local_hour_key(ms, zone))


def local_days(from_ms: int, to_ms: int, zone: str) -> Iterator[Part]:
    """The local calendar days of [from, to), each cut to it, in order."""
    return _parts(from_ms, to_ms, COARSE_MS, lambda ms: local_day_key(ms, zone))


def local_minutes(from_ms: int, to_ms: int, zone: str) -> Iterator[Part]:
    """The local minutes of [from, to), each cut to it, in order."""
    return _parts(from_ms, to_ms, MINUTE_MS, lambda ms: local_minute_key(ms, zone))


def _parts(from_ms: int, to_ms: int, step_ms: int, key_of: Callable[[int], str]) -> Iterator[Part]:
    """Walk the grid of `step_ms`; neighbours of one key are one part."""
    start, key = from_ms, key_of(from_ms)
    for at in range(pane_start(from_ms, step_ms) + step_ms, to_ms, step_ms):
        here = key_of(at)
        if here != key:
            yield Part(key, start, at)
            start, key = at, here
    if start < to_ms:
        yield Part(key, start, to_ms)
