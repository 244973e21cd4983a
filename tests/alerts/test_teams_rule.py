"""The rule about teams in Prometheus is the policy with the limits and times of a floor.toml, at every look."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from alerts.policy import CALM, step
from alerts.rulebook import Look
from board.limit_gauges import floor_limits
from board.samples import Samples
from floorpulse.backtest.teams import team_limits_of
from kpi.catalogue import BY_NAME
from kpi.floor import Floor, parse_floor
from tests.alerts.tools import ALERTS, PROMTOOL, bare, succeeds
from tests.alerts.twin_series import packed

pytestmark = pytest.mark.observability

SECONDS, LOOKS = 5, 400
BEHAVIOURS = {
    "as it is": "",
    "with exits": "warning = { enter = 0.8, exit = 0.65 }, critical = { enter = 0.9, exit = 0.75 }, for_seconds = 50",
    "at once": "warning = { enter = 0.8, exit = 0.7 }, critical = 0.9, for_seconds = 0, keep_seconds = 0",
    "soon, and kept": "warning = 0.7, critical = { enter = 0.9, exit = 0.7 }, for_seconds = 20, keep_seconds = 120",
}
Values = list[int | None]
"""Busy in percent at every look; None: nobody is at work."""


def busy(chance: random.Random) -> Values:
    """A team that swings around the limits, and goes home now and then."""
    values: Values = []
    while len(values) < LOOKS:
        value = chance.choice((50, 60, 65, 70, 74, 75, 80, 85, 90, 95, 95, 95, None))
        values += [value] * chance.choice((1, 2, 3, 10, 40, 130))
    return values[:LOOKS]


def unknown(chance: random.Random) -> set[int]:
    """The looks at which no board answers: never for so short that a wait would go on."""
    starts = [chance.randrange(20, LOOKS) for _ in range(3)]
    return {look for start in starts for look in range(start, start + chance.randrange(6, 30))}


def expected(floor: Floor, teams: dict[str, Values], gone: set[int]) -> list[list[str]]:
    """Per look the labels of every alert that is on by the policy."""
    on: list[list[str]] = [[] for _ in range(LOOKS)]
    for limit in team_limits_of(floor):
        for team, values in teams.items():
            state = CALM
            for look, value in enumerate(values):
                seen = Look(None if value is None else value / 100, known=look not in gone)
                state = step(limit, state, seen, look * SECONDS * 1000).state
                if state.is_on:
                    on[look].append(f'{{team="{team}",severity="{limit.severity}"}}')
    return on


def series(floor: Floor, teams: dict[str, Values], gone: set[int]) -> dict[str, str]:
    """What the board says all the time, as promtool reads it."""

    def shown(values: Sequence[int | None]) -> str:
        there: list[str] = []
        for look, value in enumerate(values):
            is_first = bool(there) and there[-1] not in ("stale", "_")
            there.append(str(value) if look not in gone and value is not None else "stale" if is_first else "_")
        return packed(there, LOOKS)

    found = {'cc_doubtful_events{reason="late"}': shown([0] * LOOKS)}
    for team, values in teams.items():
        own = f'cc_team_window_state_seconds{{team="{team}",window="30m"'
        found[f'{own},state="busy"}}'] = shown(values)
        found[f'{own},state="idle"}}'] = shown([None if value is None else 100 - value for value in values])
    samples: Samples = {}
    floor_limits(samples, floor)
    for family, rows in samples.items():
        for labels, value in rows:
            text = ",".join(f'{name}="{one}"' for name, one in zip(BY_NAME[family].labels, labels, strict=True))
            found[f"{family}{{{text}}}"] = f"{float(value)!r}x{LOOKS}"
    return found


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_prometheus_and_the_policy_agree_about_teams(behaviour: str, tmp_path: Path) -> None:
    chance = random.Random(behaviour)
    floor = parse_floor(
        f"[defaults.thresholds]\noccupancy_ratio = {{ {BEHAVIOURS[behaviour]} }}".replace("{  }", "true")
    )
    teams, gone = {f"team {number}": busy(chance) for number in range(6)}, unknown(chance)
    want = expected(floor, teams, gone)
    assert len({tuple(each) for each in want}) > 3
    for name in ("recording", "floor_more"):
        text = bare((ALERTS / "rules" / f"{name}.yml").read_text(encoding="utf-8"))
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    expr = 'count by (team, severity) (ALERTS{alertname="OccupancyHigh",alertstate="firing"})'
    test = {
        "interval": f"{SECONDS}s",
        "input_series": [{"series": name, "values": values} for name, values in series(floor, teams, gone).items()],
        "promql_expr_test": [
            {
                "expr": expr,
                "eval_time": f"{look * SECONDS}s",
                "exp_samples": [{"labels": labels, "value": 1} for labels in each],
            }
            for look, each in enumerate(want)
        ],
    }
    text = yaml.safe_dump(
        {
            "rule_files": ["recording.yml", "floor_more.yml"],
            "evaluation_interval": f"{SECONDS}s",
            "group_eval_order": ["recording-windows", "floor-teams-state", "floor-more"],
            "tests": [test],
        },
        width=10**9,
    )
    (tmp_path / "teams.yml").write_text(text, encoding="utf-8")
    succeeds(PROMTOOL, "test", "rules", tmp_path / "teams.yml")
