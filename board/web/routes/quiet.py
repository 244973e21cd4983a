"""/api/quiet: spans in which nobody is to be told of a queue, a group or the floor, such as a team meeting."""

from __future__ import annotations

import msgspec
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.door.audit import audit
from board.door.slashes import name_of
from board.kept import new_id
from board.quiet import AHEAD_MS, LONGEST_MS, add_quiet, remove_quiet
from board.web.answers import answer
from board.web.asked import QUEUE, check_queue, log_now_ms
from board.web.authors import author_of, cleaned
from board.web.json_body import read_body
from board.web.kept import changed, read_again
from board.web.paging import MAX_LIMIT, OFFSET, limit_param, page_of
from board.web.params import check_known, one_of
from board.web.parts import Parts
from board.web.until import end_of, instant_of
from kpi.floor import CHANNELS
from kpi.quiet import Quiet

REASON_CHARS = 200
EXAMPLE = '{"reason": "team meeting", "author": "Ana", "queue": "support", "minutes": 30}'
LIMIT = limit_param(MAX_LIMIT)
PARAMS = (QUEUE, LIMIT, OFFSET)


class NewQuiet(msgspec.Struct, forbid_unknown_fields=True):
    """What is sent to plan quiet: of a `queue`, of a `group`, or else of the floor; `channel` narrows it down.

    It begins at `from` (ISO 8601) or `from_ms`, else now, and ends at `to` or `to_ms`, or `minutes` later.
    """

    reason: str
    author: str | None = None
    queue: str | None = None
    channel: str | None = None
    group: str | None = None
    from_: str | None = msgspec.field(name="from", default=None)
    from_ms: int | None = None
    to: str | None = None
    to_ms: int | None = None
    minutes: int | None = None


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/quiet")
    async def quiet(request: Request) -> Response:
        query = request.query_params
        check_known(query, PARAMS)
        page, queue = page_of(request, LIMIT), QUEUE.of(query)
        await read_again(parts, parts.quiets, "planned quiet was")
        check_queue(parts, queue)
        now_ms = log_now_ms(parts)
        planned = [each for each in parts.quiets.of(parts.config.floor) if each.to_ms > now_ms]
        found = [each for each in planned if queue is None or _is_about(parts, each, queue)]
        return answer({**page.told(request, len(found)), "quiet": page.of(found)})

    @app.post("/api/quiet")
    async def plan(request: Request) -> Response:
        check_known(request.query_params, ())
        made = _quiet(parts, request, await read_body(request, NewQuiet, EXAMPLE))
        await changed(parts, parts.quiets, add_quiet(parts.redis, parts.namespace, made, log_now_ms(parts)))
        audit(
            request, "quiet_planned", quiet=made.id, queue=made.queue, channel=made.channel, group=made.group,
            author=made.author, from_ms=made.from_ms, to_ms=made.to_ms,
        )  # fmt: skip
        return answer(made, 201)

    @app.delete("/api/quiet/{quiet}")
    async def end(request: Request, quiet: str) -> Response:
        check_known(request.query_params, ())
        wanted = name_of(quiet)
        if any(each.id == wanted for each in parts.config.floor.quiet):
            raise HTTPException(409, "this one stands in floor.toml; take it out there")
        if not await changed(parts, parts.quiets, remove_quiet(parts.redis, parts.namespace, wanted)):
            raise HTTPException(404, "no such quiet")
        audit(request, "quiet_ended", quiet=wanted)
        return answer({"id": wanted})


def _is_about(parts: Parts, quiet: Quiet, queue: str) -> bool:
    """Whether it is about any channel of a queue."""
    return any(
        quiet.covers(queue, channel, entry.snapshot.group)
        for (name, channel), entry in parts.publisher.latest.entries.items()
        if name == queue
    )


def _quiet(parts: Parts, request: Request, sent: NewQuiet) -> Quiet:
    """What was sent; HTTPException 400 or 404 for what it may not be."""
    reason, author = cleaned("reason", sent.reason, REASON_CHARS), author_of(request, "author", sent.author)
    _check_place(parts, sent)
    now_ms = log_now_ms(parts)
    from_ms = instant_of("from", sent.from_, sent.from_ms)
    from_ms = now_ms if from_ms is None else from_ms
    if not now_ms - LONGEST_MS <= from_ms <= now_ms + AHEAD_MS:
        raise HTTPException(400, "from: wanted a time at most 24 hours ago, and at most 30 days ahead")
    to_ms = end_of(
        "to", text=sent.to, ms=sent.to_ms, minutes=sent.minutes, from_ms=from_ms, now_ms=now_ms, most_ms=LONGEST_MS
    )
    return Quiet(
        id=new_id(), from_ms=from_ms, to_ms=to_ms, queue=sent.queue, channel=sent.channel, group=sent.group,
        reason=reason, author=author, created_ms=now_ms,
    )  # fmt: skip


def _check_place(parts: Parts, sent: NewQuiet) -> None:
    if sent.queue is not None and sent.group is not None:
        raise HTTPException(400, "queue and group: wanted one of them, or none for the whole floor")
    if sent.queue is not None:
        check_queue(parts, sent.queue, sent.channel)
    elif sent.channel is not None and sent.channel not in CHANNELS:
        raise HTTPException(400, f"channel: wanted {one_of(CHANNELS)}")
    groups = {entry.snapshot.group for entry in parts.publisher.latest.entries.values()} - {""}
    if sent.group is not None and sent.group not in groups:
        raise HTTPException(404, "no such group")
