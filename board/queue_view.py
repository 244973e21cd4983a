"""One queue and channel in memory: its panes, its live sets, and the windows as running sums of panes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from board.live_set import LiveSets
from board.pane_store import Panes, split
from board.running import RunningTally
from kpi.keys import LIVE_SETS
from kpi.panes import COARSE_MS, FINE_KEEP_MS, FINE_MS, WINDOWS, WindowPanes
from kpi.since import crossing_ms
from kpi.tally import Tally

# A business day has at most 25 hours; one more for a floor.toml whose reset time is changed under way.
COARSE_MEMORY_MS = 26 * 3_600_000
MEMORY_MS = {FINE_MS: FINE_KEEP_MS, COARSE_MS: COARSE_MEMORY_MS}
_NOTHING = WindowPanes(range(0), range(0))
_KINDS = frozenset(LIVE_SETS)


class Change(NamedTuple):
    """Panes of one length, by their starts, that enter a window (sign 1) or leave it (-1)."""

    window: str
    res_ms: int
    starts: range
    sign: int


class WindowRanges(dict[str, WindowPanes]):
    """Which panes each window is the sum of. Queues share them, and the way to them from the ones before."""

    @property
    def end_ms(self) -> int:
        """Where the present pane ends, 0 when there are no windows."""
        return max((spans.fine.stop for spans in self.values()), default=0)

    _from: WindowRanges | None = None
    _changes: Sequence[Change] = ()

    def changes_from(self, before: WindowRanges) -> Sequence[Change]:
        """What enters and leaves on the way from `before`; remembered, for the next queue comes the same way."""
        if self._from is not before:
            self._from, self._changes = before, [
                Change(name, res_ms, starts, sign)
                for name, wanted in self.items()
                for res_ms, old, new in (
                    (COARSE_MS, before.get(name, _NOTHING).coarse, wanted.coarse),
                    (FINE_MS, before.get(name, _NOTHING).fine, wanted.fine),
                )
                for starts, sign in moved(old, new)
                if starts
            ]  # fmt: skip
        return self._changes


@dataclass(slots=True)
class Window:
    """A running sum of panes; `version` moves whenever the sum does."""

    tally: Tally = field(default_factory=RunningTally)
    version: int = 0

    def add(self, fields: Mapping[str, int], sign: int = 1) -> None:
        """Take fields into the sum, or out of it."""
        self.tally.add(fields, sign)
        self.version += 1


class QueueView:
    """One queue and channel. `version` moves with every change: of a count, of a live set, of the windows' panes."""

    __slots__ = ("channel", "live", "panes", "queue", "ranges", "version", "windows")

    def __init__(self, queue: str, channel: str) -> None:
        self.queue, self.channel = queue, channel
        self.panes = {res_ms: Panes() for res_ms in MEMORY_MS}
        self.live = LiveSets()
        self.windows = {name: Window() for name in WINDOWS}
        self.ranges = WindowRanges()
        self.version = 0

    def add(self, partition: str, res_ms: int, start_ms: int, fields: Mapping[str, int]) -> None:
        """Take a pane, or a change of one, into the panes and into the windows it falls in."""
        counts, nets = split(fields)
        self.version += 1
        if nets:
            self.panes[res_ms].add_nets(partition, start_ms, nets)
        if counts:
            self.panes[res_ms].add_counts(partition, start_ms, counts)
            for name, spans in self.ranges.items():
                if start_ms in (spans.fine if res_ms == FINE_MS else spans.coarse):
                    self.windows[name].add(counts)

    def change_live(self, partition: str, kind: str, change: Mapping[str, int | None]) -> None:
        """Apply a change of a live set; sets of a kind that the board does not know are passed over."""
        if kind in _KINDS:
            self.live.apply(kind, partition, change)
            self.version += 1

    def drop_partition(self, partition: str) -> None:
        """Forget one partition; the windows are summed up anew at the next `advance`."""
        for panes in self.panes.values():
            panes.drop_partition(partition)
        for live in self.live.values():
            live.replace(partition, {})
        for window in self.windows.values():
            window.tally = RunningTally()
            window.version += 1
        self.ranges = WindowRanges()
        self.version += 1

    def advance(self, ranges: WindowRanges, *, may_wait: bool = False) -> None:
        """Move each window to the panes it now is the sum of: add those that enter, subtract those that leave.

        With `may_wait` a step to the next pane is left for later; a longer way never is.
        """
        if ranges is self.ranges:  # 39 of 40 ticks stay within the present pane
            return
        if may_wait and 0 <= ranges.end_ms - self.ranges.end_ms <= FINE_MS:
            return
        for name, res_ms, starts, sign in ranges.changes_from(self.ranges):
            for counts in self.panes[res_ms].counts_within(starts):
                self.windows[name].add(counts, sign)
        self.ranges = ranges
        self.version += 1

    def forget(self, now_ms: int) -> None:
        """Drop the panes that no window can reach any more."""
        for res_ms, panes in self.panes.items():
            panes.drop_before(now_ms - MEMORY_MS[res_ms] - res_ms)

    def max_waiting(self) -> dict[str, int]:
        """Per window the largest number waiting after any of its whole seconds, those carried in included."""
        waiting, fine, coarse = len(self.live["waiting"]), self.panes[FINE_MS].profiles, self.panes[COARSE_MS].profiles
        peaks = dict.fromkeys(self.windows, waiting)
        # Nearly all windows end with the present pane; those that end together are counted back together.
        ends: dict[int, dict[str, int]] = {}
        for name, spans in self.ranges.items():
            ends.setdefault(spans.fine.stop, {})[name] = spans.fine.start
        for end_ms, starts in ends.items():
            reached = fine.reach(starts.values(), end_ms, fine.length_before(end_ms, waiting))
            for name, reach in zip(starts, reached, strict=True):
                peaks[name] = reach.largest
                if older := self.ranges[name].coarse:
                    [before] = coarse.reach([older.start], older.stop, reach.length)
                    peaks[name] = max(reach.largest, before.largest)
        return peaks

    def waiting_at_end(self) -> dict[str, int]:
        """Of each window that is over, how many waited after its last second."""
        if not self.ranges:
            return {}
        stops = {name: spans.fine.stop for name, spans in self.ranges.items()}
        now, waiting = self.ranges.end_ms, len(self.live["waiting"])
        fine = self.panes[FINE_MS].profiles
        return {name: fine.length_before(stop, waiting) for name, stop in stops.items() if stop < now}

    def waiting_at(self, at_ms: int) -> int | None:
        """How many waited after the whole second of an instant; None when it is longer ago than 10 s panes are kept."""
        if not self.ranges or at_ms < self.ranges.end_ms - FINE_KEEP_MS:
            return None
        return self.panes[FINE_MS].length_at(at_ms // 1000, len(self.live["waiting"]))

    def above_since(self, now_ms: int, limit: float) -> int:
        """Since when (ms) at least `limit` have waited without a break, as far back as 10 s panes are kept."""
        waiting = self.live["waiting"].scores
        return crossing_ms(self.panes[FINE_MS].second_above(limit, len(waiting)), waiting, now_ms, limit)


def moved(old: range, new: range) -> Iterator[tuple[range, int]]:
    """The stretches of pane starts to subtract (-1) and to add (1) when a window moves from `old` to `new`."""
    if not old or not new or new.start < old.start or new.start >= old.stop or new.stop < old.stop:
        yield old, -1
        yield new, 1
    else:
        yield range(old.start, new.start, old.step), -1
        yield range(old.stop, new.stop, old.step), 1
