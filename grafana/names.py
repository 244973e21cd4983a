"""The names that dashboards may ask for: the catalogue's, the recorded ones, and a few of Prometheus's own servers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from kpi.catalogue import BY_NAME

RECORDING = Path(__file__).parent.parent / "alerts" / "rules" / "recording.yml"

# Served by Prometheus and Alertmanager, or put on every series by a scrape; with the labels that are asked for.
FOREIGN: dict[str, frozenset[str]] = {
    "up": frozenset(),
    "ALERTS": frozenset({"alertname", "alertstate", "severity", "audience", "queue", "channel", "reason", "source"}),
    "prometheus_notifications_dropped_total": frozenset(),
    "prometheus_notifications_errors_total": frozenset({"alertmanager"}),
    "prometheus_notifications_sent_total": frozenset({"alertmanager"}),
    "prometheus_rule_evaluation_failures_total": frozenset({"rule_group"}),
    "alertmanager_alerts": frozenset({"state"}),
    "alertmanager_notifications_total": frozenset({"integration"}),
    "alertmanager_notifications_failed_total": frozenset({"integration", "reason"}),
    "alertmanager_notification_latency_seconds": frozenset({"integration", "le"}),
}
# How often workers are scraped (prometheus.yml, cc-workers); the board is scraped more often.
WORKER_SCRAPE = "15s"
TARGET_LABELS = frozenset({"job", "instance"})


@cache
def recorded() -> frozenset[str]:
    """The names of the recording rules."""
    groups = yaml.safe_load(RECORDING.read_text(encoding="utf-8"))["groups"]
    return frozenset(rule["record"] for group in groups for rule in group["rules"])


def known(name: str) -> str:
    """The name itself; KeyError when nobody serves it."""
    if name not in BY_NAME and name not in FOREIGN and name not in recorded():
        raise KeyError(f"metric {name}: not in kpi/catalogue.py, alerts/rules/recording.yml or grafana/names.py")
    return name
