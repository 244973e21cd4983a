"""A history tick by tick: each whole second sees everything up to it, and only queues with a reason look again.

A reason is news (something was counted, somebody came or left), windows from which something fell, or a limit that the
passing of time alone may move (`rest`). Everything else would see what it saw the second before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush

from alerts.rulebook import RULES
from board.queue_view import WindowRanges
from board.roster import Roster
from floorpulse.backtest.judge import WINDOWS, Judge
from floorpulse.backtest.outcome import Outcome, in_order
from floorpulse.backtest.spool import SECOND_MS, Item, Spool, second_after
from floorpulse.backtest.watched import Watched
from floorpulse.memory_log import MemoryLog
from kpi.floor import Floor
from kpi.judged import FORMULAS
from kpi.keys import CONTACT_TOPICS
from kpi.live_state import NOBODY
from kpi.panes import COARSE_MS, FINE_MS, window_panes
from kpi.quiet import quiet_at

# Customers are left out: no limit looks at them.
TOPICS = (*CONTACT_TOPICS, "agents.events", "floor.events")
# So much is taken at once while nobody looks yet.
_BULK = 5_000

Key = tuple[str, str]
Progress = Callable[[int], None]


def backtest(
    spool: Spool,
    floor: Floor,
    *,
    looks_from_ms: int,
    from_ms: int,
    to_ms: int,
    keeps: bool = True,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Which alerts `floor` would have given in [from_ms, to_ms] (whole seconds).

    Everything before `looks_from_ms` is counted only; from there to `from_ms` the limits look, so that what is on at
    `from_ms` is known. `keeps`: the spool is needed once more. `progress` is told how many events were taken.
    """
    return _Run(spool, floor, progress, keeps=keeps).over(looks_from_ms, from_ms, to_ms)


class _Run:
    def __init__(self, spool: Spool, floor: Floor, progress: Progress, *, keeps: bool) -> None:
        self._spool, self._floor, self._progress, self._keeps = spool, floor, progress, keeps
        self._log = MemoryLog(
            TOPICS, lateness_ms=floor.lateness_ms, earliest_ms=floor.earliest_ms, wants_pane=_is_wanted
        )
        self._roster = Roster()
        self._watched: dict[Key, Watched] = {}
        self._due: list[tuple[int, Key]] = []
        self._pane_ms = 0
        self._taken = 0

    def over(self, looks_from_ms: int, from_ms: int, to_ms: int) -> Outcome:
        self._lead_in(looks_from_ms)
        for config in self._floor.configured:
            if config.channel:
                self._log.view.see(config.id, config.channel)
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
        return self._outcome(from_ms, to_ms)

    def _lead_in(self, until_ms: int) -> None:
        """Take what happened up to an instant, without a look at it."""
        held: list[Item] = []
        first = self._spool.first_ms
        begin_ms = until_ms if first is None else second_after(first)
        for tick, items in self._spool.seconds(begin_ms, until_ms, keeps=self._keeps):
            held += items
            if len(held) >= _BULK:
                self._take(held)
                self._log.view.forget(tick)
                held = []
        self._take(held)

    def _pass_by(self, until_ms: int, quiet_ms: list[int]) -> None:
        """The ticks without an event up to and with `until_ms` at which something has a reason to look."""
        while True:
            reasons = [at_ms for at_ms in (self._next_due(), self._next_pane()) if at_ms is not None]
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
        self._take(items)
        if now_ms >= self._pane_ms:
            self._move_windows(now_ms)
        self._roster.refresh(self._log.view.staff.sets)
        for key, view in self._log.view.queues.items():
            watched = self._watched.get(key)
            if watched is None:
                watched = self._watched[key] = Watched(Judge(view, self._floor.queue(*key)))
                view.advance(self._ranges)
            staff = self._roster.staff_of(key[0]) if watched.minds_staff else NOBODY
            if everyone or watched.due_ms == now_ms or watched.has_news(staff):
                config = watched.judge.config
                quiet = self._floor.quiet and quiet_at(self._floor.quiet, *key, config.group, now_ms) is not None
                watched.look(now_ms, self._roster.staff_of(key[0]), quiet=bool(quiet))
                if watched.due_ms is not None:
                    heappush(self._due, (watched.due_ms, key))

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
        self._ranges = WindowRanges({name: window_panes(name, now_ms) for name in WINDOWS})
        self._pane_ms = self._ranges.end_ms
        for key, view in self._log.view.queues.items():
            if key in self._watched:
                view.advance(self._ranges)
        if self._pane_ms % COARSE_MS == FINE_MS:
            self._log.view.forget(now_ms)

    def _outcome(self, from_ms: int, to_ms: int) -> Outcome:
        alerts = [alert for watched in self._watched.values() for alert in watched.alerts]
        before = [alert for alert in alerts if alert.fired_ms < from_ms and (alert.to_ms or from_ms) >= from_ms]
        return Outcome(
            from_ms,
            to_ms,
            in_order(alert for alert in alerts if from_ms <= alert.fired_ms <= to_ms),
            self._floor,
            len(before),
            self._left_out(),
            self._taken,
            Counter(self._log.ledger),
            self._lost(to_ms),
        )

    def _left_out(self) -> tuple[str, ...]:
        """The rules with limits that no snapshot of a queue can tell; those of teams stand in no queue's limits."""
        measures = {limit.rule.measure for watched in self._watched.values() for limit in watched.judge.limits}
        alerting = self._floor.defaults.alerting
        measures |= {measure for measure, _ in self._floor.team_limits if alerting[measure].alert}
        return tuple(rule.name for rule in RULES if rule.measure in measures and rule.measure not in FORMULAS)

    def _lost(self, now_ms: int) -> tuple[tuple[str, str, int], ...]:
        found = []
        for key, watched in self._watched.items():
            judge = watched.judge
            before_ms = now_ms - judge.config.plausible.waiting * 1000
            if count := bisect_left(judge.view.live["waiting"].scores, before_ms):
                found.append((*key, count))
        return tuple(found)


def _is_wanted(suffix: str) -> bool:
    """Panes of 10 s of queues: no window here is made of others, and no limit looks at what agents did over time."""
    return suffix.startswith("10:") and "::" not in suffix
