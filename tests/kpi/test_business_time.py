"""Business time is the time for which a queue is open: hours, holidays, make-up days, and clocks that change."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.business_time import business_ms, business_time
from kpi.opening import Opening, Span, parse_span
from tests.laws import WIDE

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def at(text: str, zone: str = "Europe/Berlin") -> int:
    """Milliseconds UTC of a local time."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def spans(*texts: str) -> tuple[Span, ...]:
    return tuple(parse_span(text) for text in texts)


OFFICE = Opening(
    weekly=(*[spans("08:00-12:00", "13:00-17:00")] * 5, spans("22:00-06:00"), ()),
    holidays=frozenset({date(2026, 12, 25)}),
    special={date(2026, 12, 24): spans("08:00-12:00"), date(2026, 12, 27): spans("08:00-12:00", "13:00-17:00")},
)
ALWAYS = Opening()
NEVER = Opening(weekly=((),) * 7)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        pytest.param("2026-11-18T09:00", "2026-11-18T10:30", 1.5, id="inside the hours"),
        pytest.param("2026-11-18T11:30", "2026-11-18T13:30", 1, id="without the lunch break"),
        pytest.param("2026-11-18T18:00", "2026-11-19T07:00", 0, id="nothing at night"),
        pytest.param("2026-11-18T16:00", "2026-11-19T09:00", 2, id="from the evening to the morning"),
        pytest.param("2026-11-20T16:00", "2026-11-23T09:00", 10, id="over the weekend, with its night shift"),
        pytest.param("2026-11-21T23:00", "2026-11-22T05:00", 6, id="past midnight"),
        pytest.param("2026-12-23T16:00", "2026-12-28T09:00", 1 + 4 + 0 + 8 + 8 + 1, id="holiday and make-up Sunday"),
        pytest.param("2026-11-19T09:00", "2026-11-18T09:00", 0, id="backwards"),
    ],
)
def test_only_opening_hours_are_business_time(start: str, end: str, hours: float) -> None:
    assert business_ms(OFFICE, at(start), at(end), "Europe/Berlin") == hours * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25),
        ("Australia/Lord_Howe", "2026-10-04", 23.5), ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("America/Sao_Paulo", "2018-11-04", 23), ("America/Sao_Paulo", "2018-02-17", 25),
        ("Asia/Kolkata", "2026-03-29", 24),
    ],
)  # fmt: skip
def test_a_day_that_is_always_open_is_as_long_as_it_really_is(zone: str, day: str, hours: float) -> None:
    begins = date.fromisoformat(day)
    start, end = at(f"{day}T00:00", zone), at(f"{begins + timedelta(days=1)}T00:00", zone)
    assert business_ms(ALWAYS, start, end, zone) == hours * HOUR
    this_day_only = Opening(weekly=((),) * 7, special={begins: ((0, 1440),)})
    assert business_ms(this_day_only, start - DAY, end + DAY, zone) == hours * HOUR


def test_a_repeated_hour_is_open_twice_and_a_skipped_one_never() -> None:
    night = Opening(weekly=(spans("02:00-03:00"),) * 7)
    assert business_ms(night, at("2026-10-25T00:00"), at("2026-10-26T00:00"), "Europe/Berlin") == 2 * HOUR
    assert business_ms(night, at("2026-03-29T00:00"), at("2026-03-30T00:00"), "Europe/Berlin") == 0


def test_a_skipped_day_has_no_business_time() -> None:
    zone = "Pacific/Apia"
    assert business_ms(ALWAYS, at("2011-12-29T12:00", zone), at("2011-12-31T12:00", zone), zone) == 24 * HOUR
    friday = Opening(weekly=((),) * 7, special={date(2011, 12, 30): ((0, 1440),)})
    assert business_ms(friday, at("2011-12-29T00:00", zone), at("2012-01-01T00:00", zone), zone) == 0


def test_a_night_before_a_skipped_day_ends_on_the_day_after_it() -> None:
    zone = "Pacific/Apia"
    night = Opening(weekly=((),) * 7, special={date(2011, 12, 29): spans("22:00-06:00")})
    assert business_ms(night, at("2011-12-29T23:00", zone), at("2012-01-01T00:00", zone), zone) == 7 * HOUR


def test_twenty_years_are_a_sum_over_their_days() -> None:
    start, end = at("2006-01-02T00:00"), at("2026-01-05T00:00")
    weeks = (end - start) // (7 * DAY)
    office = Opening(weekly=(*[spans("08:00-16:00")] * 5, (), ()))
    assert business_ms(office, start, end, "Europe/Berlin") == weeks * 40 * HOUR


