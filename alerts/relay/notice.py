"""What Alertmanager posts to a webhook (its JSON, version 4), and what tells one post from another."""

from __future__ import annotations

import hashlib
import json

import msgspec

from kpi.instants import parse_time

VERSION = "4"
SEVERITIES = ("critical", "warning", "info")


class BadNoticeError(ValueError):
    """A body that is no webhook call of Alertmanager; the message says what was wanted."""


class Alert(msgspec.Struct, frozen=True, rename="camel"):
    """One alert of a call. Times are RFC 3339 as they came; `fingerprint` is empty in hand-made calls."""

    status: str = "firing"
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    starts_at: str = ""
    ends_at: str = ""
    fingerprint: str = ""

    @property
    def id(self) -> str:
        """What makes it the same alert in the next call: its labels and when it began."""
        return f"{self.fingerprint or _digest(self.labels)}@{self.starts_at}"

    @property
    def is_over(self) -> bool:
        """Whether it is resolved."""
        return self.status == "resolved"

    @property
    def severity(self) -> str:
        """critical, warning, or whatever the label says; empty without one."""
        return self.labels.get("severity", "")

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return SEVERITIES.index(self.severity) if self.severity in SEVERITIES else len(SEVERITIES)

    @property
    def began_ms(self) -> float:
        """When it began; after all others when that cannot be read."""
        try:
            return parse_time(self.starts_at)
        except ValueError:
            return float("inf")

    @property
    def lasted_ms(self) -> int | None:
        """How long it was on; None while it is, or when its times cannot be read."""
        try:
            lasted = parse_time(self.ends_at) - parse_time(self.starts_at)
        except ValueError:
            return None
        return lasted if self.is_over and lasted >= 0 else None


class Notice(msgspec.Struct, frozen=True, rename="camel"):
    """One call: the alerts of one group. `truncated_alerts`: how many more Alertmanager left out."""

    version: str
    group_key: str
    alerts: list[Alert]
    truncated_alerts: int = 0

    @property
    def key(self) -> str:
        """The same for a call and its retry: group, which alerts it says what of, and how many it leaves out."""
        said = sorted((alert.id, alert.status) for alert in self.alerts)
        return _digest([self.group_key, said, self.truncated_alerts])

    def incident_of(self, alert: Alert) -> str:
        """What is told in one card: the incident that the engine names, else the group."""
        return alert.labels.get("incident") or self.group_key


def parse_notice(body: bytes) -> Notice:
    """The call that `body` is. Raises BadNoticeError with one sentence for people."""
    try:
        notice = msgspec.json.decode(body, type=Notice)
    except msgspec.ValidationError as error:
        raise BadNoticeError(f"{error}; wanted the body of an Alertmanager webhook, version {VERSION}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadNoticeError("not JSON; wanted the body of an Alertmanager webhook") from None
    if notice.version != VERSION:
        raise BadNoticeError(f"version {notice.version[:20]!r}; wanted {VERSION!r}, what Alertmanager sends")
    if not notice.alerts:
        raise BadNoticeError("alerts: none; wanted at least one")
    if notice.truncated_alerts < 0:
        raise BadNoticeError("truncatedAlerts: below 0")
    return notice


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
