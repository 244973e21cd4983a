"""/api/report: every measure of a span, made from Redis as `floorpulse report` makes it."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.web.asked import QUEUE, check_queue, log_now_ms
from board.web.csv_answers import FORMAT, csv_file, wants_csv
from board.web.params import Param, check_known, choice, instant, one_of
from board.web.parts import Parts
from board.web.reports import RETRY_SECONDS, BusyError, ReportQuery, ReportRefusedError, ReportRoom
from kpi.panes import zone_of

# No minutes: those of a day of a large floor would be half a million of rows.
PARTS = ("queue", "hour", "day", "agent", "team")
NOTHING = "none"
BASES = ("event", "arrival")


def parts_of(text: str) -> tuple[str, ...]:
    """The parts that `by` names; ValueError with what is wanted."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names or not set(names) <= {*PARTS, NOTHING}:
        raise ValueError(f"{one_of((*PARTS, NOTHING))}, or some with commas between")
    return names


def zone(text: str) -> str:
    """The name of an IANA zone; ValueError with what is wanted."""
    try:
        zone_of(text)
    except ValueError:
        raise ValueError("an IANA name, e.g. Europe/Berlin or UTC") from None
    return text


_TIME = {"type": "string", "examples": ["2026-11-20T08:00+01:00"]}
FROM: Param[int | None] = Param(
    "from",
    "Begin, ISO 8601 with an offset. Default: that of the business day of floor.toml's [defaults], or of a replay.",
    instant,
    _TIME,
    None,
)
TO: Param[int | None] = Param(
    "to", "End, not included; at most 35 days later. Default: now, or a replay's end.", instant, _TIME, None
)
BASIS = choice("basis", "Where a leg's counts stand in time.", BASES, "event")
BY: Param[tuple[str, ...] | None] = Param(
    "by",
    f"Parts, with commas between: {', '.join(PARTS)}, or {NOTHING}. Default: all that there are.",
    parts_of,
    {"type": "string", "examples": ["queue,hour"]},
    None,
)
ZONE: Param[str | None] = Param(
    "zone", "IANA zone of hours and days. Default: that of floor.toml's [defaults].", zone, {"type": "string"}, None
)
PARAMS = (FROM, TO, BASIS, BY, ZONE, QUEUE, FORMAT)


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""
    room = ReportRoom(parts.report) if parts.report is not None else None

    @app.get("/api/report")
    async def report(request: Request) -> Response:
        query = _query(request, parts)
        if room is None:
            raise HTTPException(503, "this board was not given what makes reports")
        try:
            body = await room.report(query)
        except BusyError:
            retry = {"Retry-After": str(RETRY_SECONDS)}
            raise HTTPException(429, "other reports are being made; try again in a moment", retry) from None
        except ReportRefusedError as error:
            raise HTTPException(error.status, str(error)) from None
        if query.csv:
            return csv_file("report", body)
        return Response(body, media_type="application/json")


def _query(request: Request, parts: Parts) -> ReportQuery:
    given = request.query_params
    check_known(given, PARAMS)
    by, queue = BY.of(given), QUEUE.of(given)
    if queue is not None and by is not None and {"agent", "team"} & set(by):
        raise HTTPException(400, "by: agents belong to no single queue; wanted queue, hour or day beside queue=")
    check_queue(parts, queue)
    floor = parts.config.floor
    return ReportQuery(
        from_ms=FROM.of(given),
        to_ms=TO.of(given),
        now_ms=log_now_ms(parts),
        floor=floor,
        basis=BASIS.of(given) or BASES[0],
        by=by,
        zone=ZONE.of(given) or floor.defaults.zone,
        queue=queue,
        csv=wants_csv(request),
    )
