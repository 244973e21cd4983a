"""Business days against the clock on the wall, read every quarter-hour, around each edge of the zones' years."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from kpi.panes import COARSE_MS, FINE_MS, business_day, business_day_start, business_days, pane_start, window_panes

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
#: The years of the zones' own edges beside two of ours: Sao Paulo put its clock on at midnight, Apia left out a Friday.
YEARS = [
    ("Asia/Shanghai", 2026),
    ("Asia/Taipei", 2026),
    ("Asia/Kolkata", 2026),
    ("Europe/Berlin", 2026),
    ("America/New_York", 2026),
    ("Australia/Lord_Howe", 2026),
    ("America/Sao_Paulo", 2026),
    ("America/Sao_Paulo", 2017),
    ("Pacific/Apia", 2026),
    ("Pacific/Apia", 2011),
    ("America/Nuuk", 2024),  # on from 23:00 to midnight, off from midnight to 23:00: the date goes back
    ("America/St_Johns", 2010),  # changed at 00:01, so the date went back, too
]
RESETS = {"00:00": 0, "04:00": 240, "05:30": 330}
Day = tuple[str, int, int]


def ms_of(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def wall(ms: int, zone: str) -> datetime:
    """What the clock shows, without an offset."""
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).replace(tzinfo=None)


@lru_cache
def edges(zone: str, first_year: int) -> list[int]:
    """The hours of two years in which the zone's offset changes, and the turn of the year."""
    begin, end = (ms_of(datetime(first_year + years, 1, 1, tzinfo=UTC)) for years in (0, 2))
    offsets = [(ms, datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).utcoffset()) for ms in range(begin, end, HOUR_MS)]
    return [begin, *(now for (_, before), (now, after) in pairwise(offsets) if before != after)]


def days_on_the_wall(from_ms: int, to_ms: int, zone: str, reset: int, step_ms: int) -> list[Day]:
    """(date, begin, end) of each business day that begins in the span: when the clock first shows its reset or more.

    "First" by the furthest that the clock has ever been; a date that it never showed has no day.
    """
    shown = [(ms, wall(ms, zone)) for ms in range(from_ms, to_ms, step_ms)]
    dates = {clock.date() for _, clock in shown}
    begins, furthest = [], shown[0][1]
    for ms, clock in shown:
        for date in sorted(dates & {clock.date(), clock.date() - timedelta(days=1)}):
            reset_time = datetime.combine(date, time()) + timedelta(minutes=reset)
            if furthest < reset_time <= clock:
                begins.append((date.isoformat(), ms))
        furthest = max(furthest, clock)
    return [(date, begin, end) for (date, begin), (_, end) in pairwise(begins)]


@lru_cache
def around(zone: str, year: int, reset: str) -> list[list[Day]]:
    """Per edge the business days of the week around it."""
    step_ms = MINUTE_MS if zone == "America/St_Johns" else COARSE_MS
    found = []
    for edge in edges(zone, year):
        from_ms = pane_start(edge, COARSE_MS) - 4 * DAY_MS
        found.append(days_on_the_wall(from_ms, from_ms + 8 * DAY_MS, zone, RESETS[reset], step_ms))
    return found


ALL = pytest.mark.parametrize(("zone", "year", "reset"), [(*place, reset) for place in YEARS for reset in RESETS])


