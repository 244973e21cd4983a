"""The lead's desk: every queue, the worst first, what the hour was like, who is there, and what is alerted."""

from __future__ import annotations

from grafana import parts
from grafana import queries as q
from grafana.alert_table import firing_table
from grafana.model import Board, Panel, Query
from grafana.palette import CALM_SIGN, SIGNS
from grafana.wall import RANK

S = (3, 4)
HALF = (12, 8)


def signs() -> str:
    """How bad each queue is, as a label: ■, ▲ or ●."""
    severity = q.each("cc_queue_severity")
    marks = {level: sign for level, (sign, _) in SIGNS.items()} | {0: CALM_SIGN}
    return " or ".join(
        f'label_replace({severity} == {level}, "sign", "{sign}", "", "")' for level, sign in marks.items()
    )


def over_limit() -> Panel:
    """How many queues have reached a limit; 0 where all are known and none has."""
    bad = f"count(({q.fresh(q.each('cc_queue_severity'))}) > 0)"
    worst = f"max({q.fresh(q.each('cc_queue_severity'))})"
    none = f"{worst} == 0"
    queries = [
        Query(f"{bad} and on () ({worst} == 2)", severity=2),
        Query(f"{bad} and on () ({worst} == 1)", severity=1),
        Query(none),
    ]
    return Panel("stat", "over_limit", S, queries, link="alerts")


def table() -> Panel:
    """All queues with their numbers; seconds and per cent stand in the headings, for columns share a unit."""
    columns = [
        Query(q.named(q.fresh(signs())), "col.severity", hidden=True),
        Query(q.fresh(RANK), "col.rank", hidden=True),
        Query(q.fresh(q.WAITING), "col.waiting"),
        Query(q.fresh(q.LONGEST_WAIT), "col.longest_wait"),
        Query(q.fresh(q.each("cc_queue_expected_wait_seconds")), "col.expected_wait"),
        Query(f"100 * ({q.fresh(q.SERVICE_LEVEL)})", "col.service_level"),
        Query(f"100 * {q.each('cc_queue_target_service_level_ratio')}", "col.target_percent"),
        Query(q.each("cc_queue_target_wait_seconds"), "col.target_seconds"),
        Query(f"100 * ({q.fresh(q.ABANDONMENT)})", "col.abandoned"),
        Query(q.fresh(q.window("offered")), "col.offered"),
        Query(q.fresh(q.each("cc_queue_contacts_in_service")), "col.in_service"),
        Query(q.fresh(q.QUEUE_FREE), "col.free"),
        Query(q.fresh(q.BACKLOG), "col.backlog"),
        Query(q.fresh(q.each("cc_queue_lost_contacts")), "col.lost"),
    ]
    rows = (("sign", "col.severity"), ("display_name", "col.queue"), ("queue", "col.id"), ("channel", "col.channel"))
    return Panel("table", "queues", (24, 9), columns, rows=rows, sort=("B", True), signed=True, link="queue")


def trends() -> list[Panel]:
    """The hour."""
    return [
        Panel("trend", "waiting_by_queue", HALF, [Query(q.named(q.WAITING), legend=parts.QUEUE_NAME)], link="queue"),
        Panel(
            "trend",
            "longest_wait_by_queue",
            HALF,
            [Query(q.named(q.LONGEST_WAIT), legend=parts.QUEUE_NAME)],
            "dthms",
            link="queue",
        ),
        Panel(
            "trend",
            "service_level_by_queue",
            HALF,
            [Query(q.named(q.series("queue_channel:cc_queue_service_level:ratio30m")), legend=parts.QUEUE_NAME)],
            "percentunit",
            link="queue",
            maximum=1,
        ),
        Panel(
            "trend",
            "abandoned_by_queue",
            HALF,
            [Query(q.named(q.series("queue_channel:cc_queue_abandonment:ratio30m")), legend=parts.QUEUE_NAME)],
            "percentunit",
            link="queue",
            maximum=1,
        ),
        parts.volume(HALF),
        Panel(
            "trend",
            "agents_by_state",
            HALF,
            [parts.states("sum by (state) (max by (team, state) (cc_agents))", ())],
            speaks=parts.STATES,
            stacked=True,
            link="agents",
        ),
    ]


BOARD = Board(
    "overview",
    [
        parts.age("stat", S),
        over_limit(),
        parts.waiting("stat", S),
        parts.longest_wait("stat", S),
        parts.service_level("stat", S),
        parts.abandoned("stat", S),
        parts.free_agents("stat", S),
        parts.count("stat", "lost", "cc_queue_lost_contacts", S),
        table(),
        *trends(),
        Panel("stat", "backlog", (4, 8), [Query(q.total(q.BACKLOG))], link="backlog"),
        parts.count("stat", "callbacks_overdue", "cc_callbacks", (4, 8), 'state="overdue"'),
        parts.count("stat", "unanswered", "cc_queue_contacts_unanswered", (4, 8)),
        firing_table((12, 8)),
    ],
    ("channel", "queue"),
    since="now-1h",
)
