"""The alerts about Floorpulse itself: board, workers, Redis, delivery, and that anybody watches at all. Pure data.

What stands in `kpi.alerting.ALSO` is silent until `[alerts] also` in floor.toml names it; the board exports that as
`cc_alert_also`. What they say stands in `alerts.prometheus.pipeline_words`.
"""

from __future__ import annotations

from alerts.prometheus.machine import SILENT_SECONDS
from alerts.prometheus.pipeline_rule import PipelineRule

# The share of live events that stand on the board within 5 s, and how fast its failures may use up what is allowed.
GOAL_FRESH = 0.995
_UPDATED = "cc_queue_state_updated_timestamp_seconds"
_STATE = f"max by (queue, channel) ({_UPDATED})"
# Of an engine whose page is gone as well, for an hour: its alerts end by themselves in that time.
_LAST_POST = "max(max_over_time(cc_alert_last_post_timestamp_seconds[1h]))"
# The floor alerts that BoardStale holds back are told with the texts that Alertmanager has of them. Of an alert that
# goes on Prometheus posts those only every 10 s (--rules.alert.resend-delay): some with numbers must have come first.
_FRESH = "15s"


def _stale(severity: str, seconds: int) -> list[PipelineRule]:
    return [
        PipelineRule(
            "BoardStale",
            severity,
            # Read lately: a Prometheus that was away looks back at the time of before, and must not blame the board.
            f"time() - min({_STATE}) > {seconds} and on () time() - max(timestamp({_UPDATED})) < 10",
            keep=_FRESH,
            text="BoardStale.old",
            unit="duration",
            audience="floor",
            since=f"min({_STATE})",
            labels={"reason": "old"},
        ),
        PipelineRule(
            "BoardStale",
            severity,
            "absent(cc_queue_state_updated_timestamp_seconds)",
            hold=f"{seconds}s",
            keep=_FRESH,
            text="BoardStale.absent",
            audience="floor",
            labels={"reason": "absent"},
        ),
    ]


def _burn(severity: str, factor: float, short: str, long: str) -> PipelineRule:
    most = f"{factor * (1 - GOAL_FRESH):.3f}"
    series = "cc_stream_board_delay:good_ratio_rate"
    return PipelineRule(
        "BoardFreshnessBurn",
        severity,
        f"1 - {series}{long} > {most} and 1 - {series}{short} > {most}",
        hold="2m",
        unit="percent",
    )


def _rate(family: str, length: str, by: str = "") -> str:
    return f"sum {f'by ({by}) ' if by else ''}(increase({family}[{length}]))"


def _lag(severity: str, seconds: int) -> PipelineRule:
    lag = "max by (topic, partition) (cc_stream_consumer_lag_records)"
    return PipelineRule(
        "ConsumerLagGrowing",
        severity,
        f"sum by (topic) ({lag}) > {seconds} * sum by (topic) (rate(cc_stream_events_consumed_total[5m]))"
        " and sum by (topic) (deriv(cc_stream_consumer_lag_records[2m])) > 0",
        hold="1m",
        by=("topic",),
    )


def _share(name: str, severity: str, part: str, share: str) -> PipelineRule:
    whole = _rate("cc_stream_events_consumed_total", "10m")
    return PipelineRule(name, severity, f"{_rate(part, '10m')} / ({whole} > 0) > {share}", hold="10m", unit="percent")


def _delay(severity: str, seconds: int) -> PipelineRule:
    buckets = "sum by (le) (rate(cc_stream_event_delay_seconds_bucket[5m]))"
    return PipelineRule(
        "EventDelayHigh", severity, f"histogram_quantile(0.99, {buckets}) > {seconds}", hold="2m", unit="duration"
    )


def _silent(severity: str, hold: str) -> PipelineRule:
    # The alert has a label source of its own, so the system that is silent stands in another one.
    system = 'max by (system) (label_replace(cc_source_silent, "system", "$1", "source", "(.*)")) == 1'
    expr = f"{system} and on () max(cc_queue_open) == 1"
    return PipelineRule("SourceSilent", severity, expr, hold=hold, by=("system",))


_BACKLOG = "sum by (queue, channel) (max by (queue, channel, state) (cc_backlog_contacts))"
_FORETOLD = "sum by (queue, channel) (max by (queue, channel, state) (predict_linear(cc_backlog_contacts[1h], 14400)))"
_FAILED_POSTS = 'sum by (alertmanager) (increase(cc_alert_posts_total{result="error"}[1m])) > 0'
_GOOD_POSTS = 'sum by (alertmanager) (increase(cc_alert_posts_total{result="ok"}[1m])) > 0'
_FAILED_ROBOTS = 'sum by (robot) (increase(cc_relay_messages_total{result=~"rejected|failed"}[5m])) > 0'
_OLDEST_PENDING = "time() - min by (robot) (cc_relay_oldest_pending_timestamp_seconds) > 120"
_ASSIGNED = "sum by (topic) (cc_stream_partitions_assigned)"

