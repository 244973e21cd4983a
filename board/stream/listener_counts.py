"""What became of listeners, counted for the metrics pages."""

from __future__ import annotations

from typing import Literal

Dropped = Literal["stalled", "expired"]
Refused = Literal["total", "address"]


class ListenerCounts:
    """Listeners that the board left or turned away since it runs, by reason; every reason is there from the start."""

    def __init__(self) -> None:
        self.dropped: dict[Dropped, int] = {"stalled": 0, "expired": 0}
        self.refused: dict[Refused, int] = {"total": 0, "address": 0}

    def drop(self, reason: Dropped) -> None:
        """One was left."""
        self.dropped[reason] += 1

    def refuse(self, reason: Refused) -> None:
        """One was turned away."""
        self.refused[reason] += 1
