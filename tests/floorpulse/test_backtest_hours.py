"""Until the minute at which hours may change they do not, whatever the zone does to its clocks."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from floorpulse.backtest.hours import may_change_after
from kpi.opening import Opening
from kpi.panes import MINUTE_MS
from tests.laws import WIDE

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana")
# A day on which each of them may put its clock on or back, and days around it.
DAYS = [
    dt.date(2026, month, day) for month, day in ((3, 8), (3, 28), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1), (7, 1))
]
spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda span: (span[0], span[0] + span[1]))
days = st.lists(spans, max_size=2).map(tuple)
openings = st.builds(
    Opening,
    st.none() | st.tuples(*[days] * 7),
    st.frozensets(st.sampled_from(DAYS), max_size=2),
    st.dictionaries(st.sampled_from(DAYS), days, max_size=2),
)
instants = st.tuples(st.sampled_from(DAYS), st.integers(-1440, 2880), st.integers(0, MINUTE_MS - 1)).map(
    lambda at: int(dt.datetime.combine(at[0], dt.time(), dt.UTC).timestamp()) * 1000 + at[1] * MINUTE_MS + at[2]
)


@WIDE
@given(openings, st.sampled_from(ZONES), instants)
def test_hours_do_not_change_before_the_minute_that_is_named(opening: Opening, zone: str, now_ms: int) -> None:
    at_ms = may_change_after(now_ms, opening, zone)
    until_ms = now_ms + 2 * 86_400_000 if at_ms is None else at_ms
    assert until_ms > now_ms and (at_ms is None or at_ms % MINUTE_MS == 0)
    minutes = range((now_ms // MINUTE_MS + 1) * MINUTE_MS, until_ms, MINUTE_MS)
    assert {opening.is_open(at, zone) for at in minutes} <= {opening.is_open(now_ms, zone)}


def test_a_long_night_is_one_look() -> None:
    opening = Opening(weekly=(((480, 1200),),) * 7)
    evening = int(dt.datetime(2026, 11, 20, 20, 30, tzinfo=dt.UTC).timestamp()) * 1000
    assert may_change_after(evening, opening, "UTC") == evening + 11 * 3_600_000 + 30 * MINUTE_MS
