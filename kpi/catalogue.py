"""Every Prometheus metric this project serves: name, kind, labels, help, and who serves it.

One list, pure data. The board's collector, the worker's counters, `docs/metrics.md`, the dashboards and the alert rules
all read names from here, so a name that is not in this list does not exist.

`served_by` says on which page a family stands: `board_live` is the board's `/metrics/live` (few series, scraped every
second), `board` its `/metrics`, `worker` the worker's own `/metrics`. A family stands on one page of a process only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["gauge", "counter", "histogram"]
Group = Literal["floor", "staff", "backlog", "window", "doubt", "threshold", "cumulative", "pipeline", "exporter"]
Page = Literal["board_live", "board", "worker"]

QC = ("queue", "channel")
QCW = ("queue", "channel", "window")
TP = ("topic", "partition")

# Bounds lie on the grid that service-level targets use, so that le="20", "30", "60" and "120" are exact.
WAIT_BUCKETS = (5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0)
HANDLE_BUCKETS = (30.0, 60.0, 120.0, 180.0, 240.0, 300.0, 420.0, 600.0, 900.0, 1800.0, 3600.0)
DELAY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
WORK_BUCKETS = (0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.025)
CALL_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@dataclass(frozen=True, slots=True)
class MetricDef:
    """One metric family. `labels` in their fixed order; `buckets` only for histograms, in the unit of the name."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    group: Group
    served_by: tuple[Page, ...]
    buckets: tuple[float, ...] = ()


_Row = tuple[str, tuple[str, ...], str]


def _families(kind: Kind, group: Group, page: Page, *rows: _Row, buckets: tuple[float, ...] = ()) -> list[MetricDef]:
    """Families that differ only in (name, labels, help)."""
    return [MetricDef(name, kind, labels, text, group, (page,), buckets) for name, labels, text in rows]


