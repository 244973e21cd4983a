"""The shape of an explanation, as the API answers it."""

from __future__ import annotations

from typing import Any

import msgspec

from kpi.evidence.lines import ContactLine

Number = int | float | None


class Item(ContactLine, frozen=True, kw_only=True):
    """A line with its part of the number, and why it is there. `kind`: contact, case or agent.

    Of an agent `outcome` is his state and `joined_ms` since when; `contact` is empty.
    """

    numerator: Number = None
    denominator: Number = None
    because: str = ""


class Formula(msgspec.Struct, frozen=True):
    """How the number is made, in words."""

    text: str
    numerator: str
    denominator: str
    left_out: str
    source: str


class Term(msgspec.Struct, frozen=True):
    """One term: `sign` -1 when it is taken away; it stands in the numerator, the denominator, or in both."""

    name: str
    text: str
    value: Number
    where: str = msgspec.field(name="in")
    sign: int = 1


class Variant(msgspec.Struct, frozen=True):
    """The service level by another formula."""

    name: str
    text: str
    numerator: Number
    denominator: Number
    value: Number


class Window(msgspec.Struct, frozen=True):
    """The window that the number is of, ms UTC."""

    name: str
    from_ms: int
    to_ms: int


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A number, how it is made, and who is behind it.

    `measure`: what was asked for; `path`: where the number stands in a snapshot. `value`, `numerator`, `denominator`
    are made from the list, `published` is the number on the board; `missing`: how many the list lacks, `note` says why.
    """

    queue: str
    channel: str
    measure: str
    path: str
    window: Window | None
    at_ms: int
    state: str
    unit: str
    value: Number
    numerator: Number
    denominator: Number
    published: Number
    matches: bool
    formula: Formula
    terms: list[Term]
    variants: list[Variant]
    contacts: dict[str, Any]
    complete: bool
    missing: int
    note: str


def item_of(line: ContactLine, numerator: Number, denominator: Number, because: str) -> Item:
    """A line as an item."""
    return Item(**msgspec.structs.asdict(line), numerator=numerator, denominator=denominator, because=because)
