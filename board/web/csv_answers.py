"""Tables for spreadsheets: CSV, with `?format=csv` or `Accept: text/csv`.

UTF-8 with a byte order mark, or Excel would take Chinese names for noise; no cell is ever a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from board.web.params import Param, choice
from kpi.spreadsheet import inert

FORMAT: Param[str | None] = choice("format", "JSON, or a table for spreadsheets.", ("json", "csv"))
CSV_TYPE = "text/csv"
MARK = "\ufeff".encode()


def wants_csv(request: Request) -> bool:
    """Whether the answer should be CSV: `format` says so, else the header Accept. HTTPException 400 for a bad one."""
    asked = FORMAT.of(request.query_params)
    if asked is not None:
        return asked == "csv"
    weights = _weights(",".join(request.headers.getlist("accept")))
    return weights.get(CSV_TYPE, 0) > weights.get("application/json", 0)


def _weights(accept: str) -> dict[str, float]:
    """Media type -> q of an Accept header, 1 where it has none or a strange one."""
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        kind, _, rest = part.partition(";")
        weight = 1.0
        for parameter in rest.split(";"):
            name, _, value = parameter.strip().partition("=")
            if name == "q":
                digits = value.strip().replace(".", "", 1)
                weight = float(value) if digits.isascii() and digits.isdecimal() else 1.0
        found[kind.strip()] = weight
    return found


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A table as the file `<name>.csv`; None is an empty cell, and texts are kept from being formulas."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return csv_file(name, out.getvalue().encode())


def csv_file(name: str, text: bytes) -> Response:
    """CSV that is there already, UTF-8 without a mark, as the file `<name>.csv`."""
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(MARK + text, media_type=f"{CSV_TYPE}; charset=utf-8", headers=headers)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return inert(value) if isinstance(value, str) else value
