"""A histogram in order of its values, so that a rank and "how many are at most" are one bisection each."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from itertools import accumulate

Histogram = dict[int, int]


class Ordered:
    """Sorted once. It does not follow changes of the histogram it was made from."""

    __slots__ = ("_counts", "_values")

    def __init__(self, histogram: Mapping[int, int]) -> None:
        self._values = sorted(histogram)
        # _counts[i]: how many values are at most _values[i].
        self._counts = list(accumulate(map(histogram.__getitem__, self._values)))

    @property
    def count(self) -> int:
        """How many values there are."""
        return self._counts[-1] if self._counts else 0

    def within(self, most: int) -> int:
        """How many values are at most `most`."""
        index = bisect_right(self._values, most)
        return self._counts[index - 1] if index else 0

    def nearest_ranks(self, *percents: int) -> list[int | None]:
        """Per percent the element number ceil(percent / 100 * n) of n values; None when there is none.

        Nearest-rank percentile (Hyndman and Fan 1996, definition 1); integers only, so that no float error moves a
        rank.
        """
        counts, n = self._counts, self.count
        if n <= 0:
            return [None] * len(percents)
        return [self._values[bisect_left(counts, -(-percent * n // 100))] for percent in percents]
