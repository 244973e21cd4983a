"""How many wait at any second, from the net counts (joins minus leaves) of the seconds in which something changed.

The length "at second s" is the one after all joins and leaves of that second. Two ways to anchor it: forward from
what waited before the first second (0 when the history is whole), or backwards from the waiting set as it stands at
one position of the log, which needs no history at all.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Self


class Lengths:
    """The length of one queue, or of several together, over time. Seconds are whole seconds since the epoch, UTC."""

    __slots__ = ("_levels", "_seconds")

    def __init__(self, net: Mapping[int, int], carried_in: int = 0) -> None:
        self._seconds = sorted(second for second, change in net.items() if change)
        # _levels[i] holds before _seconds[i], _levels[-1] after the last of them.
        self._levels = list(accumulate((net[second] for second in self._seconds), initial=carried_in))

    @classmethod
    def forward(cls, net: Mapping[int, int], carried_in: int = 0) -> Self:
        """From `carried_in` legs before the first second; 0 when `net` is the whole history."""
        return cls(net, carried_in)

    @classmethod
    def backwards(cls, net: Mapping[int, int], waiting_now: int) -> Self:
        """From `waiting_now` legs after the last second; `net` holds every change from the first wanted second on."""
        return cls(net, waiting_now - sum(net.values()))

    def at(self, second: int) -> int:
        """Legs waiting after `second`."""
        return self._levels[bisect_right(self._seconds, second)]

    def maximum(self, first: int, last: int) -> int:
        """The largest length after any whole second of first..last, both included; those carried in count too."""
        if last < first:
            return 0
        low, high = bisect_right(self._seconds, first), bisect_right(self._seconds, last)
        return max(self._levels[low : high + 1])


def span_seconds(from_ms: int, to_ms: int) -> tuple[int, int]:
    """First and last whole second of [from, to); the last is before the first when the span is empty."""
    return from_ms // 1000, -(-to_ms // 1000) - 1


def net_seconds(panes: Iterable[tuple[int, Mapping[str, int]]]) -> dict[int, int]:
    """Net change per second since the epoch, from (pane start in ms, its fields) pairs of one resolution."""
    net: dict[int, int] = {}
    for start_ms, fields in panes:
        add_net(net, start_ms, fields)
    return net


def add_net(net: dict[int, int], start_ms: int, fields: Mapping[str, int]) -> None:
    """Add one pane's `net.<s>` fields to `net`."""
    base = start_ms // 1000
    for name, change in fields.items():
        if name.startswith("net."):
            second = base + int(name[4:])
            net[second] = net.get(second, 0) + change


def waiting_over(joined_ms: Sequence[int], now_ms: int, seconds: float) -> int:
    """How many of the legs that joined at these instants (ascending) have waited longer than `seconds` at `now_ms`."""
    return bisect_left(joined_ms, now_ms - int(seconds * 1000))
