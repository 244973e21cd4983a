"""Publication -> what stands on the metrics pages: for each family its samples, as (labels, value). Pure.

Numbers of a state older than MAX_AGE_MS, and of one being rebuilt, are left out: they vanish, they never freeze.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from board.publish import Entry, Publication
from kpi.snapshot import QueueSnapshot

# When a worker dies its last numbers must be gone from Prometheus, too, within 15 s: this, a scrape, and some to spare.
MAX_AGE_MS = 12_000
MAX_QUEUES = 200
OVERFLOW = "__overflow__"
Sample = tuple[tuple[str, ...], float]
Samples = dict[str, list[Sample]]

_THRESHOLDS = {
    "cc_queue_longest_wait_threshold_seconds": "longest_wait_seconds",
    "cc_queue_waiting_threshold_contacts": "waiting",
    "cc_queue_service_level_threshold_ratio": "service_level_ratio",
    "cc_queue_abandonment_threshold_ratio": "abandonment_ratio",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """From the log's clock to the wall clock: in a replay instants are shifted by `shift_ms`, live by 0."""

    shift_ms: int

    def seconds(self, ms: int) -> float:
        """Unix seconds on the wall clock."""
        return (ms + self.shift_ms) / 1000


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
    _put(samples, "cc_queue_info", (*queue, snapshot.display_name, snapshot.group), 1)
    _put(samples, "cc_queue_target_wait_seconds", queue, snapshot.target.seconds)
    _put(samples, "cc_queue_target_service_level_ratio", queue, snapshot.target.percent / 100)
    for family, measure in _THRESHOLDS.items():
        for severity, value in snapshot.thresholds.get(measure, {}).items():
            _put(samples, family, (*queue, severity), value)


def _updated(samples: Samples, snapshot: QueueSnapshot, updated_wall_ms: int) -> None:
    if updated_wall_ms:
        labels = snapshot.queue, snapshot.channel
        _put(samples, "cc_queue_state_updated_timestamp_seconds", labels, updated_wall_ms / 1000)


def _numbers(samples: Samples, snapshot: QueueSnapshot, clock: Clock) -> None:
    queue, now, backlog = (snapshot.queue, snapshot.channel), snapshot.now, snapshot.backlog
    _put(samples, "cc_queue_contacts_waiting", queue, now.waiting)
    _put(samples, "cc_queue_contacts_ringing", queue, now.ringing)
    _put(samples, "cc_queue_contacts_in_service", queue, now.in_service)
    _put(samples, "cc_queue_open", queue, now.open)
    _put(samples, "cc_queue_severity", queue, snapshot.severity)
    for multiple, count in now.waiting_over_target.items():
        _put(samples, "cc_queue_contacts_waiting_over_target", (*queue, multiple), count)
    if now.oldest_queued_at_ms is not None:
        at = clock.seconds(now.oldest_queued_at_ms)
        _put(samples, "cc_queue_oldest_contact_enqueued_timestamp_seconds", queue, at)
    _put(samples, "cc_backlog_contacts", (*queue, "open"), backlog.open)
    _put(samples, "cc_backlog_overdue_contacts", queue, backlog.overdue)
    _put(samples, "cc_backlog_due_soon_contacts", queue, backlog.due_within_1h)
    if backlog.oldest_opened_at_ms is not None:
        at = clock.seconds(backlog.oldest_opened_at_ms)
        _put(samples, "cc_backlog_oldest_contact_timestamp_seconds", queue, at)
    for name, measures in snapshot.windows.items():
        _window(samples, (*queue, name), measures, now.waiting_over_target["1"])


def _window(samples: Samples, labels: tuple[str, ...], measures: dict[str, Any], missed: int) -> None:
    waits, talk, hold = measures["wait_seconds"], measures["talk_seconds"], measures["hold_seconds"]
    level = measures["service_level"]["sl_event"]
    # The live service level divides by all decided but these, and by those who still wait and are past the target.
    other_in_target = measures["decided"] + missed - level["denominator"]
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
    ):
        _put(samples, f"cc_queue_window_{what}", labels, value)
    # No wait was decided: there is no longest one, and 0 would look like a good one.
    if waits["all"]["max"] is not None:
        _put(samples, "cc_queue_window_max_wait_seconds", labels, waits["all"]["max"])
    for phase, sums in (("talk", talk), ("hold", hold)):
        _put(samples, "cc_queue_window_handle_seconds", (*labels, phase), sums["sum"])
    for reason, count in measures["exits"].items():
        _put(samples, "cc_queue_window_other_exit_contacts", (*labels, reason), count)


def _put(samples: Samples, family: str, labels: tuple[str, ...], value: float) -> None:
    samples.setdefault(family, []).append((labels, value))


# How several queues become one; everything else is summed up.
_TOGETHER: dict[str, Callable[[Iterable[float]], float]] = {
    "cc_queue_oldest_contact_enqueued_timestamp_seconds": min,
    "cc_backlog_oldest_contact_timestamp_seconds": min,
    "cc_queue_state_updated_timestamp_seconds": min,
    "cc_queue_window_max_wait_seconds": max,
    "cc_queue_severity": max,
    "cc_queue_open": max,
}


def _fold(samples: Samples, folded: Samples) -> None:
    for family, rows in folded.items():
        for labels, values in _grouped(rows):
            _put(samples, family, labels, _TOGETHER.get(family, sum)(values))


def _grouped(rows: list[Sample]) -> Iterator[tuple[tuple[str, ...], list[float]]]:
    groups: dict[tuple[str, ...], list[float]] = {}
    for labels, value in rows:
        groups.setdefault((OVERFLOW, *labels[1:]), []).append(value)
    yield from groups.items()