# What must be said within seconds.
FAST: tuple[PipelineRule, ...] = (
    PipelineRule("Watchdog", "none", "vector(1)", audience="deadman"),
    *_stale("warning", 15),
    *_stale("critical", 30),
    PipelineRule(
        "StreamStalled",
        "critical",
        "time() - min(max by (topic, partition) (cc_stream_heartbeat_timestamp_seconds)) > 30",
        unit="duration",
        since="min(max by (topic, partition) (cc_stream_heartbeat_timestamp_seconds))",
    ),
    _silent("warning", "30s"),
    _silent("critical", "210s"),
    PipelineRule(
        "StreamAlertEngineSilent",
        "critical",
        f"time() - {_LAST_POST} > {SILENT_SECONDS}",
        hold="15s",
        text="StreamAlertEngineSilent.old",
        unit="duration",
        since=_LAST_POST,
        labels={"reason": "old"},
    ),
    PipelineRule(
        "StreamAlertEngineSilent",
        "critical",
        # Never seen: alertmanager.yml holds nothing back for this one, for the engine may well speak.
        "absent(max_over_time(cc_alert_last_post_timestamp_seconds[1h]))",
        hold="30s",
        text="StreamAlertEngineSilent.absent",
        labels={"reason": "absent"},
    ),
    PipelineRule("RedisDown", "critical", "max(cc_exporter_redis_up) == 0", hold="10s"),
    PipelineRule(
        "WorkerDown",
        "critical",
        'up{job="cc-workers"} == 0',
        hold="30s",
        text="WorkerDown.one",
        labels={"reason": "one"},
        by=("job", "instance"),
    ),
    PipelineRule(
        "WorkerDown",
        "critical",
        'absent(up{job="cc-workers"} == 1)',
        hold="30s",
        text="WorkerDown.all",
        labels={"reason": "all"},
    ),
    PipelineRule("ExporterDown", "critical", 'absent(up{job="cc-live"} == 1)', hold="10s"),
)

# What counts over minutes, and so is looked at every 15 s.
SLOW: tuple[PipelineRule, ...] = (
    PipelineRule(
        "DeadLetters",
        "warning",
        f"{_rate('cc_stream_dead_letters_total', '10m', 'topic, reason')} > 0",
        keep="5m",
        by=("topic", "reason"),
    ),
    PipelineRule(
        "DeadLetters",
        "critical",
        f"{_rate('cc_stream_dead_letters_total', '10m')}"
        f" / ({_rate('cc_stream_events_consumed_total', '10m')} > 0) > 0.01",
        hold="1m",
        keep="5m",
        text="DeadLetters.share",
        unit="percent",
    ),
    PipelineRule(
        "AlertDeliveryFailing",
        "warning",
        "sum by (integration) (increase(alertmanager_notifications_failed_total[5m])) > 0",
        hold="1m",
        text="AlertDeliveryFailing.receiver",
        labels={"reason": "receiver"},
        by=("integration",),
    ),
    PipelineRule(
        "AlertDeliveryFailing",
        "warning",
        _FAILED_ROBOTS,
        text="AlertDeliveryFailing.robot",
        labels={"reason": "robot"},
        by=("robot",),
    ),
    PipelineRule(
        "AlertDeliveryFailing",
        "critical",
        _OLDEST_PENDING,
        hold="1m",
        text="AlertDeliveryFailing.pending",
        unit="duration",
        labels={"reason": "pending"},
        by=("robot",),
    ),
    PipelineRule(
        "AlertDeliveryFailing",
        "critical",
        f"{_FAILED_POSTS} unless {_GOOD_POSTS}",
        hold="1m",
        text="AlertDeliveryFailing.post",
        labels={"reason": "post"},
        by=("alertmanager",),
    ),
    _delay("warning", 5),
    _delay("critical", 30),
    _lag("warning", 10),
    _lag("critical", 60),
    _share("InvalidEvents", "warning", "cc_stream_events_invalid_total", "0.01"),
    _share("LateEventsDropped", "warning", 'cc_stream_events_late_total{action="dropped"}', "0.001"),
    _share("LateEventsDropped", "critical", 'cc_stream_events_late_total{action="dropped"}', "0.01"),
    PipelineRule(
        "PartitionsUnassigned",
        "critical",
        f"{_ASSIGNED} < max_over_time({_ASSIGNED}[1h:1m])",
        hold="60s",
        by=("topic",),
    ),
    # An increase is stretched to the whole of its time, so three are a little more than three.
    PipelineRule("RebalanceStorm", "warning", f"round({_rate('cc_stream_rebalances_total', '10m')}) > 3"),
    _burn("warning", 6, "30m", "6h"),
    _burn("critical", 14.4, "5m", "1h"),
    PipelineRule(
        "BacklogGrowing",
        "warning",
        f"{_FORETOLD} > 2 * {_BACKLOG} and on (queue, channel) {_FORETOLD} - {_BACKLOG} >= 20",
        hold="10m",
        audience="floor",
        by=("queue", "channel"),
    ),
)

PIPELINE: tuple[PipelineRule, ...] = (*FAST, *SLOW)
