"""Asterisk's queue_log -> events: lines in, events out, and recorded files. Following a live one stands elsewhere.

The same lines give the same events with the same ids, from one file or several, at once or one by one.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from kpi.events import Event, event_id, make_event
from kpi.floor import Floor
from sources.asterisk_facts import IGNORED, OF_CALLS, TELL, named
from sources.asterisk_lines import Line, LineError, parse, pieces
from sources.asterisk_visits import Visits
from sources.errors import SourceError
from sources.files import raw_lines, read_bytes
from sources.identity import identified
from sources.reading import ReadResult

SOURCE = "/acd/asterisk/queue_log"
# `sequence` grows line by line and says nothing about time: second * 10,000 plus 8 per line keeps it growing across
# files and restarts, and the same however a history is cut into files (between seconds).
_PER_SECOND = 10_000
_PER_LINE = 8
_FORGET_EVERY_S = 600


class QueueLogTranslator:
    """Turns the lines of one Asterisk's log into events; feed them in the order they were written.

    `floor` maps native queue and agent names to ids; leave it out where a Publisher does that. `unknown` and `ignored`
    count lines by native event, `last_second` is the newest time seen (Unix seconds).
    """

    def __init__(self, source: str = SOURCE, floor: Floor | None = None) -> None:
        self.source, self.floor = source, floor
        self.unknown: Counter[str] = Counter()
        self.ignored: Counter[str] = Counter()
        self.last_second = 0
        self.visits = Visits()
        self._sequence = 0
        self._now = ""
        self._seen: Counter[str] = Counter()  # lines of the time `_now`, to tell equal ones apart
        self._all_queues: dict[str, tuple[str, int, str]] = {}  # agent -> the newest PAUSEALL or UNPAUSEALL

    def feed(self, line: str, *, whole: bool = True) -> list[Event]:
        """The events of one line (without line end); `whole` False: its line end never came.

        Raises LineError when it is no queue_log line or was cut off; the translator is then as before.
        """
        parsed = parse(line, whole=whole)
        ordinal = self._count(parsed, line)
        if parsed.event in IGNORED or self._repeats(parsed):
            self.ignored[parsed.event] += 1
            return []
        tell = TELL.get(parsed.event)
        if tell is None or (parsed.event in OF_CALLS and not (named(parsed.callid) and named(parsed.queue))):
            self.unknown[parsed.event] += 1
            return []
        facts = enumerate(tell(parsed, self.visits))
        return [self._event(parsed, ordinal, min(k, _PER_LINE - 1), *fact) for k, fact in facts]

    def _count(self, line: Line, text: str) -> int:
        """Move the clock and the line count on; how many equal lines came before in the same instant."""
        if line.time != self._now:
            self._now = line.time
            self._seen.clear()
        if line.second // _FORGET_EVERY_S > self.last_second // _FORGET_EVERY_S:
            self.visits.forget(line.second)
        self.last_second = max(self.last_second, line.second)
        self._sequence = max(self._sequence + _PER_LINE, line.second * _PER_SECOND)
        self._seen[text] += 1
        return self._seen[text] - 1

    def _repeats(self, line: Line) -> bool:
        """PAUSEALL and UNPAUSEALL come with one PAUSE or UNPAUSE per queue that says the same once more."""
        reason = line.data[0] if line.data else ""
        if line.event in ("PAUSEALL", "UNPAUSEALL"):
            self._all_queues[line.agent] = (line.event, line.second, reason)
        if line.event not in ("PAUSE", "UNPAUSE"):
            return False
        event, second, said = self._all_queues.get(line.agent, ("", 0, ""))
        return event == f"{line.event}ALL" and said == reason and 0 <= line.second - second <= 1

    def _event(self, line: Line, ordinal: int, k: int, noun_verb: str, part: str, data: dict[str, Any]) -> Event:
        native = "|".join((line.callid, line.queue, line.agent, *line.data))
        id = event_id(self.source, native, f"{line.event}:{part}", line.time, ordinal)
        if noun_verb == "contact.offer_ended":
            data["offer_id"] = f"{data['leg_id']}-{id[:8]}"
        data["sequence"] = self._sequence + k
        event = make_event(noun_verb, source=self.source, id=id, time_ms=line.time_ms, data=data)
        return event if self.floor is None else identified(event, self.floor)

    def to_json(self) -> dict[str, Any]:
        """Everything a translator must remember to go on after these lines, as JSON values."""
        return {
            "visits": self.visits.to_json(),
            "last_second": self.last_second,
            "sequence": self._sequence,
            "now": self._now,
            "seen": dict(self._seen),
            "all_queues": {agent: list(value) for agent, value in self._all_queues.items()},
        }

    @classmethod
    def from_json(cls, value: dict[str, Any], source: str = SOURCE, floor: Floor | None = None) -> "QueueLogTranslator":
        """A translator that goes on where the one that gave `value` stopped."""
        made = cls(source, floor)
        made.visits = Visits.from_json(value["visits"])
        made.last_second, made._sequence, made._now = value["last_second"], value["sequence"], value["now"]
        made._seen = Counter(value["seen"])
        made._all_queues = {agent: (row[0], row[1], row[2]) for agent, row in value["all_queues"].items()}
        return made


def feed_raw(translator: QueueLogTranslator, raw: bytes, result: ReadResult, where: str) -> int:
    """Feed one physical line and add its events or its problem to `result`; how many queue_log lines it held.

    `where`: "file:line", which a problem begins with.
    """
    good = 0
    for text, whole in pieces(raw):
        result.lines += 1
        try:
            result.events += translator.feed(text, whole=whole)
            good += 1
        except LineError as error:
            result.problems.append(f"{where}: {error}: {text[:60]!r}")
    return good


def read_files(paths: Iterable[Path | str], *, source: str = SOURCE, floor: Floor | None = None) -> ReadResult:
    """Translate recorded queue_logs, plain, .gz or .xz; several are one history, as after rotation, in any order.

    Raises SourceError when a file cannot be read or is no queue_log.
    """
    translator, result = QueueLogTranslator(source, floor), ReadResult()
    for path in _in_order(paths):
        good = bad = 0
        for number, raw in raw_lines(path):
            result.cut_off = None
            found = feed_raw(translator, raw, result, f"{path}:{number}")
            good, bad = good + found, bad + (not found and bool(raw.strip()))
            if not raw.endswith(b"\n"):
                # Asterisk ends every line: even one that looks whole may have lost its last digits.
                last = (
                    f"{path}:{number}: the last line has no end: it may be cut off; end it with a newline, or delete it"
                )
                result.cut_off = last if found else result.problems[-1]
        if bad and not good:
            raise not_a_queue_log(path)
    result.unknown, result.ignored = translator.unknown, translator.ignored
    return result


def not_a_queue_log(path: Path | str) -> SourceError:
    """What to say about a file of another kind."""
    return SourceError(f"{path}: this is no Asterisk queue_log; its lines look like time|callid|queue|agent|EVENT|...")


def _in_order(paths: Iterable[Path | str]) -> list[Path]:
    """The files ordered by their first time; a file without one (empty, or of another kind) comes first."""
    firsts = sorted(((*_first_line(Path(path)), Path(path)) for path in paths), key=lambda first: first[0])
    for (_, line, path), (_, next_line, next_path) in pairwise(firsts):
        # Only equal first lines make reading both files worth it.
        if line and line == next_line and read_bytes(path) == read_bytes(next_path):
            raise SourceError(f"{path} and {next_path} hold the same lines; name one of them")
    return [path for _, _, path in firsts]


def _first_line(path: Path) -> tuple[int, str]:
    for _, raw in raw_lines(path):
        for text, whole in pieces(raw):
            try:
                return parse(text, whole=whole).second, text
            except LineError:
                continue
    return 0, ""
