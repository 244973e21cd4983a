"""Names and numbers as they stand in a message: on one line, cut to length, without signs that chats act upon. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from kpi.panes import local_time

# What no name of a queue needs more of; the rest of a summary is for size and cause.
MOST_NAME = 40
DASH = "–"
CUT = "…"
# Chats and mail read these as markup, mentions or links: a queue may be called "*", "<!channel>", "@all" or
# "[x](http://…)" and must neither colour a message nor call everybody. Their full-width twins look the same and do
# nothing. "#" and the like act only where a line begins.
_FULL_WIDTH = 0xFEE0
_TWINS = str.maketrans({sign: chr(ord(sign) + _FULL_WIDTH) for sign in "@<>*`~[]\\|"})
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LEADING = "#-+="
_MOST_COUNT, _MOST_SECONDS = 9_999_999, 100 * 86_400


def named(text: str, most: int = MOST_NAME) -> str:
    """A name from outside: one line, nothing invisible, no markup, at most `most` characters; "?" if empty."""
    kept = (" " if sign.isspace() else sign for sign in unicodedata.normalize("NFC", text[: most * 8]))
    line = " ".join("".join(sign for sign in kept if unicodedata.category(sign) not in _UNSEEN).split())
    line = line.replace("://", "：//").translate(_TWINS)
    if line.startswith(tuple(_LEADING)):
        line = chr(ord(line[0]) + _FULL_WIDTH) + line[1:]
    return cut(_edges_of_words(line), most) or "?"


def _edges_of_words(line: str) -> str:
    """Underscores inside a word stay; at its edges, where they make it italic, they become their twins."""

    def told(run: re.Match[str]) -> str:
        before, after = line[: run.start()][-1:], line[run.end() :][:1]
        return run[0] if before.isalnum() and after.isalnum() else "＿" * len(run[0])

    return re.sub("_+", told, line)


def cut(text: str, most: int) -> str:
    """`text` if it has at most `most` characters; else its beginning, with an ellipsis for the rest."""
    if len(text) <= most:
        return text
    kept = text[: max(0, most - 1)]
    # A sign that belongs to the one before it goes with it.
    while kept and unicodedata.combining(text[len(kept)]):
        kept = kept[:-1]
    return kept.rstrip() + CUT


def count(value: float) -> str:
    """27, 3.2, 0: a digit after the point only where it says something."""
    if abs(value) > _MOST_COUNT:
        return f"{'−' if value < 0 else ''}{_MOST_COUNT}+"
    text = f"{abs(value):.0f}" if abs(value) >= 9.95 else f"{abs(value):.1f}".removesuffix(".0")
    return f"−{text}" if value < 0 and text != "0" else text


def percent(ratio: float, *, low_is_bad: bool = False) -> str:
    """86% or 5.2%: rounded down where low is bad, so that 79.9 % is not the 80 % that were promised."""
    value = min(1_000.0, abs(ratio)) * 100
    sign = "−" if ratio < 0 and value >= 0.05 else ""
    if low_is_bad:
        return f"{sign}{int(value + 1e-9)}%"
    return f"{sign}{value:.0f}%" if value >= 9.95 else f"{sign}{value:.1f}".removesuffix(".0") + "%"


def duration(seconds: float, units: Mapping[str, str]) -> str:
    """45 s, 3 min 25 s, 1 h 2 min, 3 d 4 h: the two largest units. `units`: those of the language, with {n}."""
    whole = int(min(_MOST_SECONDS, max(0, seconds)))
    for large, small, size, less in (("d", "h", 86_400, 3_600), ("h", "min", 3_600, 60), ("min", "s", 60, 1)):
        if whole >= size:
            rest = whole % size // less
            first = units[large].format(n=whole // size)
            return f"{first} {units[small].format(n=rest)}" if rest else first
    return units["s"].format(n=whole)


def change(now: float, before: float) -> str:
    """+60 %, and from three times on ×8.4, as on the board; "" where there is nothing to compare with."""
    if before <= 0:
        return ""
    ratio = now / before
    if ratio >= 3:
        return f"×{count(ratio)}"
    return f"{'−' if ratio < 1 else '+'}{abs(ratio - 1) * 100:.0f}%"


def clock(ms: int, zone: str, seen_ms: int) -> str:
    """14:03:09 in a zone, with the date when `seen_ms` is of another day."""
    at, seen = _local(ms, zone), _local(seen_ms, zone)
    return at.strftime("%H:%M:%S" if at.date() == seen.date() else "%Y-%m-%d %H:%M:%S")


def offset(ms: int, zone: str) -> str:
    """How a zone stands to UTC at an instant: UTC+8, UTC−3:30, UTC."""
    ahead = _local(ms, zone).utcoffset()
    minutes = round(ahead.total_seconds() / 60) if ahead else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"


def _local(ms: int, zone: str) -> datetime:
    """Instants that no calendar holds become its edges: a broken clock must not cost the message."""
    return local_time(min(max(ms, 0), 32_503_593_600_000), zone)
