"""A card: what the page shows of a snapshot, in the snapshot's own shape and without what changes by itself."""

from __future__ import annotations

import msgspec

from kpi.floor import QueueConfig
from kpi.snapshot import JUDGED_VARIANT, JUDGED_WINDOW, QueueSnapshot

_encode = msgspec.json.Encoder().encode
# Queues without a fault keep their place unless waits differ by this much: a board that shuffles cannot be read.
STEP_SECONDS = 30


def card(snapshot: QueueSnapshot, config: QueueConfig) -> bytes:
    """JSON of what the page shows of one queue; equal bytes mean that nothing changed for the eye but the clock."""
    window = snapshot.windows[JUDGED_WINDOW]
    return _encode(
        {
            "queue": snapshot.queue,
            "channel": snapshot.channel,
            "display_name": snapshot.display_name,
            "display_names": dict(config.display_names),
            "group": snapshot.group,
            "configured": config.configured,
            "severity": snapshot.severity,
            "severity_by": snapshot.severity_by,
            "target": snapshot.target,
            "thresholds": snapshot.thresholds,
            "now": {
                "waiting": snapshot.now.waiting,
                "oldest_queued_at_ms": snapshot.now.oldest_queued_at_ms,
                "in_service": snapshot.now.in_service,
                "open": snapshot.now.open,
            },
            "backlog": {
                "open": snapshot.backlog.open,
                "overdue": snapshot.backlog.overdue,
                "due_within_1h": snapshot.backlog.due_within_1h,
            },
            "windows": {
                JUDGED_WINDOW: {
                    "offered": window["offered"],
                    "abandoned": window["abandoned"],
                    "abandonment": window["abandonment"],
                    "service_level": {JUDGED_VARIANT: window["service_level"][JUDGED_VARIANT]},
                }
            },
        }
    )


def looks_same(before: QueueSnapshot, after: QueueSnapshot) -> bool:
    """Whether both surely have the same card under one configuration; False only says that it has to be made."""
    was, now = before.now, after.now
    return (
        before.windows[JUDGED_WINDOW] is after.windows[JUDGED_WINDOW]
        and (was.waiting, was.oldest_queued_at_ms, was.in_service, was.open)
        == (now.waiting, now.oldest_queued_at_ms, now.in_service, now.open)
        and (before.backlog.open, before.backlog.overdue, before.backlog.due_within_1h)
        == (after.backlog.open, after.backlog.overdue, after.backlog.due_within_1h)
        and before.severity_by == after.severity_by
    )


def worst_first(snapshot: QueueSnapshot) -> tuple[int, int, int, str, str]:
    """Sort key: severity, how many measures are at fault, longest wait in steps, then the name."""
    waited = int((snapshot.now.oldest_wait_seconds or 0) // STEP_SECONDS)
    faults = sum(snapshot.severity_by.values())
    return -snapshot.severity, -faults, -waited, snapshot.display_name, snapshot.channel
