"""The parameters of an address: what each may be, read in one way and told in one way.

A parameter that is not known, given twice or not what it may be is refused with one sentence: a filter that was
misspelt and silently passed over would show wrong numbers. An empty one counts as not given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

T = TypeVar("T")
SHOWN_CHARS = 40
MAX_CHARS = 1_000
# Instants beyond are surely no milliseconds; the year 3000.
MAX_MS = 32_503_680_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What is left of "+01:00" when the plus was not escaped: in a query it stands for a blank.
_LOST_PLUS = re.compile(r"(?<=[0-9]) (?=[0-9]{2}:?[0-9]{2}$)")


@dataclass(frozen=True, slots=True)
class Param(Generic[T]):
    """One parameter. `parse` raises ValueError with what is wanted; `schema` says the same to machines."""

    name: str
    about: str
    parse: Callable[[str], T]
    schema: Mapping[str, Any]
    default: T

    def of(self, query: QueryParams) -> T:
        """Its value in a query; HTTPException 400 when it is not one."""
        text = query.get(self.name)
        if not text:
            return self.default
        try:
            return self.parse(text)
        except ValueError as error:
            raise HTTPException(400, f"{self.name}: {shown(text)}; wanted {error}") from None


def shown(text: str) -> str:
    """What somebody sent, in an error: cut, and without anything that does not print."""
    return repr(text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS] + "…")


def check_known(query: QueryParams, known: Sequence[Param[Any]]) -> None:
    """HTTPException 400 for a parameter that is not in `known`, and for one that is given twice."""
    names = [param.name for param in known]
    given = [name for name, _ in query.multi_items()]
    for name in given:
        if name not in names:
            raise HTTPException(400, f"{shown(name)}: no such parameter; wanted {one_of(names)}")
        if given.count(name) > 1:
            raise HTTPException(400, f"{name}: given twice; wanted it once")


def one_of(names: Collection[str]) -> str:
    """`one of a, b, c`."""
    return f"one of {', '.join(names)}" if names else "none"


def text(name: str, about: str) -> Param[str | None]:
    """Any text; None when it is not given."""

    def parse(given: str) -> str:
        if len(given) > MAX_CHARS:
            raise ValueError(f"at most {MAX_CHARS:,} characters")
        return given

    return Param(name, about, parse, {"type": "string", "maxLength": MAX_CHARS}, None)


def choice(name: str, about: str, choices: Sequence[str], default: str | None = None) -> Param[str | None]:
    """One of some words."""

    def parse(given: str) -> str:
        if given not in choices:
            raise ValueError(one_of(choices))
        return given

    return Param(name, about, parse, {"type": "string", "enum": list(choices)}, default)


def whole(name: str, about: str, low: int, high: int, default: T) -> Param[int | T]:
    """A whole number from `low` to `high`."""

    def parse(given: str) -> int:
        wanted = f"a whole number from {low} to {high}"
        # Longer than any bound: int() itself refuses thousands of digits, with words of its own.
        if not (given.isascii() and given.isdecimal() and len(given) <= 15 and low <= int(given) <= high):
            raise ValueError(wanted)
        return int(given)

    return Param(name, about, parse, {"type": "integer", "minimum": low, "maximum": high}, default)


def instant_ms(name: str, about: str) -> Param[int | None]:
    """An instant in ms UTC; None when it is not given."""
    return whole(name, about, 0, MAX_MS, None)


def instant(text: str) -> int:
    """ms UTC of an ISO 8601 time with an offset; ValueError with what is wanted."""
    wanted = "a time with an offset, e.g. 2026-11-20T08:00+01:00"
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub("+", text))
    except ValueError:
        raise ValueError(wanted) from None
    if moment.tzinfo is None:
        raise ValueError(wanted)
    try:
        ms = (moment - _EPOCH) // timedelta(milliseconds=1)
    except OverflowError:
        raise ValueError(wanted) from None
    if not 0 <= ms <= MAX_MS:
        raise ValueError("a time from 1970 to 3000")
    return ms