CATALOGUE: tuple[MetricDef, ...] = (
    *_families(
        "gauge",
        "floor",
        "board_live",
        ("cc_queue_contacts_waiting", QC, "Contacts in queue now, ringing ones included"),
        ("cc_queue_contacts_ringing", QC, "Contacts being offered to an agent now, a subset of the waiting ones"),
        (
            "cc_queue_contacts_waiting_over_target",
            (*QC, "multiple"),
            "Contacts waiting longer than multiple x target; cumulative, never sum over multiple",
        ),
        (
            "cc_queue_oldest_contact_enqueued_timestamp_seconds",
            QC,
            "Unix time the longest-waiting contact joined; absent when nobody waits",
        ),
        ("cc_queue_contacts_in_service", QC, "Contacts with an agent now"),
        ("cc_queue_contacts_at_risk", QC, "Contacts that pass the target wait within 10 s unless answered"),
        ("cc_queue_contacts_outbound", QC, "Outbound contacts open now; they stand in no other number"),
        ("cc_queue_contacts_unanswered", QC, "Chats whose customer wrote last and waits for a reply"),
        (
            "cc_queue_oldest_unanswered_timestamp_seconds",
            QC,
            "Unix time the longest-waiting chat began to wait for a reply; absent when none does",
        ),
        (
            "cc_queue_lost_contacts",
            QC,
            "Contacts abandoned in the last 60 min whose customer was not answered since",
        ),
        (
            "cc_callbacks",
            (*QC, "state"),
            "Callbacks promised: scheduled for later, due by now, of these overdue by 15 min",
        ),
        ("cc_queue_open", QC, "1 inside the opening hours of the queue, 0 outside"),
        (
            "cc_queue_expected_wait_seconds",
            QC,
            "Wait foretold to a contact joining now: queue length, talk, patience; absent where it cannot be said",
        ),
        (
            "cc_queue_load_ratio",
            (*QC, "driver"),
            "How many times the load of the hour before, by volume, by staff, by handle_time; absent on calm queues",
        ),
        ("cc_queue_severity", QC, "Worst threshold entered now: 0 none, 1 warning, 2 critical"),
        (
            "cc_queue_state_updated_timestamp_seconds",
            QC,
            "Unix time the state is true for; moves on quiet queues, stays when numbers vanish",
        ),
    ),
    *_families(
        "gauge",
        "floor",
        "board",
        ("cc_queue_info", (*QC, "display_name", "group"), "Names of the queue for joins, always 1"),
    ),
    *_families(
        "gauge",
        "staff",
        "board_live",
        ("cc_agents", ("team", "state"), "Agents by their one state now, each agent once"),
        ("cc_agents_phantom", ("team",), "Agents logged in whose last sign of life is older than 5 min"),
        (
            "cc_queue_agents_serving",
            (*QC, "state"),
            "Agents who may take this queue, by state; an agent counts in several queues, never sum over queues",
        ),
    ),
    *_families(
        "gauge",
        "staff",
        "board",
        (
            "cc_agent_slots",
            ("team", "channel", "state"),
            "Contacts that staffed agents may have at once, busy and free",
        ),
        (
            "cc_team_window_state_seconds",
            ("team", "state", "window"),
            "Agent-seconds in a state; occupancy is busy and acw by busy, acw, idle and has_capacity",
        ),
    ),
    *_families(
        "gauge",
        "backlog",
        "board",
        ("cc_backlog_contacts", (*QC, "state"), "Deferred cases not finished now, by status"),
        ("cc_backlog_unassigned_contacts", QC, "New and open deferred cases that nobody owns"),
        ("cc_backlog_clock_overdue_contacts", (*QC, "clock"), "Open deferred cases whose clock has run out"),
        (
            "cc_backlog_clock_due_soon_contacts",
            (*QC, "clock"),
            "Open deferred cases whose clock runs out within the next hour",
        ),
        ("cc_backlog_overdue_contacts", QC, "Open deferred cases past their due time"),
        ("cc_backlog_due_soon_contacts", QC, "Open deferred cases due within the next hour"),
        (
            "cc_backlog_oldest_contact_timestamp_seconds",
            QC,
            "Unix time the oldest open case arrived; absent when none is open",
        ),
    ),
    *_families(
        "gauge",
        "window",
        "board",
        ("cc_queue_window_offered_contacts", QCW, "Contacts that joined the queue in the window"),
        ("cc_queue_window_answered_contacts", QCW, "Contacts answered by an agent in the window"),
        ("cc_queue_window_answered_in_target_contacts", QCW, "Contacts answered within the target wait"),
        ("cc_queue_window_abandoned_contacts", QCW, "Customers who gave up waiting, short ones included"),
        ("cc_queue_window_short_abandoned_contacts", QCW, "Customers who gave up within the short limit"),
        (
            "cc_queue_window_other_exit_contacts",
            (*QCW, "reason"),
            "Contacts that left neither answered nor abandoned, by reason",
        ),
        (
            "cc_queue_window_other_exit_in_target_contacts",
            QCW,
            "Of the other exits those within the target wait, which the service level leaves out",
        ),
        (
            "cc_queue_window_missed_target_contacts",
            QCW,
            "Contacts still waiting and already past the target, the live term of the service level",
        ),
        ("cc_queue_window_wait_seconds", QCW, "Sum of waits of answered contacts; divide by known waits for ASA"),
        ("cc_queue_window_known_wait_contacts", QCW, "Answered contacts whose wait is known, the divisor for ASA"),
        ("cc_queue_window_max_wait_seconds", QCW, "Longest wait decided in the window, abandoned included"),
        (
            "cc_queue_window_handle_seconds",
            (*QCW, "phase"),
            "Sum of handling time; talk includes hold, handling is talk and wrapup",
        ),
        ("cc_queue_window_completed_contacts", QCW, "Contacts whose handling ended in the window"),
        ("cc_queue_window_first_response_seconds", QCW, "Sum of times to the first human reply in chats"),
        ("cc_queue_window_first_responses_contacts", QCW, "Chats that got their first human reply in the window"),
        ("cc_queue_window_missed_contacts", QCW, "Chats that ended without any human reply"),
    ),
    *_families(
        "gauge",
        "doubt",
        "board",
        ("cc_source_last_event_timestamp_seconds", ("source",), "Newest event time of a source system, as Unix time"),
        ("cc_source_silent", ("source",), "1 while a source told neither events nor heartbeats for 90 s, 0 otherwise"),
        (
            "cc_queue_drift_contacts",
            QC,
            "Our waiting contacts less those of the newest list of the source; absent without such a list",
        ),
        ("cc_queue_ghost_contacts", QC, "Contacts that wait here but are missing in the newest list of the source"),
        ("cc_queue_orphan_contacts", QC, "Contacts of the business day that were never seen to join"),
        (
            "cc_doubtful_events",
            ("reason",),
            "Events late, repeated, conflicting, unknown or refused since counting began",
        ),
    ),
    *_families(
        "gauge",
        "threshold",
        "board_live",
        (
            "cc_queue_longest_wait_threshold_seconds",
            (*QC, "severity"),
            "Longest wait from which on the queue has this severity",
        ),
        (
            "cc_queue_waiting_threshold_contacts",
            (*QC, "severity"),
            "Number waiting from which on the queue has this severity",
        ),
    ),
    *_families(
        "gauge",
        "threshold",
        "board",
        (
            "cc_queue_service_level_threshold_ratio",
            (*QC, "severity"),
            "Service level below which the queue has this severity",
        ),
        (
            "cc_queue_abandonment_threshold_ratio",
            (*QC, "severity"),
            "Abandonment from which on the queue has this severity",
        ),
        ("cc_queue_target_wait_seconds", QC, "Wait within which a contact should be answered"),
        ("cc_queue_target_service_level_ratio", QC, "Share that should be answered within the target"),
    ),
    *_families(
        "counter",
        "cumulative",
        "worker",
        ("cc_contacts_offered_total", QC, "Contacts that joined a queue"),
        ("cc_contacts_answered_total", QC, "Contacts answered by an agent"),
        ("cc_contacts_answered_in_target_total", QC, "Contacts answered within the target then in force"),
        ("cc_contacts_abandoned_total", (*QC, "kind"), "Customers who gave up waiting, short and late ones apart"),
        ("cc_contacts_exited_total", (*QC, "reason"), "Contacts that left neither answered nor abandoned"),
        ("cc_contacts_completed_total", QC, "Contacts whose handling ended"),
        ("cc_contacts_transferred_total", (*QC, "kind"), "Contacts transferred out of a queue, by kind"),
        ("cc_offers_unanswered_total", QC, "Offers that rang unanswered, were rejected or met a busy agent"),
        (
            "cc_agent_state_seconds_total",
            ("team", "state"),
            "Agent-seconds in states that are over; the time in state that still runs is in the window gauges",
        ),
    ),
    *_families(
        "histogram",
        "cumulative",
        "worker",
        ("cc_contact_wait_duration_seconds", (*QC, "outcome"), "Wait of answered and of abandoned contacts"),
        buckets=WAIT_BUCKETS,
    ),
    *_families(
        "histogram",
        "cumulative",
        "worker",
        ("cc_contact_handle_duration_seconds", QC, "Handling time of contacts that ended, holds included"),
        buckets=HANDLE_BUCKETS,
    ),
    *_families(
        "histogram",
        "cumulative",
        "worker",
        ("cc_chat_first_response_duration_seconds", ("queue",), "Time to the first human reply in chats"),
        buckets=WAIT_BUCKETS,
    ),
    *_families(
        "counter",
        "pipeline",
        "worker",
        ("cc_stream_events_consumed_total", ("topic",), "Records read from Kafka"),
        ("cc_stream_events_processed_total", ("stage",), "Events applied to Redis"),
        ("cc_stream_events_late_total", ("topic", "action"), "Events older than the watermark"),
        ("cc_stream_events_duplicate_total", ("topic",), "Events already known by their id"),
        ("cc_stream_events_invalid_total", ("topic", "reason"), "Records that are no valid event"),
        ("cc_stream_dead_letters_total", ("topic", "reason"), "Records written to the dead-letter topic"),
        (
            "cc_stream_reaped_legs_total",
            ("topic",),
            "Legs whose end never came and was set at their plausible limit; on agents.events engagements of agents",
        ),
        (
            "cc_stream_corrections_total",
            ("topic",),
            "Counts taken back by later facts, which the counters here never subtract",
        ),
    ),
    *_families(
        "gauge",
        "pipeline",
        "worker",
        ("cc_stream_consumer_lag_records", TP, "Records in Kafka that are not applied yet"),
        ("cc_stream_watermark_timestamp_seconds", TP, "Largest event time accepted, as Unix time"),
        (
            "cc_stream_heartbeat_timestamp_seconds",
            TP,
            "Newest tick applied, as Unix time; proves flow on a quiet night",
        ),
        ("cc_stream_last_event_timestamp_seconds", ("source",), "Newest event time by source system"),
        (
            "cc_stream_source_clock_skew_seconds",
            ("source",),
            "How far the newest event time is ahead of Kafka's clock; below 0 it is behind, by the delay at least",
        ),
    ),
    *_families(
        "histogram",
        "pipeline",
        "worker",
        ("cc_stream_event_delay_seconds", ("topic",), "From the event's time to its reading"),
        ("cc_stream_board_delay_seconds", ("stage",), "From the event's time to its write in Redis"),
        buckets=DELAY_BUCKETS,
    ),
    *_families(
        "histogram",
        "pipeline",
        "worker",
        ("cc_stream_process_duration_seconds", ("stage",), "CPU time per event"),
        buckets=WORK_BUCKETS,
    ),
    *_families(
        "gauge",
        "pipeline",
        "worker",
        ("cc_stream_partitions_assigned", ("topic",), "Partitions this worker owns"),
        (
            "cc_stream_overflow_queues",
            (),
            "Queues beyond the cap, counted as queue __overflow__; no more than 100,000 of them are told apart",
        ),
    ),
    *_families(
        "counter",
        "pipeline",
        "worker",
        ("cc_stream_rebalances_total", (), "Rebalances this worker took part in"),
    ),
    *_families(
        "histogram",
        "pipeline",
        "worker",
        ("cc_stream_redis_write_duration_seconds", ("operation",), "Time one call to Redis took"),
        buckets=CALL_BUCKETS,
    ),
    *_families(
        "counter",
        "pipeline",
        "worker",
        ("cc_stream_redis_errors_total", ("operation",), "Calls to Redis that failed"),
    ),
    *_families(
        "gauge",
        "exporter",
        "board",
        ("cc_exporter_redis_up", (), "1 while the board reaches Redis, 0 otherwise"),
        ("cc_exporter_collect_duration_seconds", (), "Time the board took to make this page"),
        ("cc_exporter_overflow_queues", (), "Queues beyond the cap, summed up as queue __overflow__"),
        ("cc_exporter_series", (), "Series on this page, as of this scrape"),
        ("cc_board_queues", (), "Queues the board knows, by queue and channel"),
        ("cc_board_listeners", (), "Pages that listen to the stream of events now"),
        ("cc_board_connections", (), "Connections to the board that are open now"),
        ("cc_queues_unconfigured", (), "Queues seen in events that floor.toml does not name"),
        ("cc_config_reload_failed", (), "1 while the last reload of floor.toml failed and the old one is kept"),
    ),
    *_families(
        "counter",
        "exporter",
        "board",
        ("cc_board_publications_total", (), "Times the board made its state anew, 4 a second unless short of time"),
        (
            "cc_board_listeners_dropped_total",
            ("reason",),
            "Listeners the board left: stalled took nothing for 5 s, expired had listened for an hour",
        ),
        (
            "cc_board_listeners_refused_total",
            ("reason",),
            "Listeners turned away: total is the limit of all, address that of one token at one address",
        ),
    ),
    MetricDef(
        "cc_build_info",
        "gauge",
        ("version", "revision", "python"),
        "What runs here, always 1",
        "exporter",
        ("board", "worker"),
    ),
)

BY_NAME: dict[str, MetricDef] = {metric.name: metric for metric in CATALOGUE}


def served_by(page: Page) -> tuple[MetricDef, ...]:
    """The families that stand on `page`, in the order of the catalogue."""
    return tuple(metric for metric in CATALOGUE if page in metric.served_by)
