"""From Kafka to the board: what flows, how late, what was refused, who runs; for whoever is called when it does not."""

from __future__ import annotations

from grafana import parts
from grafana import queries as q
from grafana.model import Board, Line, Panel, Query, Row
from grafana.names import known

S = (4, 4)
HALF, THIRD, WIDE = (12, 8), (8, 8), (24, 8)
TARGET = 'job=~"$job",instance=~"$instance"'
# Counters of what hardly ever happens, which have no series before it does.
RARE = (
    *(f"cc_stream_events_{what}_total" for what in ("late", "duplicate", "invalid")),
    *("cc_stream_dead_letters_total", "cc_stream_corrections_total", "cc_stream_redis_errors_total"),
    *("cc_board_listeners_dropped_total", "cc_board_listeners_refused_total"),
)
GOAL = 0.995  # of live events on the board within 5 s, the bound of the recorded series


def of(name: str, *matchers: str) -> str:
    """The series of one metric of the processes chosen."""
    return f"{known(name)}{{{','.join((TARGET, *matchers))}}}"


def trend(key: str, *queries: Query, unit: str = "none", size: tuple[int, int] = THIRD, decimals: int = 1) -> Panel:
    """A panel about workers."""
    return Panel("trend", key, size, queries, unit, decimals, slow=True)


def rate(key: str, name: str, *labels: str) -> Panel:
    """A counter by its labels."""
    legend = " ".join(f"{{{{{label}}}}}" for label in labels)
    counted = q.per_second(name, *labels, matchers=TARGET)
    queries = [Query(counted, legend=legend)]
    if name in RARE:
        # What never happened has no series yet; that is 0, as long as the workers are read.
        alive = f"max(rate({of('cc_stream_rebalances_total')}[{q.RATE}])) * 0"
        queries.append(Query(f"{alive} unless on () ({counted})", "legend.none"))
    return trend(key, *queries, unit="cps")


def quantiles(key: str, name: str, *labels: str, unit: str = "s") -> Panel:
    """The middle and the slow end of a histogram."""
    legend = " ".join(f"{{{{{label}}}}}" for label in labels)
    queries = [
        Query(q.quantile(share, name, *labels, matchers=TARGET), f"legend.p{share * 100:g}", legend)
        for share in (0.5, 0.99)
    ]
    return trend(key, *queries, unit=unit, decimals=3)


def age_of(name: str, *labels: str) -> str:
    """Now minus the newest instant that any worker told, one value per label set."""
    return f"clamp_min(time() - max by ({', '.join(labels)}) ({of(name)}), 0)"


def tiles() -> list[Panel]:
    """Is it alive?"""
    down = f"count({of('up')} == 0) or count({of('up')}) * 0"
    redis = f"min({of('cc_exporter_redis_up')})"
    beat = f"max({age_of('cc_stream_heartbeat_timestamp_seconds', 'topic', 'partition')})"
    lag = f"sum(max by (topic, partition) ({of('cc_stream_consumer_lag_records')}))"
    share = "min(cc_stream_board_delay:good_ratio_rate1h)"
    yes_no = (("0", "word.no", "dark-red"), ("1", "word.yes", "transparent"))
    no_yes = (("0", "word.no", "transparent"), ("1", "word.yes", "yellow"))
    return [
        parts.age("stat", S),
        Panel("stat", "targets_down", S, [Query(down)]),
        Panel("stat", "heartbeat", S, [Query(beat)], "dthms"),
        Panel("stat", "lag", S, [Query(lag)]),
        Panel("stat", "freshness", S, [Query(share)], "percentunit", 2, maximum=1),
        Panel("stat", "redis_up", S, [Query(redis)], mapped=yes_no),
        Panel(
            "stat", "reload_failed", S, [Query(f"max({of('cc_config_reload_failed')})")],
            mapped=no_yes,
        ),
        Panel("stat", "unconfigured", S, [Query(f"max({of('cc_queues_unconfigured')})")]),
        Panel("stat", "overflow", S, [Query(OVERFLOW)]),
        Panel(
            "stat", "partitions", S,
            [Query(f"sum({of('cc_stream_partitions_assigned')})")],
        ),
        Panel("stat", "silent_sources", S, [Query(silent())]),
        Panel("stat", "rebalances", S, [Query(f"sum(increase({of('cc_stream_rebalances_total')}[1h]))")]),
    ]  # fmt: skip


OVERFLOW = f"max({of('cc_exporter_overflow_queues')}) + sum({of('cc_stream_overflow_queues')})"


def silent() -> str:
    """Sources that tell nothing."""
    return q.fresh_floor(f"sum(max by (source) ({of('cc_source_silent')}))")


