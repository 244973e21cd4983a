"""What the board tells of itself, and every process of what it runs."""

from __future__ import annotations

from kpi.metric_family import MetricDef, families

EXPORTER: tuple[MetricDef, ...] = (
    *families(
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
    *families(
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
        ("board", "worker", "alerts", "relay"),
    ),
)
