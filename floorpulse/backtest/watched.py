"""One queue in a back-test: its limits with their states, what they saw last, and when they must look again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from alerts.policy import CALM, State, step
from alerts.rulebook import Limit, Look, look_of
from floorpulse.backtest.hours import may_change_after
from floorpulse.backtest.judge import Judge
from floorpulse.backtest.outcome import Alert
from floorpulse.backtest.rest import climbs, looks_again
from floorpulse.backtest.spool import SECOND_MS, second_after
from kpi.live_state import CALLBACK_OVERDUE_MS, QueueStaff, age_seconds
from kpi.opening import Opening

_ALWAYS_OPEN = Opening()
_NOTHING = Look(None)


@dataclass(slots=True)
class _Watch:
    """One limit: its state, the last look, and the alert that is on."""

    limit: Limit
    state: State = CALM
    look: Look = _NOTHING
    alert: Alert | None = None


class Watched:
    """One queue and channel. `due_ms`: the tick at which it must look again without news, None when there is none.

    `alerts`: those that fired, in order; one that is on has no end yet.
    """

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.due_ms: int | None = None
        self.alerts: list[Alert] = []
        self._watches = [_Watch(limit) for limit in judge.limits]
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

    def look(self, now_ms: int, staff: QueueStaff, *, quiet: bool) -> None:
        """Look at `now_ms`. Seconds without a look since the last one are as if it had been repeated at each."""
        if self._looked_ms is not None and self._looked_ms < now_ms - SECOND_MS:
            self._rested_until(now_ms - SECOND_MS)
        snapshot = self.judge.snapshot(now_ms, staff)
        self._oldest_ms = snapshot.now.oldest_queued_at_ms
        for watch in self._watches:
            watch.look = look_of(watch.limit, snapshot, quiet=quiet)
            if watch.state.phase == "ok" and not _is_bad(watch.limit, watch.look):
                watch.state = State(looked_ms=now_ms)  # as a step would, of which this is nearly all
            else:
                self._move(watch, step(watch.limit, watch.state, watch.look, now_ms).state)
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
            rested = msgspec.structs.replace(watch.state, looked_ms=at_ms)
            if watch.state.phase != "ok" and climbs(watch.limit, watch.look):
                look = _climbed(watch.look, age_seconds(self._oldest_ms, at_ms))
                rested = step(watch.limit, rested, look, at_ms).state
            self._move(watch, rested)

    def _move(self, watch: _Watch, state: State) -> None:
        before, watch.state = watch.state, state
        if state.is_on and not before.is_on:
            view = self.judge.view
            watch.alert = Alert(
                watch.limit.rule.name, watch.limit.severity, view.queue, view.channel, state.since_ms, state.fired_ms
            )
            self.alerts.append(watch.alert)
        if watch.alert is None:
            return
        watch.alert.peak = state.peak
        if not state.is_on:
            watch.alert.to_ms, watch.alert = state.looked_ms, None

    def _due(self, now_ms: int) -> int | None:
        """The next tick at which anything may be otherwise by the passing of time alone."""
        found = [looks_again(watch.limit, watch.state, watch.look, self._oldest_ms) for watch in self._watches]
        found += self._by_live_sets(now_ms)
        if self._has_hours and not self._is_idle():
            config = self.judge.config
            found.append(may_change_after(now_ms, config.opening, config.zone))
        known = [at_ms for at_ms in found if at_ms is not None]
        return min(known, default=None)

    def _is_idle(self) -> bool:
        """Whether nobody waits and no limit has anything to say, open or closed."""
        return self._oldest_ms is None and all(
            watch.state.phase == "ok" and not _is_bad(watch.limit, watch.look) for watch in self._watches
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


def _is_bad(limit: Limit, look: Look) -> bool:
    if look.value is None:
        return False
    return look.value < limit.enter if limit.rule.low_is_bad else look.value >= limit.enter


def _climbed(look: Look, value: float | None) -> Look:
    return Look(value, look.known, look.open, look.quiet, look.since_ms)
