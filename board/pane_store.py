"""A queue's panes of one length in memory: what each partition counted, and how the queue's length changed in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from board.lengths import Nets, Profiles, profile

Fields = dict[str, int]


def split(fields: Mapping[str, int]) -> tuple[Fields, Nets]:
    """What the board needs of a pane: its counts, and its joins minus leaves per second.

    Left out: the arrival basis ("@"), the agents ("~") and the stamp ("#").
    """
    counts: Fields = {}
    nets: Nets = {}
    for name, count in fields.items():
        if name.startswith("net."):
            nets[int(name[4:])] = count
        elif name[0] not in "@~#":
            counts[name] = count
    return counts, nets


class Panes:
    """Panes by their start (ms) and partition; partitions stay apart, so that one can be loaded again."""

    __slots__ = ("_counts", "_nets", "profiles")

    def __init__(self) -> None:
        self._counts: dict[int, dict[str, Fields]] = {}
        self._nets: dict[int, dict[str, Nets]] = {}
        self.profiles = Profiles()

    def add_counts(self, partition: str, start_ms: int, counts: Mapping[str, int]) -> None:
        """Add to what a partition counted in one pane."""
        held = self._counts.setdefault(start_ms, {}).setdefault(partition, {})
        for name, count in counts.items():
            held[name] = held.get(name, 0) + count

    def add_nets(self, partition: str, start_ms: int, nets: Nets) -> None:
        """Add to the joins minus leaves of one pane."""
        held = self._nets.setdefault(start_ms, {}).setdefault(partition, {})
        for second, count in nets.items():
            held[second] = held.get(second, 0) + count
        self._measure(start_ms)

    def drop_partition(self, partition: str) -> None:
        """Forget everything one partition counted."""
        for parts in self._counts.values():
            parts.pop(partition, None)
        for start_ms, lengths in self._nets.items():
            if lengths.pop(partition, None) is not None:
                self._measure(start_ms)

    def drop_before(self, start_ms: int) -> None:
        """Forget the panes that start before `start_ms`."""
        for start in [start for start in self._counts if start < start_ms]:
            del self._counts[start]
        for start in [start for start in self._nets if start < start_ms]:
            del self._nets[start]
        self.profiles.drop_before(start_ms)

    def counts_within(self, span: range) -> Iterator[Fields]:
        """What was counted in the panes whose start lies in `span`."""
        if not span:
            return
        starts = span if len(span) < len(self._counts) else [start for start in self._counts if start in span]
        for start in starts:
            yield from self._counts.get(start, {}).values()

    def __len__(self) -> int:
        return len(self._counts.keys() | self._nets.keys())

    def _measure(self, start_ms: int) -> None:
        total: Nets = {}
        for nets in self._nets[start_ms].values():
            for second, count in nets.items():
                total[second] = total.get(second, 0) + count
        self.profiles.put(start_ms, profile(total))
