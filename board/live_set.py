"""One live set of one queue: who is in it, since when, how many for longer than a limit, each in a bisection."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence


class LiveSet:
    """Members and their scores (ms), kept apart by partition, so that one partition can be loaded again.

    `version` moves with every change.
    """

    __slots__ = ("_by_partition", "_scores", "version")

    def __init__(self) -> None:
        self._by_partition: dict[str, dict[str, int]] = {}
        self._scores: list[int] = []
        self.version = 0

    def __len__(self) -> int:
        return len(self._scores)

    def apply(self, partition: str, change: Mapping[str, int | None]) -> None:
        """Set or move members (score in ms), or take them out (None)."""
        members = self._by_partition.setdefault(partition, {})
        self.version += 1
        for member, score in change.items():
            old = members.pop(member, None)
            if old is not None:
                del self._scores[bisect_left(self._scores, old)]
            if score is not None:
                members[member] = score
                insort(self._scores, score)

    def replace(self, partition: str, members: Mapping[str, int]) -> None:
        """Forget what one partition held and take `members` instead."""
        self._by_partition[partition] = dict(members)
        self._scores = sorted(score for held in self._by_partition.values() for score in held.values())
        self.version += 1

    @property
    def scores(self) -> Sequence[int]:
        """All scores, ascending; not to be changed."""
        return self._scores

    def members(self) -> Iterator[tuple[str, int]]:
        """Every member with its score, in no order; one that several partitions hold comes once for each."""
        for held in self._by_partition.values():
            yield from held.items()

    def by_partition(self) -> dict[str, dict[str, int]]:
        """Partition -> its members with their scores, as they are at this moment."""
        return {partition: dict(held) for partition, held in self._by_partition.items() if held}

    def oldest(self) -> int | None:
        """The smallest score, None when the set is empty."""
        return self._scores[0] if self._scores else None

    def newest(self) -> int | None:
        """The largest score, None when the set is empty."""
        return self._scores[-1] if self._scores else None

    def before(self, ms: int) -> int:
        """How many have a score smaller than `ms`."""
        return bisect_left(self._scores, ms)


class LiveSets(dict[str, LiveSet]):
    """The live sets of one queue by their kind. Most queues have few of them: one that nobody was ever in is EMPTY."""

    def __missing__(self, kind: str) -> LiveSet:
        return EMPTY

    def apply(self, kind: str, partition: str, change: Mapping[str, int | None]) -> None:
        """Apply a change to the set of a kind, which is made when it is new."""
        found = self.get(kind)
        if found is None:
            found = self[kind] = LiveSet()
        found.apply(partition, change)


# Read by everybody, changed by nobody.
EMPTY = LiveSet()
