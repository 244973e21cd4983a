"""What the stream tells of alerts and of quiet: made anew only when something is other than before.

Numbers that the page has anyway (who waits, for how long) are not told, or every event would bring all alerts again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from board.alerts import Alert
from board.alerts_watch import Alerts, Delivery
from board.quiet import Quiets
from kpi.floor import Floor
from kpi.quiet import Quiet

# The worst of them: nobody reads more, and a page asks for the rest.
MOST_TOLD = 200
QUIET_AHEAD_MS = 24 * 3_600_000
# The page has these in its cards, current to the second.
IN_CARDS = frozenset(
    {
        "longest_wait_seconds", "waiting", "unattended_contacts", "closed_wait_seconds", "ready_agents",
        "service_level_ratio", "abandonment_ratio", "overdue_contacts",
    }
)  # fmt: skip
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class ToldAlerts:
    """JSON for the stream, `on_tv` without any name or word of people. `changed`: the tick at which it last did."""

    json: bytes = b"null"
    on_tv: bytes = b"null"
    changed: int = 0


class AlertsTeller:
    """Makes what is told of `alerts` and `quiets`."""

    def __init__(self, alerts: Alerts, quiets: Quiets) -> None:
        self._alerts, self._quiets = alerts, quiets
        self._as_of: tuple[object, ...] = ()
        self._latest = ToldAlerts()

    def told(self, floor: Floor, now_ms: int, tick: int) -> ToldAlerts:
        """What is true at `now_ms` (the log's clock) and tick `tick`; what is quiet soon is told ahead."""
        coming = self._quiets.coming(floor, now_ms, QUIET_AHEAD_MS)
        as_of = self._alerts.changed, self._alerts.delivery, coming
        if as_of == self._as_of:
            return self._latest
        self._as_of = as_of
        json, on_tv = (
            _encode(_body(self._alerts.latest, self._alerts.delivery, coming, is_tv=is_tv)) for is_tv in (False, True)
        )
        if (json, on_tv) != (self._latest.json, self._latest.on_tv):
            self._latest = ToldAlerts(json, on_tv, tick)
        return self._latest


def _body(alerts: Iterable[Alert], delivery: Delivery, coming: tuple[Quiet, ...], *, is_tv: bool) -> dict[str, Any]:
    loud = [each for each in alerts if each.is_told]
    return {
        "total": len(loud),
        "alerts": [_alert(each, is_tv=is_tv) for each in loud[:MOST_TOLD]],
        "delivery": {"configured": delivery.configured, "reachable": delivery.reachable, "why": delivery.why},
        "engine": {"known": delivery.engine_known, "alive": delivery.engine_alive},
        "quiet": [_quiet(each, is_tv=is_tv) for each in coming],
    }


def _alert(alert: Alert, *, is_tv: bool) -> dict[str, Any]:
    taken = alert.acknowledged
    return {
        "id": alert.id,
        "rule": alert.rule,
        "severity": alert.severity,
        "queue": alert.queue,
        "channel": alert.channel,
        "group": alert.group,
        "phase": alert.phase,
        "since_ms": alert.since_ms,
        "measure": alert.measure,
        "value": None if alert.measure in IN_CARDS or alert.value is None else round(alert.value, 2),
        "threshold": alert.threshold,
        # Of what is known by its rule the page makes the words; a text of numbers would be another one every second.
        "summary": {} if alert.measure or is_tv else alert.summary,
        "acknowledged": taken and ({"until_ms": taken.until_ms} if is_tv else taken),
    }


def _quiet(quiet: Quiet, *, is_tv: bool) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(quiet)
    return {**found, "reason": "", "author": ""} if is_tv else found
