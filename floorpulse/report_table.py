"""A report for eyes: the tables of a terminal."""

from collections.abc import Callable, Iterator

from rich.console import Group
from rich.table import Table
from rich.text import Text

from floorpulse.report import PARTS
from floorpulse.report_columns import (
    AGENT,
    BACKLOG,
    CALLS,
    DASH,
    NOW,
    TEAM,
    THEMES,
    TIMES,
    Cell,
    Measures,
    number,
    was_there,
)

_LEGEND = (
    "level: answered within target, short abandons left out; wait, p90: seconds, of the answered; max: of all; "
    "talk: mean seconds; most: the most waiting at once; on hold: hung up there; "
    "needed: answers in time until the live level is at its target"
)
_LEADS = {"team": "team, h:mm", "minute": "minute, queue"}
_COLUMNS = {"agent": AGENT, "team": TEAM}
#: The parts that further tables are made of, when there is something in them to show.
_FURTHER = ("queue", "hour", "day")


def as_table(report: Measures) -> Group:
    """Tables for a terminal: the span, what the log held, one table per part, then chats, cases and who does what."""
    span, events = report["span"], report["events"]
    snapped = ", rounded outward to whole panes" if span.get("snapped") else ""
    lines: list[Text | Table] = [
        Text(f"{span['from']} to {span['to']}, {span['basis']} basis{snapped}", "bold"),
        Text(", ".join(f"{events[name]} {name.replace('_', ' ')}" for name in events if isinstance(events[name], int))),
    ]
    lines += [Text(_LEGEND, "dim"), Text()]
    lines.append(_table("", CALLS, [("total", report["total"])]))
    for part in PARTS:
        found = report.get(f"per_{part}")
        if found:
            rows = _rows_of(part, found)
            lines += [Text(), _table(_LEADS.get(part, part), _COLUMNS.get(part, CALLS), rows)]
            if part == "agent" and any(was_there(measures) for measures in found.values()):
                lines += [Text(), _table("agent, h:mm", TIMES, rows)]
    for title, columns, is_told in THEMES:
        lines += _theme(report, title, columns, is_told)
    return Group(*lines, *_now(report))


def _theme(
    report: Measures, title: str, columns: dict[str, Cell], is_told: Callable[[Measures], bool]
) -> Iterator[Text | Table]:
    """One more table: the total, and the parts that have something to tell of it; nothing when nothing has."""
    if not is_told(report["total"]):
        return
    rows = [("total", report["total"])]
    for part in _FURTHER:
        rows += [row for row in report.get(f"per_{part}", {}).items() if is_told(row[1])]
    yield from (Text(), _table(title, columns, rows))


def _now(report: Measures) -> Iterator[Text | Table]:
    """What is true at the end of the span."""
    floor, backlog = report.get("floor"), report.get("backlog")
    if floor and floor["teams"]:
        yield from (Text(), _states(floor["teams"]))
    if floor and any(floor[name] for name in ("unanswered", "active_chats", "callbacks", "lost")):
        queues = sorted({*floor["unanswered"], *floor["active_chats"], *floor["callbacks"], *floor["lost"]})
        yield from (Text(), _table("at the end, queue", NOW, [(queue, {**floor, "queue": queue}) for queue in queues]))
    if backlog:
        yield from (Text(), _table("backlog, queue", BACKLOG, list(backlog.items())))


def _states(teams: dict[str, dict[str, int]]) -> Table:
    """Who does what, by team."""
    names = sorted({state for states in teams.values() for state in states})
    columns: dict[str, Cell] = {name: number(name) for name in names}
    return _table("at the end, team", columns, [(team or DASH, states) for team, states in teams.items()])


def _rows_of(part: str, found: Measures) -> list[tuple[str, Measures]]:
    if part == "minute":
        return [(f"{minute}  {queue}", mine) for minute, queues in found.items() for queue, mine in queues.items()]
    return [(key or DASH, measures) for key, measures in found.items()]


def _table(lead: str, columns: dict[str, Cell], rows: list[tuple[str, Measures]]) -> Table:
    table = Table(header_style="bold", pad_edge=False, box=None, padding=(0, 1, 0, 0))
    table.add_column(lead, overflow="fold", min_width=12)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for name, measures in rows:
        table.add_row(Text(name), *(cell(measures) for cell in columns.values()))
    return table
