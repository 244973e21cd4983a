"""One queue: its numbers now and against their limits, all windows side by side, the waits, the people, the doubts."""

from __future__ import annotations

from dataclasses import replace

from grafana import parts
from grafana import queries as q
from grafana.model import Board, Line, Panel, Query, Row
from grafana.queue_details import details

S = (3, 4)
WIDE, HALF = (24, 8), (12, 8)


def limits(measure: str) -> list[Query]:
    """The exported limits of a measure, as dashed lines."""
    lines: tuple[Line, ...] = ("warning", "critical")
    return [Query(q.limit(measure, line), f"legend.{line}", line=line) for line in lines]


def tiles() -> list[Panel]:
    """What is true now."""
    return [
        parts.age("stat", S),
        Panel("stat", "waiting_here", S, parts.by_limit(q.WAITING, "waiting", legend=parts.NAME)),
        Panel("stat", "longest_here", S, parts.by_limit(q.LONGEST_WAIT, "longest_wait", legend=parts.NAME), "dthms"),
        Panel(
            "stat",
            "service_level_here",
            S,
            parts.by_limit(q.SERVICE_LEVEL, "service_level", dash=q.SERVICE_LEVEL, legend=parts.NAME),
            "percentunit",
            maximum=1,
        ),
        Panel(
            "stat",
            "abandoned_here",
            S,
            parts.by_limit(q.ABANDONMENT, "abandonment", dash=q.ABANDONMENT, legend=parts.NAME),
            "percentunit",
            1,
            maximum=1,
        ),
        Panel("stat", "free_here", S, [Query(q.fresh(q.QUEUE_FREE))], link="agents"),
        parts.count("stat", "in_service", "cc_queue_contacts_in_service", S),
        expected_wait(),
    ]


def expected_wait() -> Panel:
    """The wait of who joins now; a dash where it cannot be foretold."""
    expected = q.each("cc_queue_expected_wait_seconds")
    unknown = f"({q.WAITING} * NaN) unless {q.SAME_QUEUE} ({expected})"
    queries = [Query(q.fresh(expected)), Query(q.fresh(unknown))]
    return Panel("stat", "expected_wait", S, queries, "dthms")


def windows() -> Panel:
    """A line for each window, a column for each measure."""

    def by_window(name: str, *labels: str) -> str:
        return f"max by ({', '.join(('queue', 'channel', *labels, 'window'))}) ({q.series(name)})"

    def count(name: str) -> str:
        return by_window(f"cc_queue_window_{name}_contacts")

    def summed(name: str, label: str) -> str:
        return f"sum by (queue, channel, window) ({by_window(name, label)})"

    exits = f"({summed('cc_queue_window_other_exit_contacts', 'reason')} or {count('answered')} * 0)"
    late = f"{exits} - {count('other_exit_in_target')}"
    judged = f"({count('answered')} + {count('abandoned')} + {late} + {count('missed_target')})"
    decided = f"({count('answered')} + {count('abandoned')} + {exits})"
    phases = q.series("cc_queue_window_handle_seconds", 'phase=~"talk|wrapup"')
    handled = f"sum by (queue, channel, window) (max by (queue, channel, phase, window) ({phases}))"
    columns = [
        (count("offered"), "col.offered_count"),
        (count("answered"), "col.answered"),
        (f"100 * {q.ratio(count('answered_in_target'), judged)}", "col.service_level_percent"),
        (count("abandoned"), "col.abandoned_count"),
        (f"100 * {q.ratio(count('abandoned'), decided)}", "col.abandoned_percent"),
        (count("short_abandoned"), "col.short"),
        (exits, "col.exits"),
        (q.ratio(by_window("cc_queue_window_wait_seconds"), count("known_wait")), "col.asa"),
        (by_window("cc_queue_window_max_wait_seconds"), "col.max_wait"),
        (q.ratio(handled, count("completed")), "col.aht"),
    ]
    queries = [Query(q.fresh(expr), word) for expr, word in columns]
    return Panel("table", "windows", WIDE, queries, rows=(("window", "col.window"),))


def trends() -> list[Panel]:
    """The way here, with the limits."""
    target = Query(q.each("cc_queue_target_wait_seconds"), "legend.target", line="target")
    goal = Query(q.each("cc_queue_target_service_level_ratio"), "legend.target", line="target")
    return [
        Panel(
            "trend",
            "waiting_trend",
            HALF,
            [
                Query(q.WAITING, "legend.waiting"),
                Query(q.each("cc_queue_contacts_ringing"), "legend.ringing"),
                Query(q.each("cc_queue_contacts_in_service"), "legend.in_service"),
                *limits("waiting"),
            ],
        ),
        Panel(
            "trend",
            "longest_trend",
            HALF,
            [Query(q.LONGEST_WAIT, "legend.longest_wait"), target, *limits("longest_wait")],
            "dthms",
        ),
        Panel(
            "trend",
            "service_level_trend",
            HALF,
            [Query(q.SERVICE_LEVEL, "legend.service_level"), goal, *limits("service_level")],
            "percentunit",
            maximum=1,
        ),
        Panel(
            "trend",
            "abandoned_trend",
            HALF,
            [Query(q.ABANDONMENT, "legend.abandoned"), *limits("abandonment")],
            "percentunit",
            maximum=1,
        ),
    ]


def of_one(panel: Panel | Row) -> Panel | Row:
    """The panel with one choice of each kind: Grafana makes no pattern of a single value, so it is matched as it is."""
    if isinstance(panel, Row):
        return panel
    return replace(panel, queries=[replace(query, expr=exactly(query.expr)) for query in panel.queries])


def exactly(expr: str) -> str:
    """A query about the queue and the channel chosen, whatever signs are in their names."""
    return expr.replace('queue=~"$queue"', 'queue="$queue"').replace('channel=~"$channel"', 'channel="$channel"')


PANELS: list[Panel | Row] = [*tiles(), windows(), *trends(), Row("row.details"), *details()]

BOARD = Board(
    "queue",
    [of_one(panel) for panel in PANELS],
    ("one-channel", "one-queue-of"),
    since="now-1h",
)
