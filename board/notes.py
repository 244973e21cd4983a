"""Notes on the time line ("campaign sent 10:30"): what people know that no event tells.

One Redis hash for all boards: note id -> JSON, and under "#" a word that is new after every change. A board asks for
that word every second, and reads the notes when it is another.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable
from typing import Any

import msgspec
from redis.asyncio import Redis

from board.load import REDIS_ERRORS
from kpi.keys import LIVE, notes_key, replay_key
from kpi.panes import COARSE_KEEP_MS

log = logging.getLogger("floorpulse.board")

POLL_SECONDS = 1.0
MAX_NOTES = 2_000
# As long as the quarter-hours that they explain.
KEEP_MS = COARSE_KEEP_MS
# Notes of what is planned stand in the future.
AHEAD_MS = 7 * 86_400_000
_VERSION = "#"
_NEVER_READ = b"never read"


class Note(msgspec.Struct, frozen=True):
    """One note: at an instant of the log's clock, about one queue (and channel), or the whole floor."""

    id: str
    at_ms: int
    text: str
    author: str
    queue: str | None
    channel: str | None
    created_ms: int


class Notes:
    """The notes that a board knows. `latest`: oldest first; `changed` grows with every change that is seen."""

    def __init__(self) -> None:
        self.latest: tuple[Note, ...] = ()
        self.changed = 0
        self._version: bytes | None = _NEVER_READ

    @property
    def was_read(self) -> bool:
        """Whether Redis ever told them: that there are none is no answer before."""
        return self._version != _NEVER_READ

    async def run(self, redis: Redis, namespace: str) -> None:
        """Keep them current for ever; a Redis that does not answer is asked again."""
        while True:
            try:
                await self.refresh(redis, namespace)
            except REDIS_ERRORS as error:
                log.debug("notes were not read: %s", error)
            await asyncio.sleep(POLL_SECONDS)

    async def refresh(self, redis: Redis, namespace: str) -> None:
        """Read them, if anything was changed."""
        key = notes_key(namespace)
        version: Any = await redis.hget(key, _VERSION)
        if version == self._version:
            return
        fields: Any = await redis.hgetall(key)
        self._take(fields, version)

    def _take(self, fields: dict[bytes, bytes], version: bytes | None) -> None:
        found = tuple(sorted(_parsed(fields), key=lambda note: (note.at_ms, note.created_ms, note.id)))
        if found != self.latest:
            self.latest, self.changed = found, self.changed + 1
        # A change between the two reads is in `found` already, and read once more at the next turn.
        self._version = version


def _parsed(fields: dict[bytes, bytes]) -> Iterable[Note]:
    for name, raw in fields.items():
        if name.decode("utf-8", "replace") == _VERSION:
            continue
        try:
            yield msgspec.json.decode(raw, type=Note)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            log.warning("a note in Redis is none, it is passed over")


def new_note_id() -> str:
    """A name for a note that nobody can guess, and no other note has."""
    return secrets.token_hex(8)


async def add_note(redis: Redis, namespace: str, note: Note, now_ms: int) -> None:
    """Write a note. Those older than KEEP_MS go, and of more than MAX_NOTES the oldest."""
    key = notes_key(namespace)
    fields: Any = await redis.hgetall(key)
    known = sorted([*_parsed(fields), note], key=lambda each: (each.at_ms, each.created_ms, each.id))
    gone = [each.id for each in known if each.at_ms < now_ms - KEEP_MS]
    gone += [each.id for each in known[len(gone) :]][: max(0, len(known) - len(gone) - MAX_NOTES)]
    lasts_ms = await lasting_ms(redis, namespace)
    async with redis.pipeline(transaction=True) as calls:
        calls.hset(key, note.id, msgspec.json.encode(note))
        if gone:
            calls.hdel(key, *gone)
        calls.hset(key, _VERSION, secrets.token_hex(8))
        calls.pexpire(key, lasts_ms)
        await calls.execute()


async def remove_note(redis: Redis, namespace: str, note_id: str) -> bool:
    """Remove a note; whether it was there."""
    key = notes_key(namespace)
    if note_id == _VERSION:
        return False
    lasts_ms = await lasting_ms(redis, namespace)
    async with redis.pipeline(transaction=True) as calls:
        calls.hdel(key, note_id)
        calls.hset(key, _VERSION, secrets.token_hex(8))
        # Where nothing was, the word alone would stay for ever.
        calls.pexpire(key, lasts_ms)
        removed, *_ = await calls.execute()
    return bool(removed)


async def lasting_ms(redis: Redis, namespace: str) -> int:
    """How long what people write is kept: in a replay as long as the replay, else a week longer than any note."""
    left_ms: int = -1 if namespace == LIVE else await redis.pttl(replay_key(namespace))
    return left_ms if left_ms > 0 else KEEP_MS + AHEAD_MS
