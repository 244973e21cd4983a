"""One queue and channel in memory: its panes, its live sets, and the windows as running sums of panes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from board.live_set import LiveSet
from board.pane_store import Panes, split
from board.running import RunningTally
from kpi.keys import LIVE_SETS
from kpi.panes import COARSE_MS, FINE_KEEP_MS, FINE_MS, WINDOWS, WindowPanes
from kpi.tally import Tally

WindowRanges = Mapping[str, WindowPanes]
# A business day has at most 25 hours; one more for a floor.toml whose reset time is changed under way.
COARSE_MEMORY_MS = 26 * 3_600_000
MEMORY_MS = {FINE_MS: FINE_KEEP_MS, COARSE_MS: COARSE_MEMORY_MS}
_NOTHING = WindowPanes(range(0), range(0))


@dataclass(slots=True)
class Window:
    """A running sum: `tally` holds the panes of `panes`; `version` moves whenever the sum does."""

    panes: WindowPanes = _NOTHING
    tally: Tally = field(default_factory=RunningTally)
    version: int = 0

    def covers(self, res_ms: int, start_ms: int) -> bool:
        """Whether the pane is one of those summed up."""
        return start_ms in (self.panes.fine if res_ms == FINE_MS else self.panes.coarse)

    def add(self, fields: Mapping[str, int], sign: int = 1) -> None:
        """Take fields into the sum, or out of it."""
        self.tally.add(fields, sign)
        self.version += 1


class QueueView:
    """One queue and channel. `version` moves with every change of a live set or of a length."""

    __slots__ = ("channel", "live", "panes", "queue", "version", "windows")

    def __init__(self, queue: str, channel: str) -> None:
        self.queue, self.channel = queue, channel
        self.panes = {res_ms: Panes() for res_ms in MEMORY_MS}
        self.live = {kind: LiveSet() for kind in LIVE_SETS}
        self.windows = {name: Window() for name in WINDOWS}
        self.version = 0

    def add(self, partition: str, res_ms: int, start_ms: int, fields: Mapping[str, int]) -> None:
        """Take a pane, or a change of one, into the panes and into the windows it falls in."""
        counts, nets = split(fields)
        if nets:
            self.panes[res_ms].add_nets(partition, start_ms, nets)
            self.version += 1
        if counts:
            self.panes[res_ms].add_counts(partition, start_ms, counts)
            for window in self.windows.values():
                if window.covers(res_ms, start_ms):
                    window.add(counts)

    def change_live(self, partition: str, kind: str, change: Mapping[str, int | None]) -> None:
        """Apply a change of a live set; sets of a kind that the board does not know are passed over."""
        if kind in self.live:
            self.live[kind].apply(partition, change)
            self.version += 1

    def drop_partition(self, partition: str) -> None:
        """Forget one partition; the windows are summed up anew at the next `advance`."""
        for panes in self.panes.values():
            panes.drop_partition(partition)
        for live in self.live.values():
            live.replace(partition, {})
        for window in self.windows.values():
            window.panes, window.tally = _NOTHING, RunningTally()
            window.version += 1
        self.version += 1

    def advance(self, ranges: WindowRanges) -> None:
        """Move each window to the panes it now is the sum of: add those that enter, subtract those that leave."""
        for name, window in self.windows.items():
            wanted = ranges[name]
            if wanted != window.panes:
                self._move(window, wanted)

    def forget(self, now_ms: int) -> None:
        """Drop the panes that no window can reach any more."""
        for res_ms, panes in self.panes.items():
            panes.drop_before(now_ms - MEMORY_MS[res_ms] - res_ms)

    def max_waiting(self) -> dict[str, int]:
        """Per window the largest number waiting after any of its whole seconds, those carried in included."""
        return {name: self._longest(window.panes) for name, window in self.windows.items()}

    def _longest(self, panes: WindowPanes) -> int:
        fine, coarse = panes.fine, panes.coarse
        profiles, waiting = self.panes[FINE_MS].profiles, len(self.live["waiting"])
        if not fine:
            return waiting
        reach = profiles.reach(fine.start, fine.stop, profiles.length_before(fine.stop, waiting))
        if not coarse:
            return reach.largest
        older = self.panes[COARSE_MS].profiles.reach(coarse.start, coarse.stop, reach.length)
        return max(reach.largest, older.largest)

    def _move(self, window: Window, wanted: WindowPanes) -> None:
        for panes, old, new in (
            (self.panes[COARSE_MS], window.panes.coarse, wanted.coarse),
            (self.panes[FINE_MS], window.panes.fine, wanted.fine),
        ):
            for span, sign in moved(old, new):
                for counts in panes.counts_within(span):
                    window.add(counts, sign)
        window.panes = wanted


def moved(old: range, new: range) -> Iterator[tuple[range, int]]:
    """The stretches of pane starts to subtract (-1) and to add (1) when a window moves from `old` to `new`."""
    if not old or not new or new.start < old.start or new.start >= old.stop or new.stop < old.stop:
        yield old, -1
        yield new, 1
    else:
        yield range(old.start, new.start, old.step), -1
        yield range(old.stop, new.stop, old.step), 1
