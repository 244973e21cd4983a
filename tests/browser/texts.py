"""Numbers as the page is to write them, worked out here a second time."""

from __future__ import annotations

from math import floor
from typing import Any

DASH = "–"
SIGNS = ("", "▲", "‼")


def duration(seconds: float | None) -> str:
    """0:07, 3:25, 1:02:05"""
    if seconds is None:
        return DASH
    minutes, rest = divmod(max(0, floor(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def rounded(seconds: float | None) -> str:
    """The same, to the nearest second; half of one counts as a whole."""
    return DASH if seconds is None else duration(floor(seconds + 0.5))


def percent(ratio: dict[str, Any]) -> str:
    """86%, rounded down."""
    if not ratio["denominator"]:
        return DASH
    return f"{floor(100 * ratio['numerator'] / ratio['denominator'] + 1e-9)}%"


def small_percent(ratio: dict[str, Any]) -> str:
    """5.2% below ten, 37% above."""
    if not ratio["denominator"]:
        return DASH
    value = 100 * ratio["numerator"] / ratio["denominator"]
    return f"{floor(value + 0.5)}%" if value >= 9.95 or value == 0 else f"{value:.1f}%"


def parts(ratio: dict[str, Any]) -> str:
    """3/12"""
    return f"{ratio['numerator']}/{ratio['denominator']}" if ratio["denominator"] else ""
