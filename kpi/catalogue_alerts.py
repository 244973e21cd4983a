"""What the alert engine and the relay to chat robots tell of themselves."""

from __future__ import annotations

from kpi.metric_family import DELAY_BUCKETS, QC, MetricDef, families

ALERTS: tuple[MetricDef, ...] = (
    *families(
        "counter",
        "alert",
        "alerts",
        ("cc_alert_evaluations_total", ("rule",), "Limits compared with a snapshot"),
        ("cc_alert_evaluation_failures_total", ("rule",), "Limits that could not be compared"),
        ("cc_alert_posts_total", ("alertmanager", "result"), "Posts to a replica of Alertmanager, ok or error"),
    ),
    *families(
        "gauge",
        "alert",
        "alerts",
        ("cc_alert_firing", ("rule", *QC, "severity"), "1 while the alert fires; absent otherwise"),
        (
            "cc_alert_last_post_timestamp_seconds",
            ("alertmanager",),
            "Unix time of the last accepted post of an engine that saw the queues",
        ),
        ("cc_alert_leader", (), "1 in the process that evaluates, 0 in one that stands by"),
    ),
    *families(
        "histogram",
        "alert",
        "alerts",
        ("cc_alert_delay_seconds", (), "From the instant that a snapshot is true for to the accepted post"),
        buckets=DELAY_BUCKETS,
    ),
    *families(
        "counter",
        "relay",
        "relay",
        (
            "cc_relay_messages_total",
            ("robot", "result"),
            "Messages to a robot: sent, digested (in a message with others), rejected by the platform, failed",
        ),
    ),
    *families(
        "gauge",
        "relay",
        "relay",
        ("cc_relay_pending_alerts", ("robot",), "Alerts accepted and not yet sent"),
        (
            "cc_relay_oldest_pending_timestamp_seconds",
            ("robot",),
            "Unix time the oldest of these was accepted; absent when none is pending",
        ),
        ("cc_relay_last_sent_timestamp_seconds", ("robot",), "Unix time the platform last took a message"),
    ),
)
