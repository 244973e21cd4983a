"""The floor in memory: every queue's panes and live sets, summed over partitions, kept current from the delta streams.

No I/O here: `board.load` brings what Redis holds. A partition is loaded as a whole (`replace`) and then follows its
deltas (`apply_delta`): those of the same epoch whose base is the partition's position. Anything else means load again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from board.queue_view import MEMORY_MS, QueueView, WindowRanges
from board.staff_view import StaffView
from kpi.keys import AGENTS_CHANNEL, NO_QUEUE, parse_live_suffix, parse_pane_suffix
from kpi.label_names import OVERFLOW
from kpi.panes import WINDOWS, business_day_start, window_panes

# Whoever can write events can write 100,000 names, and a queue takes 100 kB here. What is configured is always known.
MAX_KNOWN = 1_000
# A list of one queue's waiting contacts says nothing about many queues together.
_OF_ONE_QUEUE = frozenset({"snapshot", "snapshot_at"})
PaneParts = Mapping[str, Mapping[str, int]]
LiveParts = Mapping[str, Mapping[str, int | None]]
Calendar = tuple[str, int]  # zone and reset minutes of a business day


@dataclass(frozen=True, slots=True)
class Delta:
    """What one commit changed: from offset `base` to `next`, in an `epoch`. Keys are pane and live suffixes."""

    epoch: int
    base: int
    next: int
    panes: PaneParts = field(default_factory=dict)
    lives: LiveParts = field(default_factory=dict)
    watermark: int = 0
    tick: int = 0


@dataclass(frozen=True, slots=True)
class Loaded:
    """One partition as read from Redis in pieces. `stamps`: per suffix the next offset of its last change."""

    epoch: int
    next: int
    tick: int
    watermark: int = 0
    panes: PaneParts = field(default_factory=dict)
    lives: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    stamps: Mapping[str, int] = field(default_factory=dict)


class Outcome(Enum):
    """What became of a delta."""

    APPLIED = "applied"
    KNOWN = "known"
    RELOAD = "reload"


@dataclass(slots=True)
class PartitionView:
    """How far one partition is. `stamps`: parts that were read ahead of `next`; their deltas are not added twice."""

    name: str
    epoch: int = 0
    next: int = -1
    tick: int = 0
    watermark: int = 0
    loaded: bool = False
    stamps: dict[str, int] = field(default_factory=dict)


class FloorView:
    """All partitions of a namespace, all queues with what they counted, and the agents and sources of the floor."""

    def __init__(self) -> None:
        self.partitions: dict[str, PartitionView] = {}
        self.queues: dict[tuple[str, str], QueueView] = {}
        self.staff = StaffView()
        # How many records of the log were applied, refused ..., by partition; whoever reads Redis puts them here.
        self.ledgers: dict[str, Mapping[str, int]] = {}
        # Since when anything is known, by the oldest 10 s pane that was ever seen; None while there is none.
        self.since_ms: int | None = None
        self._ranges: dict[Calendar, WindowRanges] = {}

    def expect(self, names: Iterable[str]) -> None:
        """The partitions there are; what is not among them any more is forgotten."""
        wanted = set(names)
        for name in list(self.partitions):
            if name not in wanted:
                self._empty(name)
                del self.partitions[name]
                self.ledgers.pop(name, None)
        for name in sorted(wanted):
            self.partitions.setdefault(name, PartitionView(name))

    def see(self, queue: str, channel: str) -> QueueView:
        """The view of a queue that is configured, made when it is new."""
        if (queue, channel) not in self.queues and any(name == OVERFLOW for name, _ in self.queues):
            # What was counted of it may stand in the overflow: everything is loaded anew, and then it has its own.
            for name in self.partitions:
                self.unload(name)
        return self._view(queue, channel)

    @property
    def is_full(self) -> bool:
        """Whether further queues stand in the overflow of their channel."""
        return len(self.queues) >= MAX_KNOWN

    def place(self, queue: str, channel: str) -> QueueView:
        """Where a queue that was seen is counted: of more than MAX_KNOWN each further one in the overflow."""
        is_known = (queue, channel) in self.queues or not self.is_full
        return self._view(queue if is_known else OVERFLOW, channel)

    def _view(self, queue: str, channel: str) -> QueueView:
        found = self.queues.get((queue, channel))
        if found is None:
            found = self.queues[(queue, channel)] = QueueView(queue, channel)
        return found

    def replace(self, name: str, loaded: Loaded) -> None:
        """Take what was loaded of a partition instead of all that was known of it."""
        self._empty(name)
        ahead = {suffix: stamp for suffix, stamp in loaded.stamps.items() if stamp > loaded.next}
        self.partitions[name] = PartitionView(
            name, loaded.epoch, loaded.next, loaded.tick, loaded.watermark, loaded=True, stamps=ahead
        )
        self._add(name, loaded.panes, loaded.lives)

    def unload(self, name: str) -> None:
        """What was known of a partition no longer holds; it counts as not loaded until `replace`."""
        self.partitions[name].loaded = False

    def apply_delta(self, name: str, delta: Delta) -> Outcome:
        """Follow one delta of a partition; see the rules at the top."""
        partition = self.partitions[name]
        if not partition.loaded:
            return Outcome.RELOAD
        if delta.epoch < partition.epoch or (delta.epoch == partition.epoch and delta.next <= partition.next):
            return Outcome.KNOWN
        if delta.epoch > partition.epoch or delta.base != partition.next:
            partition.loaded = False
            return Outcome.RELOAD
        panes, lives = delta.panes, delta.lives
        if partition.stamps:
            ahead = partition.stamps
            panes = {suffix: fields for suffix, fields in panes.items() if ahead.get(suffix, -1) < delta.next}
            lives = {suffix: change for suffix, change in lives.items() if ahead.get(suffix, -1) < delta.next}
            partition.stamps = {suffix: stamp for suffix, stamp in ahead.items() if stamp > delta.next}
        self._add(name, panes, lives)
        partition.next = delta.next
        partition.tick = max(partition.tick, delta.tick)
        partition.watermark = max(partition.watermark, delta.watermark)
        return Outcome.APPLIED

    def advance(
        self,
        now_ms: int,
        calendars: Mapping[tuple[str, str], Calendar],
        of_floor: Calendar = ("UTC", 0),
        may_wait: Container[tuple[str, str]] = (),
    ) -> None:
        """Move all windows to `now_ms`. `calendars`: the business day of each queue; `of_floor`: that of the agents.

        The queues that `may_wait` are not moved on by a single pane; that is for one of the next calls.
        """
        before, self._ranges = self._ranges, {}
        for key, view in self.queues.items():
            view.advance(self._ranges_of(calendars[key], now_ms, before), may_wait=key in may_wait)
        self.staff.advance(self._ranges_of(of_floor, now_ms, before))

    def _ranges_of(self, calendar: Calendar, now_ms: int, before: Mapping[Calendar, WindowRanges]) -> WindowRanges:
        ranges = self._ranges.get(calendar)
        if ranges is None:
            ranges, known = window_ranges(now_ms, *calendar), before.get(calendar)
            # What did not change stays the same object, which tells the queues at a glance.
            self._ranges[calendar] = ranges = known if known is not None and known == ranges else ranges
        return ranges

    def forget(self, now_ms: int) -> None:
        """Drop the panes that no window can reach any more."""
        for view in self.queues.values():
            view.forget(now_ms)
        self.staff.forget(now_ms)

    def _add(self, name: str, panes: PaneParts, lives: LiveParts) -> None:
        overflow: dict[tuple[int, int, str], dict[str, int]] = {}
        for suffix, fields in panes.items():
            res_ms, start_ms, queue, channel = parse_pane_suffix(suffix)
            if res_ms not in MEMORY_MS:
                continue
            if queue != NO_QUEUE:
                if self.since_ms is None or start_ms < self.since_ms:
                    self.since_ms = start_ms
                view = self.place(queue, channel)
                if view.queue != OVERFLOW:
                    view.add(name, res_ms, start_ms, fields)
                else:
                    _take(overflow.setdefault((res_ms, start_ms, channel), {}), fields)
            elif channel == AGENTS_CHANNEL:
                self.staff.add(name, res_ms, start_ms, fields)
        # Those of thousands of queues are put together first: each one added to a pane costs the pane's whole length.
        for (res_ms, start_ms, channel), fields in overflow.items():
            self._view(OVERFLOW, channel).add(name, res_ms, start_ms, fields)
        self._change_lives(name, lives)

    def _change_lives(self, name: str, lives: LiveParts) -> None:
        for suffix, change in lives.items():
            kind, queue, channel = parse_live_suffix(suffix)
            if queue == NO_QUEUE:
                self.staff.change_live(name, kind, change)
                continue
            view = self.place(queue, channel)
            if view.queue != OVERFLOW or kind not in _OF_ONE_QUEUE:
                view.change_live(name, kind, change)

    def _empty(self, name: str) -> None:
        self.staff.drop_partition(name)
        for view in self.queues.values():
            view.drop_partition(name)


def _take(into: dict[str, int], fields: Mapping[str, int]) -> None:
    for name, count in fields.items():
        into[name] = into.get(name, 0) + count


def window_ranges(now_ms: int, zone: str, reset_minutes: int) -> WindowRanges:
    """Which panes each window is the sum of at `now_ms`."""
    day_start = business_day_start(now_ms, zone, reset_minutes)
    return WindowRanges({name: window_panes(name, now_ms, day_start) for name in WINDOWS})
