"""The shapes that every measure has: a ratio with what it was made of, a distribution, a mean."""

from typing import Any

from kpi.ordered import Histogram, Ordered

Measures = dict[str, Any]
Ratio = dict[str, int | float | None]


def ratio(numerator: int, denominator: int) -> Ratio:
    """Numerator and denominator with their quotient, None when the denominator is 0."""
    value = numerator / denominator if denominator else None
    return {"numerator": numerator, "denominator": denominator, "value": value}


def distribution(values: Ordered, sum_ms: int) -> Measures:
    """count, sum and mean in seconds (from ms, so exact), nearest-rank p50, p90, p95 and max in whole seconds."""
    n = values.count
    p50, p90, p95, largest = values.nearest_ranks(50, 90, 95, 100)
    return {
        "count": n, "sum": sum_ms / 1000 if n else 0, "mean": sum_ms / n / 1000 if n else None,
        "p50": p50, "p90": p90, "p95": p95, "max": largest,
    }  # fmt: skip


def distribution_of(histogram: Histogram | None, sum_ms: int) -> Measures:
    """`distribution` of a histogram; that of nothing is made without sorting."""
    if histogram:
        return distribution(Ordered(histogram), sum_ms)
    return {"count": 0, "sum": 0, "mean": None, "p50": None, "p90": None, "p95": None, "max": None}


def mean_of(count: int, sum_ms: int) -> Measures:
    """count, sum and mean in seconds, where single lengths are not kept; the mean of none is None."""
    return {"count": count, "sum": seconds(sum_ms), "mean": sum_ms / count / 1000 if count else None}


def seconds(ms: int) -> float:
    """A sum of milliseconds in seconds."""
    return ms / 1000 if ms else 0
