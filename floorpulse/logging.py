"""JSON logs for services: one object per line on stderr, made for machines; people get the command's own output.

A line is an event name and what belongs to it::

    log.info("chunk_committed", extra={"topic": "calls.events", "partition": 3, "offset": 18842, "took_ms": 2.1})
    {"time": "2026-11-20T10:00:00.000Z", "level": "info", "service": "worker", "event": "chunk_committed", ...}

No line is longer than 8 KiB, none holds a control character, and a line that repeats is counted instead of written:
a Kafka client whose broker is gone says so every 100 ms.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable
from typing import TextIO

from kpi.instants import format_time

MAX_LINE_BYTES = 8192
BURST = 5
PERIOD_SECONDS = 10.0

# What must be found again one by one, however often it comes.
_NEVER_HELD_BACK = frozenset({"floorpulse.audit"})
# These write whole addresses at info, and an address may hold a password or a robot's key.
_TELL_ADDRESSES = ("httpx", "httpcore")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def setup(service: str, level: str = "info", stream: TextIO | None = None) -> None:
    """Send the logs of this whole process to `stream` (stderr) as JSON, from `level` (debug ... error) up."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    handler.addFilter(Repeats())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _TELL_ADDRESSES:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time, level, service, logger, event, then whatever came in ``extra``."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line, cut down to its event name when it would be too long."""
        line: dict[str, object] = {
            "time": format_time(round(record.created * 1000)),
            "level": record.levelname.lower(),
            "service": self.service,
            "logger": record.name,
            "event": _message(record),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD and key not in line}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = "".join(traceback.format_exception_only(*record.exc_info[:2])).strip()
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))[-4000:]
        text = json.dumps(line, default=_short)
        if len(text) <= MAX_LINE_BYTES:
            return text
        kept = {key: line[key] for key in ("time", "level", "service", "logger")}
        # Up to twelve characters stand for one of the text: \ud83d\ude00.
        return json.dumps(kept | {"event": str(line["event"])[: MAX_LINE_BYTES // 16], "cut": True})


class Repeats(logging.Filter):
    """Lets a message pass five times in ten seconds; the next one after that says how many were held back."""

    def __init__(self, clock: Callable[[logging.LogRecord], float] = lambda record: record.created) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; counts by logger, level and message before its arguments are put in."""
        if record.name in _NEVER_HELD_BACK:
            return True
        key, now = (record.name, record.levelno, str(record.msg)), self._clock(record)
        since, count = self._seen.get(key, (now, 0))
        if now - since >= PERIOD_SECONDS:
            if count > BURST:
                record.__dict__["held_back"] = count - BURST
            since, count = now, 0
        if len(self._seen) > 1000:  # messages that are all different: no use in remembering them
            self._seen.clear()
        self._seen[key] = (since, count + 1)
        return count < BURST


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # a library's arguments do not fit its own text: better half a line than none
        return str(record.msg)


def _short(value: object) -> str:
    return str(value)[:1000]
