"""Every Prometheus metric this project serves: name, kind, labels, help, and who serves it.

One list, pure data, in files by who serves it. The board's collector, the worker's counters, `docs/metrics.md`,
the dashboards and the alert rules all read names from here, so a name that is not in this list does not exist.

`served_by` says on which page a family stands: `board_live` is the board's `/metrics/live` (few series, scraped every
second), `board` its `/metrics`; `worker`, `alerts` and `relay` are the `/metrics` of these processes. A family stands
on one page of a process only.
"""

from __future__ import annotations

from kpi.catalogue_alerts import ALERTS
from kpi.catalogue_exporter import EXPORTER
from kpi.catalogue_floor import FLOOR
from kpi.catalogue_limits import LIMITS
from kpi.catalogue_worker import WORKER
from kpi.metric_family import MetricDef, Page

CATALOGUE: tuple[MetricDef, ...] = (*FLOOR, *LIMITS, *WORKER, *ALERTS, *EXPORTER)

BY_NAME: dict[str, MetricDef] = {metric.name: metric for metric in CATALOGUE}


def served_by(page: Page) -> tuple[MetricDef, ...]:
    """The families that stand on `page`, in the order of the catalogue."""
    return tuple(metric for metric in CATALOGUE if page in metric.served_by)
