"""A back-test as JSON values: what `floorpulse backtest --json` prints."""

from __future__ import annotations

from typing import Any

from floorpulse.backtest.comparison import Compared
from floorpulse.backtest.incidents import Incident, incidents_of
from floorpulse.backtest.outcome import Alert, Outcome
from kpi.instants import format_time


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """The alerts, how many a day, the incidents that the fast ones make, and what was looked at."""
    return {
        "alerts": [alert_json(alert) for alert in outcome.alerts],
        "per_day": outcome.per_day(len(outcome.alerts)),
        "span": {
            "from": format_time(outcome.from_ms),
            "to": format_time(outcome.to_ms),
            "days": round(outcome.days, 4),
        },
        "incidents": [_incident_json(incident) for incident in incidents_of(outcome.alerts, outcome.floor)],
        "events": outcome.events,
        "on_before": outcome.on_before,
        "left_out": list(outcome.left_out),
    }


def _incident_json(incident: Incident) -> dict[str, Any]:
    queues = dict.fromkeys((alert.queue, alert.channel) for alert in incident.alerts)
    return {
        "id": incident.id,
        "from": format_time(incident.from_ms),
        "to": None if incident.to_ms is None else format_time(incident.to_ms),
        "alerts": len(incident.alerts),
        "queues": [{"queue": queue, "channel": channel} for queue, channel in queues],
    }


def alert_json(alert: Alert) -> dict[str, Any]:
    """One alert; times in RFC 3339, UTC, with milliseconds; `to` is null of one that is still on at the end.

    `from` is when it was true first, `fired` when people would have been told. That of a team is of no queue and no
    channel, and names the `team`.
    """
    of_queue = {"queue": alert.queue, "channel": alert.channel}
    return {
        "rule": alert.rule,
        "severity": alert.severity,
        **(of_queue if alert.team is None else {"queue": None, "channel": None, "team": alert.team}),
        "from": format_time(alert.from_ms),
        "fired": format_time(alert.fired_ms),
        "to": None if alert.to_ms is None else format_time(alert.to_ms),
        "peak": alert.peak,
    }


def compared_json(found: Compared, after: Outcome) -> dict[str, Any]:
    """The difference; the alerts of the other rules are in `only_after` and, beside ours, in `both`."""
    return {
        "only_before": [alert_json(alert) for alert in found.only_before],
        "only_after": [alert_json(alert) for alert in found.only_after],
        "both": [{"before": alert_json(before), "after": alert_json(other)} for before, other in found.both],
        "per_day": after.per_day(len(after.alerts)),
    }
