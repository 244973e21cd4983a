"""Instants as integer milliseconds UTC, and their RFC 3339 text on the wire."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_seconds: dict[str, int] = {}


def parse_time(text: str) -> int:
    """Milliseconds UTC of an RFC 3339 time with offset; digits beyond the millisecond are cut off.

    Raises ValueError with one clear sentence when the text is not such a time.
    """
    # The shape our own publisher writes; a stream holds many times of the same second.
    second_ms = _seconds.get(text[:19])
    if second_ms is not None and len(text) == 24 and text[23] == "Z" and text[19] == ".":
        millis = text[20:23]
        if millis.isdecimal() and millis.isascii():
            return second_ms + int(millis)
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a time; wanted RFC 3339 with an offset, e.g. 2026-11-20T10:00:00.000Z")
    year, month, day, hour, minute_, second = (int(part) for part in found.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute_, second, tzinfo=UTC)
        millis_utc = (moment - _EPOCH) // timedelta(milliseconds=1) - _offset_ms(found.group(8))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is not a time: {error}") from None
    if found.group(8) == "Z":
        if len(_seconds) > 65536:
            _seconds.clear()
        _seconds[text[:19]] = millis_utc
    return millis_utc + int((found.group(7) or "0").ljust(3, "0")[:3])


def _offset_ms(text: str) -> int:
    if text == "Z":
        return 0
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError(f"offset {text} out of range")
    sign = -1 if text[0] == "-" else 1
    return sign * (hours * 60 + minutes) * 60_000


def format_time(ms: int) -> str:
    """RFC 3339 UTC text with milliseconds, e.g. ``2026-11-20T10:00:00.000Z``."""
    moment = _EPOCH + timedelta(milliseconds=ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
