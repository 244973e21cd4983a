"""What a PromQL expression asks for, to compare with the catalogue of metrics."""

from dataclasses import dataclass

import promql_parser as promql
import yaml

from kpi.catalogue import BY_NAME
from tests.data_sets import ROOT

# Prometheus's own series that rules may ask for.
BUILT_IN = {"ALERTS_FOR_STATE", "ALERTS", "up", "alertmanager_notifications_failed_total"}
# Labels of those, and one that a rule makes of another (label_replace).
OTHER_LABELS = {"integration", "system", "alertname"}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}
RECORDING = ROOT / "alerts" / "rules" / "recording.yml"
LEVELS = {
    "queue_channel": {"queue", "channel"},
    "queue_channel_severity_measure": {"queue", "channel", "severity", "measure", "group", "at"},
    "team": {"team"},
    "team_severity": {"team", "severity"},
}


@dataclass(frozen=True)
class Asked:
    """The metrics of an expression with the labels of their matchers, and the labels it groups by."""

    metrics: tuple[tuple[str, frozenset[str]], ...]
    grouped_by: frozenset[str]


def asked(expr: str) -> Asked:
    """Read an expression; ValueError when it is no PromQL."""
    metrics: list[tuple[str, frozenset[str]]] = []
    labels: set[str] = set()

    def visit(node: promql.Expr) -> bool:
        if isinstance(node, promql.VectorSelector):
            name = node.name or ""
            metrics.append((name, frozenset(matcher.name for matcher in node.matchers.matchers)))
        if isinstance(node, promql.AggregateExpr) and node.modifier is not None:
            labels.update(node.modifier.labels)
        return True

    promql.walk(promql.parse(expr), visit)
    return Asked(tuple(metrics), frozenset(labels))


def unknown(expr: str) -> list[str]:
    """What the expression asks for that neither catalogue nor recording rules have: metrics, labels of a metric."""
    wrong = []
    found = asked(expr)
    known: set[str] = set(OTHER_LABELS)
    for name, labels in found.metrics:
        if name in BUILT_IN:
            continue
        has = labels_of(name)
        if has is None:
            wrong.append(f"metric {name}")
        else:
            known |= has
            wrong += [f"label {label} of {name}" for label in sorted(labels - has)]
    wrong += [f"label {label}" for label in sorted(found.grouped_by - known)]
    return wrong


def labels_of(series: str) -> frozenset[str] | None:
    """The labels that a series of the catalogue or of a recording rule has; None when there is no such series."""
    family = family_of(series)
    if family is None:
        return RECORDED.get(series)
    of_bucket = ("le",) if series == f"{family}_bucket" else ()
    return frozenset((*BY_NAME[family].labels, *of_bucket))


def family_of(series: str) -> str | None:
    """The catalogue's name of the family a series belongs to."""
    if series in BY_NAME:
        return series
    for metric in BY_NAME.values():
        if series in {metric.name + suffix for suffix in SUFFIXES.get(metric.kind, ())}:
            return metric.name
    return None


def recorded() -> dict[str, frozenset[str]]:
    """The labels of every series that the recording rules make: those of its level, or of what it is summed up by."""
    found = {}
    paths = sorted(RECORDING.parent.glob("*.yml"))
    for group in (group for path in paths for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]):
        for rule in (rule for rule in group["rules"] if "record" in rule):
            level = rule["record"].partition(":")[0]
            outermost = promql.parse(rule["expr"])
            by = outermost.modifier.labels if isinstance(outermost, promql.AggregateExpr) and outermost.modifier else ()
            found[rule["record"]] = frozenset(LEVELS.get(level, set()) | set(by))
    return found


RECORDED = recorded()
