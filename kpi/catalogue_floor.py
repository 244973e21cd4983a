"""What the board tells of the floor: state now, agents, backlog, windows, doubts."""

from __future__ import annotations

from kpi.metric_family import QC, QCW, MetricDef, families

FLOOR: tuple[MetricDef, ...] = (
    *families(
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
            "cc_queue_unattended_contacts",
            QC,
            "Contacts waiting while no agent of the queue is at work in it; absent where no source tells its agents",
        ),
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
    *families(
        "gauge",
        "floor",
        "board",
        ("cc_queue_info", (*QC, "display_name", "group"), "Names of the queue for joins, always 1"),
        (
            "cc_queue_display_name_info",
            (*QC, "language", "display_name"),
            "Names of the queue in languages, where floor.toml gives them, always 1",
        ),
    ),
    *families(
        "gauge",
        "staff",
        "board_live",
        ("cc_agents", ("team", "state"), "Agents by their one state now, each agent once"),
        ("cc_agents_phantom", ("team",), "Agents logged in whose last sign of life is older than 5 min"),
        (
            "cc_queue_agents_available",
            QC,
            "Agents free for this queue now; there where ready_agents has limits, never sum over queues",
        ),
        (
            "cc_queue_agents_serving",
            (*QC, "state"),
            "Agents who may take this queue, by state; an agent counts in several queues, never sum over queues",
        ),
    ),
    *families(
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
    *families(
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
    *families(
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
    *families(
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
)
