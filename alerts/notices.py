"""What Alertmanager is told of an alert: its labels, which are its identity, its span, and its texts. Pure.

Two alerts with the same labels are one alert to Alertmanager, so nothing that changes while it fires is a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kpi.alert_state import Held
from kpi.instants import format_time
from kpi.keys import LIVE
from kpi.label_names import label_name

# Alertmanager ends by itself what it does not hear of for so long; an engine that restarts is back long before.
LASTS_MS = 300_000
WATCHDOG_LASTS_MS = 30_000
# What ended is told again for so long, for an Alertmanager that was away.
RETELL_MS = 300_000
FLOOR = "floor"
SOURCE = "stream"
INCIDENT = "incident"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert as it is told. `ended_ms`: None while it goes on; all times wall clock but `starts_ms`, the true start.

    `told_of_ms`: the instant of the snapshot that it began or ended with, to measure the delay; 0: not measured.
    """

    labels: Labels
    annotations: Mapping[str, str]
    starts_ms: int
    ended_ms: int | None = None
    lasts_ms: int = LASTS_MS
    told_of_ms: int = 0

    def posted(self, wall_ms: int) -> dict[str, Any]:
        """What is posted at `wall_ms`: it is to last until a while from now, or over since its end."""
        # An end that is ahead, by a clock that was put back, would be no end to Alertmanager.
        ends_ms = wall_ms + self.lasts_ms if self.ended_ms is None else min(self.ended_ms, wall_ms)
        found: dict[str, Any] = {
            "labels": dict(self.labels),
            "annotations": {name: text for name, text in self.annotations.items() if text},
            # An end before the start is refused, and clocks of two machines differ.
            "startsAt": format_time(max(0, min(self.starts_ms, ends_ms - 1))),
            "endsAt": format_time(ends_ms),
        }
        link = self.annotations.get("dashboard_url", "")
        if link.startswith(("http://", "https://")):
            found["generatorURL"] = link
        return found


def notice_of(held: Held, namespace: str, *, is_new: bool = False) -> Notice:
    """The notice of an alert that fires, or that ended. `is_new`: its delay is worth measuring."""
    return Notice(
        labels_of(held, namespace),
        held.annotations,
        held.since_ms,
        None if held.is_active else held.ended_ms,
        told_of_ms=held.looked_ms if is_new and namespace == LIVE else 0,
    )


def labels_of(held: Held, namespace: str) -> Labels:
    """The labels of an alert, in the order of their names; the values as Prometheus' own metrics have them."""
    labels = {
        "alertname": held.rule,
        "severity": held.severity,
        "audience": FLOOR,
        "source": SOURCE,
        "queue": label_name(held.queue),
        "channel": label_name(held.channel),
        "group": label_name(held.group),
        INCIDENT: label_name(held.incident),
        "namespace": "" if namespace == LIVE else namespace,
    }
    return tuple(sorted((name, value) for name, value in labels.items() if value))


def watchdog(started_ms: int) -> Notice:
    """The alert that always fires: when it stops coming, nobody is on guard any more."""
    labels = {"alertname": "StreamWatchdog", "severity": "none", "audience": "deadman", "source": SOURCE}
    texts = {
        "summary": "The alert engine is on guard",
        "description": "Always on. When it stops coming, nothing that the floor's alert engine says arrives any more.",
    }
    return Notice(tuple(sorted(labels.items())), texts, started_ms, lasts_ms=WATCHDOG_LASTS_MS)
