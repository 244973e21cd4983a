"""A report for eyes and spreadsheets: a table, CSV, JSON."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from floorpulse.report import PARTS

Row = tuple[str, str, str, dict[str, Any]]
DASH = "–"
_LEGEND = (
    "level: answered within target, short abandons left out; wait, p90: seconds, of the answered; max: of all; "
    "talk: mean seconds; most: the most waiting at once"
)
_LEADS = {"queue": "queue", "hour": "hour", "day": "day", "agent": "agent", "minute": "minute, queue"}


def as_json(report: dict[str, Any]) -> str:
    """JSON as in `docs/contracts.md`, names in their own script."""
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


def as_csv(report: dict[str, Any]) -> str:
    """One line per part: its kind, key and (for minutes) queue, then every measure by its path, e.g. `exits.timeout`.

    No value is an empty cell.
    """
    rows = [(part, key, queue, dict(_flat(measures))) for part, key, queue, measures in _rows(report)]
    columns = list(dict.fromkeys(name for *_, cells in rows for name in cells))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["part", "key", "queue", *columns])
    for part, key, queue, cells in rows:
        writer.writerow([part, _inert(key), _inert(queue), *(cells.get(name) for name in columns)])
    return out.getvalue()


def _inert(name: str) -> str:
    """A name that a spreadsheet will not take for a formula."""
    return f"'{name}" if name[:1] in "=+-@\t\r" and name else name


def _rows(report: dict[str, Any]) -> Iterator[Row]:
    yield "total", "", "", report["total"]
    for part in PARTS:
        for key, measures in report.get(f"per_{part}", {}).items():
            if part == "minute":
                yield from ((part, key, queue, mine) for queue, mine in measures.items())
            else:
                yield part, key, "", measures


def _flat(measures: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in measures.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def as_table(report: dict[str, Any]) -> Group:
    """Tables for a terminal: the span, what the log held, then one table per part."""
    span, events = report["span"], report["events"]
    snapped = ", rounded outward to whole panes" if span.get("snapped") else ""
    lines: list[Text | Table] = [
        Text(f"{span['from']} to {span['to']}, {span['basis']} basis{snapped}", "bold"),
        Text(", ".join(f"{events[name]} {name.replace('_', ' ')}" for name in events if isinstance(events[name], int))),
    ]
    lines += [Text(_LEGEND, "dim"), Text()]
    total = _queue_table("")
    _add(total, "total", report["total"])
    lines.append(total)
    for part in PARTS:
        found = report.get(f"per_{part}")
        if found:
            lines += [Text(), _agent_table(found) if part == "agent" else _part_table(part, found)]
    return Group(*lines)


def _part_table(part: str, found: dict[str, Any]) -> Table:
    table = _queue_table(_LEADS[part])
    for key, measures in found.items():
        if part == "minute":
            for queue, mine in measures.items():
                _add(table, f"{key}  {queue}", mine)
        else:
            _add(table, key, measures)
    return table


def _queue_table(lead: str) -> Table:
    names = ("offered", "answered", "aband.", "other", "open", "level", "wait", "p90", "max", "talk", "most")
    return _table(lead, names)


def _table(lead: str, names: tuple[str, ...]) -> Table:
    table = Table(header_style="bold", pad_edge=False, box=None, padding=(0, 1, 0, 0))
    table.add_column(lead, overflow="fold", min_width=12)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _add(table: Table, name: str, measures: dict[str, Any]) -> None:
    level = measures["service_level"]["short_excluded"]
    wait = measures["wait_seconds"]
    table.add_row(
        Text(name),
        str(measures["offered"]),
        str(measures["answered"]),
        str(measures["abandoned"]),
        str(sum(measures["exits"].values())),
        str(measures["open"]),
        DASH if level is None or level["value"] is None else f"{level['value']:.1%}",
        _seconds(wait["answered"]["mean"]),
        _seconds(wait["answered"]["p90"]),
        _seconds(wait["all"]["max"]),
        _seconds(measures["talk_seconds"]["mean"]),
        str(measures["max_waiting"]),
    )


def _agent_table(found: dict[str, Any]) -> Table:
    table = _table("agent", ("answered", "talk", "hold", "transfers", "not taken"))
    for agent, measures in found.items():
        table.add_row(
            Text(agent),
            str(measures["answered"]),
            _seconds(measures["talk_seconds"]["mean"]),
            _seconds(measures["hold_seconds"]["mean"]),
            str(measures["transfers"]),
            str(measures["offers_unanswered"]),
        )
    return table


def _seconds(value: float | None) -> str:
    return DASH if value is None else f"{value:.1f}".removesuffix(".0")
