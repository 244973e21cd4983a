"""What floor.toml says, as metrics: targets, limits, and how alerts behave. So rules and boards hold no numbers."""

from __future__ import annotations

from kpi.metric_family import QC, QCM, QCMS, MetricDef, families

LIMITS: tuple[MetricDef, ...] = (
    *families(
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
    *families(
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
            "Abandonment, short ones left out of both sides, from which on the queue has this severity",
        ),
        ("cc_queue_target_wait_seconds", QC, "Wait within which a contact should be answered"),
        ("cc_queue_target_service_level_ratio", QC, "Share that should be answered within the target"),
        ("cc_queue_short_abandon_seconds", QC, "Who gives up within this time is not judged as lost"),
    ),
    *families(
        "gauge",
        "threshold",
        "board_live",
        ("cc_queue_limit_seconds", QCMS, "Seconds at which the queue gets this severity by a measure"),
        ("cc_queue_limit_contacts", QCMS, "Contacts (of ready_agents: agents) at which the queue gets this severity"),
        ("cc_queue_limit_ratio", QCMS, "Ratio at which the queue gets this severity by a measure"),
        ("cc_queue_exit_limit_seconds", QCMS, "Seconds at which this severity ends; absent where it begins there, too"),
        (
            "cc_queue_exit_limit_contacts",
            QCMS,
            "Contacts at which this severity ends; absent where it begins there, too",
        ),
        ("cc_queue_exit_limit_ratio", QCMS, "Ratio at which this severity ends; absent where it begins there, too"),
        ("cc_queue_quiet", QC, "1 during a planned quiet, in which nobody is told; absent otherwise"),
    ),
    *families(
        "gauge",
        "threshold",
        "board",
        ("cc_team_occupancy_limit_ratio", ("severity",), "Occupancy from which on a team has this severity"),
        (
            "cc_team_occupancy_exit_limit_ratio",
            ("severity",),
            "Occupancy at which this severity of a team ends; absent where it begins there, too",
        ),
    ),
    *families(
        "gauge",
        "behaviour",
        "board",
        ("cc_alert_for_seconds", ("measure",), "How long a limit is passed until its alert fires"),
        ("cc_alert_keep_seconds", ("measure",), "How long it is not passed until the alert ends"),
        ("cc_alert_minimum_contacts", ("measure",), "Fewest counted contacts of which the measure has a value"),
        ("cc_alert_only_open", ("measure",), "1 when the alert speaks in opening hours alone, 0 otherwise"),
        ("cc_queue_alert_for_seconds", QCM, "The same of one queue, where it differs"),
        ("cc_queue_alert_keep_seconds", QCM, "The same of one queue, where it differs"),
        ("cc_queue_alert_minimum_contacts", QCM, "The same of one queue, where it differs"),
        ("cc_queue_alert_only_open", QCM, "The same of one queue, where it differs"),
        ("cc_queue_alert_off", QCM, "1 where a limit only colours and nobody is told; absent otherwise"),
        ("cc_alert_also", ("alertname",), "1 for each rule of the pipeline that floor.toml switches on"),
    ),
)
