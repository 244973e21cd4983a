"""A log file on disk that may be renamed, copied away, truncated or compressed while it is read.

A file is known by its first bytes: names move on at every rotation, and inode numbers are used anew.
"""

import hashlib
import lzma
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sources.asterisk_lines import LineError, parse, pieces
from sources.errors import SourceError
from sources.files import open_binary

HEAD_BYTES = 512
_LOOK_AT_LINES = 200
# How far a clock may be set back at a rotation, in seconds.
_CLOCK_STEP_S = 3600
_UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file was read: `offset` bytes, of which the first `length` (at most 512) hash to `digest`."""

    inode: int
    device: int
    offset: int
    length: int
    digest: str

    def to_json(self) -> dict[str, Any]:
        """As it stands in a state file."""
        fingerprint = {"length": self.length, "sha256": self.digest}
        return {"inode": self.inode, "device": self.device, "offset": self.offset, "fingerprint": fingerprint}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Place":
        """The place that `to_json` described."""
        head = value["fingerprint"]
        return cls(value["inode"], value["device"], value["offset"], head["length"], head["sha256"])


class OpenLog:
    """One log file, held open so that a rename does not matter; read by whole lines from `offset` on.

    `lines` counts those that were read. Raises SourceError when the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] = open_binary(path)
        stat = os.fstat(self._file.fileno())
        self.inode, self.device = stat.st_ino, stat.st_dev
        self.offset = 0
        self.lines = 0
        self._head = b""  # as it was read: the file itself may begin with other bytes by now

    def read(self, limit: int, *, rest: bool = False) -> list[bytes]:
        """The next whole lines, about `limit` bytes; with `rest` a last line without line end comes too."""
        lines: list[bytes] = []
        taken = 0
        try:
            self._file.seek(self.offset)
            while taken < limit and (line := self._file.readline()):
                if not line.endswith(b"\n") and not rest:
                    break
                lines.append(line)
                taken += len(line)
        except _UNREADABLE as error:
            raise SourceError(f"{self.path}: cannot be read on from byte {self.offset}: {error}") from None
        if len(self._head) < HEAD_BYTES:
            self._head = (self._head + b"".join(lines))[:HEAD_BYTES]
        self.offset += taken
        self.lines += len(lines)
        return lines

    def skip_to(self, offset: int) -> None:
        """Go on from `offset`, as if everything before had been read."""
        self._file.seek(0)
        before = self._file.read(offset)
        self.offset, self.lines, self._head = offset, before.count(b"\n"), before[:HEAD_BYTES]

    def place(self) -> Place:
        """Where reading has got to."""
        return Place(self.inode, self.device, self.offset, len(self._head), _hash(self._head))

    def all_of_it(self) -> Place:
        """The place at its end."""
        self._file.seek(0)
        head = self._file.read(HEAD_BYTES)
        return Place(self.inode, self.device, self._size(), len(head), _hash(head))

    @property
    def modified_ns(self) -> int:
        """When it was written last, in ns of Unix time."""
        return os.fstat(self._file.fileno()).st_mtime_ns

    def is_empty(self) -> bool:
        """True while nothing was written into it."""
        return self._size() == 0

    def is_at(self, path: Path) -> bool:
        """True while this file is the one that `path` names."""
        try:
            stat = os.stat(path)
        except OSError:
            return False
        return (stat.st_ino, stat.st_dev) == (self.inode, self.device)

    def reaches(self, place: Place) -> bool:
        """True when this file begins like that one and holds what was read of it, or is that one and nothing was."""
        if place.offset == 0:
            return (self.inode, self.device) == (place.inode, place.device)
        # Seeking to the end also drops what is buffered, which may be older than a truncation.
        return self._size() >= place.offset and self._begins_like(place)

    def is_over(self, place: Place) -> bool:
        """True when this is the file that ended at `place`, whatever its name and compression are now."""
        return self._begins_like(place) and (place.length == HEAD_BYTES or self._size() == place.offset)

    def first_second(self) -> int | None:
        """The first time in it (Unix seconds); None when its beginning holds no queue_log line."""
        self._file.seek(0)
        for raw in islice(self._file, _LOOK_AT_LINES):
            for text, whole in pieces(raw):
                try:
                    return parse(text, whole=whole).second
                except LineError:
                    continue
        return None

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _size(self) -> int:
        return self._file.seek(0, os.SEEK_END)

    def _begins_like(self, place: Place) -> bool:
        self._file.seek(0)
        return _hash(self._file.read(place.length)) == place.digest


def _hash(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()


def open_siblings(path: Path) -> list[OpenLog]:
    """Every rotated file beside a live log that holds log lines: its name is the log's with something added.

    The file that changed last comes last; of two that changed together the plain one comes first.
    """
    found: list[OpenLog] = []
    for sibling in sorted(path.parent.iterdir(), key=lambda file: len(file.name)):
        if not sibling.name.startswith(path.name) or sibling.name == path.name or not sibling.is_file():
            continue
        try:
            log = OpenLog(sibling)
        except SourceError:
            continue  # it was rotated on between being listed and being opened, or is nobody's to read
        try:
            holds_lines = log.first_second() is not None
        except _UNREADABLE:
            holds_lines = False  # being compressed right now; the plain file is still there
        if holds_lines:
            found.append(log)
        else:
            log.close()
    return sorted(found, key=lambda log: log.modified_ns)


def find(logs: Iterable[OpenLog], place: Place) -> OpenLog | None:
    """The log that was read up to `place`: the same file rather than a copy of it."""
    reaching = [log for log in logs if log.reaches(place)]
    same = [log for log in reaching if (log.inode, log.device) == (place.inode, place.device)]
    return next(iter(same or reaching), None)


def predecessors(siblings: Iterable[OpenLog], log: OpenLog, over: Iterable[Place], second: int) -> list[OpenLog]:
    """The logs to read before `log`, of which nothing was read yet, in order. `over`, `second`: see `successors`."""
    others = successors(siblings, None, [*over, log.all_of_it()], second)
    first = log.first_second()
    if first is None:
        return others
    return [other for other in others if (other.first_second() or 0, other.modified_ns) <= (first, log.modified_ns)]


def successors(siblings: Iterable[OpenLog], live: OpenLog | None, over: Iterable[Place], second: int) -> list[OpenLog]:
    """The logs to read next, in order, the live one last.

    `over`: files that were read or passed over. A sibling that begins well before `second` (Unix time) is older than
    what was read, and one that begins like the live log is a copy of it.
    """
    passed = [*over, *([live.all_of_it()] if live is not None else [])]
    later: list[tuple[int, OpenLog]] = []
    for log in siblings:
        first = log.first_second()
        if first is None or first < second - _CLOCK_STEP_S or any(log.is_over(place) for place in passed):
            continue
        passed.append(log.all_of_it())
        later.append((first, log))
    later.sort(key=lambda entry: entry[0])
    return [*(log for _, log in later), *([live] if live is not None else [])]
