"""When Python looks for garbage in cycles: between two ticks, never inside one.

What a board holds of 1,000 queues are some 170,000 containers. Left to itself Python looks through all of them every
few seconds, wherever it happens to be, and a tick stands still for 130 ms meanwhile. Hardly anything here dies in a
cycle, so once a minute is often enough.
"""

from __future__ import annotations

import gc

TICKS_BETWEEN = 240
# A tick that took longer has no time to spare: it is the one in which all windows move to the next pane.
QUICK_SECONDS = 0.1


class Garbage:
    """Takes over from Python's own timing; one for the whole process."""

    def __init__(self) -> None:
        self._waited = 0

    def take_over(self) -> None:
        """From now on this process looks only in `after_tick`; what is there by now, the modules, stays for ever."""
        gc.disable()
        gc.freeze()

    def after_tick(self, took_seconds: float) -> bool:
        """Look, when it is time and this tick was quick or it is more than high time; gives whether it did."""
        self._waited += 1
        is_time = self._waited >= TICKS_BETWEEN and took_seconds <= QUICK_SECONDS
        if not is_time and self._waited < 2 * TICKS_BETWEEN:
            return False
        gc.collect()
        self._waited = 0
        return True
