"""Callers who gave up within the last hour and whose customer the source does not name: no live set holds them."""

from __future__ import annotations

from typing import NamedTuple

from board.evidence.explainer import BusyError, Evidence, Explainer
from board.evidence.picture import Picture
from board.evidence.read import TooSlowError
from kpi.evidence.live import Member
from kpi.live_state import LOST_MS

WINDOW, PATH = "1h", "abandoned"
# So long what was read serves again while the board counted nobody more: several people look at one list.
AGAIN_MS = 30_000


class _Kept(NamedTuple):
    """What was read at an instant, and what the board had counted by then."""

    at_ms: int
    counted: tuple[int, int, int]
    members: list[Member]


class UnknownCallers:
    """Finds them through an explainer, and remembers them for a moment."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer
        self._kept: dict[tuple[str, str], _Kept] = {}

    async def of(self, picture: Picture) -> list[Member]:
        """Those of a queue and channel, as members of a live set would stand, by when they gave up, oldest first.

        What `Explainer.evidence` raises, but only when nothing was read before.
        """
        counted, kept = _counted(picture), self._kept.get(picture.place)
        if counted[1] <= counted[2]:
            return []
        if kept is None or kept.counted != counted or abs(picture.now_ms - kept.at_ms) > AGAIN_MS:
            try:
                evidence = await self._explainer.evidence(picture.place, WINDOW, "c", PATH)
                kept = self._kept[picture.place] = _Kept(picture.now_ms, counted, unknown_callers(evidence))
            except (BusyError, TooSlowError):
                if kept is None:
                    raise
        return [(member, at) for member, at in kept.members if picture.now_ms - LOST_MS <= at]


def _counted(picture: Picture) -> tuple[int, int, int]:
    """Who gave up today and within the hour, and of the latter those whose customer is known."""
    windows = picture.snapshot.windows
    customers = windows[WINDOW].get("customers") or {"abandoned": 0}
    return windows["day"][PATH], windows[WINDOW][PATH], customers["abandoned"]


def unknown_callers(evidence: Evidence) -> list[Member]:
    """Those among what was found, by when they gave up."""
    found = {
        (piece.member, piece.leg.left)
        for known in evidence.found.known.values()
        for piece in known.pieces
        if piece.leg is not None and piece.leg.id in known.unnamed
    }
    return sorted(found, key=lambda each: (each[1], each[0]))
