"""The alerts: what fires and will fire, what fired, and whether people are told."""

from __future__ import annotations

from grafana.alert_table import alerts, both_engines, firing_table
from grafana.model import Board, Panel, Query
from grafana.queries import RATE

S, HALF, THIRD = (4, 4), (12, 8), (8, 8)


def number_of(state: str, matcher: str = "") -> str:
    """How many alerts are in a state; 0 while none is and Prometheus is there to say so."""
    return f"count({alerts(state, matcher)}) or max(up) * 0"


def tiles() -> list[Panel]:
    """Now, and whether a message would arrive."""
    critical = number_of("firing", 'severity="critical"')
    warning = number_of("firing", 'severity="warning"')
    failed = "sum(increase(alertmanager_notifications_failed_total[1h])) or max(up) * 0"
    dropped = "sum(increase(prometheus_notifications_dropped_total[1h]))"
    broken = "sum(increase(prometheus_rule_evaluation_failures_total[1h]))"
    return [
        Panel(
            "stat",
            "firing_critical",
            S,
            [
                Query(f"({critical}) > 0", severity=2),
                Query(f"({critical}) == 0"),
            ],
        ),
        Panel(
            "stat",
            "firing_warning",
            S,
            [
                Query(f"({warning}) > 0", severity=1),
                Query(f"({warning}) == 0"),
            ],
        ),
        Panel("stat", "pending", S, [Query(number_of("pending"))]),
        Panel("stat", "notifications_failed", S, [Query(failed)]),
        Panel("stat", "notifications_dropped", S, [Query(dropped)]),
        Panel("stat", "rules_failed", S, [Query(broken)]),
    ]


def history() -> list[Panel]:
    """What fired when, and what was told."""
    by_alert = "count by (alertname, severity) (max by (alertname, severity, queue, channel, reason) (%s))"
    fired = Query(by_alert % both_engines(), legend="{{alertname}} {{severity}}")
    of_queues = both_engines('queue!=""')
    by_queue = f"count by (queue, channel) ({of_queues})"
    sent = f"sum by (integration) (rate(alertmanager_notifications_total[{RATE}])) * 60"
    failed = f"sum by (integration) (rate(alertmanager_notifications_failed_total[{RATE}])) * 60"
    posted = f"sum(rate(prometheus_notifications_sent_total[{RATE}])) * 60"
    held = "max by (state) (alertmanager_alerts)"
    seen = (
        "sum by (alertname, queue, channel, severity) "
        f"(count_over_time(max by (alertname, queue, channel, severity) ({both_engines()})[$__range:15s]))"
        " / 4"
    )
    rows = (
        ("severity", "col.severity"),
        ("alertname", "col.alert"),
        ("queue", "col.id"),
        ("channel", "col.channel"),
    )
    mapped = (("warning", "severity.1", "yellow"), ("critical", "severity.2", "dark-red"))
    return [
        Panel("trend", "firing_by_alert", HALF, [fired], stacked=True),
        Panel("trend", "firing_by_queue", HALF, [Query(by_queue, legend="{{queue}} {{channel}}")], link="queue"),
        Panel(
            "table",
            "fired",
            HALF,
            [Query(seen, "col.minutes")],
            rows=rows,
            mapped=mapped,
            sort=("A", True),
            link="queue",
        ),
        Panel(
            "trend",
            "notifications",
            HALF,
            [
                Query(posted, "legend.posted"),
                Query(sent, "legend.sent", "{{integration}}"),
                Query(failed, "legend.failed", "{{integration}}"),
            ],
            decimals=1,
            slow=True,
        ),
        Panel("trend", "held", HALF, [Query(held, legend="{{state}}")], slow=True),
    ]


BOARD = Board(
    "alerts",
    [
        *tiles(),
        firing_table((12, 9), key="firing_all", matcher=""),
        firing_table((12, 9), state="pending", key="pending_all", matcher=""),
        *history(),
    ],
    (),
    since="now-6h",
    refresh="10s",
)
