"""A report for spreadsheets and programs: CSV, JSON."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from floorpulse.report import PARTS
from kpi.spreadsheet import inert

Row = tuple[str, str, str, dict[str, Any]]


def as_json(report: dict[str, Any]) -> str:
    """JSON as in `docs/contracts.md`, names in their own script."""
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


def as_csv(report: dict[str, Any]) -> str:
    """One line per part: its kind, key and (for minutes) queue, then every measure by its path, e.g. `exits.timeout`.

    No value is an empty cell. Of the end of the span there is a line `floor`, and one `backlog` per queue.
    """
    rows = [(part, key, queue, dict(_flat(measures))) for part, key, queue, measures in _rows(report)]
    columns = list(dict.fromkeys(name for *_, cells in rows for name in cells))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["part", "key", "queue", *columns])
    for part, key, queue, cells in rows:
        writer.writerow([part, inert(key), inert(queue), *(cells.get(name) for name in columns)])
    return out.getvalue()


def _rows(report: dict[str, Any]) -> Iterator[Row]:
    yield "total", "", "", report["total"]
    for part in PARTS:
        for key, measures in report.get(f"per_{part}", {}).items():
            if part == "minute":
                yield from ((part, key, queue, mine) for queue, mine in measures.items())
            else:
                yield part, key, "", measures
    if any(report.get("floor", {}).values()):
        yield "floor", "", "", report["floor"]
    for queue, backlog in report.get("backlog", {}).items():
        yield "backlog", queue, "", backlog


def _flat(measures: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in measures.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        elif isinstance(value, list):  # the steps of the hazard, by where they begin
            for step in value:
                rest = {key: part for key, part in step.items() if key != "from_seconds"}
                yield from _flat(rest, f"{path}{name}.{step['from_seconds']}.")
        else:
            yield f"{path}{name}", value
