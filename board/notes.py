"""Notes on the time line ("campaign sent 10:30"): what people know that no event tells."""

from __future__ import annotations

from typing import Any

import msgspec
from redis.asyncio import Redis

from board import kept
from board.kept import Kept, add, parsed, remove, too_many
from kpi.keys import notes_key
from kpi.panes import COARSE_KEEP_MS

MAX_NOTES = 2_000
# As long as the quarter-hours that they explain.
KEEP_MS = COARSE_KEEP_MS
# Notes of what is planned stand in the future.
AHEAD_MS = 7 * 86_400_000
CALLED = "notes"


class Note(msgspec.Struct, frozen=True):
    """One note: at an instant of the log's clock, about one queue (and channel), or the whole floor."""

    id: str
    at_ms: int
    text: str
    author: str
    queue: str | None
    channel: str | None
    created_ms: int


class Notes(Kept[Note]):
    """The notes that a board knows, oldest first."""

    def __init__(self) -> None:
        super().__init__(Note, notes_key, lambda note: (note.at_ms, note.created_ms, note.id), CALLED)


async def add_note(redis: Redis, namespace: str, note: Note, now_ms: int) -> None:
    """Write a note. Those older than KEEP_MS go, and of more than MAX_NOTES the oldest."""
    key = notes_key(namespace)
    fields: Any = await redis.hgetall(key)
    known = [*parsed(fields, Note, CALLED), note]
    gone = too_many(known, lambda each: each.at_ms, now_ms - KEEP_MS, MAX_NOTES)
    await add(redis, key, note, gone, await lasting_ms(redis, namespace))


async def remove_note(redis: Redis, namespace: str, note_id: str) -> bool:
    """Remove a note; whether it was there."""
    return await remove(redis, notes_key(namespace), note_id, await lasting_ms(redis, namespace))


async def lasting_ms(redis: Redis, namespace: str) -> int:
    """How long notes and claims are kept: in a replay as long as the replay, else a week longer than any note."""
    return await kept.lasting_ms(redis, namespace, KEEP_MS + AHEAD_MS)
