"""A history tick by tick: each whole second sees everything up to it, and only queues with a reason look again.

A reason is news (something was counted, somebody came or left), windows from which something fell, or a limit that the
passing of time alone may move (`rest`). Everything else would see what it saw the second before. Teams are looked at in
the same way (`teams`). Where volumes are compared with the week before (`volume`), that week is gone over, too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from heapq import heappop, heappush

from board.queue_view import WindowRanges
from board.roster import Roster
from floorpulse.backtest.judge import WINDOWS, Judge
from floorpulse.backtest.outcome import Outcome, in_order
from floorpulse.backtest.spool import SECOND_MS, Item, Spool, second_after
from floorpulse.backtest.teams import Teams, team_limits_of
from floorpulse.backtest.volume import WEEK_MS, Past, past_of, rules_of_week
from floorpulse.backtest.watched import Watched
from floorpulse.memory_log import MemoryLog
from kpi.envelope import AGENT_TOPIC
from kpi.floor import Floor
from kpi.keys import AGENTS_CHANNEL, CONTACT_TOPICS, NO_QUEUE
from kpi.live_state import NOBODY
from kpi.panes import COARSE_MS, FINE_MS, WindowPanes, window_panes
from kpi.quiet import quiet_at

# Customers are left out: no limit looks at them.
TOPICS = (*CONTACT_TOPICS, AGENT_TOPIC, "floor.events")
# So much is taken at once while nobody looks yet.
_BULK = 5_000
_EMPTY = WindowRanges(dict.fromkeys(WINDOWS, WindowPanes(range(0), range(0))))
_OF_NO_QUEUE = f":{NO_QUEUE}:"
_OF_AGENTS = f"{_OF_NO_QUEUE}{AGENTS_CHANNEL}"

Key = tuple[str, str]
Progress = Callable[[int], None]


def backtest(
    spool: Spool,
    floor: Floor,
    *,
    looks_from_ms: int,
    from_ms: int,
    to_ms: int,
    known_from_ms: int | None = None,
    keeps: bool = True,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Which alerts `floor` would have given in [from_ms, to_ms] (whole seconds).

    Everything before `looks_from_ms` is counted only; from there to `from_ms` the limits look, so that what is on at
    `from_ms` is known. `known_from_ms`: since when everything that happened is in the spool, by default since its first
    event. `keeps`: the spool is needed once more. `progress` is told how many events were taken.
    """
    if known_from_ms is None:
        known_from_ms = looks_from_ms if spool.first_ms is None else spool.first_ms
    return _Run(spool, floor, progress, keeps=keeps).over(known_from_ms, looks_from_ms, from_ms, to_ms)


