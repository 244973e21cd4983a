"""Since when a limit has been passed without a break, where the contacts themselves tell: for waits and the length.

Whoever looks for the first time, or after a gap, so knows the true start. Of a wait it is that of whoever waits longest
now: those who left before are not looked at. Of the length it is counted back over joins minus leaves per second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil

from kpi.business_time import business_time
from kpi.live_state import Now
from kpi.opening import Opening

Since = dict[str, dict[str, int]]
"""measure -> severity -> ms UTC."""


def since_of(
    severities: Mapping[str, int],
    thresholds: Mapping[str, Mapping[str, float]],
    now: Now,
    now_ms: int,
    calendar: tuple[Opening, str],
    length_since: Callable[[float], int],
) -> Since:
    """What is known of the limits that are passed now.

    `calendar`: opening hours and zone of the queue; `length_since`: since when so many or more have waited.
    """
    found: Since = {}
    joined_ms, waited = now.oldest_queued_at_ms, now.oldest_wait_seconds
    if joined_ms is not None and waited is not None:
        for measure in ("longest_wait_seconds", "closed_wait_seconds"):
            if severities.get(measure):
                earliest = joined_ms if measure == "longest_wait_seconds" else closed_since(calendar, joined_ms, now_ms)
                found[measure] = {
                    severity: min(max(joined_ms + round(limit * 1000), earliest), now_ms)
                    for severity, limit in thresholds[measure].items()
                    if waited >= limit
                }
    if severities.get("waiting"):
        found["waiting"] = {
            severity: min(length_since(limit), now_ms)
            for severity, limit in thresholds["waiting"].items()
            if now.waiting >= limit
        }
    return found


def closed_since(calendar: tuple[Opening, str], from_ms: int, now_ms: int) -> int:
    """When a queue that is closed closed, `from_ms` if that was before."""
    [last_open] = business_time(*calendar).starts(now_ms, (1,), from_ms)
    return from_ms if last_open is None else last_open + 1


def above_since(net: Mapping[int, int], joined_ms: Sequence[int], now_ms: int, limit: float) -> int:
    """Since when (ms) at least `limit` have waited without a break.

    `joined_ms`: when those who wait now joined, ascending; `net`: joins minus leaves by second since the epoch, of
    every second that is known; zeroes may be among them.
    """
    length, later = len(joined_ms), None
    for second in sorted(net, reverse=True):
        if length < limit:
            break
        later, length = second, length - net[second]
    return crossing_ms(later, joined_ms, now_ms, limit)


def crossing_ms(second: int | None, joined_ms: Sequence[int], now_ms: int, limit: float) -> int:
    """The instant of a crossing that happened in `second`, or before all that is known (None).

    So many of those who wait now joined by some instant, so at least since then the length was not below `limit`: in
    the very second of the crossing this is exact to the millisecond.
    """
    least = max(1, ceil(limit))
    surely = joined_ms[least - 1] if len(joined_ms) >= least else now_ms
    return surely if second is None or surely // 1000 <= second else second * 1000
