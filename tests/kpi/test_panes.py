"""Panes, windows as sums of panes, and the days, hours and minutes of a zone."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.panes import (
    COARSE_MS,
    FINE_MS,
    METRIC_WINDOWS,
    WINDOWS,
    business_day_start,
    local_day_key,
    local_days,
    local_hour_key,
    local_hours,
    local_minute_key,
    local_minutes,
    local_time,
    pane_ceiling,
    pane_start,
    roll_up,
    window_panes,
    zone_of,
)


def at(text: str) -> int:
    """Milliseconds of an ISO time with offset."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


T0 = at("2026-11-20T10:00:00+00:00")


@pytest.mark.parametrize(
    ("ms", "start"),
    [
        # [T0────+10s)[+10s────+20s)
        pytest.param(T0, T0, id="a pane holds its first instant"),
        pytest.param(T0 + 9_999, T0, id="and its last"),
        pytest.param(T0 + 10_000, T0 + 10_000, id="its end belongs to the next"),
    ],
)
def test_an_instant_lies_in_the_pane_that_begins_at_or_before_it(ms: int, start: int) -> None:
    assert pane_start(ms, FINE_MS) == start


def test_the_ceiling_of_a_pane_start_is_itself() -> None:
    assert pane_ceiling(T0, COARSE_MS) == T0
    assert pane_ceiling(T0 + 1, COARSE_MS) == T0 + COARSE_MS


def test_a_net_count_keeps_its_second_when_it_is_rolled_up() -> None:
    assert roll_up(T0 + 890_000, "net.9") == (T0, "net.899")


def test_any_other_count_keeps_its_name_when_it_is_rolled_up() -> None:
    assert roll_up(T0 + 890_000, "wait.answered.9") == (T0, "wait.answered.9")


@given(st.integers(0, 2**42), st.sampled_from([name for name, length in WINDOWS.items() if length]))
def test_a_window_holds_the_panes_that_end_after_its_start_and_begin_by_now(now: int, window: str) -> None:
    length = WINDOWS[window] or 0
    candidates = range(pane_start(now, FINE_MS) - length - 3 * FINE_MS, now + 3 * FINE_MS, FINE_MS)

    wanted = [start for start in candidates if start + FINE_MS > now - length and start <= now]

    assert list(window_panes(window, now).fine) == wanted


def test_the_day_is_whole_quarter_hours_and_then_10_s_panes_without_gap_or_overlap() -> None:
    now = T0 + 2 * COARSE_MS + 25_000

    panes = window_panes("day", now, T0)

    assert list(panes.coarse) == [T0, T0 + COARSE_MS]
    assert list(panes.fine) == [T0 + 2 * COARSE_MS + step for step in (0, 10_000, 20_000)]


# [10:30────────────10:45)[10:45───now)
#  previous                interval
@pytest.mark.parametrize(
    ("now", "interval", "previous"),
    [
        pytest.param(T0 + 7_000, range(T0, T0 + 10_000, 10_000), T0 - COARSE_MS, id="its first pane"),
        pytest.param(T0 + 899_999, range(T0, T0 + COARSE_MS, 10_000), T0 - COARSE_MS, id="its last millisecond"),
        pytest.param(
            T0 + COARSE_MS, range(T0 + COARSE_MS, T0 + COARSE_MS + 10_000, 10_000), T0, id="over at the next one"
        ),
    ],
)
def test_the_interval_is_the_quarter_hour_so_far_and_the_previous_the_whole_one_before(
    now: int, interval: range, previous: int
) -> None:
    assert window_panes("interval", now) == (range(0), interval)
    assert list(window_panes("previous", now).coarse) == [previous]
    assert not window_panes("previous", now).fine
    assert window_panes("previous", now).fine.stop == interval.start


def test_the_windows_on_metrics_all_end_now() -> None:
    assert set(METRIC_WINDOWS) < set(WINDOWS)
    assert {window_panes(name, T0, T0).fine.stop for name in METRIC_WINDOWS} == {T0 + FINE_MS}


def test_a_day_without_its_start_is_refused() -> None:
    with pytest.raises(ValueError, match="no start"):
        window_panes("day", T0)