class _Run:
    def __init__(self, spool: Spool, floor: Floor, progress: Progress, *, keeps: bool) -> None:
        self._spool, self._floor, self._progress, self._keeps = spool, floor, progress, keeps
        has_teams = bool(team_limits_of(floor))
        self._log = MemoryLog(
            TOPICS,
            lateness_ms=floor.lateness_ms,
            earliest_ms=floor.earliest_ms,
            wants_pane=partial(_is_wanted, agents=has_teams),
        )
        self._roster = Roster()
        self._teams = Teams(floor, self._log.view.staff, self._roster) if has_teams else None
        self._of_week = rules_of_week(floor)
        self._past: Past | None = None
        self._watched: dict[Key, Watched] = {}
        self._due: list[tuple[int, Key]] = []
        self._pane_ms = 0
        self._taken = 0

    def over(self, known_from_ms: int, looks_from_ms: int, from_ms: int, to_ms: int) -> Outcome:
        if self._of_week:
            self._past = past_of(known_from_ms, looks_from_ms, to_ms)
        for config in self._floor.configured:
            if config.channel:
                self._log.view.see(config.id, config.channel)
        self._before(looks_from_ms)
        ends = {second_after(at_ms) for each in self._floor.quiet for at_ms in (each.from_ms, each.to_ms)}
        quiet_ms = sorted((at_ms for at_ms in ends if looks_from_ms < at_ms <= to_ms), reverse=True)
        self._tick(looks_from_ms, (), everyone=True)
        for tick, items in self._spool.seconds(looks_from_ms + SECOND_MS, to_ms, keeps=self._keeps):
            self._pass_by(tick - SECOND_MS, quiet_ms)
            everyone = bool(quiet_ms) and quiet_ms[-1] == tick
            if everyone:
                quiet_ms.pop()
            self._tick(tick, items, everyone=everyone)
        self._pass_by(to_ms, quiet_ms)
        for watched in self._watched.values():
            watched.finish(to_ms)
        if self._teams is not None:
            self._teams.finish(to_ms)
        return self._outcome(from_ms, to_ms)

    def _before(self, looks_from_ms: int) -> None:
        """Take what happened until the limits look; of what they compare with a week later, second by second."""
        first_ms = self._spool.first_ms
        from_ms = looks_from_ms if first_ms is None else second_after(first_ms)
        if self._past is not None and self._past.is_known and self._past.first_ms - WEEK_MS < looks_from_ms:
            begin_ms, end_ms = self._past.first_ms - WEEK_MS, min(self._past.last_ms - WEEK_MS, looks_from_ms)
            self._lead_in(from_ms, begin_ms)
            self._see(begin_ms, ())
            for tick, items in self._spool.seconds(begin_ms + SECOND_MS, end_ms, keeps=self._keeps):
                self._pass_panes(tick - SECOND_MS)
                self._see(tick, items)
            self._pass_panes(end_ms)
            # Panes go while nobody moves the windows on, so nothing may be in those.
            self._move_to(_EMPTY)
            self._pane_ms, from_ms = 0, end_ms + SECOND_MS
        self._lead_in(from_ms, looks_from_ms)

    def _lead_in(self, from_ms: int, until_ms: int) -> None:
        """Take what happened up to an instant, without a look at it."""
        held: list[Item] = []
        for tick, items in self._spool.seconds(from_ms, until_ms, keeps=self._keeps):
            held += items
            if len(held) >= _BULK:
                self._take(held)
                self._log.view.forget(tick)
                held = []
        self._take(held)

    def _pass_panes(self, until_ms: int) -> None:
        """The ticks without an event up to and with `until_ms` at which windows move on, without a look."""
        while (at_ms := self._next_pane()) is not None and at_ms <= until_ms:
            self._see(at_ms, ())

    def _pass_by(self, until_ms: int, quiet_ms: list[int]) -> None:
        """The ticks without an event up to and with `until_ms` at which something has a reason to look."""
        while True:
            teams_ms = None if self._teams is None else self._teams.due_ms
            reasons = [at_ms for at_ms in (self._next_due(), self._next_pane(), teams_ms) if at_ms is not None]
            if quiet_ms:
                reasons.append(quiet_ms[-1])
            at_ms = min(reasons, default=until_ms + 1)
            if at_ms > until_ms:
                return
            everyone = bool(quiet_ms) and quiet_ms[-1] == at_ms
            if everyone:
                quiet_ms.pop()
            self._tick(at_ms, (), everyone=everyone)

    def _next_due(self) -> int | None:
        while self._due:
            at_ms, key = self._due[0]
            if self._watched[key].due_ms == at_ms:
                return at_ms
            heappop(self._due)  # it has looked since then, and has another one
        return None

    def _next_pane(self) -> int | None:
        """When windows move on; None while there is nothing in any of them."""
        views = self._log.view.queues.values()
        return self._pane_ms if any(any(w.tally for w in view.windows.values()) for view in views) else None

    def _tick(self, now_ms: int, items: Sequence[Item], *, everyone: bool) -> None:
        self._see(now_ms, items)
        self._roster.refresh(self._log.view.staff.sets)
        for key, watched in self._watched.items():
            staff = self._roster.staff_of(key[0]) if watched.minds_staff else NOBODY
            if everyone or watched.due_ms == now_ms or watched.has_news(staff):
                config = watched.judge.config
                quiet = self._floor.quiet and quiet_at(self._floor.quiet, *key, config.group, now_ms) is not None
                watched.look(now_ms, self._roster.staff_of(key[0]), quiet=bool(quiet))
                if watched.due_ms is not None:
                    heappush(self._due, (watched.due_ms, key))
        if self._teams is not None:
            self._teams.tick(now_ms, news=everyone or any(AGENT_TOPIC in item.topics for item in items))

    def _see(self, now_ms: int, items: Sequence[Item]) -> None:
        """Take what this tick is the first to see; move the windows on; count."""
        self._take(items)
        if now_ms >= self._pane_ms:
            self._move_windows(now_ms)
        for key, view in self._log.view.queues.items():
            watched = self._watched.get(key)
            if watched is None:
                watched = self._watched[key] = Watched(Judge(view, self._floor.queue(*key), self._past))
                view.advance(self._ranges)
            watched.count(now_ms)

    def _take(self, items: Iterable[Item]) -> None:
        raws: defaultdict[str, list[bytes]] = defaultdict(list)
        count = 0
        for item in items:
            count += 1
            for topic in item.topics:
                raws[topic].append(item.raw)
        for topic, some in raws.items():
            self._log.take_raw(topic, some)
        if count:
            self._taken += count
            self._progress(self._taken)

    def _move_windows(self, now_ms: int) -> None:
        self._move_to(WindowRanges({name: window_panes(name, now_ms) for name in WINDOWS}))
        self._pane_ms = self._ranges.end_ms
        if self._pane_ms % COARSE_MS == FINE_MS:
            self._log.view.forget(now_ms)

    def _move_to(self, ranges: WindowRanges) -> None:
        self._ranges = ranges
        for key, view in self._log.view.queues.items():
            if key in self._watched:
                view.advance(ranges)

    def _outcome(self, from_ms: int, to_ms: int) -> Outcome:
        alerts = [alert for watched in self._watched.values() for alert in watched.alerts]
        alerts += [] if self._teams is None else self._teams.alerts
        before = [alert for alert in alerts if alert.fired_ms < from_ms and (alert.to_ms or from_ms) >= from_ms]
        return Outcome(
            from_ms,
            to_ms,
            in_order(alert for alert in alerts if from_ms <= alert.fired_ms <= to_ms),
            self._floor,
            len(before),
            self._past,
            self._of_week,
            self._taken,
            Counter(self._log.ledger),
            self._lost(to_ms),
        )

    def _lost(self, now_ms: int) -> tuple[tuple[str, str, int], ...]:
        found = []
        for key, watched in self._watched.items():
            judge = watched.judge
            before_ms = now_ms - judge.config.plausible.waiting * 1000
            if count := bisect_left(judge.view.live["waiting"].scores, before_ms):
                found.append((*key, count))
        return tuple(found)


def _is_wanted(suffix: str, *, agents: bool) -> bool:
    """Panes of 10 s of queues, of which every window here is made; of `agents`, where limits look at their time."""
    return suffix.startswith("10:") and (_OF_NO_QUEUE not in suffix or (agents and suffix.endswith(_OF_AGENTS)))
