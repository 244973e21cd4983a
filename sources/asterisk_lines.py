"""Lines of an Asterisk queue_log: ``epoch|callid|queue|agent|EVENT|data1|data2|...``.

The order of data fields is that of Asterisk's apps/app_queue.c. Only an event's own data may hold more bars.
"""

import re
from dataclasses import dataclass

NONE = "NONE"

# How many data fields a line of today's Asterisk has at least; used only to judge a line that lost its end.
FIELDS: dict[str, int] = {
    "ENTERQUEUE": 3, "CONNECT": 3, "COMPLETECALLER": 3, "COMPLETEAGENT": 3,
    "BLINDTRANSFER": 5, "ATTENDEDTRANSFER": 5, "TRANSFER": 5,
    "ABANDON": 3, "EXITWITHTIMEOUT": 3, "EXITWITHKEY": 4, "EXITEMPTY": 3, "WITHDRAW": 4, "SYSCOMPAT": 0,
    "RINGNOANSWER": 1, "RINGCANCELED": 1, "AGENTDUMP": 0, "BLOCKED": 1,
    "ADDMEMBER": 0, "REMOVEMEMBER": 0, "PAUSE": 0, "UNPAUSE": 0, "PAUSEALL": 0, "UNPAUSEALL": 0,
    "PENALTY": 1, "RINGINUSE": 1, "AGENTLOGIN": 1, "AGENTLOGOFF": 2, "AGENTCALLBACKLOGIN": 1, "AGENTCALLBACKLOGOFF": 2,
    "QUEUESTART": 0, "CONFIGRELOAD": 0,
}  # fmt: skip
_MAY_END_EMPTY = frozenset({"WITHDRAW", "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL"})

# Durations beyond three years in seconds are no durations.
_DIGITS = 8
_TIME = re.compile(r"(\d{9,11})(?:\.(\d{1,9}))?", re.ASCII)
_INSIDE = re.compile(rf"\d{{10}}(?:\.\d+)?\|[^|]*\|[^|]*\|[^|]*\|(?:{'|'.join(FIELDS)})(?=\||$)", re.ASCII)


class LineError(ValueError):
    """A line that is no complete queue_log line; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `second` and `time_ms` are Unix time; `agent`, `queue` and `callid` stand as written."""

    time: str
    second: int
    time_ms: int
    callid: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...]

    def number(self, index: int) -> int | None:
        """Data field `index` (negative: from the end) as an integer; None when it is missing or no number."""
        if not -len(self.data) <= index < len(self.data):
            return None
        text = self.data[index].strip()
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS else None


def pieces(raw: bytes) -> list[tuple[str, bool]]:
    """(text, whole) of the lines that one physical line holds: usually one.

    `whole` is False for a text whose line end never came. A crash can cut a line and glue the next one to it,
    or leave NUL bytes; an agent's name may be Latin-1 in an old log.
    """
    ended = raw.endswith(b"\n")
    raw = raw.rstrip(b"\r\n").replace(b"\0", b"")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    found: list[tuple[str, bool]] = []
    start = 0
    # What begins like a line and was cut may hold the next one; any other text is no queue_log.
    for inside in _INSIDE.finditer(text, 1) if text[:1].isdecimal() else ():
        found.append((text[start : inside.start()], False))
        start = inside.start()
    if text[start:].strip():
        found.append((text[start:], ended))
    return found


def parse(text: str, *, whole: bool = True) -> Line:
    """Read one line. Raises LineError when it is none, or (`whole` False) when its end was cut off."""
    parts = text.split("|")
    time = _TIME.fullmatch(parts[0].strip().removeprefix("\ufeff"))
    if time is None or len(parts) < 5 or not parts[4]:
        raise LineError("not a queue_log line (time|callid|queue|agent|EVENT|...)" if whole else "the line is cut off")
    event, data = parts[4].strip(), tuple(parts[5:])
    if not whole and _cut(event, data):
        raise LineError(f"the line is cut off in {event}")
    second = int(time[1])
    millis = int((time[2] or "").ljust(3, "0")[:3])
    return Line(time[0], second, second * 1000 + millis, parts[1], parts[2], parts[3], event, data)


def _cut(event: str, data: tuple[str, ...]) -> bool:
    if event not in FIELDS:
        return not data and any(known.startswith(event) for known in FIELDS)
    wanted = FIELDS[event] + (event == "ATTENDEDTRANSFER" and data[:1] == ("LINK",))
    return len(data) < wanted or (wanted > 0 and not data[-1] and event not in _MAY_END_EMPTY)
