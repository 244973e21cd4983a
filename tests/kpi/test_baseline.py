"""What is normal for a quarter-hour: which panes of the past it is compared with, and what they say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.baseline import MEASURES, Sample, label, normal, same_quarters, sample, whole_quarter
from kpi.opening import Opening
from kpi.panes import COARSE_KEEP_MS, COARSE_MS, local_time, window_panes

ALWAYS = Opening()
ZONES = ["UTC", "Asia/Shanghai", "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"]


def at(text: str, zone: str = "UTC", fold: int = 0) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def texts(starts: list[int | None], zone: str) -> list[str | None]:
    return [start if start is None else local_time(start, zone).strftime("%m-%d %H:%M%z") for start in starts]


TUESDAY = at("2026-11-17T10:15")
FIELDS = {
    "offered": 10, "answered": 7, "abandoned": 2, "exit.timeout": 1,
    "wait.answered.5": 3, "wait.answered.20": 3, "wait.answered.40": 1, "wait_ms.answered": 113_500,
    "wait.abandoned.3": 2, "wait.other.60": 1,
    "@answered": 99, "~answered.ana": 99, "net.3": 1, "talk.60": 7, "talk_ms": 420_000, "#": 1234,
}  # fmt: skip


@given(st.integers(at("1975-01-01"), at("2037-01-01")))
def test_the_quarter_that_is_compared_is_the_window_previous(now: int) -> None:
    assert list(window_panes("previous", now).coarse) == [whole_quarter(now)]


@pytest.mark.parametrize(
    ("when", "fold", "zone", "weeks"),
    [
        pytest.param(
            "2026-11-17T10:15", 0, "Asia/Shanghai",
            ["11-10 10:15+0800", "11-03 10:15+0800", "10-27 10:15+0800", "10-20 10:15+0800"], id="four Tuesdays",
        ),
        pytest.param(
            "2026-04-07T10:15", 0, "Europe/Berlin",
            ["03-31 10:15+0200", "03-24 10:15+0100", "03-17 10:15+0100", "03-10 10:15+0100"],
            id="the same on the wall before the clock was put on",
        ),
        pytest.param(
            "2026-04-12T01:45", 0, "Australia/Lord_Howe",
            ["04-05 01:45+1100", "03-29 01:45+1100", "03-22 01:45+1100", "03-15 01:45+1100"],
            id="half an hour that came twice: the first",
        ),
        pytest.param(
            "2026-10-25T02:30", 1, "Europe/Berlin",
            ["10-18 02:30+0200", "10-11 02:30+0200", "10-04 02:30+0200", "09-27 02:30+0200"],
            id="the second of two has the same past as the first",
        ),
        pytest.param(
            "2026-04-05T02:30", 0, "Europe/Berlin",
            [None, "03-22 02:30+0100", "03-15 02:30+0100", "03-08 02:30+0100"], id="a time that was skipped",
        ),
        pytest.param(
            "2018-11-11T00:15", 0, "America/Sao_Paulo",
            [None, "10-28 00:15-0300", "10-21 00:15-0300", "10-14 00:15-0300"], id="a midnight that was skipped",
        ),
        pytest.param(
            "2012-01-13T10:15", 0, "Pacific/Apia",
            ["01-06 10:15+1400", None, "12-23 10:15-1000", "12-16 10:15-1000"], id="a date that never was",
        ),
    ],
)  # fmt: skip
def test_the_same_quarter_is_that_of_the_clock_on_the_wall(
    when: str, fold: int, zone: str, weeks: list[str | None]
) -> None:
    assert texts(same_quarters(at(when, zone, fold), zone), zone) == weeks


@given(st.integers(at("2015-01-01") // COARSE_MS, at("2037-01-01") // COARSE_MS), st.sampled_from(ZONES))
def test_all_that_is_compared_is_kept_and_has_weekday_and_time_in_common(quarter: int, zone: str) -> None:
    now = quarter * COARSE_MS
    for start in same_quarters(now, zone):
        if start is not None:
            assert 0 < now - start < COARSE_KEEP_MS - COARSE_MS
            assert local_time(start, zone).strftime("%a %H:%M") == local_time(now, zone).strftime("%a %H:%M")


def test_a_pane_says_its_counts_its_service_level_and_its_speed_of_answer() -> None:
    found = sample(FIELDS, target_seconds=20, short_seconds=5)

    assert found == Sample(10, 7, 2, 6 / 10, 113.5 / 7)


def test_an_exit_within_the_target_does_not_burden_the_service_level() -> None:
    found = sample({**FIELDS, "exit.timeout": 2, "wait.other.20": 1}, target_seconds=20, short_seconds=5)

    assert found is not None
    assert found.service_level == 6 / 10


def test_another_target_gives_another_service_level() -> None:
    found = sample(FIELDS, target_seconds=40, short_seconds=5)

    assert found is not None
    assert found.service_level == 7 / 10


def test_a_quarter_in_which_nothing_happened_says_nothing() -> None:
    assert sample({}, 20, 5) is None
    assert sample({"net.4": -1, "talk.9": 1, "talk_ms": 9_000, "@offered": 3, "offered": 0}, 20, 5) is None


def test_nobody_answered_has_no_speed_of_answer_and_nobody_decided_no_service_level() -> None:
    assert sample({"offered": 2}, 20, 5) == Sample(2, 0, 0, None, None)
    assert sample({"abandoned": 1, "unknown": 1}, 20, 5) == Sample(0, 0, 1, 0.0, None)


def test_normal_is_last_week_and_the_band_of_four_weeks() -> None:
    weeks = [Sample(12, 11, 1, 0.9, 8.0), Sample(20, 9, 3, 0.5, 30.0), None, Sample(7, 7, 0, 1.0, 4.5)]

    found = normal(TUESDAY, "UTC", ALWAYS, weeks)

    assert found == {
        "label": "Tuesday 10:15", "weekday": 1, "from": "10:15", "to": "10:30", "weeks": 3,
        "offered": {"last_week": 12, "low": 7, "high": 20},
        "answered": {"last_week": 11, "low": 7, "high": 11},
        "abandoned": {"last_week": 1, "low": 0, "high": 3},
        "service_level": {"last_week": 0.9, "low": 0.5, "high": 1.0},
        "asa_seconds": {"last_week": 8.0, "low": 4.5, "high": 30.0},
    }  # fmt: skip


def test_a_holiday_is_left_out_of_the_band_but_last_week_stays_what_it_was() -> None:
    busy, quiet = Sample(30, 30, 0, 1.0, 2.0), Sample(1, 1, 0, 1.0, 9.0)
    opening = Opening(holidays=frozenset({date(2026, 11, 10)}), special={date(2026, 10, 27): ((0, 1440),)})

    found = normal(TUESDAY, "UTC", opening, [quiet, busy, quiet, busy])

    assert found is not None
    assert (found["weeks"], found["offered"]) == (2, {"last_week": 1, "low": 30, "high": 30})


def test_only_holidays_give_no_band() -> None:
    opening = Opening(holidays=frozenset({date(2026, 11, 10)}))

    found = normal(TUESDAY, "UTC", opening, [Sample(1, 1, 0, 1.0, 9.0), None, None, None])

    assert found is not None
    assert [found[name]["high"] for name in MEASURES] == [None] * 5


def test_without_a_week_nothing_is_normal() -> None:
    assert normal(TUESDAY, "UTC", ALWAYS, [None] * 4) is None


def test_a_week_that_is_not_known_has_no_values_and_a_ratio_without_traffic_is_none() -> None:
    found = normal(TUESDAY, "UTC", ALWAYS, [None, Sample(2, 0, 0, None, None), None, None])

    assert found is not None
    assert found["offered"] == {"last_week": None, "low": 2, "high": 2}
    assert found["service_level"] == {"last_week": None, "low": None, "high": None}


def test_a_quarter_hour_is_named_in_the_words_and_on_the_clock_of_its_queue() -> None:
    quarter = round(datetime(2026, 11, 16, 18, 30, tzinfo=UTC).timestamp() * 1000)  # Tuesday in Kolkata already

    found = normal(quarter, "Asia/Kolkata", ALWAYS, [Sample(1, 1, 0, 1.0, 1.0), None, None, None])

    assert found is not None
    assert (found["label"], found["weekday"], found["to"]) == ("Tuesday 00:00", 1, "00:15")
    assert [label(1, "00:00", language) for language in ("zh-CN", "zh-TW", "de")] == [
        "周二 00:00", "週二 00:00", "Tuesday 00:00"
    ]  # fmt: skip
