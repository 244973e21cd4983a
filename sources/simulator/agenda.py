"""The agenda of a discrete event simulation: what happens when, in one total order."""

import heapq
from collections.abc import Callable
from typing import Any


class Agenda:
    """Callbacks by virtual time (ms); those of one instant run in the order they were planned."""

    __slots__ = ("_count", "_heap", "now_ms")

    def __init__(self, start_ms: int) -> None:
        self.now_ms = start_ms
        self._heap: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0

    def at(self, when_ms: int, action: Callable[..., None], *arguments: Any) -> None:
        """Plan `action(*arguments)` at an instant; a past one counts as now."""
        self._count += 1
        heapq.heappush(self._heap, (max(when_ms, self.now_ms), self._count, action, arguments))

    def after(self, seconds: float, action: Callable[..., None], *arguments: Any) -> None:
        """Plan an action in so many virtual seconds, at least one millisecond from now."""
        self.at(self.now_ms + max(1, round(seconds * 1000)), action, *arguments)

    def run_next(self, before_ms: int) -> bool:
        """Run the next action planned before an instant; False when there is none."""
        if not self._heap or self._heap[0][0] >= before_ms:
            return False
        self.now_ms, _, action, arguments = heapq.heappop(self._heap)
        action(*arguments)
        return True
