"""What several answers are asked for: a group, a channel, a search, a queue by its name in the address."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.exceptions import HTTPException

from board.door.slashes import name_of
from board.entries import Entry
from board.web.params import choice, text
from board.web.parts import Parts
from kpi.floor import CHANNELS

GROUP = text("group", "Only queues of this group.")
CHANNEL = choice("channel", "Only this channel.", CHANNELS)
SEARCH = text("q", "Only what has this in one of its names, whatever the case.")
QUEUE = text("queue", "Only this queue, by its id.")


def entries_of(parts: Parts, part: str) -> list[Entry]:
    """The channels of the queue that a part of the path names; HTTPException 404 when there is none."""
    name = name_of(part)
    found = [entry for entry in parts.publisher.latest.entries.values() if entry.snapshot.queue == name]
    if not found:
        raise HTTPException(404, "no such queue")
    return found


def check_queue(parts: Parts, queue: str | None, channel: str | None = None) -> None:
    """HTTPException 404 when a queue (or its channel) is given, and there is none."""
    keys = parts.publisher.latest.entries
    if queue is not None and not any(queue == key[0] for key in keys):
        raise HTTPException(404, "no such queue")
    if channel is not None and (queue, channel) not in keys:
        raise HTTPException(404, "no such channel of this queue")


def is_found(search: str | None, names: Iterable[str]) -> bool:
    """Whether one of the names holds what is searched; nothing is searched when it is None."""
    if search is None:
        return True
    folded = search.casefold()
    return any(folded in name.casefold() for name in names)


def log_now_ms(parts: Parts) -> int:
    """Now on the clock of the events: the wall clock, but in a replay the time that it has reached."""
    return parts.publisher.latest.verdict.now_ms or parts.wall_ms()
