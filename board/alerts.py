"""One list of alerts from two engines: ours tells in Redis, Prometheus through Alertmanager. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from board.alerts_silences import Acknowledged, Silences, acknowledged
from board.alerts_wire import Told, ms_of
from kpi.alert_state import Held, held_field
from kpi.floor import SEVERITIES
from kpi.keys import LIVE
from kpi.label_names import label_name

Phase = Literal["pending", "firing", "resolving", "resolved"]
PHASES: tuple[Phase, ...] = ("firing", "resolving", "pending", "resolved")
LANGUAGES = ("en", "zh-CN", "zh-TW")
#: What each rule about a queue or team watches; all others are about the pipeline.
MEASURES: Mapping[str, str] = {
    "QueueLongestWaitHigh": "longest_wait_seconds",
    "QueueLengthHigh": "waiting",
    "QueueUnattended": "unattended_contacts",
    "ContactsWaitingWhileClosed": "closed_wait_seconds",
    "QueueGrowing": "growth_ratio",
    "AgentsReadyLow": "ready_agents",
    "ServiceLevelLow": "service_level_ratio",
    "AbandonmentHigh": "abandonment_ratio",
    "AverageSpeedOfAnswerHigh": "answer_speed_seconds",
    "ChatFirstResponseSlow": "first_response_seconds",
    "HandleTimeShift": "handle_time_ratio",
    "WrapUpLong": "wrapup_ratio",
    "PausedShareHigh": "paused_ratio",
    "OccupancyHigh": "occupancy_ratio",
    "RingNoAnswerBurst": "unanswered_offers_ratio",
    "VolumeHigh": "volume_high_ratio",
    "VolumeLow": "volume_low_ratio",
    "BacklogOverdue": "overdue_contacts",
    "CallbackOverdue": "overdue_callbacks",
}
# They fire while all is well, so that somebody notices when they do not.
ALWAYS_ON = frozenset({"Watchdog", "StreamWatchdog"})
NOWHERE = ("", "")


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One limit that is exceeded, was within the hour, or will be soon if it stays so.

    `id`: `<rule>|<severity>|<queue>:<channel>`, or Alertmanager's fingerprint where it is about no queue. Times are ms
    UTC. `phase`: "resolving" is good again for less than its keep. `measure` "": about the pipeline. `value` and
    `threshold` of `measure`, `peak` its worst. `source`: stream or prometheus. `inhibited`: told to nobody, for a worse
    one speaks for it. `summary`: language -> text.
    """

    id: str
    rule: str
    severity: str
    queue: str | None
    channel: str | None
    group: str
    incident: str
    phase: Phase
    since_ms: int
    fired_ms: int | None
    measure: str
    value: float | None
    threshold: float | None
    peak: float | None
    resolved_ms: int | None
    source: str
    inhibited: bool
    summary: dict[str, str]
    runbook_url: str
    acknowledged: Acknowledged | None

    @property
    def key(self) -> tuple[str, str]:
        """Its queue and channel."""
        return self.queue or "", self.channel or ""

    @property
    def is_told(self) -> bool:
        """Whether people are told of it now."""
        return self.phase in ("firing", "resolving") and not self.inhibited


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known of alerts. `told` and `silences` are Alertmanager's; `is_driven`: our engine is at work."""

    held: Sequence[Held] = ()
    told: Sequence[Told] = ()
    silences: Silences = field(default_factory=Silences)
    is_driven: bool = True


def alerts_of(sources: Sources, namespace: str, now_ms: int) -> tuple[Alert, ...]:
    """Every alert at `now_ms` (wall clock), the worst first.

    Both engines may tell of one limit: ours is believed while it is at work, Prometheus otherwise.
    """
    named = {_id_of(each.labels, each.fingerprint): each for each in sources.told if _belongs(each.labels, namespace)}
    held = {_id_in_labels(each, namespace): each for each in sources.held}
    ours = {
        id: _from_engine(each, named.get(id), sources.silences, namespace, now_ms)
        for id, each in held.items()
        if each.phase != "ok" or each.resolved_ms is not None
    }
    theirs = {
        id: _from_manager(id, each, sources.silences, namespace, now_ms)
        for id, each in named.items()
        if each.labels.get("source") != "stream"
        and each.labels.get("alertname") not in ALWAYS_ON
        and ms_of(each.ends_at) > now_ms
    }
    both = {**theirs, **ours} if sources.is_driven else {**ours, **theirs}
    return tuple(sorted(_without_lesser(both), key=_worst_first))


def labels_of(alert: Alert, told: Iterable[Told], namespace: str) -> dict[str, str]:
    """The labels by which Alertmanager knows an alert, for a silence about it."""
    named = _labels(alert.rule, alert.severity, alert.key, namespace)
    for each in told:
        if _id_of(each.labels, each.fingerprint) in (alert.id, _id_of(named, "")):
            return each.labels
    return named


