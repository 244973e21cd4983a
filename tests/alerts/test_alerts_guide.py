"""docs/alerts.md says what is true: its table is that of the rules, its receivers are ones that Alertmanager takes."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.rulebook import RULES
from alerts.text import build_templates
from kpi.alerting import ALSO, BY_MEASURE
from kpi.floor import parse_floor
from tests.data_sets import ROOT

GUIDE = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:]
    for line in GUIDE.splitlines()
    if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 7 and cells[0][:1].isupper()
}
NUMBERS = re.compile(r"\d+(?:\.\d+)?")


def blocks(language: str) -> list[str]:
    return [block.split("```")[0] for block in GUIDE.split(f"```{language}\n")[1:]]


def test_the_table_has_every_rule_once_and_in_order() -> None:
    assert list(ROWS) == [rule.name for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_row_says_measure_direction_times_minimum_and_whether_it_is_on(rule: Any) -> None:
    measure, direction, limits, times, minimum, is_on = ROWS[rule.name]
    judged = BY_MEASURE[rule.measure]
    assert measure.startswith(f"`{rule.measure}`")
    assert direction == ("<" if rule.low_is_bad else "≥")
    assert times == f"{judged.behaviour.for_seconds} / {judged.behaviour.keep_seconds}"
    assert int(minimum) == judged.behaviour.minimum
    assert is_on == ("yes" if judged.is_on else "no")
    assert limits.startswith("[") is not judged.is_on


@pytest.mark.parametrize("channel", ["voice", "chat"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_limits_of_a_row_are_those_in_force(rule: Any, channel: str) -> None:
    written = [float(number) for number in NUMBERS.findall(ROWS[rule.name][2])]
    floor = parse_floor(f"[defaults.thresholds]\n{rule.measure} = true\n")
    config = floor.queue("any", channel)
    limits = {**config.thresholds, **{key: level.enter for key, level in floor.team_limits.items()}}
    found = [limits.get((rule.measure, severity)) for severity in ("warning", "critical")]
    if rule.measure == "longest_wait_seconds":
        assert written == [60, 180, 90, 300]
        written = written[2:] if channel == "chat" else written[:2]
    values = [value for value in found if value is not None]
    if rule.measure == "service_level_ratio":
        values = [value / (config.target_percent / 100) for value in values]
    elif rule.measure == "answer_speed_seconds":
        values = [value / config.target_seconds for value in values]
    elif "%" in ROWS[rule.name][2]:
        values = [value * 100 for value in values]
    assert [round(value, 6) for value in values] == written


def test_every_rule_of_the_pipeline_that_is_off_is_named() -> None:
    assert [name for name in ALSO if name not in GUIDE] == []


def test_what_the_guide_shows_of_floor_toml_is_read() -> None:
    for block in blocks("toml"):
        parse_floor(block + '\n[queue.any]\ngroup = "After-sales"\n' if "After-sales" in block else block)


def test_the_receivers_use_templates_that_there_are() -> None:
    made = "".join(build_templates.files().values())
    named = {part.split('"')[0] for part in GUIDE.split('template "')[1:]}
    assert named
    assert [name for name in sorted(named) if f'define "{name}"' not in made] == []


@pytest.mark.observability
def test_alertmanager_takes_the_receivers_of_the_guide(tmp_path: Path) -> None:
    receivers = [each for block in blocks("yaml") for each in yaml.safe_load(block)["receivers"]]
    assert {each["name"] for each in receivers} == {
        "floor-slack", "on-call", "floor-mail", "floor-teams", "floor-wecom",
    }  # fmt: skip
    # Debian's 0.25 does not know Teams yet.
    known = [each for each in receivers if each["name"] != "floor-teams"]
    config = {
        "route": {"receiver": "on-call"},
        "receivers": known,
        "templates": [str(ROOT / "alerts" / "templates" / "*.tmpl")],
    }
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [os.environ.get("AMTOOL", "amtool"), "check-config", str(tmp_path / "alertmanager.yml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
