"""The shape of a metric family, and the labels and bounds that many of them have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["gauge", "counter", "histogram"]
Group = Literal[
    "floor", "staff", "backlog", "window", "doubt", "threshold", "behaviour", "cumulative", "pipeline", "alert",
    "relay", "exporter",
]  # fmt: skip
Page = Literal["board_live", "board", "worker", "alerts", "relay"]

QC = ("queue", "channel")
QCW = ("queue", "channel", "window")
QCM = ("queue", "channel", "measure")
QCMS = ("queue", "channel", "measure", "severity")
TP = ("topic", "partition")

# Bounds lie on the grid that service-level targets use, so that le="20", "30", "60" and "120" are exact.
WAIT_BUCKETS = (5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0)
HANDLE_BUCKETS = (30.0, 60.0, 120.0, 180.0, 240.0, 300.0, 420.0, 600.0, 900.0, 1800.0, 3600.0)
DELAY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
WORK_BUCKETS = (0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.025)
CALL_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@dataclass(frozen=True, slots=True)
class MetricDef:
    """One metric family. `labels` in their fixed order; `buckets` only for histograms, in the unit of the name."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    group: Group
    served_by: tuple[Page, ...]
    buckets: tuple[float, ...] = ()


Row = tuple[str, tuple[str, ...], str]


def families(kind: Kind, group: Group, page: Page, *rows: Row, buckets: tuple[float, ...] = ()) -> list[MetricDef]:
    """Families of one kind, group and page, from (name, labels, help)."""
    return [MetricDef(name, kind, labels, text, group, (page,), buckets) for name, labels, text in rows]
