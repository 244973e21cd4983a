"""How long something lasts that somebody orders: so many minutes, or until an instant."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from board.web.params import instant
from kpi.panes import MINUTE_MS


def instant_of(name: str, text: str | None, ms: int | None) -> int | None:
    """ms UTC of `<name>` (ISO 8601) or `<name>_ms`; None without either. HTTPException 400 when both or none is one."""
    if text is None:
        return ms
    if ms is not None:
        raise HTTPException(400, f"{name} and {name}_ms: wanted one of them")
    try:
        return instant(text)
    except ValueError as error:
        raise HTTPException(400, f"{name}: wanted {error}") from None


def end_of(
    name: str, *, text: str | None, ms: int | None, minutes: int | None, from_ms: int, now_ms: int, most_ms: int
) -> int:
    """When it ends, ms UTC: after `now_ms` and at most `most_ms` after `from_ms`; HTTPException 400 otherwise."""
    at_ms = instant_of(name, text, ms)
    if (minutes is None) == (at_ms is None):
        raise HTTPException(400, f"minutes, {name}: wanted one of them")
    most = most_ms // MINUTE_MS
    if at_ms is None:
        if minutes is None or not 1 <= minutes <= most:
            raise HTTPException(400, f"minutes: wanted 1 to {most}")
        at_ms = from_ms + minutes * MINUTE_MS
    if not max(from_ms, now_ms) < at_ms <= from_ms + most_ms:
        raise HTTPException(400, f"{name}: wanted a time to come, at most {most // 60} hours after the beginning")
    return at_ms