# --- Laws -----------------------------------------------------------------------------------------------------------

_EDGES = [
    ("Europe/Berlin", "2026-03-29T01:00"), ("Europe/Berlin", "2026-10-25T01:00"),
    ("America/New_York", "2026-11-01T06:00"), ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("America/Sao_Paulo", "2018-11-04T03:00"), ("America/Sao_Paulo", "2018-02-18T02:00"),
    ("America/St_Johns", "2010-11-07T02:31"), ("Pacific/Apia", "2011-12-30T10:00"),
    ("Asia/Kolkata", "2026-05-01T00:00"), ("Asia/Shanghai", "2026-02-17T00:00"),
]  # fmt: skip
_SPAN = st.tuples(st.integers(0, 95), st.integers(1, 96)).map(lambda span: (span[0] * 15, (span[0] + span[1]) * 15))
_SPANS = st.lists(_SPAN, max_size=3).map(tuple)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Opening, str, int]:
    """Any calendar, a zone, and an instant near which the zone's clock changes."""
    zone, edge = draw(st.sampled_from(_EDGES))
    around = [date.fromisoformat(edge[:10]) + timedelta(days=n) for n in (-2, -1, 0, 1, 2)]
    opening = Opening(
        weekly=draw(st.none() | st.tuples(*[_SPANS] * 7)),
        holidays=frozenset(draw(st.lists(st.sampled_from(around), max_size=2))),
        special=draw(st.dictionaries(st.sampled_from(around), _SPANS, max_size=2)),
    )
    return opening, zone, at(edge, "UTC")


@given(calendars(), st.integers(-200, 200), st.integers(0, 300))
@WIDE
def test_business_time_is_the_time_for_which_the_queue_is_open(
    calendar: tuple[Opening, str, int], begin: int, quarters: int
) -> None:
    opening, zone, edge = calendar
    start = edge + begin * 15 * MINUTE
    # Every border is a quarter-hour but that of St. John's, which changed its clock at one minute past midnight.
    step = MINUTE if zone == "America/St_Johns" else 15 * MINUTE
    end = start + quarters * step
    found = sum(step for now in range(start, end, step) if opening.is_open(now, zone))
    assert business_ms(opening, start, end, zone) == found


@given(calendars(), st.integers(-400_000, 400_000), st.lists(st.integers(1, 200_000), min_size=1, max_size=4))
@WIDE
def test_a_start_is_the_latest_instant_since_which_as_much_has_passed(
    calendar: tuple[Opening, str, int], seconds: int, amounts: list[int]
) -> None:
    opening, zone, edge = calendar
    now, earliest = edge + seconds * 1000, edge - 450_000_000
    wanted = sorted(1000 * amount for amount in amounts)
    for amount, start in zip(wanted, business_time(opening, zone).starts(now, wanted, earliest), strict=True):
        if start is None:
            assert business_ms(opening, earliest, now, zone) < amount
        else:
            assert start >= earliest
            assert business_ms(opening, start, now, zone) == amount > business_ms(opening, start + 1, now, zone)


def test_a_start_that_falls_on_opening_time_is_not_moved_to_the_evening_before() -> None:
    monday, opens = at("2026-11-23T09:30"), at("2026-11-23T08:00")
    assert business_time(OFFICE, "Europe/Berlin").starts(monday, [90 * MINUTE], 0) == [opens]


def test_a_start_before_the_earliest_instant_is_none() -> None:
    now, opens = at("2026-11-23T09:30"), at("2026-11-23T08:00")
    found = business_time(OFFICE, "Europe/Berlin").starts(now, [HOUR, 90 * MINUTE], opens + 1)
    assert found == [opens + 30 * MINUTE, None]


def test_of_a_queue_that_never_opens_no_start_is_found() -> None:
    now = at("2026-11-18T09:00")
    assert business_time(NEVER, "Europe/Berlin").starts(now, [1, HOUR], now - 400 * DAY) == [None, None]


def test_equal_calendars_share_what_was_worked_out() -> None:
    one, other = (Opening(special={date(2026, 12, 24): ((0, 60),)}) for _ in range(2))
    assert business_time(one, "UTC") is business_time(other, "UTC")
    assert business_time(one, "UTC") is not business_time(ALWAYS, "UTC")
