"""/api/queues: the snapshots of all queues, and of one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from fastapi import FastAPI, Request
from starlette.responses import Response

from board.entries import Entry
from board.web.answers import answer
from board.web.asked import CHANNEL, GROUP, SEARCH, entries_of, is_found
from board.web.csv_answers import FORMAT, csv_answer, wants_csv
from board.web.paging import MAX_LIMIT, OFFSET, limit_param, page_of
from board.web.params import check_known, whole
from board.web.parts import Parts
from board.web.queue_table import COLUMNS, row_of

# Whoever read this address before there were pages gets all queues of any usual floor.
LIMIT = limit_param(MAX_LIMIT)
QUEUES_PER_BREATH = 50
SEVERITY = whole("severity", "Only queues that are at least so bad: 0, 1 (warning) or 2 (critical).", 0, 2, 0)
PARAMS = (GROUP, CHANNEL, SEARCH, SEVERITY, LIMIT, OFFSET, FORMAT)
ONE_PARAMS = (FORMAT,)


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/queues")
    async def queues(request: Request) -> Response:
        check_known(request.query_params, PARAMS)
        page, table = page_of(request, LIMIT), wants_csv(request)
        latest = parts.publisher.latest
        found = _wanted(request, list(latest.entries.values()))
        shown = page.of(found)
        if table:
            return csv_answer("queues", COLUMNS, [row_of(entry.snapshot) for entry in shown])
        return answer(
            {
                "namespace": parts.namespace,
                "state": latest.verdict.state,
                "reason": latest.verdict.reason,
                "unconfigured": latest.unconfigured,
                "config_error": parts.config.error,
                **page.told(request, len(found)),
                "queues": await _json(shown),
            }
        )

    @app.get("/api/queues/{queue}")
    async def queue(request: Request, queue: str) -> Response:
        check_known(request.query_params, ONE_PARAMS)
        table, found = wants_csv(request), entries_of(parts, queue)
        if table:
            return csv_answer("queue", COLUMNS, [row_of(entry.snapshot) for entry in found])
        return answer({"queues": await _json(found), "links": [_links(entry) for entry in found]})


def _wanted(request: Request, entries: Sequence[Entry]) -> list[Entry]:
    """The entries that the query asks for, in the order they have."""
    query = request.query_params
    group, channel, severity = GROUP.of(query), CHANNEL.of(query), SEVERITY.of(query)
    search = SEARCH.of(query)
    return [
        entry
        for entry in entries
        if group in (None, entry.snapshot.group)
        and channel in (None, entry.snapshot.channel)
        and entry.snapshot.severity >= severity
        and is_found(search, _names(entry))
    ]


def _names(entry: Entry) -> tuple[str, ...]:
    snapshot = entry.snapshot
    return snapshot.queue, snapshot.display_name, snapshot.group, *entry.config.display_names.values()


def _links(entry: Entry) -> dict[str, Any]:
    """Where more is told of a queue and channel; `{measure}` is to be filled in."""
    queue, channel = quote(entry.snapshot.queue, safe=""), entry.snapshot.channel
    return {
        "channel": channel,
        "page": f"/queue/{queue}/{channel}",
        "contacts": f"/api/queues/{queue}/contacts?channel={channel}",
        "explain": f"/api/explain/{queue}/{channel}/{{measure}}",
        "report": f"/api/report?queue={queue}",
        "notes": f"/api/notes?queue={queue}",
    }


async def _json(entries: Sequence[Entry]) -> list[msgspec.Raw]:
    """The snapshots as JSON; it is made when it is asked for, which takes a while on a large floor."""
    found = []
    for index, entry in enumerate(entries, start=1):
        found.append(msgspec.Raw(entry.json))
        if index % QUEUES_PER_BREATH == 0:
            await asyncio.sleep(0)
    return found
