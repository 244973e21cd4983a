"""The alerts of volumes and of teams, second by second: the rest of `alerts_by_definition`, and as much on its own.

The definitions, in short; windows, limits, `hold` and `keep` are those of the other program:

    volume       joins of 30 min / joins of the same 30 min a week before; no value where that window begins before
                 anything is known, or holds nobody; of high volume with fewer than `minimum` joins now, of low volume
                 with fewer a week before
    occupancy    (busy + acw) / (busy + acw + idle) of a team's agents in 30 min; no value where nobody was any of them.
                 An agent is in the state that was told last; before that, nowhere
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from tests.floorpulse.alerts_by_definition import HALF, Alert, Call, Limit, Watcher, within

WEEK = 7 * 24 * 3600


def volume_alerts(calls: Iterable[Call], limits: Iterable[Limit]) -> list[Alert]:
    """Every alert of the volumes of each queue."""
    by_queue: defaultdict[str, list[int]] = defaultdict(list)
    first, last = [], []
    for call in calls:
        by_queue[call.queue].append(call.joined)
        first.append(call.joined)
        last.append(max(call.left, call.ended))
    found: list[Alert] = []
    for queue, joins in by_queue.items():
        joins.sort()
        watchers = [Watcher(limit, queue) for limit in limits]
        for now in range(min(first) + WEEK, max(last) + 1):
            there, before = within(joins, now, HALF), within(joins, now - WEEK, HALF)
            is_known = (now - WEEK - HALF) // 10 * 10 >= min(first)
            for watcher in watchers:
                enough = (before if watcher.limit.is_low_bad else there) >= watcher.limit.minimum
                value = there / before if is_known and before and enough else None
                watcher.look(now, value, is_open=True, is_quiet=False)
        found += [alert for watcher in watchers for alert in watcher.alerts]
    return found


@dataclass(frozen=True)
class Told:
    """An agent of a team was said to be in a state from a second on."""

    agent: str
    team: str
    at: int
    state: str


class Spent:
    """How many seconds an agent was in some states up to an instant."""

    def __init__(self, told: list[Told], states: tuple[str, ...]) -> None:
        self.at = [one.at for one in told]
        self.counts = [one.state in states for one in told]
        lengths = [(end - at) * counts for at, end, counts in zip(self.at, self.at[1:], self.counts, strict=False)]
        self.sums = [0, *accumulate(lengths)]

    def until(self, now: int) -> int:
        place = bisect_right(self.at, now) - 1
        return 0 if place < 0 else self.sums[place] + (now - self.at[place]) * self.counts[place]

    def within(self, now: int) -> int:
        return self.until(now) - self.until((now - HALF) // 10 * 10)


def team_alerts(told: Iterable[Told], limits: Iterable[Limit]) -> list[Alert]:
    """Every alert of the occupancy of each team, the name of the team being that of its `queue`.

    A limit is the same for all teams; `enter`, `leave`, `hold` and `keep` of it are those of a queue's (`Watcher`).
    """
    by_agent: defaultdict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in sorted(told, key=lambda each: each.at):
        by_agent[one.team, one.agent].append(one)
    seconds = [one.at for some in by_agent.values() for one in some]
    found: list[Alert] = []
    for team in {team for team, _ in by_agent}:
        people = [some for (name, _), some in by_agent.items() if name == team]
        busy = [Spent(some, ("busy", "acw")) for some in people]
        there = [Spent(some, ("busy", "acw", "idle")) for some in people]
        watchers = [Watcher(limit, team) for limit in limits]
        for now in range(min(seconds), max(seconds) + 1):
            length = sum(spent.within(now) for spent in there)
            value = sum(spent.within(now) for spent in busy) / length if length else None
            for watcher in watchers:
                watcher.look(now, value, is_open=True, is_quiet=False)
        found += [alert for watcher in watchers for alert in watcher.alerts]
    return found
