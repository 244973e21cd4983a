"""Publication -> what stands on the metrics pages: for each family its samples, as (labels, value). Pure.

Numbers of a state older than MAX_AGE_MS, and of one being rebuilt, are left out: they vanish, they never freeze.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from board.floor_gauges import floor_samples
from board.publish import Entry, Publication
from board.samples import Clock, Sample, Samples, put
from kpi.backlog import STATUSES
from kpi.live_state import Backlog, Now
from kpi.panes import METRIC_WINDOWS
from kpi.snapshot import QueueSnapshot

# When a worker dies its last numbers must be gone from Prometheus, too, within 15 s: this, a scrape, and some to spare.
MAX_AGE_MS = 12_000
MAX_QUEUES = 200
OVERFLOW = "__overflow__"

_THRESHOLDS = {
    "cc_queue_longest_wait_threshold_seconds": "longest_wait_seconds",
    "cc_queue_waiting_threshold_contacts": "waiting",
    "cc_queue_service_level_threshold_ratio": "service_level_ratio",
    "cc_queue_abandonment_threshold_ratio": "abandonment_ratio",
}


def collect(publication: Publication, wall_ms: int, max_queues: int = MAX_QUEUES) -> Samples:
    """All samples of both pages at `wall_ms`. Queues beyond `max_queues` are summed up as `__overflow__`."""
    verdict = publication.verdict
    clock = Clock(verdict.updated_wall_ms - verdict.true_at_ms)
    fresh_enough = verdict.state != "rebuilding" and wall_ms - verdict.updated_wall_ms <= MAX_AGE_MS
    samples: Samples = {}
    shown, rest = cap(publication.entries.values(), max_queues)
    for entry in shown:
        _configured(samples, entry)
        _updated(samples, entry.snapshot, verdict.updated_wall_ms)
        if fresh_enough:
            _numbers(samples, entry.snapshot, clock)
    for channel in sorted({entry.snapshot.channel for entry in rest}):
        folded: Samples = {}
        for entry in rest:
            if entry.snapshot.channel == channel:
                _updated(folded, entry.snapshot, verdict.updated_wall_ms)
                if fresh_enough:
                    _numbers(folded, entry.snapshot, clock)
        _fold(samples, folded)
    if fresh_enough and publication.floor is not None:
        floor_samples(samples, publication.floor.snapshot, clock)
    samples["cc_exporter_overflow_queues"] = [((), len(rest))]
    samples["cc_queues_unconfigured"] = [((), len(publication.unconfigured))]
    return samples


def cap(entries: Iterable[Entry], most: int) -> tuple[list[Entry], list[Entry]]:
    """The queues that stand for themselves, configured ones first and then by name, and the rest."""
    ordered = sorted(entries, key=lambda each: (not each.config.configured, each.snapshot.queue, each.snapshot.channel))
    return ordered[:most], ordered[most:]


def _configured(samples: Samples, entry: Entry) -> None:
    snapshot = entry.snapshot
    queue = (snapshot.queue, snapshot.channel)
    put(samples, "cc_queue_info", (*queue, snapshot.display_name, snapshot.group), 1)
    put(samples, "cc_queue_target_wait_seconds", queue, snapshot.target.seconds)
    put(samples, "cc_queue_target_service_level_ratio", queue, snapshot.target.percent / 100)
    for family, measure in _THRESHOLDS.items():
        for severity, value in snapshot.thresholds.get(measure, {}).items():
            put(samples, family, (*queue, severity), value)


def _updated(samples: Samples, snapshot: QueueSnapshot, updated_wall_ms: int) -> None:
    if updated_wall_ms:
        labels = snapshot.queue, snapshot.channel
        put(samples, "cc_queue_state_updated_timestamp_seconds", labels, updated_wall_ms / 1000)


def _numbers(samples: Samples, snapshot: QueueSnapshot, clock: Clock) -> None:
    queue, now = (snapshot.queue, snapshot.channel), snapshot.now
    _now(samples, queue, now, clock)
    put(samples, "cc_queue_severity", queue, snapshot.severity)
    put(samples, "cc_queue_orphan_contacts", queue, snapshot.windows["day"]["orphans"])
    _backlog(samples, queue, snapshot.backlog, clock)
    for name in METRIC_WINDOWS:
        _window(samples, (*queue, name), snapshot.windows[name], now.waiting_over_target["1"])


def _now(samples: Samples, queue: tuple[str, str], now: Now, clock: Clock) -> None:
    for what, count in (
        ("contacts_waiting", now.waiting),
        ("contacts_ringing", now.ringing),
        ("contacts_in_service", now.in_service),
        ("contacts_at_risk", now.at_risk),
        ("contacts_outbound", now.outbound),
        ("contacts_unanswered", now.unanswered),
        ("lost_contacts", now.lost),
        ("open", now.open),
    ):
        put(samples, f"cc_queue_{what}", queue, count)
    for multiple, count in now.waiting_over_target.items():
        put(samples, "cc_queue_contacts_waiting_over_target", (*queue, multiple), count)
    for family, at_ms in (
        ("cc_queue_oldest_contact_enqueued_timestamp_seconds", now.oldest_queued_at_ms),
        ("cc_queue_oldest_unanswered_timestamp_seconds", now.oldest_unanswered_since_ms),
    ):
        if at_ms is not None:
            put(samples, family, queue, clock.seconds(at_ms))
    for state, count in now.agents.items():
        put(samples, "cc_queue_agents_serving", (*queue, state), count)
    callbacks = now.callbacks
    for state in ("scheduled", "due", "overdue"):
        put(samples, "cc_callbacks", (*queue, state), getattr(callbacks, state))
    # A source that never told whom it has waiting can neither agree nor disagree.
    for family, found in (("cc_queue_drift_contacts", now.drift), ("cc_queue_ghost_contacts", now.ghosts)):
        if found is not None:
            put(samples, family, queue, found)


def _backlog(samples: Samples, queue: tuple[str, str], backlog: Backlog, clock: Clock) -> None:
    for status in STATUSES:
        put(samples, "cc_backlog_contacts", (*queue, status), backlog.status.get(status, 0))
    put(samples, "cc_backlog_unassigned_contacts", queue, backlog.unassigned)
    put(samples, "cc_backlog_overdue_contacts", queue, backlog.overdue)
    put(samples, "cc_backlog_due_soon_contacts", queue, backlog.due_within_1h)
    for running, due in backlog.clocks.items():
        put(samples, "cc_backlog_clock_overdue_contacts", (*queue, running), due["overdue"])
        put(samples, "cc_backlog_clock_due_soon_contacts", (*queue, running), due["1h"])
    if backlog.oldest_opened_at_ms is not None:
        at = clock.seconds(backlog.oldest_opened_at_ms)
        put(samples, "cc_backlog_oldest_contact_timestamp_seconds", queue, at)


def _window(samples: Samples, labels: tuple[str, ...], measures: dict[str, Any], missed: int) -> None:
    waits, talk, hold = measures["wait_seconds"], measures["talk_seconds"], measures["hold_seconds"]
    level = measures["service_level"]["sl_event"]
    # The live service level divides by all decided but these, and by those who still wait and are past the target.
    other_in_target = measures["decided"] + missed - level["denominator"]
    # Left out where there were no chats.
    replies = measures.get("first_response_seconds", _NO_REPLIES)
    for what, value in (
        ("offered_contacts", measures["offered"]),
        ("answered_contacts", measures["answered"]),
        ("answered_in_target_contacts", level["numerator"]),
        ("abandoned_contacts", measures["abandoned"]),
        ("short_abandoned_contacts", measures["short_abandoned"]),
        ("other_exit_in_target_contacts", other_in_target),
        ("missed_target_contacts", missed),
        ("wait_seconds", waits["answered"]["sum"]),
        ("completed_contacts", talk["count"]),
        ("first_response_seconds", replies["sum"]),
        ("first_responses_contacts", replies["count"]),
        ("missed_contacts", measures.get("missed_chats", 0)),
    ):
        put(samples, f"cc_queue_window_{what}", labels, value)
    # No wait was decided: there is no longest one, and 0 would look like a good one.
    if waits["all"]["max"] is not None:
        put(samples, "cc_queue_window_max_wait_seconds", labels, waits["all"]["max"])
    for phase, sums in (("talk", talk), ("hold", hold), ("wrapup", measures["wrapup_seconds"])):
        put(samples, "cc_queue_window_handle_seconds", (*labels, phase), sums["sum"])
    for reason, count in measures["exits"].items():
        put(samples, "cc_queue_window_other_exit_contacts", (*labels, reason), count)


_NO_REPLIES = {"sum": 0, "count": 0}

# How several queues become one; everything else is summed up.
_TOGETHER: dict[str, Callable[[Iterable[float]], float]] = {
    "cc_queue_oldest_contact_enqueued_timestamp_seconds": min,
    "cc_queue_oldest_unanswered_timestamp_seconds": min,
    "cc_backlog_oldest_contact_timestamp_seconds": min,
    "cc_queue_state_updated_timestamp_seconds": min,
    "cc_queue_window_max_wait_seconds": max,
    "cc_queue_severity": max,
    "cc_queue_open": max,
}


def _fold(samples: Samples, folded: Samples) -> None:
    for family, rows in folded.items():
        for labels, values in _grouped(rows):
            put(samples, family, labels, _TOGETHER.get(family, sum)(values))


def _grouped(rows: list[Sample]) -> Iterator[tuple[tuple[str, ...], list[float]]]:
    groups: dict[tuple[str, ...], list[float]] = {}
    for labels, value in rows:
        groups.setdefault((OVERFLOW, *labels[1:]), []).append(value)
    yield from groups.items()
