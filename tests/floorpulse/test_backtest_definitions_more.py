"""`floorpulse backtest` says of volumes and of teams what their definitions say, by a separate small program."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest

from tests.builders import T0, event
from tests.floorpulse.alerts_by_definition import simulated_calls
from tests.floorpulse.backtested import found, ran, toml, written
from tests.floorpulse.more_by_definition import Told, team_alerts, volume_alerts
from tests.floorpulse.test_backtest_definitions import _text, as_told, pair, plain
from tests.recordings.tables import simulated

OFF = "".join(
    f"{name} = false\n"
    for name in ("longest_wait_seconds", "waiting", "unattended_contacts", "closed_wait_seconds", "abandonment_ratio",
                 "service_level_ratio")
)  # fmt: skip
VOLUMES = [
    *pair("VolumeHigh", {"warning": (1.5, 1.2), "critical": (2, 1.6)}, hold=120, keep=60, minimum=4, only_open=False),
    *pair("VolumeLow", {"warning": (0.5, 0.7), "critical": (0.2, 0.3)}, hold=60, keep=300, minimum=5, only_open=False),
]
MEASURES = """\
volume_high_ratio = { warning = { enter = 1.5, exit = 1.2 }, critical = { enter = 2, exit = 1.6 }, for_seconds = 120,\
 keep_seconds = 60, minimum = 4, only_open = false }
volume_low_ratio = { warning = { enter = 0.5, exit = 0.7 }, critical = { enter = 0.2, exit = 0.3 }, for_seconds = 60,\
 keep_seconds = 300, minimum = 5, only_open = false }
"""
#: What floor.toml says of it -> the same in the other program.
OCCUPANCY = {
    "warning = 0.6, critical = 0.8": pair("OccupancyHigh", plain(0.6, 0.8), hold=600, keep=300, only_open=False),
    "warning = { enter = 0.6, exit = 0.45 }, critical = { enter = 0.8, exit = 0.7 }, for_seconds = 120,"
    " keep_seconds = 1000": pair(
        "OccupancyHigh", {"warning": (0.6, 0.45), "critical": (0.8, 0.7)}, hold=120, keep=1000, only_open=False
    ),
    "warning = { enter = 0.65, exit = 0.6 }, for_seconds = 0, keep_seconds = 0": pair(
        "OccupancyHigh", {"warning": (0.65, 0.6)}, keep=0, only_open=False
    ),
}


@pytest.mark.parametrize("seed", range(2))
def test_volumes_against_the_week_before_give_the_alerts_of_the_definitions(seed: int, tmp_path: Path) -> None:
    text, visits = simulated(seed, dt.date(2021, 3, 27), days=8, rows=160)
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8")
    rules = toml(tmp_path / "floor.toml", f"[defaults.thresholds]\n{OFF}{MEASURES}")
    want = volume_alerts(simulated_calls(text, visits[0].queue), VOLUMES)
    answer = found(ran(path, "--as", "table", "--mapping", "simulated", "--rules", rules, "--json"))
    have = [{name: value for name, value in each.items() if name != "fired"} for each in answer["alerts"]]
    assert {alert.rule for alert in want} == {"VolumeHigh", "VolumeLow"}
    assert sorted(have, key=_key) == sorted(map(as_told, want), key=_key)


def _key(alert: dict[str, object]) -> tuple[str, ...]:
    return str(alert["from"]), str(alert["rule"]), str(alert["severity"])


def shift(seed: int) -> list[Told]:
    """Some hours of nine agents of three teams, who are busy for most of the time, or for little of it."""
    chance, told = random.Random(seed), []
    for number in range(9):
        agent, team, at = f"a{number}", ("front", "back", "night")[number % 3], chance.randrange(0, 3_000)
        while at < 6 * 3_600:
            state = chance.choice(("idle", "busy", "busy", "acw", "break", "offline"))
            told.append(Told(agent, team, T0 // 1000 + at, state))
            at += chance.choice((1, 20, 300, chance.randrange(2_400)))
    return told


@pytest.mark.parametrize("said", OCCUPANCY, ids=("limits alone", "exits and times", "at once"))
@pytest.mark.parametrize("seed", range(3))
def test_so_do_the_teams(seed: int, said: str, tmp_path: Path) -> None:
    told = shift(seed)
    events = [
        event("agent.state_changed", one.at - T0 / 1000, agent_id=one.agent, team=one.team, state=one.state, id=f"t{n}")
        for n, one in enumerate(told)
    ]
    rules = toml(tmp_path / "floor.toml", f"[defaults.thresholds]\n{OFF}occupancy_ratio = {{ {said} }}\n")
    path = written(tmp_path / "e.jsonl", events)
    alerts = found(ran(path, "--as", "cloudevents", "--rules", rules, "--json"))["alerts"]
    have = [(one["team"], one["severity"], one["from"], one["to"], one["peak"]) for one in alerts]
    want = [
        (one.queue, one.severity, _text(one.since), None if one.until is None else _text(one.until), one.peak)
        for one in team_alerts(told, OCCUPANCY[said])
    ]
    assert len(want) > 3
    assert sorted(have) == sorted(want)
