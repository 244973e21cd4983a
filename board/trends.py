"""The last hour of a queue, minute by minute, from the 10 s panes in memory: how many waited, came, were answered."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from board.queue_view import QueueView
from kpi.panes import FINE_MS, MINUTE_MS, pane_start

MINUTES = 60


class Trend(msgspec.Struct, frozen=True):
    """One value a minute, oldest first. `waiting`: at the minute's first second, its events counted, as in reports."""

    queue: str
    channel: str
    waiting: list[int]
    offered: list[int]
    answered: list[int]
    abandoned: list[int]


def minutes_before(now_ms: int, count: int = MINUTES) -> list[int]:
    """The starts of the last minutes, oldest first; the one that `now_ms` lies in is the last."""
    newest = pane_start(now_ms, MINUTE_MS)
    return [newest - MINUTE_MS * back for back in reversed(range(count))]


def trend_of(view: QueueView, minutes: Sequence[int]) -> Trend:
    """The trend of one queue over these minutes (starts, ms, one after the other)."""
    panes, waiting = view.panes[FINE_MS], len(view.live["waiting"])
    counted = {name: [0] * len(minutes) for name in ("offered", "answered", "abandoned")}
    for start, fields in panes.within(range(minutes[0], minutes[-1] + MINUTE_MS, FINE_MS)):
        minute = (start - minutes[0]) // MINUTE_MS
        for name, values in counted.items():
            if count := fields.get(name):
                values[minute] += count
    return Trend(
        view.queue,
        view.channel,
        [panes.length_at(start // 1000, waiting) for start in minutes],
        counted["offered"],
        counted["answered"],
        counted["abandoned"],
    )


class Trends:
    """The trends of all queues; one is made anew when a minute begins or anything of its queue changed."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, int, Trend]] = {}

    def of(self, view: QueueView, minutes: Sequence[int]) -> Trend:
        """The trend of one queue."""
        key, made_of = (view.queue, view.channel), (minutes[-1], view.version)
        known = self._known.get(key)
        if known is None or known[:2] != made_of:
            known = self._known[key] = (*made_of, trend_of(view, minutes))
        return known[2]
