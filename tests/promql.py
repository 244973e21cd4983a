"""What a PromQL expression asks for, to compare with the catalogue of metrics."""

from dataclasses import dataclass

import promql_parser as promql

from kpi.catalogue import BY_NAME

# Prometheus's own series that rules may ask for.
BUILT_IN = {"ALERTS_FOR_STATE", "ALERTS", "up"}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}


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
    """What the expression asks for that the catalogue does not have: metrics, labels of a metric."""
    wrong = []
    found = asked(expr)
    for name, labels in found.metrics:
        if name in BUILT_IN:
            continue
        family = family_of(name)
        if family is None:
            wrong.append(f"metric {name}")
        else:
            wrong += [f"label {label} of {name}" for label in sorted(labels - set(BY_NAME[family].labels))]
    known = {label for name, _ in found.metrics if (family := family_of(name)) for label in BY_NAME[family].labels}
    wrong += [f"label {label}" for label in sorted(found.grouped_by - known)]
    return wrong


def family_of(series: str) -> str | None:
    """The catalogue's name of the family a series belongs to."""
    if series in BY_NAME:
        return series
    for metric in BY_NAME.values():
        if series in {metric.name + suffix for suffix in SUFFIXES.get(metric.kind, ())}:
            return metric.name
    return None
