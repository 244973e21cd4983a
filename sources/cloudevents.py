"""Files of CloudEvents, one JSON object a line.

A line that is no event is kept as it is: it goes to Kafka raw, so that the workers dead-letter and count it like any
other bad input. A file in which no line is an event, or whose last line is cut off, is refused. Ticks are left out:
they are the clock of the log they stood in, and the new log has its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kpi.envelope import Event
from sources.errors import SourceError
from sources.files import raw_lines

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line that is no event. `time_ms` is that of the event before it, so that it keeps its place in a replay."""

    raw: bytes
    time_ms: int


class _Version(msgspec.Struct):
    specversion: str


def read_files(paths: Iterable[Path | str]) -> list[Event | RawLine]:
    """All lines of the files in their order; empty lines are left out.

    Raises SourceError when a file cannot be read, holds no event at all, or ends in the middle of a line.
    """
    found: list[Event | RawLine] = []
    for path in paths:
        found.extend(_read(Path(path)))
    return found


def each_line(path: Path | str) -> Iterator[Event | bytes]:
    """The lines of one file one by one: an event, or the bytes of a line that is none; ticks and empty lines left out.

    Raises SourceError as `read_files` does; that no line is an event is known, and said, only at the end.
    """
    path, first_wrong, is_one = Path(path), "it is empty", False
    lines = 0
    for number, line in raw_lines(path):
        text = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if not text:
            continue
        try:
            event = _event(text)
        except ValueError as error:
            if not line.endswith(b"\n") and text.startswith(b"{") and not _is_json(text):
                raise SourceError(f"{path}:{number}: the last line is cut off; complete it or take it out") from None
            if not lines:
                first_wrong = f"line {number}: {error}"
            lines += 1
            yield text
        else:
            if event.noun_verb != "tick":
                lines, is_one = lines + 1, True
                yield event
    if not is_one:
        raise SourceError(f"{path}: no line is an event in CloudEvents JSON ({first_wrong})")


def _read(path: Path) -> list[Event | RawLine]:
    events = list(each_line(path))
    first = next(event for event in events if isinstance(event, Event))
    return _placed(events, first.time_ms)


def _placed(lines: list[Event | bytes], time_ms: int) -> list[Event | RawLine]:
    """Give raw lines the time of the event before them; those before the first event get `time_ms`."""
    placed: list[Event | RawLine] = []
    for line in lines:
        if isinstance(line, Event):
            time_ms = line.time_ms
        placed.append(line if isinstance(line, Event) else RawLine(line, time_ms))
    return placed


def _event(text: bytes) -> Event:
    event = Event.from_json(text)
    # `from_json` is lenient, and what it does not keep would be repaired on the way: such a line goes raw.
    version = msgspec.json.decode(text, type=_Version).specversion
    if version != "1.0":
        raise ValueError(f"specversion is {version!r}; wanted '1.0'")
    return event


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True
