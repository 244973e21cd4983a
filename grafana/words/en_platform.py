"""English: panels about the pipeline and the alerts."""

PANELS: dict[str, tuple[str, str]] = {
    "targets_down": ("Targets down", "Workers and boards that Prometheus cannot read."),
    "heartbeat": (
        "Oldest heartbeat",
        (
            "Now minus the newest tick applied, of the partition where it is oldest. Ticks come once a second, "
            "also at night."
        ),
    ),
    "lag": ("Lag", "Records in Kafka that are not applied yet, all partitions together."),
    "freshness": (
        "On the board within 5 s",
        (
            "Share of the live events of the last hour that stood in Redis within 5 s of their own time. The goal "
            "is 99.5 %."
        ),
    ),
    "redis_up": ("Redis reached", "Whether every board reaches Redis."),
    "reload_failed": (
        "floor.toml refused",
        "Whether the last reload of floor.toml failed; then the one before it is in force.",
    ),
    "unconfigured": ("Unnamed queues", "Queues seen in events that floor.toml does not name."),
    "overflow": (
        "Queues in overflow",
        "Queues beyond the cap of board or workers; they stand together as __overflow__.",
    ),
    "partitions": ("Partitions owned", "Partitions that workers own; each is owned by one."),
    "silent_sources": ("Silent sources", "Source systems that told neither events nor heartbeats for 90 s."),
    "rebalances": ("Rebalances, 1 h", "How often workers shared out partitions anew, each worker counted."),
    "consumed": ("Records read", "From Kafka, by topic, all workers together."),
    "processed": ("Events applied", "By what became of them, all workers together."),
    "lag_trend": ("Lag by partition", "Records in Kafka that are not applied yet."),
    "event_delay": ("From event to reading", "Event time to the reading of the record; middle and slowest 1 %."),
    "board_delay": ("From event to board", "Event time to the write in Redis; middle and slowest 1 %."),
    "freshness_trend": (
        "On the board within 5 s, over time",
        (
            "Share of live events that stood in Redis within 5 s of their own time, over four spans; dashed the "
            "goal, 99.5 %."
        ),
    ),
    "heartbeat_age": ("Age of the heartbeat", "Now minus the newest tick applied, by partition."),
    "watermark_age": ("Age of the watermark", "Now minus the largest event time accepted, by partition."),
    "cpu": ("CPU time per event", "By stage; middle and slowest 1 %."),
    "late": ("Late events", "Events older than the watermark allows, and what became of them."),
    "duplicates": ("Repeated events", "Events already known by their id; they change nothing."),
    "invalid": ("Invalid records", "Records that are no valid event, by reason."),
    "dead_letters": ("Dead letters", "Records written to the dead-letter topic, by reason."),
    "reaped": ("Ends set by us", "Legs whose end never came and was set at their plausible limit."),
    "corrections": ("Corrections", "Counts taken back by later facts; the counters never subtract them."),
    "doubtful": ("Doubtful events", "Late, repeated, conflicting, unknown or refused, since counting began."),
    "source_age": ("Newest event of a source", "Now minus the newest event time of each source system."),
    "source_skew": ("Clock of a source", "How far the newest event is ahead of Kafka's clock; below 0 it is behind."),
    "redis_calls": ("Calls to Redis", "Time one call took; middle and slowest 1 %."),
    "redis_errors": ("Failed calls to Redis", "By operation, all workers together."),
    "collect": ("Making the metrics page", "Time a board took for its page."),
    "partitions_trend": ("Partitions owned, by topic", "By topic, all workers together."),
    "board_load": ("Pages and connections", "Pages that listen to a board, and open connections, all boards together."),
    "listeners_left": (
        "Listeners dropped",
        "Listeners that a board left: stalled ones, and those that stayed an hour.",
    ),
    "listeners_refused": ("Listeners refused", "Listeners turned away, by the limit they met."),
    "publications": ("Publications", "How often a board makes its state anew; 4 a second unless it is short of time."),
    "series": ("Series and queues", "Series on the two pages of a board, and queues it knows."),
    "targets_up": ("Targets read", "1 while Prometheus reads the page, 0 while it cannot."),
    "builds": ("What runs", "Version and revision of each process."),
    # --- alerts
    "firing_critical": ("Critical alerts", "Critical alerts that fire now, for the floor and for the platform."),
    "firing_warning": ("Warnings", "Warnings that fire now, for the floor and for the platform."),
    "pending": ("Pending", "Alerts whose condition holds, but not for long enough yet."),
    "notifications_failed": ("Messages failed, 1 h", "Messages that Alertmanager could not deliver in the last hour."),
    "notifications_dropped": (
        "Alerts dropped, 1 h",
        "Alerts that Prometheus could not hand to Alertmanager, last hour.",
    ),
    "rules_failed": ("Rules failed, 1 h", "Evaluations of rules that failed in the last hour."),
    "firing_all": ("Firing", "All alerts that fire. A click opens what the runbook says of them."),
    "pending_all": ("Pending, each", "All alerts whose condition holds, but not for long enough yet."),
    "firing_by_alert": ("Firing, by alert", "How many of each fire."),
    "firing_by_queue": ("Firing, by queue", "How many fire for each queue."),
    "fired": ("Fired in the time range", "For how many minutes each fired, looked at every 15 s."),
    "notifications": (
        "Messages a minute",
        "Alerts handed to Alertmanager, messages sent and failed by kind of receiver.",
    ),
    "held": ("Alerts in Alertmanager", "Alerts it has, by state; suppressed ones are silenced or held back by others."),
}
