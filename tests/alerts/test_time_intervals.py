"""Opening hours as Alertmanager's time intervals: minute by minute they say what the calendar says."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from alerts.prometheus.time_intervals import DAYS, calendars, main, text
from kpi.floor import parse_floor
from kpi.opening import DAY_MINUTES
from tests.alerts.tools import AMTOOL, CONFIG, TEMPLATES, succeeds
from tests.data_sets import ROOT

FLOOR = """
[defaults]
zone = "Europe/Berlin"
holidays = ["2026-12-25"]
[defaults.hours]
mon-thu = ["08:00-12:00", "13:00-20:00"]
fri = ["22:00-06:00"]
[defaults.special_days]
"2026-12-24" = ["08:00-12:00"]
"2026-12-26" = ["10:00-14:00"]
[queue.night]
zone = "Asia/Shanghai"
[queue.night.hours]
daily = ["20:00-08:00"]
[queue."客服"]
[queue.support.chat]
short_call_seconds = 7
"""


def minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def covers(entry: dict[str, Any], at: datetime) -> bool:
    """What Alertmanager's documentation says of one interval: every field that stands there must hold."""
    local = at.astimezone(ZoneInfo(entry.get("location", "UTC")))
    now = local.hour * 60 + local.minute
    return (
        ("years" not in entry or str(local.year) in [str(int(year)) for year in entry["years"]])
        and ("months" not in entry or str(local.month) in entry["months"])
        and ("days_of_month" not in entry or str(local.day) in entry["days_of_month"])
        and ("weekdays" not in entry or DAYS[local.weekday()] in entry["weekdays"])
        and (
            "times" not in entry
            or any(minute(each["start_time"]) <= now < minute(each["end_time"]) for each in entry["times"])
        )
    )


def read(printed: str) -> dict[str, Any]:
    return {each["name"]: each["time_intervals"] for each in yaml.safe_load(printed)["time_intervals"]}


def is_active(intervals: dict[str, Any], number: int, at: datetime) -> bool:
    active = any(covers(entry, at) for entry in intervals[f"open-{number}"])
    return active and not any(covers(entry, at) for entry in intervals[f"closed-{number}"])


def test_every_half_hour_of_three_weeks_is_open_when_the_calendar_says_so() -> None:
    floor, printed = parse_floor(FLOOR), read(text(parse_floor(FLOOR)))
    start = datetime(2026, 12, 14, tzinfo=UTC)
    for number, calendar in enumerate(calendars(floor), 1):
        wrong = [
            at
            for at in (start + timedelta(minutes=30 * n) for n in range(21 * 48))
            if is_active(printed, number, at) != calendar.opening.is_open(int(at.timestamp() * 1000), calendar.zone)
        ]
        assert wrong == []


def half_hours(number: int) -> str:
    return f"{number // 2:02}:{number % 2 * 30:02}"


spans = st.tuples(st.integers(0, 47), st.integers(1, 48)).map(
    lambda pair: f"{half_hours(pair[0])}-{half_hours((pair[0] + pair[1]) % 48)}"
).filter(lambda each: each[:5] != each[6:])  # fmt: skip
days = st.dates(date(2026, 2, 20), date(2026, 3, 10)).map(str)


@given(
    st.dictionaries(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), st.lists(spans, max_size=2)),
    st.lists(days, max_size=2, unique=True),
    st.dictionaries(days, st.lists(spans, max_size=2), max_size=2),
    st.lists(st.integers(0, 22 * 1440), min_size=20, max_size=20),
)
def test_any_calendar_is_told_as_it_is(
    weekly: dict[str, list[str]], holidays: list[str], special: dict[str, list[str]], minutes: list[int]
) -> None:
    hours = "".join(f"{day} = {some}\n" for day, some in weekly.items())
    dates = "".join(f'"{day}" = {some}\n' for day, some in special.items())
    floor = parse_floor(
        f"[defaults]\nholidays = {holidays}\n[defaults.hours]\n{hours}[defaults.special_days]\n{dates}".replace(
            "'", '"'
        )
    )
    printed = read(text(floor))
    for number, calendar in enumerate(calendars(floor), 1):
        for after in minutes:
            at = datetime(2026, 2, 19, tzinfo=UTC) + timedelta(minutes=after)
            assert is_active(printed, number, at) == calendar.opening.is_open(int(at.timestamp() * 1000), "UTC")


def test_queues_that_keep_the_same_hours_have_one_calendar_and_stand_beside_it() -> None:
    floor = parse_floor(FLOOR)
    assert [calendar.queues for calendar in calendars(floor)] == [["*", "客服", "support"], ["night"]]
    assert "# every other queue, 客服, support\n" in text(floor)


def test_a_floor_that_never_closes_has_no_intervals() -> None:
    assert yaml.safe_load(text(parse_floor(""))) == {"time_intervals": []}


def test_alertmanager_takes_them_in_the_shipped_configuration(tmp_path: Path) -> None:
    config = CONFIG.read_text(encoding="utf-8").replace("templates/*", f"{TEMPLATES}/*")
    for line in ("active_time_intervals: [open-1]", "mute_time_intervals: [closed-1]"):
        assert config.count(f"#   {line}") == 1
        config = config.replace(f"#   {line}", line)
    (tmp_path / "alertmanager.yml").write_text(config + "\n" + text(parse_floor(FLOOR)), encoding="utf-8")
    succeeds(AMTOOL, "check-config", tmp_path / "alertmanager.yml")


def test_the_command_prints_them_and_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alerts.prometheus.time_intervals", "floor.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "time_intervals" in yaml.safe_load(done.stdout)
    (tmp_path / "bad.toml").write_text("[defaults]\nzone = 3\n", encoding="utf-8")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    assert [main([str(tmp_path / name)]) for name in ("bad.toml", "none.toml", "bytes.toml")] == [2, 2, 2]
    assert main([]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 4
    assert "bad.toml:2: defaults.zone" in said[0].replace(" line ", ":")
    assert DAY_MINUTES == 1440
