"""A queue's panes of one length in memory: what each partition counted, and how the queue's length changed in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from board.lengths import Nets, Profiles, profile
from kpi.panes import FINE_MS, pane_start

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
    """Panes by partition and start (ms); partitions stay apart, so that one can be loaded again."""

    __slots__ = ("_counts", "_nets", "profiles")

    def __init__(self) -> None:
        self._counts: dict[str, dict[int, Fields]] = {}
        self._nets: dict[str, dict[int, Nets]] = {}
        self.profiles = Profiles()

    def add_counts(self, partition: str, start_ms: int, counts: Mapping[str, int]) -> None:
        """Add to what a partition counted in one pane."""
        held = self._counts.setdefault(partition, {}).setdefault(start_ms, {})
        for name, count in counts.items():
            held[name] = held.get(name, 0) + count

    def add_nets(self, partition: str, start_ms: int, nets: Nets) -> None:
        """Add to the joins minus leaves of one pane."""
        held = self._nets.setdefault(partition, {}).setdefault(start_ms, {})
        for second, count in nets.items():
            held[second] = held.get(second, 0) + count
        self._measure(start_ms)

    def drop_partition(self, partition: str) -> None:
        """Forget everything one partition counted."""
        self._counts.pop(partition, None)
        for start_ms in self._nets.pop(partition, {}):
            self._measure(start_ms)

    def drop_before(self, start_ms: int) -> None:
        """Forget the panes that start before `start_ms`."""
        for parts in (self._counts, self._nets):
            for panes in parts.values():
                for start in [start for start in panes if start < start_ms]:
                    del panes[start]
        self.profiles.drop_before(start_ms)

    def within(self, span: range) -> Iterator[tuple[int, Fields]]:
        """(start, what was counted) of the panes whose start lies in `span`; a start comes once per partition."""
        if not span:
            return
        for panes in self._counts.values():
            if len(span) < len(panes):
                yield from ((start, panes[start]) for start in span if start in panes)
            else:
                yield from ((start, counts) for start, counts in panes.items() if start in span)

    def counts_within(self, span: range) -> Iterator[Fields]:
        """What was counted in the panes whose start lies in `span`."""
        for _, counts in self.within(span):
            yield counts

    def sums_within(self, span: range) -> dict[str, Fields]:
        """Partition -> the sum of what it counted in the panes whose start lies in `span`."""
        sums: dict[str, Fields] = {}
        for partition, panes in self._counts.items():
            total = sums.setdefault(partition, {})
            for start in [start for start in panes if start in span]:
                for name, count in panes[start].items():
                    total[name] = total.get(name, 0) + count
        return sums

    def length_at(self, second: int, length: int) -> int:
        """The length after a second (since the epoch), when after all panes it is `length`."""
        start_ms = pane_start(second * 1000, FINE_MS)
        inside = sum(
            count
            for panes in self._nets.values()
            for offset, count in panes.get(start_ms, {}).items()
            if start_ms // 1000 + offset <= second
        )
        return self.profiles.length_before(start_ms, length) + inside

    def second_above(self, limit: float, length: int) -> int | None:
        """The second from which on, whole seconds taken, the length was not below `limit`, when after all panes it is
        `length`; the first one known when it never was below, None when none is known.
        """
        below, after = self.profiles.not_below(limit, length)
        if below is not None:
            nets = self._nets_of(below)
            level, crossed = self.profiles.length_before(below, length) + sum(nets.values()), None
            for offset in sorted(nets, reverse=True):
                if level < limit:
                    break
                crossed, level = offset, level - nets[offset]
            if crossed is not None:
                return below // 1000 + crossed
        return None if after is None else after // 1000 + min(self._nets_of(after))

    def __len__(self) -> int:
        return len({start for parts in (self._counts, self._nets) for panes in parts.values() for start in panes})

    def _measure(self, start_ms: int) -> None:
        self.profiles.put(start_ms, profile(self._nets_of(start_ms)))

    def _nets_of(self, start_ms: int) -> Nets:
        """The joins minus leaves of one pane, of all partitions."""
        total: Nets = {}
        for panes in self._nets.values():
            for second, count in panes.get(start_ms, {}).items():
                total[second] = total.get(second, 0) + count
        return total
