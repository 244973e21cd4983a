"""How often an address may fail to log in: a bucket of tries for each, which fills again slowly."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from time import monotonic

TRIES = 5
SECONDS_PER_TRY = 12.0
MAX_ADDRESSES = 10_000


class Attempts:
    """Failed tries by address. `clock`: seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        # When the bucket is full again: before now for whoever has not failed lately. Oldest failure first.
        self._full_at: dict[str, float] = {}

    def wait_seconds(self, address: str) -> int:
        """0 when `address` may try now, else in how many seconds it may."""
        missing = self._full_at.get(address, 0.0) - self._clock()
        return max(0, ceil(missing - (TRIES - 1) * SECONDS_PER_TRY))

    def failed(self, address: str) -> None:
        """One try is used up."""
        now = self._clock()
        full_at = max(self._full_at.pop(address, now), now) + SECONDS_PER_TRY
        self._full_at[address] = full_at
        if len(self._full_at) > MAX_ADDRESSES:
            self._full_at = {name: at for name, at in self._full_at.items() if at > now}
        if len(self._full_at) > MAX_ADDRESSES:
            self._full_at.pop(next(iter(self._full_at)))