def is_of(alert: Alert, *, queue: str | None, severity: str | None, state: str | None) -> bool:
    """Whether an alert is asked for. `state`: firing (resolving, too), pending, resolved or acknowledged."""
    if queue not in (None, alert.queue) or severity not in (None, alert.severity):
        return False
    if state == "acknowledged":
        return alert.acknowledged is not None and alert.phase != "resolved"
    return state is None or alert.phase == state or (state == "firing" and alert.phase == "resolving")


def _belongs(labels: Mapping[str, str], namespace: str) -> bool:
    """Whether an alert is about this floor: a replay's says so, and our own engine's of the live floor does not.

    Kubernetes gives what Prometheus sends a namespace of its own.
    """
    if namespace == LIVE:
        return labels.get("source") != "stream" or "namespace" not in labels
    return labels.get("namespace") == namespace


def _labels(rule: str, severity: str, key: tuple[str, str], namespace: str) -> dict[str, str]:
    """As both engines tell them: a name that no label can hold is shortened."""
    queue, channel = label_name(key[0]), label_name(key[1])
    found = {"alertname": rule, "severity": severity, "queue": queue, "channel": channel, "namespace": namespace}
    return {name: text for name, text in found.items() if text and (name, text) != ("namespace", LIVE)}


def _id_of(labels: Mapping[str, str], fingerprint: str) -> str:
    if not labels.get("queue"):
        return fingerprint
    return held_field(
        labels.get("alertname", ""), labels.get("severity", ""), labels["queue"], labels.get("channel", "")
    )


def _id_in_labels(held: Held, namespace: str) -> str:
    """The id that an alert has where labels name its queue."""
    return _id_of(_labels(held.rule, held.severity, (held.queue, held.channel), namespace), held.field)


def _from_engine(
    held: Held, named: Told | None, silences: Silences, namespace: str, now_ms: int
) -> Alert:  # fmt: skip
    labels = _labels(held.rule, held.severity, (held.queue, held.channel), namespace)
    by_manager = () if named is None else named.status.silenced_by
    is_over = held.phase == "ok"
    return Alert(
        id=held.field,
        rule=held.rule,
        severity=held.severity,
        queue=held.queue,
        channel=held.channel,
        group=held.group,
        incident=held.incident,
        phase="resolved" if held.phase == "ok" else held.phase,
        since_ms=held.since_ms,
        fired_ms=held.fired_ms or None,
        measure=MEASURES.get(held.rule, ""),
        value=held.value,
        threshold=held.threshold,
        peak=held.peak,
        resolved_ms=held.resolved_ms if is_over else None,
        source="stream",
        inhibited=False,
        summary=_summary(held.annotations),
        runbook_url=held.annotations.get("runbook_url", ""),
        acknowledged=None if is_over else acknowledged(labels, silences, namespace, now_ms, by_manager),
    )


def _from_manager(id: str, told: Told, silences: Silences, namespace: str, now_ms: int) -> Alert:
    labels = told.labels
    return Alert(
        id=id,
        rule=labels.get("alertname", ""),
        severity=labels.get("severity", ""),
        queue=labels.get("queue") or None,
        channel=labels.get("channel") or None,
        group=labels.get("group", ""),
        incident=labels.get("incident", ""),
        phase="firing",
        since_ms=ms_of(told.starts_at),
        fired_ms=ms_of(told.starts_at),
        measure=MEASURES.get(labels.get("alertname", ""), ""),
        value=None,
        threshold=None,
        peak=None,
        resolved_ms=None,
        source=labels.get("source", "prometheus"),
        inhibited=bool(told.status.inhibited_by),
        summary=_summary(told.annotations),
        runbook_url=told.annotations.get("runbook_url", ""),
        acknowledged=acknowledged(labels, silences, namespace, now_ms, told.status.silenced_by),
    )


def _summary(annotations: Mapping[str, str]) -> dict[str, str]:
    """Language -> summary; one without a text of its own has the default's."""
    plain = annotations.get("summary", "")
    found = {tag: annotations.get(f"summary_{tag.lower().replace('-', '_')}", plain) for tag in LANGUAGES}
    return {tag: text for tag, text in found.items() if text}


def _without_lesser(alerts: Mapping[str, Alert]) -> Collection[Alert]:
    """The alerts, a warning inhibited where the critical one of the same rule and queue speaks for it."""
    loud = {
        (each.rule, each.key)
        for each in alerts.values()
        if each.severity == SEVERITIES[-1] and each.key != NOWHERE and each.is_told
    }
    return [
        msgspec.structs.replace(each, inhibited=True)
        if each.severity != SEVERITIES[-1] and (each.rule, each.key) in loud and each.phase != "resolved"
        else each
        for each in alerts.values()
    ]


def _worst_first(alert: Alert) -> tuple[int, bool, bool, int, str]:
    """Firing before pending before over; what nobody has taken first; critical first; then the oldest."""
    order = 0 if alert.phase in ("firing", "resolving") else 1 + (alert.phase == "resolved")
    since = -(alert.resolved_ms or 0) if alert.phase == "resolved" else alert.since_ms
    return order, alert.acknowledged is not None, alert.severity != SEVERITIES[-1], since, alert.id
