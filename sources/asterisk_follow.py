"""Following a live queue_log across its rotation and our own restarts: nothing lost, nothing repeated.

`poll` reads, `commit` remembers: call it when the events of the polls before are acknowledged. A crash between the two
repeats events with the same ids, which changes nothing.

How a log may be rotated, and what the follower does:
- renamed (logrotate, Asterisk itself): the old file is held open and read until the new one has its first line, for
  Asterisk writes into the old one until it reopens;
- copied and truncated: the rest is read from the copy;
- more than once between two polls, or while we were not running: the files between are found by their first bytes and
  times, compressed or not, and read in order.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from kpi.events import Event
from kpi.floor import Floor
from sources.asterisk import SOURCE, QueueLogTranslator, feed_raw, not_a_queue_log
from sources.asterisk_rotation import OpenLog, Place, find, open_siblings, predecessors, successors
from sources.errors import SourceError
from sources.reading import ReadResult

SCHEMA = 1
READ_BYTES = 1 << 18
_REMEMBERED_FILES = 32


class QueueLogFollower:
    """Follows the queue_log at `path`; its position lies in the JSON file `state_path`.

    Without a stored position it starts at the end of the file and first tells the calls that are in a queue or in
    service by then; with `from_start` it tells the whole file. `read_bytes` bounds what it reads at a time.
    """

    def __init__(
        self,
        path: Path | str,
        state_path: Path | str,
        *,
        source: str = SOURCE,
        floor: Floor | None = None,
        from_start: bool = False,
        read_bytes: int = READ_BYTES,
    ) -> None:
        self.path, self.state_path, self.source = Path(path), Path(state_path), source
        self._floor, self._from_start, self._read_bytes = floor, from_start, read_bytes
        self._translator = QueueLogTranslator(source, floor)
        self._log: OpenLog | None = None
        self._next: list[OpenLog] = []
        self._over: list[Place] = []  # the ends of files that were read, or were old when we began
        self._folder_ns = 0  # when the log's folder had changed last, the last time it was looked through
        self._told: list[Event] = []
        self._problems: list[str] = []
        self._committed: Place | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def poll(self) -> list[Event]:
        """The events written since the last poll, in order; empty when there is nothing new.

        Raises SourceError when the log or the stored position cannot be used.
        """
        log = self._log = self._log or self._begin()
        while not self._told:
            if not log.reaches(log.place()):
                log = self._log = self._copy_of(log)
            elif (other := self._earlier(log)) is not None:
                log = self._log = other
            elif lines := log.read(self._read_bytes):
                self._feed(log, lines)
            elif (other := self._elsewhere(log)) is not None:
                log = self._log = other
            else:
                break
        told, self._told = self._told, []
        return told

    def commit(self) -> None:
        """Remember that every event of the polls so far is acknowledged; the file is replaced in one step."""
        place = self._log.place() if self._log is not None else None
        if place is None or place == self._committed:
            return
        state = {
            "schema": SCHEMA,
            "path": str(self.path.absolute()),
            "source": self.source,
            **place.to_json(),
            "over": [over.to_json() for over in self._over],
            "translator": self._translator.to_json(),
        }
        _replace(self.state_path, json.dumps(state, ensure_ascii=False))
        self._committed = place

    def problems(self) -> list[str]:
        """What went wrong since this was last asked, one sentence each: broken lines, a file that is gone."""
        found, self._problems = self._problems, []
        return found

    @property
    def open_calls(self) -> int:
        """Visits that wait or are in service, as the log tells it."""
        return len(self._translator.visits.open())

    def close(self) -> None:
        """Let go of the files. Position and events are as at the last `commit`."""
        for log in (self._log, *self._next):
            if log is not None:
                log.close()
        self._log, self._next = None, []

    def _feed(self, log: OpenLog, lines: list[bytes]) -> ReadResult:
        result = ReadResult()
        for number, raw in enumerate(lines, log.lines - len(lines) + 1):
            feed_raw(self._translator, raw, result, f"{log.path}:{number}")
        self._problems += result.problems
        self._told += result.events
        return result

    # Where to begin

    def _begin(self) -> OpenLog:
        state = _stored(self.state_path, self.path, self.source)
        if state is not None:
            self._translator = QueueLogTranslator.from_json(state["translator"], self.source, self._floor)
            self._over = [Place.from_json(row) for row in state["over"]]
            return self._resume(Place.from_json(state))
        if not self.path.exists():
            raise SourceError(f"{self.path}: there is no such file; name Asterisk's queue_log")
        log = OpenLog(self.path)
        older = open_siblings(self.path)
        self._over = [old.all_of_it() for old in older][-_REMEMBERED_FILES:]
        _close(older)
        if not self._from_start and not self._tell_open_calls(log):
            log.close()
            raise not_a_queue_log(self.path)
        return log

    def _tell_open_calls(self, log: OpenLog) -> bool:
        """Read what is there and tell only the calls that are still open; False when no line was one of a queue_log."""
        looked_at = broken = 0
        told: list[Event] = []
        while lines := log.read(self._read_bytes):
            read = self._feed(log, lines)
            looked_at, broken = looked_at + read.lines, broken + len(read.problems)
            still_open = {visit.leg_id for visit in self._translator.visits.open()}
            told = [event for event in [*told, *self._told] if event.data.get("leg_id") in still_open]
            self._told = []
        self._told = told
        return not looked_at or broken < looked_at

    def _resume(self, place: Place) -> OpenLog:
        """Find the file that was being read, whatever it is called now, and go on in it."""
        live = OpenLog(self.path) if self.path.exists() else None
        siblings = open_siblings(self.path)
        logs = [*([live] if live is not None else []), *siblings]
        log = find(logs, place)
        if log is not None:
            log.skip_to(place.offset)
        else:
            if place.offset:
                self._problems.append(
                    f"{self.path}: the file that was read up to byte {place.offset} is gone, and what stood behind it"
                )
            self._next = successors(siblings, live, self._over, self._translator.last_second)
            if not self._next:
                raise SourceError(f"{self.path}: there is no such file, nor the one that was read before")
            log = self._next.pop(0)
        _close(other for other in logs if other is not log and other not in self._next)
        return log

    # From one file to the next

    def _earlier(self, log: OpenLog) -> OpenLog | None:
        """Before a file's first line: what was copied away and truncated before anything was read of it."""
        if log.offset or self._next:
            return None
        if log.is_empty() and not self._folder_changed():
            return None
        siblings = open_siblings(self.path)
        found = predecessors(siblings, log, self._over, self._translator.last_second)
        _close(other for other in siblings if other not in found)
        if not found:
            return None
        first, *self._next = [*found, log]
        return first

    def _elsewhere(self, log: OpenLog) -> OpenLog | None:
        """Nothing is left in `log`: the file to go on in, or None to wait for more."""
        if self._next:
            return self._finish(log)
        if log.is_at(self.path):
            return None
        live = self._live()
        if live is None and not self._folder_changed():
            return None
        siblings = open_siblings(self.path)
        over = [*self._over, log.all_of_it()]
        self._next = successors(siblings, live, over, self._translator.last_second)
        _close(other for other in siblings if other not in self._next)
        # What Asterisk wrote before it reopened comes first: this file is read once more.
        return log if self._next else None

    def _live(self) -> OpenLog | None:
        """The live file; None while it is not there, or empty: then Asterisk may still write into the old one."""
        try:
            live = OpenLog(self.path)
        except SourceError:
            return None
        if live.is_empty():
            live.close()
            return None
        return live

    def _folder_changed(self) -> bool:
        """True when files came or went since this was last asked."""
        before, self._folder_ns = self._folder_ns, self.path.parent.stat().st_mtime_ns
        return before != self._folder_ns

    def _finish(self, log: OpenLog) -> OpenLog:
        """Leave a file for the next one; a last line without its end will not get one any more."""
        self._feed(log, log.read(self._read_bytes, rest=True))
        self._over = [*self._over, log.place()][-_REMEMBERED_FILES:]
        log.close()
        return self._next.pop(0)

    def _copy_of(self, log: OpenLog) -> OpenLog:
        """The live file was truncated: go on in the copy that was made of it, else at its new beginning."""
        siblings, place = open_siblings(self.path), log.place()
        copy = find(siblings, place)
        _close(other for other in siblings if other is not copy)
        log.close()
        if copy is not None:
            copy.skip_to(place.offset)
            return copy
        self._problems.append(
            f"{self.path}: was emptied after byte {place.offset} and there is no copy; its last lines may be missing"
        )
        return OpenLog(self.path)


def _stored(state_path: Path, path: Path, source: str) -> dict[str, Any] | None:
    """The stored position; None when there is none yet."""
    try:
        state: dict[str, Any] = json.loads(state_path.read_text(encoding="utf-8"))
        whose = (state["schema"], state["path"], state["source"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SourceError(f"{state_path}: this is no position in a queue_log ({error}); move it away") from None
    if whose != (SCHEMA, str(path.absolute()), source):
        raise SourceError(f"{state_path}: this is the position of {whose[2]} in {whose[1]}; name another file")
    return state


def _replace(path: Path, text: str) -> None:
    """Write a file so that a crash leaves the old one or the new one, never half of it."""
    beside = path.with_name(f"{path.name}.new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise SourceError(f"{path}: the position cannot be written: {error.strerror}") from None


def _close(logs: Iterable[OpenLog]) -> None:
    for log in logs:
        log.close()
