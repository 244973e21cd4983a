"""alerts/rules/*.yml, made from the tables in `alerts.prometheus`: `python -m alerts.build`.

With --check nothing is written, and the exit code is 1 when a file is out of date. recording.yml is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from alerts.prometheus.machine import NOW, WINDOWS, Machine, machine_of
from alerts.prometheus.pipeline import FAST, SLOW
from alerts.prometheus.pipeline_rule import PipelineRule
from alerts.prometheus.pipeline_texts import pipeline_annotations
from alerts.prometheus.rule import TWINS, WINDOWED, QueueRule
from alerts.prometheus.teams import TEAM_RULES, TEAMS, team_records
from alerts.prometheus.texts import queue_annotations
from kpi.alerting import BY_MEASURE

FOLDER = Path(__file__).resolve().parent / "rules"
MADE = "# Made by `python -m alerts.build` from alerts/prometheus/*.py; change those.\n"
HEADS = {
    "floor_now.yml": """\
# What our own engine alerts about, for the time in which it is silent: judged by what is true now, every second.
# The limits and how an alert behaves are metrics, made from floor.toml; the series: alerts/prometheus/machine.py.
""",
    "floor_windows.yml": """\
# Alerts for the people on the floor about windows of events, every 5 s. The limits and how an alert behaves are
# metrics, made from floor.toml, so one rule serves every queue and both severities; without limits it is silent.
# $externalLabels.runbook, .dashboard and .board are addresses; prometheus.yml sets them once.
""",
    "floor_more.yml": """\
# The same about windows for which floor.toml has no limits unless somebody writes some; their state stands in
# floor_windows.yml. That of the rule about teams stands here.
""",
    "platform.yml": """\
# Alerts about Floorpulse itself: numbers that are too old or that nobody serves, workers, Redis, the alert engine.
# While a board is stale the floor alerts say nothing true, so alertmanager.yml holds them back.
""",
    "pipeline.yml": """\
# Alerts about Floorpulse itself over minutes: refused events, messages that do not arrive, and what floor.toml
# switches on.
""",
}


def files() -> dict[str, str]:
    """File name -> text. What is off by default has a file of its own: a file must fit into a thing of Kubernetes."""
    on, more = ([rule for rule in WINDOWED if BY_MEASURE[rule.rule.measure].is_on is is_on] for is_on in (True, False))
    return {
        "floor_now.yml": _file("floor_now.yml", [*_queue_groups(NOW, TWINS, TWINS)]),
        "floor_windows.yml": _file("floor_windows.yml", [*_queue_groups(WINDOWS, WINDOWED, on)]),
        "floor_more.yml": _file(
            "floor_more.yml",
            [
                _group("floor-teams-state", TEAMS.interval, [_record(*each) for each in team_records()]),
                _group("floor-more", WINDOWS.interval, [*map(_queue, more), *map(_pipeline, TEAM_RULES)]),
            ],
        ),
        "platform.yml": _file("platform.yml", [_group("platform", "1s", map(_pipeline, FAST))]),
        "pipeline.yml": _file("pipeline.yml", [_group("pipeline", "15s", map(_pipeline, SLOW))]),
    }


def _file(name: str, groups: Sequence[str]) -> str:
    return MADE + HEADS[name] + "groups:\n" + "\n".join(groups)


def _queue_groups(machine: Machine, rules: Iterable[QueueRule], told: Iterable[QueueRule]) -> Iterator[str]:
    """The state of the rules, and in a group of its own what is said of some, which costs more and may take longer."""
    state = [_record(*machine.known_rule()), *(_record(*machine.past_of(rule)) for rule in rules)]
    state += [_record(*each) for each in machine.records()]
    yield _group(f"floor-{machine.kind}-state", machine.interval, state)
    yield _group(f"floor-{machine.kind}", machine.interval, map(_queue, told))


def _group(name: str, interval: str, rules: Iterable[str]) -> str:
    return f"  - name: {name}\n    interval: {interval}\n    rules:\n" + "\n".join(rules)


def _record(record: str, expr: str, measure: str = "") -> str:
    labels = f"        labels: {{measure: {measure}}}\n" if measure else ""
    return f"      - record: {record}\n        expr: {_text(expr, 10)}{labels}"


def _queue(rule: QueueRule) -> str:
    labels = {"audience": "floor", "source": "prometheus"}
    return _alert(rule.rule.name, machine_of(rule).alert_expr(rule), {}, labels, queue_annotations(rule))


def _pipeline(rule: PipelineRule) -> str:
    times = {"for": rule.hold, "keep_firing_for": rule.keep}
    labels = {"audience": rule.audience, "source": "prometheus", "severity": rule.severity, **rule.labels}
    return _alert(rule.name, rule.full_expr, times, labels, pipeline_annotations(rule))


def _alert(name: str, expr: str, times: Mapping[str, str], labels: Mapping[str, str], texts: Mapping[str, str]) -> str:
    lines = [f"      - alert: {name}\n        expr: {_text(expr, 10)}"]
    lines += [f"        {key}: {value}\n" for key, value in times.items() if value]
    lines += ["        labels:\n", *(f"          {key}: {value}\n" for key, value in labels.items())]
    lines += ["        annotations:\n", *(f"          {key}: {_text(text, 12)}" for key, text in texts.items())]
    return "".join(lines)


def _text(text: str, indent: int) -> str:
    """A block of YAML that keeps the text as it is."""
    lines = "".join(f"{' ' * indent}{line}\n" for line in text.splitlines())
    return f"|-\n{lines}"


def main(arguments: Sequence[str] = ()) -> int:
    """Write the files, or with --check compare them; the exit code."""
    if list(arguments) not in ([], ["--check"]):
        sys.stderr.write("usage: python -m alerts.build [--check]\n")
        return 2
    old = []
    for name, text in files().items():
        path = FOLDER / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if arguments:
            old.append(name)
        else:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"alerts/rules/{name}\n")
    if old:
        sys.stderr.write(f"out of date: {', '.join(old)}; run python -m alerts.build\n")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
