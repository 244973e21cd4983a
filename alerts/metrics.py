"""What the engine says of itself, for Prometheus. Names, labels and help come from the catalogue."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from alerts.alertmanager import Told
from alerts.notices import Notice
from alerts.rulebook import STREAM_RULES
from alerts.snapshots import BROKEN
from kpi.alert_state import Held
from kpi.catalogue import served_by
from kpi.label_names import OVERFLOW, label_name
from kpi.metric_family import MetricDef

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Series of alerts that fire; what is beyond stands together under one name.
MOST_FIRING = 2_000


class AlertMetrics:
    """Every family the catalogue gives to the engine; what an alert may watch stands at 0 from the start."""

    def __init__(self, revision: str = "unknown") -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._families: dict[str, Any] = {metric.name: self._family(metric) for metric in served_by("alerts")}
        self._counted: dict[tuple[str, str], int] = {}
        self["cc_build_info"].labels(version("floorpulse"), revision, platform.python_version()).set(1)
        self["cc_alert_leader"].set(0)
        for rule in STREAM_RULES:
            self["cc_alert_evaluations_total"].labels(rule.name)
            self["cc_alert_evaluation_failures_total"].labels(rule.name)
        self["cc_alert_evaluation_failures_total"].labels(BROKEN)

    def __getitem__(self, name: str) -> Any:
        return self._families[name]

    def _family(self, metric: MetricDef) -> Any:
        if metric.kind == "histogram":
            return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=self._registry)
        kind = Counter if metric.kind == "counter" else Gauge
        return kind(metric.name, metric.help, metric.labels, registry=self._registry)

    def expect(self, alertmanager: str) -> None:
        """There is this Alertmanager: its posts are counted from 0."""
        for result in ("ok", "error"):
            self["cc_alert_posts_total"].labels(alertmanager, result)

    def posted(self, alertmanager: str, told: Told, wall_ms: int, *, on_guard: bool = True) -> None:
        """A call came back. One that was taken is a sign of life, if the engine was `on_guard`: it saw the queues."""
        is_ok = not told.error and not told.refused
        self["cc_alert_posts_total"].labels(alertmanager, "ok" if is_ok else "error").inc()
        # Prometheus speaks for an engine that posts nothing: it has to for one that keeps posting and sees nothing.
        if told.taken and on_guard:
            self["cc_alert_last_post_timestamp_seconds"].labels(alertmanager).set(wall_ms / 1000)

    def delivered(self, notices: Iterable[Notice], wall_ms: int) -> None:
        """An Alertmanager took what it was told for the first time."""
        for notice in notices:
            if notice.told_of_ms:
                self["cc_alert_delay_seconds"].observe(max(0, wall_ms - notice.told_of_ms) / 1000)

    def leads(self, is_leader: bool) -> None:
        """Whether this engine is the one that evaluates."""
        self["cc_alert_leader"].set(int(is_leader))

    def counted(self, looks: Mapping[str, int], failures: Mapping[str, int]) -> None:
        """How often each rule was evaluated and failed, in all."""
        for name, counts in (
            ("cc_alert_evaluations_total", looks),
            ("cc_alert_evaluation_failures_total", failures),
        ):
            for rule, n in counts.items():
                more = n - self._counted.get((name, rule), 0)
                if more:
                    self._counted[name, rule] = n
                    self[name].labels(rule).inc(more)

    def firing(self, helds: Iterable[Held]) -> None:
        """The alerts that fire now; those that ended are no series any more."""
        gauge = self["cc_alert_firing"]
        gauge.clear()
        for count, held in enumerate(helds):
            queue = label_name(held.queue) if count < MOST_FIRING else OVERFLOW
            gauge.labels(held.rule, queue, held.channel, held.severity).set(1)

    def page(self) -> bytes:
        """The page as Prometheus reads it."""
        return generate_latest(self._registry)
