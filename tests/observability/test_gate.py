"""The freshness gate alone: a board that goes on serving old numbers, as if they were true, is not believed.

In life the board takes its numbers away itself (test_death.py), which would hide a gate that does not work.
"""

import itertools
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from grafana.queries import FRESH_SECONDS
from kpi.backlog import CLOCKS, STATUSES
from kpi.catalogue import BY_NAME, CATALOGUE
from kpi.metric_family import MetricDef
from kpi.staff import LOGGED_IN_STATES
from tests.grafana.boards import put_in, selectors
from tests.observability.shown import KINDS, PANELS
from tests.observability.stack import PROMTOOL

LIVE = {"floor", "staff", "backlog", "window"}
STAYS = {"cc_queue_state_updated_timestamp_seconds", "cc_queue_info"}
AT = 60
VALUES: dict[str, tuple[str, ...]] = {
    "queue": ("first", "second"),
    "team": ("front",),
    "window": ("5m", "30m"),
    "severity": ("warning", "critical"),
    "phase": ("talk", "hold", "wrapup"),
    "multiple": ("1", "2", "4"),
    "clock": CLOCKS,
    "driver": ("volume",),
    "reason": ("timeout",),
    "display_name": ("First",),
    "group": ("",),
    "language": ("en",),
    "measure": ("waiting",),
}
STATES = {"floor": ("overdue", "idle"), "staff": LOGGED_IN_STATES, "backlog": STATUSES}


def series_of(metric: MetricDef) -> list[str]:
    """Some series of a metric, with every value of its labels that panels ask for."""
    choices = [
        {"channel": ("voice", "chat"), "state": STATES.get(metric.group, ())}.get(label) or VALUES[label]
        for label in metric.labels
    ]
    found = []
    for values in itertools.product(*choices):
        labels = ",".join(f'{label}="{value}"' for label, value in zip(metric.labels, values, strict=True))
        found.append(f"{metric.name}{{{labels}}}")
    return found


def gated() -> dict[str, list[str]]:
    """Tiles and tables -> those of their queries that ask for live numbers."""
    found: dict[str, list[str]] = {}
    for key, panel in PANELS.items():
        if panel.kind == "timeseries":
            continue
        chosen = {"channel": KINDS[panel.board]} if panel.board in KINDS else {}
        if panel.board == "queue":
            chosen = {"queue": "first", "channel": "voice"}
        for _, expr in panel.queries:
            asked = put_in(expr, **chosen)
            names = {name for name, _ in selectors(asked)}
            if any(name in BY_NAME and BY_NAME[name].group in LIVE and name not in STAYS for name in names):
                found.setdefault(key, []).append(asked)
    return found


def promtool(folder: Path, updated: str, checks: list[dict[str, Any]]) -> str:
    """What promtool says of checks on a floor whose state was last true when `updated` says; empty when all hold."""
    series = [
        {"series": each, "values": updated if metric.name in STAYS and "updated" in metric.name else f"1x{AT * 2}"}
        for metric in CATALOGUE
        if metric.group in LIVE | {"threshold"}
        for each in series_of(metric)
    ]
    test = {"interval": "1s", "input_series": series, "promql_expr_test": checks}
    (folder / "gate.yml").write_text(yaml.safe_dump({"evaluation_interval": "1s", "tests": [test]}), encoding="utf-8")
    done = subprocess.run(
        [PROMTOOL, "test", "rules", "gate.yml"], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[:4000]


def test_numbers_of_a_state_that_stands_still_are_not_shown(tmp_path: Path) -> None:
    old = [{"expr": expr, "eval_time": f"{AT}s", "exp_samples": []} for exprs in gated().values() for expr in exprs]
    assert len(old) > 60
    assert promtool(tmp_path, f"{AT - FRESH_SECONDS}x{AT * 2}", old) == ""


def test_the_same_numbers_are_shown_while_the_state_moves_on(tmp_path: Path) -> None:
    shown = [
        {
            "expr": " + ".join(f"(count({expr}) or vector(0))" for expr in exprs) + " > bool 0",
            "eval_time": f"{AT}s",
            "exp_samples": [{"labels": "{}", "value": 1}],
        }
        for exprs in gated().values()
    ]
    assert promtool(tmp_path, f"{AT - FRESH_SECONDS + 1}x{AT * 2}", shown) == ""


@pytest.mark.parametrize("name", ["cc_queue_contacts_waiting", "cc_agents"])
def test_the_made_up_floor_has_the_labels_of_the_catalogue(name: str) -> None:
    for each in series_of(BY_NAME[name]):
        assert all(f"{label}=" in each for label in BY_NAME[name].labels)
