"""Whether a reader still takes what it is sent. Pure: whoever looks brings the numbers, at even intervals."""

from __future__ import annotations


class Stall:
    """Watches one reader: has it taken no byte at `looks` looks in a row, although some were due?

    Looks are counted, not seconds: when this process itself was held up, that is no reader's fault.
    """

    def __init__(self, looks: int) -> None:
        self._looks, self._idle, self._most = looks, 0, 0

    def has_come(self, taken: int, due: int) -> bool:
        """One look. `taken`: bytes that the reader has taken since it came; `due`: bytes that it has not."""
        has_moved = taken > self._most or not due
        self._most = max(taken, self._most)
        self._idle = 0 if has_moved else self._idle + 1
        return self._idle >= self._looks
