"""Calls of Alertmanager for the relay's tests, as its webhook sends them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from alerts.relay.notice import Alert, Notice

T0 = 1_795_000_000_000
LONG = "等" * 4_000


def alert(
    queue: str = "support",
    severity: str = "critical",
    *,
    status: str = "firing",
    incident: str | None = None,
    started: str = "2026-11-20T10:00:00.000Z",
    ended: str = "2026-11-20T10:04:00.000Z",
    **annotations: str,
) -> Alert:
    labels = {"alertname": "QueueLongestWaitHigh", "severity": severity, "queue": queue, "channel": "voice"}
    if incident is not None:
        labels["incident"] = incident
    texts = {"summary": f"{queue}: 14 waiting, longest 4:05", "description": "Now: 14 waiting\nDo first: ask for help"}
    return Alert(
        status=status,
        labels=labels,
        annotations={**texts, **annotations},
        starts_at=started,
        ends_at=ended if status == "resolved" else "0001-01-01T00:00:00Z",
        fingerprint=f"{queue}-{severity}",
    )


def notice(alerts: Iterable[Alert], group: str = "g1", truncated: int = 0) -> Notice:
    return Notice("4", group, list(alerts), truncated)


def body(alerts: Sequence[Alert], group: str = "g1", truncated: int = 0, **other: Any) -> dict[str, Any]:
    """The whole JSON, with all the fields that Alertmanager puts into it."""
    return {
        "version": "4",
        "groupKey": group,
        "truncatedAlerts": truncated,
        "status": "firing",
        "receiver": "floor",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "alerts": [
            {
                "status": one.status,
                "labels": one.labels,
                "annotations": one.annotations,
                "startsAt": one.starts_at,
                "endsAt": one.ends_at,
                "generatorURL": "http://prometheus:9090/graph",
                "fingerprint": one.fingerprint,
            }
            for one in alerts
        ],
        **other,
    }
