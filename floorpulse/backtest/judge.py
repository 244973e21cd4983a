"""What the limits of one queue look at, made of the view: the values that a snapshot has, without the rest of it."""

from __future__ import annotations

from typing import Any

import msgspec

from alerts.rulebook import limits_of
from board.health import Verdict
from board.queue_view import QueueView, Window
from board.snapshots import Assembler, live_state
from floorpulse.backtest.volume import MEASURES, Past, Volume
from kpi.floor import QueueConfig
from kpi.judged import JUDGED_VARIANT, JUDGED_WINDOW, Seen, judged_values
from kpi.live_state import EMPTY_BACKLOG, LiveState, Now, QueueStaff, backlog_of, now_of
from kpi.measures import Measures, Terms, abandonment, group_of, service_level, terms
from kpi.panes import MINUTE_MS
from kpi.snapshot import QueueSnapshot, window_counts, with_now

# What any formula asks for.
WINDOWS = ("5m", "15m", "30m", "1h")
_OF_BACKLOG = "overdue_contacts"


class Judge:
    """Makes snapshots of one queue that hold the state now and the values that its limits are compared with.

    The first one is the board's own. After it only what limits look at is made anew; a test holds the two together.
    `limits`: those in force. `view` keeps no windows but those that formulas ask for. `volume`: how many joined a week
    before, where limits ask for it and `past` says that it is ever known.
    """

    def __init__(self, view: QueueView, config: QueueConfig, past: Past | None = None) -> None:
        view.windows = {name: view.windows[name] for name in WINDOWS}
        self.view, self.config, self.limits = view, config, limits_of(config)
        self.measures = tuple(dict.fromkeys(limit.rule.measure for limit in self.limits))
        asks = past is not None and past.is_known and not MEASURES.isdisjoint(self.measures)
        self.volume = Volume(past) if past is not None and asks else None
        self._assembler = Assembler(view, config)
        self._latest: QueueSnapshot | None = None
        self._windows = {name: _Counted(window, config) for name, window in view.windows.items()}
        self._open = (-1, True)

    @property
    def joined(self) -> int:
        """How many joined in the window that is compared with the week before."""
        return self.view.windows[JUDGED_WINDOW].tally.offered

    def snapshot(self, now_ms: int, staff: QueueStaff) -> QueueSnapshot:
        """What is true at `now_ms`; the windows must have been advanced to it. Of the windows it says nothing."""
        found = self._snapshot(now_ms, staff)
        if self.volume is None:
            return found
        values = self.volume.values(now_ms, self.joined, self.config.alerting)
        judged = {name: values.get(name, value) for name, value in found.judged.items()}
        return msgspec.structs.replace(found, judged=judged)

    def _snapshot(self, now_ms: int, staff: QueueStaff) -> QueueSnapshot:
        if self._latest is None:
            verdict = Verdict("fresh", None, now_ms, now_ms)
            self._latest = self._assembler.snapshot("", verdict, now_ms, staff)
            return self._latest
        config, live = self.config, self._live()
        now = now_of(live, now_ms, config.target_seconds, self.is_open(now_ms), staff)
        windows = {name: counted.measures(now) for name, counted in self._windows.items()}
        backlog = EMPTY_BACKLOG
        if _OF_BACKLOG in self.measures:
            backlog = backlog_of(live, now_ms, config.opening, config.zone, windows["1h"])
        judged = judged_values(self.measures, Seen(now, windows, backlog, staff.known), config.alerting)
        self._latest = msgspec.structs.replace(
            self._latest, now=now, judged=judged, since_ms={}, true_at_ms=now_ms, windows={}
        )
        return self._latest

    def is_open(self, now_ms: int) -> bool:
        """Whether the queue is open; looked up once a minute."""
        minute = now_ms // MINUTE_MS
        if self._open[0] != minute:
            self._open = minute, self.config.opening.is_open(now_ms, self.config.zone)
        return self._open[1]

    def _live(self) -> LiveState:
        live = self.view.live
        if _OF_BACKLOG in self.measures:
            return live_state(self.view)
        return LiveState(waiting_since=live["waiting"].scores, callbacks_at=live["callbacks"].scores)


class _Counted:
    """One window of the view and what was worked out of it."""

    def __init__(self, window: Window, config: QueueConfig) -> None:
        self._window, self._config = window, config
        self._of: tuple[int, int] = (-1, -1)
        self._terms: tuple[int, Terms] | None = None
        self._measures: Measures = {}

    def measures(self, now: Now) -> Measures:
        """The measures of the window, with those who wait; the very same while neither changed."""
        of = self._window.version, now.waiting_over_target["1"]
        if of != self._of:
            self._of, self._measures = of, _Asked(self, now)
        return self._measures

    def level(self, over_target: int) -> Measures:
        """The service level that limits are compared with."""
        if self._terms is None or self._terms[0] != self._window.version:
            self._terms = self._window.version, terms(group_of(self._window.tally, self._config))
        found = service_level(JUDGED_VARIANT, [self._terms[1]._replace(waiting_over_target=over_target)])
        return {JUDGED_VARIANT: found}

    @property
    def tally(self) -> Any:
        return self._window.tally

    def all(self, now: Now) -> Measures:
        """Every measure, as a snapshot has it."""
        return with_now(window_counts(self._window.tally, self._config), now, None)


class _Asked(dict[str, Any]):
    """The measures of one window, worked out when asked for: most of them nobody compares with a limit."""

    def __init__(self, counted: _Counted, now: Now) -> None:
        super().__init__(offered=counted.tally.offered, answered=counted.tally.answered)
        self._counted, self._now = counted, now

    def __missing__(self, name: str) -> Any:
        counted = self._counted
        if name == "decided":
            self[name] = counted.tally.decided
        elif name == "abandonment":
            self[name] = abandonment(counted.tally)
        elif name == "service_level":
            self[name] = counted.level(self._now.waiting_over_target["1"])
        else:
            self.update(counted.all(self._now))
        return dict.__getitem__(self, name) if name in self else _absent(name)

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default


def _absent(name: str) -> Any:
    raise KeyError(name)
