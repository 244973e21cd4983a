"""The dead man's switch: speaks when what should always come does not come any more.

Alertmanager posts the always-firing alerts (`Watchdog` of Prometheus, `StreamWatchdog` of the alert engine) to it again
and again. It runs on another machine, knows nothing of the rest and needs nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from alerts.relay.notice import Alert, Notice
from kpi.instants import format_time, parse_time

ALERTNAME = "NothingComesAnyMore"
AGAIN_MS = 300_000


@dataclass(slots=True)
class DeadMan:
    """Which of the expected alerts are silent. `timeout_ms`: for how long one may be; times in ms of one clock.

    What never came counts from the start: a chain that is dead when this begins is found out too.
    `runbook`: the address of the runbook, "" for none.
    """

    expected: Sequence[str]
    timeout_ms: int
    started_ms: int
    runbook: str = ""
    seen: dict[str, int] = field(default_factory=dict)
    silent: dict[str, int] = field(default_factory=dict)
    said_ms: int = 0

    def take(self, notice: Notice, now_ms: int) -> list[str]:
        """The expected alerts that this call proves alive."""
        alive = [
            name
            for name in self.expected
            if any(not alert.is_over and alert.labels.get("alertname") == name for alert in notice.alerts)
        ]
        self.seen |= dict.fromkeys(alive, now_ms)
        return alive

    def due(self, now_ms: int) -> Notice | None:
        """What has to be said now, None for nothing; ask again until it is `said`."""
        silent = {name: last for name in self.expected if now_ms - (last := self._last(name)) > self.timeout_ms}
        back = [name for name in self.silent if name not in silent]
        if not back and not (set(silent) - set(self.silent)) and (not silent or now_ms - self.said_ms < AGAIN_MS):
            return None
        firing = [_alert(name, last, now_ms, None, self.runbook) for name, last in silent.items()]
        over = [_alert(name, self.silent[name], now_ms, self._last(name), self.runbook) for name in back]
        return Notice("4", f"deadman:{format_time(now_ms)}", [*firing, *over])

    def said(self, notice: Notice, now_ms: int) -> None:
        """People know of it."""
        # As it was told: it may have come again while the message was on its way.
        self.silent = {
            alert.labels["missing"]: parse_time(alert.starts_at) for alert in notice.alerts if not alert.is_over
        }
        self.said_ms = now_ms

    def _last(self, name: str) -> int:
        return self.seen.get(name, self.started_ms)


def webhook_body(notice: Notice) -> dict[str, Any]:
    """The notice as Alertmanager itself would post it, for whoever understands its webhooks."""
    status = "firing" if any(not alert.is_over for alert in notice.alerts) else "resolved"
    alerts = [
        {
            "status": alert.status,
            "labels": alert.labels,
            "annotations": alert.annotations,
            "startsAt": alert.starts_at,
            "endsAt": alert.ends_at,
            "generatorURL": "",
            "fingerprint": alert.fingerprint,
        }
        for alert in notice.alerts
    ]
    common = {"alertname": ALERTNAME, "severity": "critical", "audience": "platform"}
    return {
        "version": notice.version,
        "groupKey": notice.group_key,
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "deadman",
        "groupLabels": {"alertname": ALERTNAME},
        "commonLabels": common,
        "commonAnnotations": {},
        "externalURL": "",
        "alerts": alerts,
    }


def _alert(name: str, last_ms: int, now_ms: int, back_ms: int | None, runbook: str) -> Alert:
    """`last_ms`: the last that was heard of it; `back_ms`: when it came again, None while it does not."""
    source = {"Watchdog": "Prometheus", "StreamWatchdog": "the alert engine"}.get(name, name)
    seconds = (now_ms - last_ms) // 1000
    labels = {"alertname": ALERTNAME, "severity": "critical", "audience": "platform", "missing": name}
    if back_ms is not None:
        summary = f"{name} comes again: alerts of {source} arrive"
        summary_cn, summary_tw = f"{name} 已恢复，{source} 的告警可以送达", f"{name} 已恢復，{source} 的告警可以送達"
    else:
        summary = f"No {name} for {seconds} s: alerts of {source} do not arrive"
        summary_cn = f"{seconds} 秒没有收到 {name}：{source} 的告警无法送达"
        summary_tw = f"{seconds} 秒沒有收到 {name}：{source} 的告警無法送達"
    description = (
        "What: the alert that always fires has stopped coming, so no other alert of its source would come either.\n"
        f"Since: {format_time(last_ms)}\n"
        "Do first: look at the floor with your own eyes, then at Alertmanager, Prometheus and the alert engine, and at "
        "the network between them and here."
    )
    links = {"runbook_url": f"{runbook}#{name.lower()}"} if runbook else {}
    return Alert(
        status="firing" if back_ms is None else "resolved",
        labels=labels,
        annotations={
            "summary": summary,
            "summary_zh_cn": summary_cn,
            "summary_zh_tw": summary_tw,
            "description": description,
            **links,
        },
        starts_at=format_time(last_ms),
        ends_at=format_time(back_ms) if back_ms is not None else "0001-01-01T00:00:00Z",
        fingerprint=f"deadman-{name}",
    )
