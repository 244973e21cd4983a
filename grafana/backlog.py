"""Deferred work: the cases that are open, how old they are, and what is overdue by which clock."""

from __future__ import annotations

from grafana import parts
from grafana import queries as q
from grafana.model import Board, Panel, Query
from kpi.backlog import CLOCKS, STATUSES

S = (4, 4)
HALF, WIDE = (12, 8), (24, 8)
OLDEST = f"clamp_min(time() - {q.each('cc_backlog_oldest_contact_timestamp_seconds', least=True)}, 0)"


def status(name: str) -> str:
    """The cases in a status, for each queue."""
    return q.each("cc_backlog_contacts", f'state="{name}"')


def tiles() -> list[Panel]:
    """Now."""
    counts = [
        parts.count("stat", f"cases_{name}", f"cc_backlog_{name}_contacts", S)
        for name in ("overdue", "due_soon", "unassigned")
    ]
    oldest = Query(f"max({q.fresh(OLDEST)})")
    return [
        parts.age("stat", S),
        Panel("stat", "backlog", S, [Query(q.total(q.BACKLOG))]),
        *counts,
        Panel("stat", "oldest_case", S, [oldest], "dthms"),
    ]


def table() -> Panel:
    """A line for each queue that has cases."""
    columns = [
        Query(q.named(q.fresh(f"{q.BACKLOG} > 0")), "col.backlog"),
        *(Query(q.fresh(f"{status(name)} and {q.SAME_QUEUE} ({q.BACKLOG} > 0)"), f"label.{name}") for name in STATUSES),
        *(
            Query(
                q.fresh(f"{q.each(f'cc_backlog_{name}_contacts')} and {q.SAME_QUEUE} ({q.BACKLOG} > 0)"), f"col.{name}"
            )
            for name in ("overdue", "due_soon", "unassigned")
        ),
        Query(f"({q.fresh(OLDEST)}) / 3600", "col.oldest_hours"),
    ]
    rows = (("display_name", "col.queue"), ("queue", "col.id"), ("channel", "col.channel"))
    return Panel("table", "backlog_queues", WIDE, columns, decimals=1, rows=rows, sort=("F", True), link="queue")


def by_clock(key: str, name: str) -> Panel:
    """Cases by queue and the clock that counts."""
    expr = f"{q.each_by(name, 'clock')} > 0"
    legend = "{{queue}} {{clock}}"
    return Panel("trend", key, HALF, [Query(expr, legend=legend)], speaks=CLOCKS, stacked=True, link="queue")


def trends() -> list[Panel]:
    """The way here."""
    overdue = q.each("cc_backlog_overdue_contacts")
    per_status = f"sum by (state) ({q.each_by('cc_backlog_contacts', 'state')})"
    opened = Query(f"{q.BACKLOG} > 0", legend="{{queue}} {{channel}}")
    return [
        Panel("trend", "cases_by_status", HALF, [parts.states(per_status, ())], speaks=STATUSES, stacked=True),
        Panel("trend", "cases_by_queue", HALF, [opened], link="queue"),
        Panel("trend", "overdue_trend", HALF, [Query(f"{overdue} > 0", legend="{{queue}} {{channel}}")], link="queue"),
        Panel("trend", "oldest_trend", HALF, [Query(OLDEST, legend="{{queue}} {{channel}}")], "dthms", link="queue"),
        by_clock("clock_overdue", "cc_backlog_clock_overdue_contacts"),
        by_clock("clock_due_soon", "cc_backlog_clock_due_soon_contacts"),
    ]


BOARD = Board("backlog", [*tiles(), table(), *trends()], ("channel", "queue"), since="now-6h")
