"""What stands under no queue, in memory: agents and sources, and for how long each agent did what, per window."""

from __future__ import annotations

from collections.abc import Mapping

from board.live_set import LiveSets
from board.pane_store import Panes
from board.queue_view import MEMORY_MS, WindowRanges
from kpi.levels import AnyHeights, Heights, Levels
from kpi.panes import FINE_MS

# What occupancy is told over; a window shorter than a few contacts would say nothing.
STAFF_WINDOWS = ("15m", "30m", "1h", "day")


class StaffView:
    """The sets of the floor by kind, and the agents' levels. `version` moves with every change of a set."""

    def __init__(self) -> None:
        self.sets = LiveSets()
        self.version = 0
        self._panes = {res_ms: Panes() for res_ms in MEMORY_MS}
        self._levels = {name: Levels() for name in STAFF_WINDOWS}
        self._ranges = WindowRanges()

    def add(self, partition: str, res_ms: int, start_ms: int, fields: Mapping[str, int]) -> None:
        """Take a pane of the agents, or a change of one."""
        self._panes[res_ms].add_counts(partition, start_ms, fields)
        for name, levels in self._levels.items():
            spans = self._ranges.get(name)
            if spans is not None and start_ms in (spans.fine if res_ms == FINE_MS else spans.coarse):
                levels.add(start_ms, res_ms, fields)

    def change_live(self, partition: str, kind: str, change: Mapping[str, int | None]) -> None:
        """Apply a change of a set of the floor."""
        self.sets.apply(kind, partition, change)
        self.version += 1

    def drop_partition(self, partition: str) -> None:
        """Forget one partition; the windows are summed up anew at the next `advance`."""
        for panes in self._panes.values():
            panes.drop_partition(partition)
        for live in self.sets.values():
            live.replace(partition, {})
        self._levels = {name: Levels() for name in STAFF_WINDOWS}
        self._ranges = WindowRanges()
        self.version += 1

    def advance(self, ranges: WindowRanges) -> None:
        """Move each window to the panes it now is the sum of."""
        if ranges is self._ranges:
            return
        for name, res_ms, starts, sign in ranges.changes_from(self._ranges):
            if name in self._levels:
                for start_ms, fields in self._panes[res_ms].within(starts):
                    moved = fields if sign > 0 else {field: -count for field, count in fields.items()}
                    self._levels[name].add(start_ms, res_ms, moved)
        self._ranges = ranges

    def forget(self, now_ms: int) -> None:
        """Drop the panes that no window can reach any more."""
        for res_ms, panes in self._panes.items():
            panes.drop_before(now_ms - MEMORY_MS[res_ms] - res_ms)

    def window_start(self, window: str) -> int | None:
        """Where a window begins, ms UTC; None before the first `advance`."""
        spans = self._ranges.get(window)
        return None if spans is None else (spans.coarse or spans.fine).start

    def spent(self, window: str, now_ms: int, heights: AnyHeights) -> Heights:
        """Milliseconds per agent and level from the window's start to `now_ms`; `heights`: how high they stand now."""
        start_ms = self.window_start(window)
        return {} if start_ms is None else self._levels[window].backwards(start_ms, now_ms, heights)
