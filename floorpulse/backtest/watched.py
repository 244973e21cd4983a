"""One queue in a back-test: its limits with their states, what they saw last, and when they must look again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from alerts.rulebook import Look, look_of
from floorpulse.backtest.hours import may_change_after
from floorpulse.backtest.judge import Judge
from floorpulse.backtest.outcome import Alert, Place
from floorpulse.backtest.rest import climbs, looks_again
from floorpulse.backtest.spool import SECOND_MS, second_after
from floorpulse.backtest.watch import Watch
from kpi.live_state import CALLBACK_OVERDUE_MS, QueueStaff, age_seconds
from kpi.opening import Opening

_ALWAYS_OPEN = Opening()


class Watched:
    """One queue and channel. `due_ms`: the tick at which it must look again without news, None when there is none.

    `alerts`: those that fired, in order; one that is on has no end yet.
    """

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.due_ms: int | None = None
        self.alerts: list[Alert] = []
        place = Place(judge.view.queue, judge.view.channel)
        self._watches = [Watch(limit, place, self.alerts) for limit in judge.limits]
        self._looked_ms: int | None = None
        self._oldest_ms: int | None = None
        self._version = -1
        self._seen: tuple[int, ...] = ()
        self._staff: QueueStaff | None = None
        # Who serves the queue is looked at while somebody waits in it; who is on a break always.
        self._sees_breaks = "paused_ratio" in judge.measures
        self._has_hours = judge.config.opening != _ALWAYS_OPEN

    @property
    def minds_staff(self) -> bool:
        """Whether the people of the queue matter to any limit now."""
        return self._sees_breaks or bool(self.judge.view.live["waiting"])

    def has_news(self, staff: QueueStaff) -> bool:
        """Whether anything was counted, or anybody came or left who matters, since the last look."""
        if self.minds_staff and staff != self._staff:
            return True
        if self.judge.view.version == self._version:
            return False
        self._version = self.judge.view.version
        return self._seen != self._now_seen()

    def count(self, now_ms: int) -> None:
        """Keep how many joined, where limits compare that with the week before; at every tick that sees anything."""
        if self.judge.volume is not None:
            self.judge.volume.count(now_ms, self.judge.joined)

    def look(self, now_ms: int, staff: QueueStaff, *, quiet: bool) -> None:
        """Look at `now_ms`. Seconds without a look since the last one are as if it had been repeated at each."""
        if self._looked_ms is not None and self._looked_ms < now_ms - SECOND_MS:
            self._rested_until(now_ms - SECOND_MS)
        snapshot = self.judge.snapshot(now_ms, staff)
        self._oldest_ms = snapshot.now.oldest_queued_at_ms
        for watch in self._watches:
            watch.look(now_ms, look_of(watch.limit, snapshot, quiet=quiet))
        self._looked_ms = now_ms
        self._version, self._seen, self._staff = self.judge.view.version, self._now_seen(), staff
        self.due_ms = self._due(now_ms)

    def finish(self, now_ms: int) -> None:
        """The history ends at `now_ms`: what is on stays on, with the worst value until then."""
        if self._looked_ms is not None and self._looked_ms < now_ms:
            self._rested_until(now_ms)

    def _now_seen(self) -> tuple[int, ...]:
        """What was counted as of now. Windows that moved on without a change are no news."""
        view = self.judge.view
        sets = (view.live[kind].version for kind in ("waiting", "callbacks", "due"))
        return (*(window.version for window in view.windows.values()), *sets)

    def _rested_until(self, at_ms: int) -> None:
        """Take the looks that were left out as one: the same values, but for those that climb."""
        for watch in self._watches:
            climbed = None
            if climbs(watch.limit, watch.seen):
                climbed = _climbed(watch.seen, age_seconds(self._oldest_ms, at_ms))
            watch.rest(at_ms, climbed)

    def _due(self, now_ms: int) -> int | None:
        """The next tick at which anything may be otherwise by the passing of time alone."""
        found = [looks_again(watch.limit, watch.state, watch.seen, self._oldest_ms) for watch in self._watches]
        found += self._by_live_sets(now_ms)
        if self.judge.volume is not None:
            found.append(self.judge.volume.changes_after(now_ms))
        if self._has_hours and not self._is_idle():
            config = self.judge.config
            found.append(may_change_after(now_ms, config.opening, config.zone))
        known = [at_ms for at_ms in found if at_ms is not None]
        return min(known, default=None)

    def _is_idle(self) -> bool:
        """Whether nobody waits and no limit has anything to say, open or closed."""
        return self._oldest_ms is None and all(
            watch.state.phase == "ok" and not watch.is_bad for watch in self._watches
        )

    def _by_live_sets(self, now_ms: int) -> list[int | None]:
        """Who passes the target, becomes overdue, just by waiting."""
        live, measures = self.judge.view.live, self.judge.measures
        found: list[int | None] = []
        if "service_level_ratio" in measures:
            found.append(_next_past(live["waiting"].scores, self.judge.config.target_seconds * 1000, now_ms))
        if "overdue_callbacks" in measures:
            found.append(_next_past(live["callbacks"].scores, CALLBACK_OVERDUE_MS, now_ms))
        if "overdue_contacts" in measures:
            found.append(_next_past(live["due"].scores, 0, now_ms))
        return found


def _next_past(scores: Sequence[int], after_ms: int, now_ms: int) -> int | None:
    """The first tick after `now_ms` at which one more of these instants lies `after_ms` or longer ago."""
    index = bisect_right(scores, now_ms - SECOND_MS - after_ms)
    while index < len(scores):
        # At the instant itself, or just after it, as each formula has it: both are looked at.
        for at_ms in (second_after(scores[index] + after_ms), second_after(scores[index] + after_ms + 1)):
            if at_ms > now_ms:
                return at_ms
        index += 1
    return None


def _climbed(look: Look, value: float | None) -> Look:
    return Look(value, look.known, look.open, look.quiet, look.since_ms)
