"""Opening hours and what is not an ordinary day: nights around holidays, make-up days, dates that never were."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kpi.floor import Floor, parse_floor


def at(text: str, zone: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def night_queue(zone: str, hours: str) -> Floor:
    return parse_floor(f"""
        [queue.night]
        zone = "{zone}"
        holidays = ["2026-12-25"]
        hours = {hours}
        special_days = {{ "2026-02-14" = "mon", "2026-12-31" = ["08:00-12:00"] }}
    """)


SHANGHAI = night_queue("Asia/Shanghai", '{ mon-fri = ["22:00-06:00"], sat = ["10:00-14:00"] }')


@pytest.mark.parametrize(
    ("when", "is_open", "is_special"),
    [
        pytest.param("2026-12-23T03:00", True, False, id="an ordinary night"),
        pytest.param("2026-12-25T03:00", True, True, id="the night before a holiday goes on into it"),
        pytest.param("2026-12-25T23:00", False, True, id="the holiday's own night does not begin"),
        pytest.param("2026-12-26T03:00", False, True, id="nor go on into the next date"),
        pytest.param("2026-12-26T07:00", False, False, id="which is itself again when that night would have been over"),
        pytest.param("2026-12-26T11:00", True, False, id="an ordinary Saturday"),
        pytest.param("2026-02-14T11:00", False, True, id="a make-up Saturday has not the hours of a Saturday"),
        pytest.param("2026-02-14T23:00", True, True, id="but of a Monday"),
        pytest.param("2026-02-15T03:00", True, True, id="whose night goes on into a Sunday that has none"),
        pytest.param("2026-02-15T23:00", False, False, id="an ordinary Sunday"),
        pytest.param("2026-12-31T23:00", False, True, id="special hours without a night"),
        pytest.param("2027-01-01T03:00", False, True, id="and no night goes on from them"),
        pytest.param("2027-01-01T23:00", True, False, id="the next ordinary night"),
    ],
)
def test_holidays_and_special_days_reach_as_far_as_their_nights(when: str, is_open: bool, is_special: bool) -> None:
    instant = at(when, "Asia/Shanghai")

    assert SHANGHAI.is_open("night", "voice", instant) is is_open
    assert SHANGHAI.queue("night", "voice").opening.is_special(instant, "Asia/Shanghai") is is_special


def test_a_queue_that_never_closes_has_its_holiday_from_midnight_to_midnight() -> None:
    opening = parse_floor("[defaults]\nholidays = ['2026-12-25']").queue("any", "voice").opening

    found = [
        opening.is_special(at(f"2026-12-{day}T{clock}", "UTC"), "UTC")
        for day, clock in (("24", "23:59"), ("25", "00:00"), ("25", "23:59"), ("26", "00:00"))
    ]

    assert found == [False, True, True, False]


def test_a_night_goes_on_over_a_date_that_the_zone_skipped() -> None:
    floor = night_queue("Pacific/Apia", '{ thu = ["22:00-06:00"] }')  # Friday 2011-12-30 never was

    instants = [at(when, "Pacific/Apia") for when in ("2011-12-29T23:00", "2011-12-31T05:59", "2011-12-31T06:00")]

    assert [floor.is_open("night", "voice", instant) for instant in instants] == [True, True, False]
