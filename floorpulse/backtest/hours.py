"""When opening hours may begin or end next, so that nobody has to ask at every minute of a long night. Pure."""

from __future__ import annotations

from functools import lru_cache

from kpi.opening import DAY_MINUTES, Opening
from kpi.panes import MINUTE_MS, local_time


def may_change_after(now_ms: int, opening: Opening, zone: str) -> int | None:
    """A whole minute (ms UTC) after `now_ms`; before it the hours neither begin nor end. None: they never do.

    Where the clock is put forward or back until then, it is the next minute.
    """
    minutes = _boundaries(opening)
    if not minutes:
        return None
    minute_ms = now_ms // MINUTE_MS * MINUTE_MS
    local = local_time(minute_ms, zone)
    here = local.hour * 60 + local.minute
    at_ms = minute_ms + min((minute - here - 1) % DAY_MINUTES + 1 for minute in minutes) * MINUTE_MS
    if local.utcoffset() != local_time(at_ms, zone).utcoffset():
        return minute_ms + MINUTE_MS
    return at_ms


@lru_cache(maxsize=256)
def _boundaries(opening: Opening) -> frozenset[int]:
    """Minutes after midnight at which any span of any day begins or ends, were there a day that has it."""
    days = [*(opening.weekly if opening.weekly is not None else (((0, DAY_MINUTES),),)), *opening.special.values()]
    return frozenset(minute % DAY_MINUTES for spans in days for span in spans for minute in span)