@pytest.mark.parametrize(
    ("now", "zone", "reset", "start"),
    [
        pytest.param("2026-11-20T03:59:59+01:00", "Europe/Berlin", 240, "2026-11-19T04:00+01:00", id="before reset"),
        pytest.param("2026-11-20T04:00:00+01:00", "Europe/Berlin", 240, "2026-11-20T04:00+01:00", id="at reset"),
        pytest.param("2026-03-29T12:00+02:00", "Europe/Berlin", 0, "2026-03-29T00:00+01:00", id="a day of 23 h"),
        pytest.param("2026-10-25T23:59+01:00", "Europe/Berlin", 0, "2026-10-25T00:00+02:00", id="a day of 25 h"),
        pytest.param("2026-03-29T12:00+02:00", "Europe/Berlin", 150, "2026-03-29T03:00+02:00", id="reset time skipped"),
        pytest.param(
            "2026-10-25T02:20+01:00", "Europe/Berlin", 150, "2026-10-25T02:30+02:00", id="repeated: the first"
        ),
        pytest.param(
            "2026-10-25T02:45+01:00", "Europe/Berlin", 150, "2026-10-25T02:30+02:00", id="repeated: not again"
        ),
        pytest.param("2018-11-04T05:00-02:00", "America/Sao_Paulo", 0, "2018-11-04T01:00-02:00", id="midnight skipped"),
        pytest.param("2026-01-01T03:00+05:30", "Asia/Kolkata", 240, "2025-12-31T04:00+05:30", id="half-hour offset"),
        pytest.param("2011-12-31T05:00+14:00", "Pacific/Apia", 0, "2011-12-31T00:00+14:00", id="a date that never was"),
    ],
)
def test_a_business_day_begins_when_the_clock_first_reaches_the_reset_time(
    now: str, zone: str, reset: int, start: str
) -> None:
    assert business_day_start(at(now), zone, reset) == at(start)


@given(
    st.integers(at("1990-01-01T00:00+00:00"), at("2037-01-01T00:00+00:00")),
    st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
    st.integers(0, 95),
)
def test_a_business_day_has_begun_and_is_at_most_25_hours_old(now: int, zone: str, quarter: int) -> None:
    start = business_day_start(now, zone, quarter * 15)

    assert 0 <= now - start < 25 * 3_600_000
    assert business_day_start(start, zone, quarter * 15) == start


def test_a_repeated_hour_is_one_part_of_two_hours() -> None:
    start = at("2026-10-25T00:00+02:00")

    hours = [(part.key[-2:], (part.end_ms - part.start_ms) // 3_600_000) for part in local_hours(
        start, start + 5 * 3_600_000, "Europe/Berlin")]  # fmt: skip

    assert hours == [("00", 1), ("01", 1), ("02", 2), ("03", 1)]


def test_hours_days_and_minutes_are_cut_to_the_span() -> None:
    start, end = at("2026-11-20T10:58:30+00:00"), at("2026-11-20T11:00:30+00:00")

    assert [part.end_ms - part.start_ms for part in local_minutes(start, end, "UTC")] == [30_000, 60_000, 30_000]
    assert list(local_hours(start, end, "UTC")) == [
        ("2026-11-20T10", start, at("2026-11-20T11:00+00:00")),
        ("2026-11-20T11", at("2026-11-20T11:00+00:00"), end),
    ]
    assert list(local_days(start, end, "UTC")) == [("2026-11-20", start, end)]


@given(st.integers(0, 2**41), st.integers(1, 3 * 86_400_000), st.sampled_from(["Asia/Kathmandu", "Europe/Berlin"]))
def test_the_parts_of_a_span_cover_it_without_gap_or_overlap(start: int, length: int, zone: str) -> None:
    for grid in (local_hours, local_days):
        parts = list(grid(start, start + length, zone))

        assert [part.start_ms for part in parts] == [start, *(part.end_ms for part in parts[:-1])]
        assert parts[-1].end_ms == start + length


def test_keys_are_local_times() -> None:
    ms = at("2026-11-20T23:30:05+00:00")

    assert local_hour_key(ms, "Europe/Berlin") == "2026-11-21T00"
    assert local_day_key(ms, "Asia/Kolkata") == "2026-11-21"
    assert local_minute_key(ms, "UTC") == "2026-11-20T23:30"
    assert local_time(ms + 7, "UTC").isoformat(timespec="milliseconds") == "2026-11-20T23:30:05.007+00:00"


def test_an_unknown_zone_is_refused_with_what_is_wanted() -> None:
    with pytest.raises(ValueError, match="wanted an IANA name"):
        zone_of("Mars/Olympus")
