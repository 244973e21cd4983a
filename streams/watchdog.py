"""No progress while there is work, and nothing we wait for is known to be down: then the worker must end.

A supervisor starts it anew. Faust itself can stop fetching a partition and look alive for ever.
"""

from collections.abc import Mapping

PATIENCE_SECONDS = 60.0


class Watchdog:
    """Pure: told the lag, the positions and the time, it says when to give up and why."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        # Per partition: its position, and since when it stands there with work left.
        self._seen: dict[str, tuple[int, float | None]] = {}

    def look(self, lag: Mapping[str, tuple[int, int]], waiting_for: str | None, now: float) -> str | None:
        """The reason to end the process, or None.

        `lag`: partition -> (position, records behind); `waiting_for`: the server known to be down, if any;
        `now`: seconds of a clock that never goes back.
        """
        stuck: str | None = None
        for name, (position, behind) in lag.items():
            seen, since = self._seen.get(name, (-1, None))
            if behind <= 0 or waiting_for is not None:
                since = None
            elif position != seen or since is None:
                since = now
            elif now - since >= self._patience:
                stuck = f"{name} is {behind} records behind and has not moved from {position} for {now - since:.0f} s"
            self._seen[name] = (position, since)
        for name in set(self._seen) - set(lag):
            del self._seen[name]
        return stuck
