"""How far the numbers can be trusted: fresh, stale or rebuilding, since when and because of which partition. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from board.view import PartitionView
from kpi.instants import format_time
from kpi.snapshot import State

STALE_MS = 3_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """`now_ms` is the instant that windows and ages are computed for, `true_at_ms` the one all partitions have reached.

    Both are of the log's clock: the wall clock in `live`, virtual time in a replay. `updated_wall_ms` is always of the
    wall clock: when the state was last known to be true, 0 when it never was.
    """

    state: State
    reason: str | None
    now_ms: int
    true_at_ms: int
    epoch: int = 0
    updated_wall_ms: int = 0


@dataclass(slots=True)
class Progress:
    """When a partition was last seen to move; `moved_ms` is 0 until it moves under our eyes."""

    next: int = -1
    tick: int = 0
    epoch: int = 0
    moved_ms: int = 0
    tick_ms: int = 0
    missing_since_ms: int = 0


@dataclass(slots=True)
class Health:
    """Watches the partitions and judges them. `why_missing`: per partition that is not loaded, the loader's reason."""

    is_replay: bool
    why_missing: dict[str, str] = field(default_factory=dict)
    redis_down_since_ms: int = 0
    _progress: dict[str, Progress] = field(default_factory=dict)

    def judge(self, partitions: Mapping[str, PartitionView], wall_ms: int) -> Verdict:
        """The verdict at `wall_ms` (wall clock, ms)."""
        self._watch(partitions, wall_ms)
        ticks = [partition.tick for partition in partitions.values() if partition.tick]
        lowest = min(ticks, default=0)
        now_ms = lowest if self.is_replay else wall_ms
        state, reason = self._state(partitions, wall_ms)
        return Verdict(
            state=state,
            reason=reason,
            now_ms=now_ms,
            true_at_ms=min(lowest, now_ms),
            epoch=max((partition.epoch for partition in partitions.values()), default=0),
            updated_wall_ms=self._updated(lowest, wall_ms),
        )

    def _updated(self, lowest_tick: int, wall_ms: int) -> int:
        if not self.is_replay:
            return min(lowest_tick, wall_ms)
        # Virtual time says nothing about freshness: the slowest partition's last progress does.
        return min((progress.tick_ms for progress in self._progress.values()), default=0)

    def _watch(self, partitions: Mapping[str, PartitionView], wall_ms: int) -> None:
        for name in self._progress.keys() - partitions.keys():
            del self._progress[name]
        for name, partition in partitions.items():
            seen = self._progress.setdefault(name, Progress())
            if not partition.loaded:
                seen.missing_since_ms = seen.missing_since_ms or wall_ms
                continue
            seen.missing_since_ms = 0
            first_sight = seen.epoch != partition.epoch
            if not first_sight and partition.next > seen.next:
                seen.moved_ms = wall_ms
            if partition.tick > seen.tick or first_sight:
                seen.tick_ms = wall_ms
            seen.next, seen.tick, seen.epoch = partition.next, partition.tick, partition.epoch

    def _state(self, partitions: Mapping[str, PartitionView], wall_ms: int) -> tuple[State, str | None]:
        if self.redis_down_since_ms:
            # What was never read whole is not old, it is unknown: a nought would look like a quiet floor.
            known = partitions and all(partition.loaded and partition.tick for partition in partitions.values())
            since = format_time(self.redis_down_since_ms)
            return "stale" if known else "rebuilding", f"Redis has not answered since {since}"
        if not partitions:
            return "rebuilding", "no worker has written to this namespace yet"
        for name, partition in partitions.items():
            if not partition.loaded:
                since = format_time(self._progress[name].missing_since_ms)
                return "rebuilding", f"{name}: {self.why_missing.get(name, 'being loaded')}, since {since}"
            if not partition.tick:
                return "rebuilding", f"{name}: no tick has arrived yet"
        late = [name for name in partitions if self._is_late(partitions[name], wall_ms)]
        if not late:
            return "fresh", None
        standing = [name for name in late if not self._is_moving(name, wall_ms)]
        if standing:
            name = min(standing, key=lambda each: partitions[each].tick)
            return "stale", self._stale_text(name, partitions[name])
        name = min(late, key=lambda each: partitions[each].tick)
        behind = (wall_ms - partitions[name].tick) // 1000
        return "rebuilding", f"{name}: catching up, {behind} s behind"

    def _is_late(self, partition: PartitionView, wall_ms: int) -> bool:
        if self.is_replay:
            return wall_ms - self._progress[partition.name].tick_ms > STALE_MS and not self._is_moving(
                partition.name, wall_ms
            )
        return wall_ms - partition.tick > STALE_MS

    def _is_moving(self, name: str, wall_ms: int) -> bool:
        return wall_ms - self._progress[name].moved_ms <= STALE_MS

    def _stale_text(self, name: str, partition: PartitionView) -> str:
        if self.is_replay:
            return f"{name}: the replay stands still since {format_time(self._progress[name].tick_ms)}"
        return f"{name}: no tick since {format_time(partition.tick)}"
