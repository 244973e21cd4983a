"""/api/notes: what people write on the time line."""

from __future__ import annotations

import msgspec
from fastapi import FastAPI, Request
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.door.audit import audit
from board.door.slashes import name_of
from board.kept import new_id
from board.notes import AHEAD_MS, KEEP_MS, Note, add_note, remove_note
from board.web.answers import answer
from board.web.asked import QUEUE, check_queue, log_now_ms
from board.web.authors import author_of, cleaned
from board.web.csv_answers import FORMAT, csv_answer, wants_csv
from board.web.json_body import read_body
from board.web.kept import changed, read_again
from board.web.paging import MAX_LIMIT, OFFSET, limit_param, page_of
from board.web.params import MAX_MS, check_known, instant_ms
from board.web.parts import Parts
from board.web.until import instant_of
from kpi.instants import format_time

TEXT_CHARS = 200
EXAMPLE = '{"text": "campaign sent", "author": "Ana"}'
FROM_MS = instant_ms("from_ms", "Only notes of this instant (ms UTC) or later.")
TO_MS = instant_ms("to_ms", "Only notes before this instant (ms UTC).")
LIMIT = limit_param(MAX_LIMIT)
PARAMS = (FROM_MS, TO_MS, QUEUE, LIMIT, OFFSET, FORMAT)
COLUMNS = ("id", "at", "at_ms", "text", "author", "queue", "channel", "created_ms")


class NewNote(msgspec.Struct, forbid_unknown_fields=True):
    """What is sent for a note: an instant as `at` (ISO 8601) or `at_ms`, now without one."""

    text: str
    at: str | None = None
    at_ms: int | None = None
    queue: str | None = None
    channel: str | None = None
    author: str | None = None


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/notes")
    async def notes(request: Request) -> Response:
        query = request.query_params
        check_known(query, PARAMS)
        page, table = page_of(request, LIMIT), wants_csv(request)
        from_ms, to_ms = _span(query)
        queue = QUEUE.of(query)
        await read_again(parts, parts.notes, "the notes were")
        check_queue(parts, queue)
        oldest = log_now_ms(parts) - KEEP_MS
        first_ms, end_ms, places = max(oldest, from_ms or 0), MAX_MS if to_ms is None else to_ms, (None, queue)
        found = [
            note
            for note in parts.notes.latest
            if first_ms <= note.at_ms < end_ms and (queue is None or note.queue in places)
        ]
        shown = page.of(found)
        if table:
            return csv_answer("notes", COLUMNS, [_row(note) for note in shown])
        return answer({**page.told(request, len(found)), "notes": shown})

    @app.post("/api/notes")
    async def write(request: Request) -> Response:
        check_known(request.query_params, ())
        note = _note(parts, request, await read_body(request, NewNote, EXAMPLE))
        await changed(parts, parts.notes, add_note(parts.redis, parts.namespace, note, log_now_ms(parts)))
        audit(request, "note_added", note=note.id, queue=note.queue, author=note.author, at_ms=note.at_ms)
        return answer(note, 201)

    @app.delete("/api/notes/{note}")
    async def remove(request: Request, note: str) -> Response:
        check_known(request.query_params, ())
        wanted = name_of(note)
        if not await changed(parts, parts.notes, remove_note(parts.redis, parts.namespace, wanted)):
            raise HTTPException(404, "no such note")
        audit(request, "note_removed", note=wanted)
        return answer({"id": wanted})


def _span(query: QueryParams) -> tuple[int | None, int | None]:
    from_ms, to_ms = FROM_MS.of(query), TO_MS.of(query)
    if from_ms is not None and to_ms is not None and from_ms > to_ms:
        raise HTTPException(400, "from_ms, to_ms: wanted an instant and a later one")
    return from_ms, to_ms


def _note(parts: Parts, request: Request, sent: NewNote) -> Note:
    """The note that was sent; HTTPException 400 or 404 for what it may not be."""
    text, author = cleaned("text", sent.text, TEXT_CHARS), author_of(request, "author", sent.author)
    if sent.channel is not None and sent.queue is None:
        raise HTTPException(400, "channel: wanted a queue beside it")
    check_queue(parts, sent.queue, sent.channel)
    now_ms = log_now_ms(parts)
    return Note(new_id(), _at_ms(sent, now_ms), text, author, sent.queue, sent.channel, now_ms)


def _at_ms(sent: NewNote, now_ms: int) -> int:
    at_ms = instant_of("at", sent.at, sent.at_ms)
    at_ms = now_ms if at_ms is None else at_ms
    if not now_ms - KEEP_MS <= at_ms <= now_ms + AHEAD_MS:
        raise HTTPException(400, "at: wanted a time at most 35 days ago, and at most 7 days ahead")
    return at_ms


def _row(note: Note) -> list[object]:
    return [
        note.id, format_time(note.at_ms), note.at_ms, note.text, note.author, note.queue, note.channel,
        note.created_ms,
    ]  # fmt: skip