@ALL
def test_a_business_day_begins_and_ends_when_the_clock_on_the_wall_says_so(zone: str, year: int, reset: str) -> None:
    for days in around(zone, year, reset):
        assert len(days) >= 5
        for day in days:
            _, begin, end = day
            assert business_day(begin, zone, RESETS[reset]) == day
            assert business_day((begin + end) // 2, zone, RESETS[reset]) == day
            assert business_day(end - 1, zone, RESETS[reset]) == day


@ALL
def test_every_event_is_in_exactly_one_business_day(zone: str, year: int, reset: str) -> None:
    for days in around(zone, year, reset):
        from_ms, to_ms = days[0][1] + 7 * MINUTE_MS, days[-1][2] - 11 * MINUTE_MS
        cut = [(date, max(begin, from_ms), min(end, to_ms)) for date, begin, end in days]

        assert list(business_days(from_ms, to_ms, zone, RESETS[reset])) == cut


@ALL
def test_the_window_day_is_what_was_counted_since_the_reset(zone: str, year: int, reset: str) -> None:
    chance = random.Random(f"{zone} {year} {reset}")
    for days in around(zone, year, reset):
        # An event each minute, told apart by how far into its minute it is.
        events = [minute + chance.randrange(MINUTE_MS) for minute in range(days[0][1], days[-1][2], MINUTE_MS)]
        coarse = Counter(pane_start(event, COARSE_MS) for event in events)
        fine = Counter(pane_start(event, FINE_MS) for event in events)
        for _, begin, end in days:
            for now in (begin, end - 1, *(chance.randrange(begin, end) for _ in range(3))):
                panes = window_panes("day", now, business_day_start(now, zone, RESETS[reset]))
                counted = sum(coarse[start] for start in panes.coarse) + sum(fine[start] for start in panes.fine)

                assert counted == sum(begin <= event < pane_start(now, FINE_MS) + FINE_MS for event in events)


@pytest.mark.parametrize(
    ("zone", "date", "hours"),
    [
        pytest.param("Europe/Berlin", "2026-03-29", 23, id="Berlin, clock put on"),
        pytest.param("Europe/Berlin", "2026-10-25", 25, id="Berlin, clock put back"),
        pytest.param("America/New_York", "2027-03-14", 23, id="New York, clock put on"),
        pytest.param("America/New_York", "2026-11-01", 25, id="New York, clock put back"),
        pytest.param("Australia/Lord_Howe", "2026-04-05", 24.5, id="Lord Howe, half an hour back"),
        pytest.param("Australia/Lord_Howe", "2026-10-04", 23.5, id="Lord Howe, half an hour on"),
        pytest.param("America/Sao_Paulo", "2018-11-04", 23, id="Sao Paulo, a day that begins at one"),
        pytest.param("America/Sao_Paulo", "2018-02-17", 25, id="Sao Paulo, two hours before midnight"),
        pytest.param("America/Sao_Paulo", "2026-11-01", 24, id="Sao Paulo, no longer"),
        pytest.param("Pacific/Apia", "2011-12-29", 24, id="Apia, the day before the Friday that never was"),
        pytest.param("Asia/Kolkata", "2026-10-25", 24, id="Kolkata never"),
        pytest.param("Asia/Shanghai", "2027-03-28", 24, id="Shanghai never"),
    ],
)
def test_a_days_panes_add_up_to_its_real_length(zone: str, date: str, hours: float) -> None:
    year, month, day = map(int, date.split("-"))
    noon = ms_of(datetime(year, month, day, 12, tzinfo=ZoneInfo(zone)))
    found = business_day(noon, zone)
    each_minute = Counter(pane_start(ms, COARSE_MS) for ms in range(noon - 2 * DAY_MS, noon + 2 * DAY_MS, MINUTE_MS))

    whole = window_panes("day", found.end_ms, found.start_ms)

    assert (found.key, found.end_ms - found.start_ms) == (date, hours * HOUR_MS)
    assert sum(each_minute[start] for start in whole.coarse) == hours * 60


@pytest.mark.parametrize("reset", RESETS)
def test_a_date_that_a_zone_skipped_is_no_business_day(reset: str) -> None:
    begin = ms_of(datetime(2011, 12, 28, 12, tzinfo=ZoneInfo("Pacific/Apia")))

    days = list(business_days(begin, begin + 4 * DAY_MS, "Pacific/Apia", RESETS[reset]))

    assert [day.key[-2:] for day in days] == ["28", "29", "31", "01", "02"]
    assert {day.end_ms - day.start_ms for day in days[1:-1]} == {DAY_MS}


def test_a_repeated_reset_time_begins_one_day_only() -> None:
    begin = ms_of(datetime(2026, 10, 24, 12, tzinfo=UTC))

    days = list(business_days(begin, begin + 2 * DAY_MS, "Europe/Berlin", 150))

    assert [wall(day.start_ms, "Europe/Berlin").strftime("%d %H:%M") for day in days] == [
        "24 14:00", "25 02:30", "26 02:30"
    ]  # fmt: skip
    assert days[1].end_ms - days[1].start_ms == 25 * HOUR_MS
