"""Alerts of a back-test -> incidents, named as the alert engine names them: one incident, one message with its list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from alerts.incidents import STAYS_OPEN_MS, Member, Place, incident_for
from alerts.rulebook import BY_NAME
from floorpulse.backtest.outcome import Alert
from kpi.floor import Floor


@dataclass(slots=True)
class Incident:
    """Alerts that people are told of together, in the order in which they fired."""

    id: str
    alerts: list[Alert] = field(default_factory=list)

    @property
    def from_ms(self) -> int:
        """The earliest start."""
        return min(alert.from_ms for alert in self.alerts)

    @property
    def to_ms(self) -> int | None:
        """The last end; None while any is on."""
        ends = [alert.to_ms for alert in self.alerts]
        known = [at_ms for at_ms in ends if at_ms is not None]
        return max(known) if len(known) == len(ends) else None


def incidents_of(alerts: Iterable[Alert], floor: Floor, stays_open_ms: int = STAYS_OPEN_MS) -> list[Incident]:
    """The incidents of the rules that our own engine watches; Prometheus' alerts are grouped by their names."""
    latest: dict[tuple[str, str, str, str], tuple[str, Alert]] = {}
    found: dict[str, Incident] = {}
    fired = [alert for alert in alerts if BY_NAME[alert.rule].engine == "stream"]
    for alert in sorted(fired, key=lambda each: (each.fired_ms, each.from_ms, each.rule, each.severity, each.queue)):
        open_: dict[str, list[Member]] = {}
        for name, other in latest.values():
            if other.to_ms is None or alert.fired_ms - other.to_ms <= stays_open_ms:
                open_.setdefault(name, []).append(Member(_place(other, floor), other.from_ms))
        name = incident_for(_place(alert, floor), alert.from_ms, open_)
        found.setdefault(name, Incident(name)).alerts.append(alert)
        latest[alert.rule, alert.severity, alert.queue, alert.channel] = name, alert
    return list(found.values())


def _place(alert: Alert, floor: Floor) -> Place:
    config = floor.queue(alert.queue, alert.channel)
    return Place(alert.queue, alert.channel, config.group, config.entry_point, config.source)
