"""Which panes a span is counted from: 15 min panes inside, 10 s panes at its edges, or snapped outward to 15 min."""

from dataclasses import dataclass

from kpi.keys import NO_QUEUE, PaneName
from kpi.panes import COARSE_MS, FINE_MS, MINUTE_MS, pane_ceiling, pane_start


@dataclass(frozen=True, slots=True)
class Cover:
    """What is counted for the span [from_ms, to_ms).

    A 15 min pane counts when it starts in [coarse_from, coarse_to), a 10 s pane when it starts in one of `fine`.
    `minutes`: whether 10 s panes exist for the whole span, so that minutes can be told.
    """

    from_ms: int
    to_ms: int
    coarse_from: int
    coarse_to: int
    fine: tuple[tuple[int, int], ...]
    snapped: bool
    minutes: bool

    def is_counted(self, res_ms: int, start_ms: int) -> bool:
        """Whether a pane counts; no instant of the span is counted twice."""
        if res_ms == COARSE_MS:
            return self.coarse_from <= start_ms < self.coarse_to
        return any(first <= start_ms < end for first, end in self.fine)


def is_needed(pane: PaneName, from_ms: int, to_ms: int, by_minute: bool) -> bool:
    """Whether a pane may be needed for [from, to), however it is covered.

    Of the 15 min panes also all later ones: lengths are integrated backwards from who waits now. Of the agents' 10 s
    panes also those of the quarter-hour before: what they did at the span's start is known from there.
    """
    start_ms = pane.start_ms
    if pane.res_ms == COARSE_MS:
        # A minute's length is told at its first second, which may lie before the span.
        return start_ms + COARSE_MS > from_ms - MINUTE_MS
    first = from_ms if pane.queue != NO_QUEUE else pane_start(from_ms, COARSE_MS)
    if start_ms + FINE_MS <= first or start_ms >= to_ms:
        return False
    is_minute = by_minute and pane.queue != NO_QUEUE
    return is_minute or start_ms < from_ms + COARSE_MS or start_ms >= to_ms - COARSE_MS


def cover(from_ms: int, to_ms: int, *, fine_from_ms: int, newest_ms: int, whole: bool) -> Cover:
    """Choose the panes of a span.

    `fine_from_ms`: 10 s panes exist from there on. `newest_ms`: nothing was counted after it. `whole`: the span is the
    whole history of its namespace, so nothing lies outside it and no rounding can change a number.
    """
    # A span that ends after the newest event loses nothing when its last pane is taken whole.
    open_end = whole or to_ms > newest_ms
    inner_from = pane_ceiling(from_ms, COARSE_MS)
    inner_to = pane_ceiling(to_ms, COARSE_MS) if open_end else pane_start(to_ms, COARSE_MS)
    if inner_from == from_ms and (open_end or inner_to == to_ms):
        return Cover(from_ms, to_ms, inner_from, inner_to, (), False, fine_from_ms <= from_ms)
    if fine_from_ms > from_ms:
        low, high = pane_start(from_ms, COARSE_MS), pane_ceiling(to_ms, COARSE_MS)
        span = (from_ms, to_ms) if whole else (low, to_ms if open_end else high)
        return Cover(*span, low, high, (), not whole, False)
    low, high = pane_start(from_ms, FINE_MS), pane_ceiling(to_ms, FINE_MS)
    exact = whole or (low == from_ms and (open_end or high == to_ms))
    span = (from_ms, to_ms) if exact else (low, to_ms if open_end else high)
    if inner_from >= inner_to:
        return Cover(*span, 0, 0, ((low, high),), not exact, True)
    edges = tuple(edge for edge in ((low, inner_from), (inner_to, high)) if edge[0] < edge[1])
    return Cover(*span, inner_from, inner_to, edges, not exact, True)
