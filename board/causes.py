"""Why a queue is in trouble, from what the board holds in memory: looked at once a second while anybody waits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from board.pane_store import Panes
from board.queue_view import QueueView
from kpi.cause import Arrivals, Cause, People, Spiking, cause_of, handling_of, is_loss, is_surge
from kpi.measures import Measures
from kpi.panes import FINE_MS, pane_start

SECOND_MS, MINUTE_MS, HOUR_MS = 1_000, 60_000, 3_600_000
# Customers who came so short a time ago, and still wait, show a crowd before its pane does.
CROWD_MS = 3_000


class CauseWatch:
    """Watches one queue; `cause` is the newest answer, None while nobody waits and nothing is spiking."""

    __slots__ = ("_before", "_before_of", "_looked_at", "_spiking", "cause")

    def __init__(self) -> None:
        self.cause: Cause | None = None
        self._spiking = Spiking()
        self._looked_at = -1
        self._before_of = -1
        self._before = 0

    def look(
        self,
        view: QueueView,
        windows: Mapping[str, Measures],
        staff: People,
        now_ms: int,
        known_since_ms: int,
        *,
        troubled: bool,
    ) -> Cause | None:
        """The cause at `now_ms`; the very same object within a second. `troubled`: a threshold is entered.

        `known_since_ms`: since when the floor is known at all.
        """
        waiting = view.live["waiting"].scores
        if not waiting and not troubled and self.cause is None:
            return None
        # A crowd is shown when it comes, not when the second is over.
        crowd = len(waiting) - bisect_left(waiting, now_ms - CROWD_MS)
        look = now_ms // SECOND_MS * 100 + min(crowd, 99)
        if look == self._looked_at:
            return self.cause
        self._looked_at = look
        arrivals = self._arrivals(view.panes[FINE_MS], now_ms, known_since_ms)
        of_crowd = arrivals._replace(latest=crowd, seconds=CROWD_MS / 1000)
        if is_surge(of_crowd):
            arrivals = of_crowd
        spikes = bool(waiting) and (is_surge(arrivals) or is_loss(staff))
        since = self._spiking.look(now_ms, spikes=spikes)
        if not waiting and not troubled and since is None:
            self.cause = None
        else:
            cause = cause_of(arrivals, staff, handling_of(windows["15m"], windows["1h"]), since)
            self.cause = self._spiking.told(cause, spikes=spikes)
        return self.cause

    def _arrivals(self, panes: Panes, now_ms: int, known_since_ms: int) -> Arrivals:
        """Who joined lately and in the hour before, from 10 s panes; the hour before is summed up once per pane."""
        pane = pane_start(now_ms, FINE_MS)
        end, five = pane + FINE_MS, pane - 5 * MINUTE_MS
        if self._before_of != pane:
            self._before_of = pane
            self._before = sum(_offered(panes, range(five - HOUR_MS + FINE_MS, five + FINE_MS, FINE_MS)).values())
        lately = _offered(panes, range(five + FINE_MS, end, FINE_MS))
        return Arrivals(
            latest=lately.get(pane, 0) + lately.get(pane - FINE_MS, 0),
            seconds=(now_ms - pane + FINE_MS) / 1000,
            minute=sum(count for start, count in lately.items() if start > pane - MINUTE_MS),
            five=sum(lately.values()),
            before=self._before,
            before_minutes=min(HOUR_MS, max(0, five + FINE_MS - known_since_ms)) / MINUTE_MS,
        )


def _offered(panes: Panes, span: range) -> dict[int, int]:
    """Pane start -> who joined in it; partitions are added up."""
    found: dict[int, int] = {}
    for start, counts in panes.within(span):
        if joined := counts.get("offered"):
            found[start] = found.get(start, 0) + joined
    return found