def flow() -> list[Panel]:
    """What comes in and what comes out, and how late."""
    lag = Query(f"max by (topic, partition) ({of('cc_stream_consumer_lag_records')})", legend="{{topic}} {{partition}}")
    beat = Query(
        age_of("cc_stream_heartbeat_timestamp_seconds", "topic", "partition"), legend="{{topic}} {{partition}}"
    )
    mark = Query(
        age_of("cc_stream_watermark_timestamp_seconds", "topic", "partition"), legend="{{topic}} {{partition}}"
    )
    widths = ("5m", "30m", "1h", "6h")
    good = [Query(f"cc_stream_board_delay:good_ratio_rate{width}", f"legend.last_{width}") for width in widths]
    goal: Line = "target"
    good.append(Query(f"vector({GOAL})", "legend.goal", line=goal))
    return [
        rate("consumed", "cc_stream_events_consumed_total", "topic"),
        rate("processed", "cc_stream_events_processed_total", "stage"),
        trend("lag_trend", lag, decimals=0),
        quantiles("event_delay", "cc_stream_event_delay_seconds", "topic"),
        quantiles("board_delay", "cc_stream_board_delay_seconds"),
        Panel("trend", "freshness_trend", THIRD, good, "percentunit", 2, maximum=1),
        trend("heartbeat_age", beat, unit="s"),
        trend("watermark_age", mark, unit="s"),
        quantiles("cpu", "cc_stream_process_duration_seconds", "stage"),
    ]


def doubts() -> list[Panel]:
    """What was refused, repeated or taken back."""
    sources = Query(f"max by (source) (time() - {of('cc_source_last_event_timestamp_seconds')})", legend="{{source}}")
    worker_sources = Query(age_of("cc_stream_last_event_timestamp_seconds", "source"), legend="{{source}}")
    skew = Query(f"max by (source) ({of('cc_stream_source_clock_skew_seconds')})", legend="{{source}}")
    doubtful = Query(f"max by (reason) ({of('cc_doubtful_events')})", legend="{{reason}}")
    return [
        rate("late", "cc_stream_events_late_total", "topic", "action"),
        rate("duplicates", "cc_stream_events_duplicate_total", "topic"),
        rate("invalid", "cc_stream_events_invalid_total", "topic", "reason"),
        rate("dead_letters", "cc_stream_dead_letters_total", "topic", "reason"),
        rate("reaped", "cc_stream_reaped_legs_total", "topic"),
        rate("corrections", "cc_stream_corrections_total", "topic"),
        Panel("trend", "doubtful", THIRD, [doubtful]),
        Panel("trend", "source_age", THIRD, [sources, worker_sources], "s"),
        Panel("trend", "source_skew", THIRD, [skew], "s", 3, minimum=None),
    ]


def machines() -> list[Panel]:
    """Redis, the board, the versions."""
    made = Query(f"max by (instance) ({of('cc_exporter_collect_duration_seconds')})", legend="{{instance}}")
    owned = Query(f"sum by (topic) ({of('cc_stream_partitions_assigned')})", legend="{{topic}}")
    up = Query(f"max by (job, instance) ({of('up')})", legend="{{job}} {{instance}}")
    listeners = Query(f"sum({of('cc_board_listeners')})", "legend.listeners")
    connections = Query(f"sum({of('cc_board_connections')})", "legend.connections")
    # Each board publishes on its own; the slowest is the one to look at.
    published = Query(f"rate({of('cc_board_publications_total')}[{q.RATE}])", legend="{{instance}}")
    series = Query(f"max by (instance) ({of('cc_exporter_series')})", "legend.series", "{{instance}}")
    queues = Query(f"max by (instance) ({of('cc_board_queues')})", "legend.queues", "{{instance}}")
    runs = Query(
        f"count by (version, revision, python, job, instance) ({of('cc_build_info')})", "col.count", hidden=True
    )
    rows = tuple((label, f"col.{label}") for label in ("job", "instance", "version", "revision", "python"))
    return [
        quantiles("redis_calls", "cc_stream_redis_write_duration_seconds", "operation"),
        rate("redis_errors", "cc_stream_redis_errors_total", "operation"),
        Panel("trend", "collect", THIRD, [made], "s", 3),
        trend("partitions_trend", owned, decimals=0),
        Panel("trend", "board_load", THIRD, [listeners, connections]),
        rate("listeners_left", "cc_board_listeners_dropped_total", "reason"),
        rate("listeners_refused", "cc_board_listeners_refused_total", "reason"),
        Panel("trend", "publications", THIRD, [published], "cps", 1),
        Panel("trend", "series", THIRD, [series, queues]),
        Panel("trend", "targets_up", THIRD, [up]),
        Panel("table", "builds", THIRD, [runs], rows=rows),
    ]  # fmt: skip


BOARD = Board(
    "pipeline",
    [*tiles(), *flow(), Row("row.doubts"), *doubts(), Row("row.machines"), *machines()],
    ("job", "instance"),
    since="now-1h",
    refresh="15s",
)
