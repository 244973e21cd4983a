"""QueueSnapshot -> what the metrics pages say of one queue, as (family, labels after queue and channel, value). Pure.

What does not apply to a queue (replies without chats, clocks without cases) is left out, not 0: a series costs
Prometheus as much when it is always 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from board.samples import Clock
from kpi.backlog import STATUSES
from kpi.cause import Cause
from kpi.expected_wait import expected_wait
from kpi.facts import CHAT_CHANNELS
from kpi.panes import METRIC_WINDOWS
from kpi.snapshot import QueueSnapshot

Row = tuple[str, tuple[str, ...], float]

# What every window of every queue has, as (family, labels after the window), in the order of `window_values`.
WINDOW_COLUMNS = (
    *(
        (f"cc_queue_window_{what}", ())
        for what in (
            "offered_contacts", "answered_contacts", "answered_in_target_contacts", "abandoned_contacts",
            "short_abandoned_contacts", "other_exit_in_target_contacts", "missed_target_contacts", "wait_seconds",
            "known_wait_contacts", "completed_contacts",
        )
    ),
    *(("cc_queue_window_handle_seconds", (phase,)) for phase in ("talk", "hold", "wrapup")),
)  # fmt: skip
_NOBODY = 0.25  # people, where a ratio is wanted and there are none (as kpi.cause has it)


def target_rows(snapshot: QueueSnapshot) -> Iterator[Row]:
    """What the queue is called, and what it is to reach."""
    yield "cc_queue_info", (snapshot.display_name, snapshot.group), 1
    yield "cc_queue_target_wait_seconds", (), snapshot.target.seconds
    yield "cc_queue_target_service_level_ratio", (), snapshot.target.percent / 100
    yield "cc_queue_short_abandon_seconds", (), snapshot.target.short_abandon_seconds


def now_rows(snapshot: QueueSnapshot, clock: Clock) -> Iterator[Row]:
    """The state now, whose values over several queues may be put together."""
    now, chats = snapshot.now, snapshot.channel in CHAT_CHANNELS
    yield "cc_queue_contacts_waiting", (), now.waiting
    yield "cc_queue_contacts_ringing", (), now.ringing
    yield "cc_queue_contacts_in_service", (), now.in_service
    yield "cc_queue_contacts_at_risk", (), now.at_risk
    yield "cc_queue_contacts_outbound", (), now.outbound
    if chats or now.unanswered:
        yield "cc_queue_contacts_unanswered", (), now.unanswered
    if snapshot.agents_known:
        yield "cc_queue_unattended_contacts", (), 0 if now.serving else now.waiting
    yield "cc_queue_lost_contacts", (), now.lost
    yield "cc_queue_open", (), now.open
    yield "cc_queue_severity", (), snapshot.severity
    for multiple, count in now.waiting_over_target.items():
        yield "cc_queue_contacts_waiting_over_target", (multiple,), count
    if now.oldest_queued_at_ms is not None:
        yield "cc_queue_oldest_contact_enqueued_timestamp_seconds", (), clock.seconds(now.oldest_queued_at_ms)
    if now.oldest_unanswered_since_ms is not None:
        yield "cc_queue_oldest_unanswered_timestamp_seconds", (), clock.seconds(now.oldest_unanswered_since_ms)
    for state in ("scheduled", "due", "overdue"):
        yield "cc_callbacks", (state,), getattr(now.callbacks, state)


def single_rows(snapshot: QueueSnapshot) -> Iterator[Row]:
    """What is only true of one queue: over several it would mean nothing, so the overflow has none of it."""
    for state, count in snapshot.now.agents.items():
        yield "cc_queue_agents_serving", (state,), count
    if snapshot.agents_known and "ready_agents" in snapshot.judged:
        yield "cc_queue_agents_available", (), snapshot.now.available
    seconds = expected_wait(snapshot)
    if seconds is not None:
        yield "cc_queue_expected_wait_seconds", (), seconds
    if snapshot.cause is not None:
        yield from _load(snapshot.cause)


def _load(cause: Cause) -> Iterator[Row]:
    """The load is arrivals x handling time / people, so the product of the three is how many times it is."""
    volume, staff, handling = cause.volume, cause.staff, cause.handle_seconds
    if volume.now_per_minute is not None and volume.before_per_minute:
        yield "cc_queue_load_ratio", ("volume",), volume.now_per_minute / volume.before_per_minute
    if staff.before:
        yield "cc_queue_load_ratio", ("staff",), staff.before / max(staff.now, _NOBODY)
    if handling.now is not None and handling.before:
        yield "cc_queue_load_ratio", ("handle_time",), handling.now / handling.before


def board_rows(snapshot: QueueSnapshot, clock: Clock) -> Iterator[Row]:
    """Doubts and backlog."""
    yield "cc_queue_orphan_contacts", (), snapshot.windows["day"]["orphans"]
    # A source that never told whom it has waiting can neither agree nor disagree.
    if snapshot.now.drift is not None:
        yield "cc_queue_drift_contacts", (), snapshot.now.drift
    if snapshot.now.ghosts is not None:
        yield "cc_queue_ghost_contacts", (), snapshot.now.ghosts
    backlog = snapshot.backlog
    for status in STATUSES:
        yield "cc_backlog_contacts", (status,), backlog.status.get(status, 0)
    yield "cc_backlog_unassigned_contacts", (), backlog.unassigned
    yield "cc_backlog_overdue_contacts", (), backlog.overdue
    yield "cc_backlog_due_soon_contacts", (), backlog.due_within_1h
    for running, due in backlog.clocks.items():
        yield "cc_backlog_clock_overdue_contacts", (running,), due["overdue"]
        yield "cc_backlog_clock_due_soon_contacts", (running,), due["1h"]
    if backlog.oldest_opened_at_ms is not None:
        yield "cc_backlog_oldest_contact_timestamp_seconds", (), clock.seconds(backlog.oldest_opened_at_ms)


def window_rows(snapshot: QueueSnapshot) -> Iterator[Row]:
    """All windows of a queue."""
    missed = snapshot.now.waiting_over_target["1"]
    for name in METRIC_WINDOWS:
        measures = snapshot.windows[name]
        for (family, more), value in zip(WINDOW_COLUMNS, window_values(measures, missed), strict=True):
            yield family, (name, *more), value
        yield from sparse_rows(measures, name, chats=snapshot.channel in CHAT_CHANNELS)


def window_values(measures: dict[str, Any], missed: int) -> tuple[float, ...]:
    """The values of WINDOW_COLUMNS. `missed`: who still waits and is past the target."""
    level, talk = measures["service_level"]["sl_event"], measures["talk_seconds"]
    return (
        measures["offered"],
        measures["answered"],
        level["numerator"],
        measures["abandoned"],
        measures["short_abandoned"],
        # The live service level divides by all decided but these, and by those who still wait past the target.
        measures["decided"] + missed - level["denominator"],
        missed,
        measures["wait_seconds"]["answered"]["sum"],
        measures["wait_seconds"]["answered"]["count"],
        talk["count"],
        talk["sum"],
        measures["hold_seconds"]["sum"],
        measures["wrapup_seconds"]["sum"],
    )


def sparse_rows(measures: dict[str, Any], name: str, *, chats: bool) -> Iterator[Row]:
    """What not every window has."""
    # No wait was decided: there is no longest one, and 0 would look like a good one.
    longest = measures["wait_seconds"]["all"]["max"]
    if longest is not None:
        yield "cc_queue_window_max_wait_seconds", (name,), longest
    for reason, count in measures["exits"].items():
        yield "cc_queue_window_other_exit_contacts", (name, reason), count
    replies = measures.get("first_response_seconds")
    if chats or replies:
        yield "cc_queue_window_first_response_seconds", (name,), replies["sum"] if replies else 0
        yield "cc_queue_window_first_responses_contacts", (name,), replies["count"] if replies else 0
        yield "cc_queue_window_missed_contacts", (name,), measures.get("missed_chats", 0)
