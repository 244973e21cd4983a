"""How long a queue was, counted back from who waits now, over the joins minus leaves per second of each pane."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

Nets = dict[int, int]


class Profile(NamedTuple):
    """A pane's joins minus leaves: `total` over the pane, `peak` and `low` the extremes after any of its seconds."""

    total: int
    peak: int
    low: int


class Reach(NamedTuple):
    """Counted back to some instant: the `largest` length after any whole second since, and the `length` before it."""

    largest: int
    length: int


def profile(nets: Nets) -> Profile:
    """The profile of one pane; a second without a change keeps the length of the one before it."""
    level = 0
    levels = [] if 0 in nets else [0]
    for second in sorted(nets):
        level += nets[second]
        levels.append(level)
    return Profile(level, max(levels, default=0), min(levels, default=0))


class Profiles:
    """The profiles of one queue's panes of one length, in order of time; panes without joins or leaves are left out.

    `_before[i]` is the length before pane i, `_tops[i]` the largest and `_bottoms[i]` the smallest in it, all above an
    unknown constant: so what happens now changes nothing of the past, and a window's maximum is that of a slice. Plain
    lists of integers: a hundred thousand profiles would be as many objects for the garbage collector to look through.
    """

    __slots__ = ("_before", "_bottoms", "_lows", "_peaks", "_right", "_starts", "_tops", "_totals")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._totals: list[int] = []
        self._peaks: list[int] = []
        self._lows: list[int] = []
        self._before: list[int] = [0]
        self._tops: list[int] = []
        self._bottoms: list[int] = []
        self._right = 0  # panes from this index on have changed since the three lists above were made

    def put(self, start_ms: int, pane: Profile) -> None:
        """Set the profile of the pane at `start_ms`."""
        index = bisect_left(self._starts, start_ms)
        if index < len(self._starts) and self._starts[index] == start_ms:
            self._totals[index], self._peaks[index], self._lows[index] = pane
        else:
            self._starts.insert(index, start_ms)
            self._totals.insert(index, pane.total)
            self._peaks.insert(index, pane.peak)
            self._lows.insert(index, pane.low)
        self._right = min(self._right, index)

    def drop_before(self, start_ms: int) -> None:
        """Forget the panes that start before `start_ms`."""
        cut = bisect_left(self._starts, start_ms)
        if cut:
            self._settle()
            columns = (self._starts, self._totals, self._peaks, self._lows, self._before, self._tops, self._bottoms)
            for column in columns:
                del column[:cut]
            self._right = len(self._starts)

    def length_before(self, at_ms: int, length: int) -> int:
        """The length just before `at_ms`, when after all panes it is `length`."""
        self._settle()
        return length - self._before[-1] + self._before[bisect_left(self._starts, at_ms)]

    def reach(self, firsts_ms: Iterable[int], end_ms: int, length_at_end: int) -> list[Reach]:
        """Count back from `end_ms`, where the length is `length_at_end`, to just before each of `firsts_ms`."""
        self._settle()
        starts, before, tops = self._starts, self._before, self._tops
        end = bisect_left(starts, end_ms)
        constant = length_at_end - before[end]
        found = []
        for first_ms in firsts_ms:
            first = bisect_left(starts, first_ms, 0, end)
            largest = max(tops[first:end]) if first < end else before[end]
            if first < end and starts[first] > first_ms:  # quiet seconds in front, in which those carried in waited
                largest = max(largest, before[first])
            found.append(Reach(largest + constant, before[first] + constant))
        return found

    def not_below(self, limit: float, length: int) -> tuple[int | None, int | None]:
        """Counted back from `length` after all panes: the newest pane in which it was below `limit`, and the next one.

        Panes by their starts (ms). The first is None when it never was; the second when there is none.
        """
        self._settle()
        wanted = limit - length + self._before[-1]
        below = next((index for index in range(len(self._starts) - 1, -1, -1) if self._bottoms[index] < wanted), -1)
        after = self._starts[below + 1] if below + 1 < len(self._starts) else None
        return (self._starts[below] if below >= 0 else None), after

    def _settle(self) -> None:
        if self._right == len(self._starts) == len(self._tops):
            return
        right = self._right
        del self._before[right + 1 :], self._tops[right:], self._bottoms[right:]
        level = self._before[-1]
        for total, peak, low in zip(self._totals[right:], self._peaks[right:], self._lows[right:], strict=True):
            self._tops.append(level + peak)
            self._bottoms.append(level + low)
            level += total
            self._before.append(level)
        self._right = len(self._starts)
