"""Our number of waiting contacts against the source's own list, polled while it happened.

A poll file has one JSON object a line, `{"t": Unix seconds, "params": [{"Queue": ...}], "waiting": [{"Queue": ...}]}`,
as Asterisk's QueueStatus gives it: `params` lists the queues, `waiting` has one entry for each waiting caller.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kpi.floor import Floor
from sources.errors import SourceError
from sources.files import raw_lines


class _Entry(msgspec.Struct):
    Queue: str


class _Line(msgspec.Struct):
    t: float
    params: list[_Entry]
    waiting: list[_Entry] = []


@dataclass(frozen=True, slots=True)
class Poll:
    """What the source said in one second (Unix time): queue id -> contacts waiting."""

    second: int
    waiting: Mapping[str, int]


def read_polls(path: Path, *, source: str, floor: Floor | None) -> list[Poll]:
    """Read a poll file, plain, .gz or .xz. Raises SourceError naming file and line."""
    polls: list[Poll] = []
    for number, raw in raw_lines(path):
        try:
            line = msgspec.json.decode(raw, type=_Line)
        except msgspec.DecodeError as error:
            raise SourceError(f"{path}:{number}: this is no poll of the source's queues: {error}") from None
        count = Counter(entry.Queue for entry in line.waiting)
        names = {entry.Queue: floor.queue_id(source, entry.Queue) if floor else entry.Queue for entry in line.params}
        polls.append(Poll(math.floor(line.t), {id: count[name] for name, id in names.items()}))
    if not polls:
        raise SourceError(f"{path}: it holds no polls")
    return polls


def compare(polls: Iterable[Poll], waiting_at: Callable[[str, int], int | None]) -> dict[str, int]:
    """Compare each (poll, queue) with our length after that second, and over it and the seconds before and after.

    `equal`: our length after the poll's second is the source's. `within_one_second`: it lies between the smallest and
    the largest of the three; a length changes by one at a time, so ours was the source's at some instant of them.
    `waiting_at(queue, second)` is None where we have no length; a pair without any counts as compared and not equal.
    """
    compared = equal = close = 0
    for poll in polls:
        for queue, wanted in poll.waiting.items():
            compared += 1
            ours = [waiting_at(queue, poll.second + step) for step in (-1, 0, 1)]
            known = [length for length in ours if length is not None]
            equal += ours[1] == wanted
            close += bool(known) and min(known) <= wanted <= max(known)
    return {"compared": compared, "equal": equal, "within_one_second": close}
