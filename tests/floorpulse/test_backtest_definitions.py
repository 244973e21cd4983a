"""`floorpulse backtest --json` gives the alerts that the definitions alone give, by a separate small program."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from floorpulse.cli import app
from tests.data_sets import NO_DATA, find_data
from tests.floorpulse.alerts_by_definition import Alert, Call, Limit, Rules, alerts_of, simulated_calls, technion_calls
from tests.recordings.tables import simulated, technion

DAY = dt.date(1999, 8, 1)
ZONE = "Asia/Jerusalem"
DATA = find_data("technion-day/calls_one_day.csv")
BOTH = ("warning", "critical")
MEASURES = {
    "QueueLongestWaitHigh": "longest_wait_seconds", "QueueLengthHigh": "waiting",
    "ContactsWaitingWhileClosed": "closed_wait_seconds", "ServiceLevelLow": "service_level_ratio",
    "AbandonmentHigh": "abandonment_ratio", "QueueGrowing": "growth_ratio",
    "AverageSpeedOfAnswerHigh": "answer_speed_seconds",
}  # fmt: skip


def pair(rule: str, levels: dict[str, tuple[float, float]], **more: Any) -> list[Limit]:
    return [Limit(rule, severity, *both, **more) for severity, both in levels.items()]


def plain(*values: float) -> dict[str, tuple[float, float]]:
    return {severity: (value, value) for severity, value in zip(BOTH, values, strict=False)}


# What holds without a floor.toml: 80 % within 20 s.
DEFAULTS = Rules(
    [
        *pair("QueueLongestWaitHigh", plain(60, 180)),
        *pair("QueueLengthHigh", plain(10, 20), hold=10),
        *pair("ContactsWaitingWhileClosed", plain(60), only_open=False),
        *pair("ServiceLevelLow", plain(0.64, 0.48), hold=120, keep=300, minimum=20),
        *pair("AbandonmentHigh", plain(0.05, 0.10), hold=120, keep=300, minimum=20),
    ]
)
# Other limits, with hysteresis; two rules more, one less.
CHOSEN = Rules(
    [
        *pair("QueueLongestWaitHigh", {"warning": (120, 45), "critical": (400, 250)}, hold=15, keep=120),
        *pair("QueueLengthHigh", {"warning": (4, 2), "critical": (7, 5)}, keep=0, only_open=False),
        *pair("ServiceLevelLow", {"warning": (0.5, 0.6), "critical": (0.2, 0.35)}, hold=60, keep=45, minimum=5),
        *pair("QueueGrowing", {"warning": (0.2, 0.1), "critical": (0.5, 0.3)}, hold=20, keep=60),
        *pair("AverageSpeedOfAnswerHigh", {"warning": (90, 70), "critical": (200, 150)}, hold=30, keep=30, minimum=3),
    ],
    target=60,
)


def floor_toml(rules: Rules, more: str = "", quiet: str = "") -> str:
    """The floor.toml that says the same."""
    lines = ["[defaults]", f"target = {{ percent = 80, seconds = {rules.target} }}", more, "[defaults.thresholds]"]
    for rule, measure in MEASURES.items():
        limits = [limit for limit in rules.limits if limit.rule == rule]
        if not limits:
            lines.append(f"{measure} = false")
            continue
        one = limits[0]
        parts = [f"{each.severity} = {{ enter = {each.enter}, exit = {each.leave} }}" for each in limits]
        parts += [f"{name} = false" for name in BOTH if name not in {each.severity for each in limits}]
        parts += [f"for_seconds = {one.hold}", f"keep_seconds = {one.keep}"]
        parts.append(f"only_open = {str(one.only_open).lower()}")
        if one.minimum or rule not in ("QueueLongestWaitHigh", "QueueLengthHigh", "ContactsWaitingWhileClosed"):
            parts.append(f"minimum = {one.minimum}")
        lines.append(f"{measure} = {{ {', '.join(parts)} }}")
    return "\n".join([*lines, quiet]) + "\n"


def told(path: Path, *options: str, toml: str | None = None) -> list[dict[str, Any]]:
    """What the command says."""
    if toml is not None:
        rules = path.parent / "floor.toml"
        rules.write_text(toml, encoding="utf-8")
        options = (*options, "--rules", str(rules))
    answer = CliRunner().invoke(app, ["backtest", str(path), "--as", "table", *options, "--json"])
    assert answer.exit_code == 0, (answer.output, answer.exception)
    alerts: list[dict[str, Any]] = json.loads(answer.stdout)["alerts"]
    for alert in alerts:
        assert alert.pop("fired") >= alert["from"]  # when is decided by the behaviour, not by the definition
    assert [each["from"] for each in alerts] == sorted(each["from"] for each in alerts)
    return sorted(alerts, key=lambda each: (each["from"], each["rule"], each["queue"], each["severity"]))


def as_told(alert: Alert) -> dict[str, Any]:
    return {
        "rule": alert.rule, "severity": alert.severity, "queue": alert.queue, "channel": "voice",
        "from": _text(alert.since), "to": None if alert.until is None else _text(alert.until),
        "peak": pytest.approx(alert.peak, rel=1e-12),
    }  # fmt: skip


def _text(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def by_definition(calls: list[Call], rules: Rules) -> list[dict[str, Any]]:
    found = [as_told(alert) for alert in alerts_of(calls, rules)]
    assert found, "a test of nothing"
    return found


def office_hours(second: int) -> bool:
    """08:00 to 17:30 on the wall of the bank."""
    local = dt.datetime.fromtimestamp(second, ZoneInfo(ZONE))
    return 480 <= local.hour * 60 + local.minute < 1050


OFFICE = f'zone = "{ZONE}"\n[defaults.hours]\ndaily = ["08:00-17:30"]'
# A team meeting, in seconds of the day.
MEETING = (10 * 3600 + 65, 12 * 3600 + 34 * 60 + 56)


def with_hours_and_quiet(rules: Rules, day: dt.date) -> tuple[Rules, str]:
    """The same rules in office hours, with a meeting; and the floor.toml."""
    midnight = dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE))
    begin, end = (midnight + dt.timedelta(seconds=at) for at in MEETING)
    found = replace(rules, open_at=office_hours, quiet=[(round(begin.timestamp()), round(end.timestamp()))])
    quiet = f'[[quiet]]\nfrom = {begin.isoformat()}\nto = {end.isoformat()}\nreason = "team meeting"'
    return found, floor_toml(found, OFFICE, quiet)


@pytest.mark.skipif(DATA is None, reason=NO_DATA)
@pytest.mark.parametrize("name", ["built in", "chosen", "office hours and quiet", "chosen, office hours and quiet"])
def test_a_real_day_gives_the_alerts_of_the_definitions_and_no_others(name: str, tmp_path: Path) -> None:
    assert DATA is not None
    text = DATA.read_text(encoding="utf-8")
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8")
    rules = CHOSEN if "chosen" in name else DEFAULTS
    toml = None if name == "built in" else floor_toml(rules)
    if "office" in name:
        rules, toml = with_hours_and_quiet(rules, DAY)
    have = told(path, "--mapping", "technion", "--date", DAY.isoformat(), toml=toml)
    assert have == by_definition(technion_calls(text, DAY), rules)


@pytest.mark.parametrize("seed", range(4))
def test_so_does_a_made_up_day_of_the_bank(seed: int, tmp_path: Path) -> None:
    day = [dt.date(1999, 12, 31), dt.date(2000, 2, 29), dt.date(1999, 9, 2), dt.date(1999, 4, 2)][seed]
    text, _ = technion(seed, day, rows=900)
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8")
    rules, toml = (DEFAULTS, floor_toml(DEFAULTS)) if seed % 2 else with_hours_and_quiet(CHOSEN, day)
    have = told(path, "--mapping", "technion", "--date", day.isoformat(), toml=toml)
    assert have == by_definition(technion_calls(text, day), rules)


@pytest.mark.parametrize("seed", range(3))
def test_so_do_made_up_days_of_another_kind_of_table(seed: int, tmp_path: Path) -> None:
    text, visits = simulated(seed, dt.date(2021, 3, 27), days=2, rows=400)
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8")
    rules = (DEFAULTS, CHOSEN, CHOSEN)[seed]
    have = told(path, "--mapping", "simulated", toml=floor_toml(rules))
    assert have == by_definition(simulated_calls(text, visits[0].queue), rules)
