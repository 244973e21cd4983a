"""A simulated span as two engines see it: our policy second by second, and the series that Prometheus would read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from alerts.policy import CALM, State, step
from alerts.rulebook import Limit, limits_of, look_of
from board.config import FloorFile
from board.gauges import collect
from kpi.catalogue import BY_NAME
from kpi.quiet import quiet_at
from sources.simulator import Simulation, default_profile
from tests.alerts.tools import ALERTS, PROMTOOL, bare, run
from tests.memory_floor import MemoryFloor

#: (alertname, queue, channel, severity)
Alert = tuple[str, str, str, str]
RULES = ALERTS / "rules" / "floor_now.yml"
ASKED = frozenset(re.findall(r"\bcc_\w+", RULES.read_text(encoding="utf-8").split("- alert:")[0])) & BY_NAME.keys()
_MISSING = "_"
_LABELS = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass
class Span:
    """`fires`: per second of the span the alerts that are on by our policy. `series`: name and labels -> values."""

    seconds: int
    fires: list[frozenset[Alert]] = field(default_factory=list)
    series: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def sample(self, at: int, samples: Mapping[str, Iterable[tuple[tuple[str, ...], float]]], base_ms: int) -> None:
        """What a page says at a second of the span, moments counted from the beginning of the span."""
        for family, rows in samples.items():
            if family not in ASKED:
                continue
            names = BY_NAME[family].labels
            for labels, value in rows:
                shown = value - base_ms / 1000 if family.endswith("_timestamp_seconds") else value
                text = ",".join(f'{name}="{label}"' for name, label in zip(names, labels, strict=True))
                values = self.series[f"{family}{{{text}}}"]
                if len(values) < at:
                    values += ["stale"] * bool(values) + [_MISSING] * (at - len(values) - bool(values))
                values.append(repr(float(shown)))


@dataclass(frozen=True)
class Event:
    """Something done to the simulation at a second of the span."""

    at: int
    do: Callable[[Simulation, int], object]


async def simulate(
    floor_toml: Path, seed: int, start_ms: int, warm: int, seconds: int, events: Iterable[Event]
) -> Span:
    """Run the simulation for `warm` seconds in large steps and then `seconds` in steps of one."""
    config = FloorFile(floor_toml)
    simulation, floor = Simulation(default_profile("busy"), seed, start_ms), MemoryFloor(config)
    for at in range(start_ms, start_ms + warm * 1000, 30_000):
        floor.take(simulation.run_until(at))
        await floor.tick(at)
    base_ms = start_ms + warm * 1000
    span, due = Span(seconds), sorted(events, key=lambda each: each.at)
    states: dict[tuple[str, str, str, str], State] = {}
    limits: dict[tuple[str, str], tuple[Limit, ...]] = {}
    for second in range(seconds):
        now_ms = base_ms + second * 1000
        while due and due[0].at <= second:
            due.pop(0).do(simulation, now_ms)
        floor.take(simulation.run_until(now_ms))
        publication = await floor.tick(now_ms)
        for live in (True, False):
            span.sample(second, collect(publication, now_ms, live=live), base_ms)
        on = set()
        for place, entry in publication.entries.items():
            if place not in limits:
                found = limits_of(entry.config)
                limits[place] = tuple(limit for limit in found if limit.rule.engine == "stream")
            snapshot = entry.snapshot
            quiet = quiet_at(config.floor.quiet, *place, snapshot.group, snapshot.true_at_ms) is not None
            for limit in limits[place]:
                alert = (limit.rule.name, *place, limit.severity)
                state = step(limit, states.get(alert, CALM), look_of(limit, snapshot, quiet=quiet), now_ms).state
                states[alert] = state
                if state.is_on:
                    on.add(alert)
        span.fires.append(frozenset(on))
    return span


def packed(values: list[str], seconds: int) -> str:
    """Values as promtool reads them, repeats together; a series that is gone before the end is stale."""
    values = values if len(values) >= seconds else [*values, "stale"]
    parts: list[str] = []
    at = 0
    while at < len(values):
        end = at
        while end < len(values) and values[end] == values[at]:
            end += 1
        n = end - at
        parts.append(f"_x{n}" if values[at] == _MISSING else values[at] if n == 1 else f"{values[at]}x{n - 1}")
        at = end
    return " ".join(parts)


def by_prometheus(span: Span, folder: Path) -> list[frozenset[Alert]]:
    """Per second of the span the alerts that fire by the rules, as `promtool test rules` works them out.

    Its tests are made to fail on purpose: for a wrong expectation it prints what it found.
    """
    expr = 'ALERTS{alertstate="firing",audience="floor"}'
    test = {
        "interval": "1s",
        "input_series": [
            {"series": name, "values": packed(values, span.seconds)} for name, values in sorted(span.series.items())
        ],
        "promql_expr_test": [
            {"expr": expr, "eval_time": f"{second}s", "exp_samples": []} for second in range(span.seconds)
        ],
    }
    path = folder / "twins.yml"
    order = ["floor-now-state", "floor-now"]
    text = {
        "rule_files": [str(without_texts(folder))],
        "evaluation_interval": "1s",
        "group_eval_order": order,
        "tests": [test],
    }
    path.write_text(yaml.safe_dump(text, width=10**9), encoding="utf-8")
    done = run(PROMTOOL, "test", "rules", path, seconds=900)
    said = done.stdout + done.stderr
    assert "SUCCESS" in said or "got:" in said, said[-2000:]
    fires: list[frozenset[Alert]] = [frozenset()] * span.seconds
    for time, got in re.findall(r", time: (\S+),\s+exp: nil\s+got: (.*)", said):
        fires[seconds_of(time)] = frozenset(
            (labels["alertname"], labels["queue"], labels["channel"], labels["severity"])
            for labels in (
                dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', one)) for one in re.findall(r"\{(.*?)\} 1E\+00", got)
            )
        )
    return fires


def without_texts(folder: Path) -> Path:
    """The rules without their texts, as a file."""
    path = folder / "floor_now.yml"
    path.write_text(bare(RULES.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def seconds_of(text: str) -> int:
    """1h2m3s -> 3723."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([hms])", text))
