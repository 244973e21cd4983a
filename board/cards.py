"""A card: what the page shows of a snapshot, in the snapshot's own shape and without what changes by itself."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from board.helping import Helper
from kpi.cause import Cause
from kpi.expected_wait import expected_wait
from kpi.floor import QueueConfig
from kpi.live_state import EMPTY_BACKLOG, Backlog, Now
from kpi.snapshot import JUDGED_VARIANT, JUDGED_WINDOW, QueueSnapshot

_encode = msgspec.json.Encoder().encode
# Queues without a fault keep their place unless waits differ by this much: a board that shuffles cannot be read.
STEP_SECONDS = 30
WAIT_STEP_SECONDS = 5
# Shown beside each other: the quarter-hour so far, and the whole one before it, which `normal` is about.
INTERVALS = ("interval", "previous")
# Those of which the page says when too few contacts were counted.
RATIOS = ("service_level_ratio", "abandonment_ratio")
NORMAL = ("label", "weekday", "from", "offered", "abandoned", "service_level")


def card(snapshot: QueueSnapshot, config: QueueConfig, helpers: Sequence[Helper] = ()) -> bytes:
    """JSON of what the page shows of one queue; equal bytes mean that nothing changed for the eye but the clock.

    `helpers`: who could help it.
    """
    window = snapshot.windows[JUDGED_WINDOW]
    return _encode(
        {
            "queue": snapshot.queue,
            "channel": snapshot.channel,
            "display_name": snapshot.display_name,
            "display_names": dict(config.display_names),
            "group": snapshot.group,
            "group_names": dict(config.group_names),
            "configured": config.configured,
            "severity": snapshot.severity,
            "severity_by": snapshot.severity_by,
            "acute": snapshot.is_acute,
            "cause": shown_cause(snapshot),
            "helpers": helpers,
            "expected_wait_seconds": shown_wait(snapshot),
            "target": snapshot.target,
            "thresholds": snapshot.thresholds,
            "minimum": {measure: config.alerting[measure].minimum for measure in RATIOS},
            "now": {
                "waiting": snapshot.now.waiting,
                "oldest_queued_at_ms": snapshot.now.oldest_queued_at_ms,
                "in_service": snapshot.now.in_service,
                "at_risk": snapshot.now.at_risk,
                "unanswered": snapshot.now.unanswered,
                "oldest_unanswered_since_ms": snapshot.now.oldest_unanswered_since_ms,
                "callbacks": snapshot.now.callbacks,
                "lost": snapshot.now.lost,
                "available": snapshot.now.available,
                "agents": sum(snapshot.now.agents.values()),
                "staffed": snapshot.now.staffed,
                "open": snapshot.now.open,
            },
            "backlog": {
                "open": snapshot.backlog.open,
                "overdue": snapshot.backlog.overdue,
                "due_within_1h": snapshot.backlog.due_within_1h,
                "status": snapshot.backlog.status,
                "unassigned": snapshot.backlog.unassigned,
                "oldest_opened_at_ms": snapshot.backlog.oldest_opened_at_ms,
                "clocks": snapshot.backlog.clocks,
            },
            "normal": snapshot.normal and {name: snapshot.normal[name] for name in NORMAL},
            "windows": {
                JUDGED_WINDOW: {
                    "offered": window["offered"],
                    "abandoned": window["abandoned"],
                    "short_abandoned": window["short_abandoned"],
                    "abandonment": window["abandonment"],
                    "service_level": {JUDGED_VARIANT: window["service_level"][JUDGED_VARIANT]},
                },
                **{name: {"offered": snapshot.windows[name]["offered"]} for name in INTERVALS},
            },
        }
    )


def shown_wait(snapshot: QueueSnapshot) -> int | None:
    """The expected wait in steps of WAIT_STEP_SECONDS: a prediction is no truer to the second, and must hold still."""
    seconds = expected_wait(snapshot)
    return None if seconds is None else round(seconds / WAIT_STEP_SECONDS) * WAIT_STEP_SECONDS


def shown_cause(snapshot: QueueSnapshot) -> Cause | None:
    """The reason of trouble, where there is some: its numbers move all the time, and nobody asks while all is well."""
    return snapshot.cause if snapshot.severity or snapshot.is_acute else None


def looks_same(before: QueueSnapshot, after: QueueSnapshot) -> bool:
    """Whether both surely have the same card under one configuration; False only says that it has to be made."""
    return (
        before.windows is after.windows
        and before.normal is after.normal
        and _of_now(before.now) == _of_now(after.now)
        and _of_backlog(before.backlog) == _of_backlog(after.backlog)
        and before.severity_by == after.severity_by
        and shown_cause(before) == shown_cause(after)
        and shown_wait(before) == shown_wait(after)
    )


def _of_now(now: Now) -> tuple[object, ...]:
    """What a card shows of the state now."""
    return (
        now.waiting,
        now.oldest_queued_at_ms,
        now.in_service,
        now.at_risk,
        now.unanswered,
        now.oldest_unanswered_since_ms,
        now.callbacks,
        now.lost,
        now.available,
        now.agents,
        now.staffed,
        now.open,
    )


def _of_backlog(backlog: Backlog) -> tuple[object, ...]:
    if backlog is EMPTY_BACKLOG:
        return ()
    return (
        backlog.open,
        backlog.overdue,
        backlog.due_within_1h,
        backlog.status,
        backlog.unassigned,
        backlog.oldest_opened_at_ms,
        backlog.clocks,
    )


def worst_first(snapshot: QueueSnapshot) -> tuple[int, int, int, int, str, str]:
    """Sort key: spiking now, the newest first; severity, measures at fault, longest wait in steps, then the name."""
    waited = int((snapshot.now.oldest_wait_seconds or 0) // STEP_SECONDS)
    faults = sum(snapshot.severity_by.values())
    since = snapshot.cause.since_ms or 0 if snapshot.cause is not None else 0
    return -since, -snapshot.severity, -faults, -waited, snapshot.display_name, snapshot.channel
