"""The teams of a floor in a back-test: how busy each was over half an hour, and the alerts that come of it.

Between two looks everybody stays as they are, so busy time and time at work grow evenly and their ratio goes one way
only: it passes a limit at most once before the window moves on, and where is found without looking at every second.
"""

from __future__ import annotations

from operator import add
from typing import NamedTuple

from alerts.rulebook import RULES, Limit, Look
from board.queue_view import WindowRanges
from board.roster import Roster
from board.staff_view import StaffView
from floorpulse.backtest.outcome import Alert, Place
from floorpulse.backtest.rest import looks_again
from floorpulse.backtest.spool import SECOND_MS
from floorpulse.backtest.watch import Watch
from kpi.alerting import OF_TEAMS
from kpi.floor import SEVERITIES, Floor
from kpi.judged import JUDGED_WINDOW
from kpi.panes import FINE_MS, pane_start, window_panes
from kpi.staff import occupancy


class Spent(NamedTuple):
    """Milliseconds that a team was busy, and was there to be: busy or free. `..._now`: how many agents are so now."""

    busy: int = 0
    there: int = 0
    busy_now: int = 0
    there_now: int = 0

    def after(self, ms: int) -> float | None:
        """The occupancy so much later, if nobody changes and the window does not move on; None: nobody was there."""
        there = self.there + self.there_now * ms
        return (self.busy + self.busy_now * ms) / there if there else None


_NOBODY = Spent()


def team_limits_of(floor: Floor) -> tuple[Limit, ...]:
    """The limits of teams that are in force, warning before critical; those whose `alert` is off are not among them."""
    return tuple(
        Limit(rule, severity, level.enter, level.exit, behaviour)
        for rule in RULES
        if rule.measure in OF_TEAMS and (behaviour := floor.defaults.alerting[rule.measure]).alert
        for severity in SEVERITIES
        if (level := floor.team_limits.get((rule.measure, severity))) is not None
    )


class Teams:
    """All teams. `due_ms`: the tick at which they must be looked at without news, None when there is none."""

    def __init__(self, floor: Floor, staff: StaffView, roster: Roster) -> None:
        self.alerts: list[Alert] = []
        self.due_ms: int | None = None
        self._floor, self._staff, self._roster = floor, staff, roster
        self._limits = team_limits_of(floor)
        self._watches: dict[str, list[Watch]] = {}
        self._spent: dict[str, Spent] = {}
        self._looked_ms: int | None = None
        self._news_ms = 0

    def tick(self, now_ms: int, *, news: bool) -> None:
        """Look at `now_ms` if anything was told of any agent (`news`), or if it is time; the roster must know it."""
        if not news and now_ms != self.due_ms:
            return
        if news:
            self._news_ms = now_ms
        if self._looked_ms is not None and self._looked_ms < now_ms - SECOND_MS:
            self.finish(now_ms - SECOND_MS)
        self._staff.advance(WindowRanges({JUDGED_WINDOW: window_panes(JUDGED_WINDOW, now_ms)}))
        self._spent = self._spent_by_team(now_ms)
        for team in self._spent:
            if team not in self._watches:
                place = Place("", "", team)
                self._watches[team] = [Watch(limit, place, self.alerts) for limit in self._limits]
        for team, watches in self._watches.items():
            value = self._spent.get(team, _NOBODY).after(0)
            for watch in watches:
                watch.look(now_ms, Look(value))
        self._looked_ms = now_ms
        self.due_ms = self._due(now_ms)

    def finish(self, now_ms: int) -> None:
        """Nothing happened up to `now_ms`, and no limit was passed: what is on has the worst value until then."""
        if self._looked_ms is None or self._looked_ms >= now_ms:
            return
        for team, watches in self._watches.items():
            value = self._spent.get(team, _NOBODY).after(now_ms - self._looked_ms)
            for watch in watches:
                watch.rest(now_ms, Look(value))

    def _spent_by_team(self, now_ms: int) -> dict[str, Spent]:
        """Every team with somebody who is at work, or was in the window."""
        heights = self._roster.heights
        spent = self._staff.spent(JUDGED_WINDOW, now_ms, heights)
        found: dict[str, Spent] = {}
        for agent in spent.keys() | heights.keys():  # who came this very moment has spent nothing yet
            team = self._roster.team_of(agent, self._floor.agent(agent).team)
            before = found.get(team, _NOBODY)
            parts = (*occupancy(spent.get(agent, {})), *occupancy(heights.get(agent, {})))
            found[team] = Spent(*map(add, before, parts))
        return found

    def _due(self, now_ms: int) -> int | None:
        found = [
            looks_again(watch.limit, watch.state, watch.seen, None)
            for watches in self._watches.values()
            for watch in watches
        ]
        begins_ms = self._staff.window_start(JUDGED_WINDOW)
        if begins_ms is not None and begins_ms <= pane_start(self._news_ms, FINE_MS):
            # Somebody did otherwise in the window, so that it says something else when it moves on.
            pane_ms = pane_start(now_ms, FINE_MS) + FINE_MS
            found += [pane_ms, self._crossing(now_ms, pane_ms)]
        known = [at_ms for at_ms in found if at_ms is not None]
        return min(known, default=None)

    def _crossing(self, now_ms: int, end_ms: int) -> int | None:
        """The first tick before `end_ms` at which a team is on another side of a limit; None: all stay as they are."""
        bounds = {bound for limit in self._limits for bound in (limit.enter, limit.exit)}
        ticks = range(SECOND_MS, end_ms - now_ms, SECOND_MS)
        if not ticks:
            return None
        found = []
        for spent in self._spent.values():
            side = _side(spent.after(0), bounds)
            if _side(spent.after(ticks[-1]), bounds) != side:
                found.append(next(ms for ms in ticks if _side(spent.after(ms), bounds) != side))
        return now_ms + min(found) if found else None


def _side(value: float | None, bounds: set[float]) -> int | None:
    """How many of the limits a value has reached."""
    return None if value is None else sum(value >= bound for bound in bounds)
