"""View -> snapshots. Equal to `kpi.snapshot.build_snapshot`, which sums up anew; here only what changed is."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from board.health import Verdict
from board.live_set import LiveSet
from board.queue_view import QueueView, Window
from kpi.floor import QueueConfig
from kpi.measures import Measures, severity
from kpi.snapshot import (
    TARGET_MULTIPLES,
    Backlog,
    Now,
    QueueSnapshot,
    Target,
    format_instant,
    judged_values,
    nested_thresholds,
    window_counts,
    with_now,
)

MINUTE_MS, HOUR_MS = 60_000, 3_600_000


class Assembler:
    """Makes the snapshots of one queue; what did not change since the last one is kept, texts included."""

    def __init__(self, view: QueueView, config: QueueConfig) -> None:
        self.view, self.config = view, config
        self._target = Target(config.target_percent, config.target_seconds, config.short_abandon_seconds)
        self._thresholds = nested_thresholds(config.thresholds)
        self._limits_ms = [(str(multiple), multiple * config.target_seconds * 1000) for multiple in TARGET_MULTIPLES]
        self._counts: dict[str, tuple[int, Measures]] = {}
        self._shown: dict[str, tuple[tuple[int, ...], Measures]] = {}
        self._windows_of = (-1, -1)
        self._windows: dict[str, Measures] = {}
        self._texts: dict[str, msgspec.Raw] = {}
        self._open = (-1, False)

    def snapshot(self, namespace: str, verdict: Verdict, published_at_ms: int) -> QueueSnapshot:
        """The snapshot at `verdict.now_ms`. The windows must have been advanced to it."""
        config, thresholds = self.config, self._thresholds
        now = self._now(verdict.now_ms)
        windows = self._measured(now)
        judged = severity(judged_values(now, windows) if verdict.state != "rebuilding" else {}, thresholds)
        return QueueSnapshot(
            namespace=namespace,
            queue=self.view.queue,
            channel=self.view.channel,
            display_name=config.display_name,
            group=config.group,
            state=verdict.state,
            reason=verdict.reason,
            true_at=_instant(verdict.true_at_ms),
            true_at_ms=verdict.true_at_ms,
            published_at_ms=published_at_ms,
            epoch=verdict.epoch,
            target=self._target,
            now=now,
            backlog=self._backlog(verdict.now_ms),
            windows=windows,
            thresholds=thresholds,
            severity=max(judged.values(), default=0),
            severity_by=judged,
        )

    def json(self, snapshot: QueueSnapshot) -> bytes:
        """`to_json()` of the snapshot made last; the text of windows that did not change is kept from before."""
        # What is encoded in the windows' place is their own text, so the fields stay those of the contract.
        return _encode(msgspec.structs.replace(snapshot, windows=self._texts))

    def _now(self, now_ms: int) -> Now:
        waiting = self.view.live["waiting"]
        oldest = waiting.oldest()
        return Now(
            waiting=len(waiting),
            ringing=len(self.view.live["ringing"]),
            in_service=len(self.view.live["in_service"]),
            oldest_queued_at_ms=oldest,
            oldest_wait_seconds=_age_seconds(oldest, now_ms),
            waiting_over_target={name: waiting.before(now_ms - limit_ms) for name, limit_ms in self._limits_ms},
            open=self._is_open(now_ms),
        )

    def _is_open(self, now_ms: int) -> bool:
        minute = now_ms // MINUTE_MS  # opening hours are in minutes of zones whose offsets are, too
        if self._open[0] != minute:
            self._open = minute, self.config.opening.is_open(now_ms, self.config.zone)
        return self._open[1]

    def _backlog(self, now_ms: int) -> Backlog:
        cases: LiveSet = self.view.live["open_cases"]
        due: LiveSet = self.view.live["due"]
        overdue = due.before(now_ms)
        return Backlog(
            open=len(cases),
            overdue=overdue,
            due_within_1h=due.before(now_ms + HOUR_MS + 1) - overdue,
            oldest_opened_at_ms=cases.oldest(),
            oldest_age_seconds=_age_seconds(cases.oldest(), now_ms),
        )

    def _measured(self, now: Now) -> dict[str, Measures]:
        """The windows; the very same ones while nothing was counted, nobody came or left or passed the target."""
        windows_of = self.view.version, now.waiting_over_target["1"]
        if windows_of != self._windows_of:
            peaks = self.view.max_waiting()
            self._windows = {
                name: self._window(name, window, now, peaks[name]) for name, window in self.view.windows.items()
            }
            self._windows_of = windows_of
        return self._windows

    def _window(self, name: str, window: Window, now: Now, peak: int) -> Measures:
        inputs = window.version, now.waiting, now.waiting_over_target["1"], peak
        known = self._shown.get(name)
        if known is None or known[0] != inputs:
            known = self._shown[name] = inputs, with_now(self._counted(name, window), now, peak)
            self._texts[name] = msgspec.Raw(_encode(known[1]))
        return known[1]

    def _counted(self, name: str, window: Window) -> Measures:
        known = self._counts.get(name)
        if known is None or known[0] != window.version:
            known = self._counts[name] = window.version, window_counts(window.tally, self.config)
        return known[1]


_encode = msgspec.json.Encoder().encode
_instant = lru_cache(maxsize=4)(format_instant)  # the same one for every queue of a tick


def _age_seconds(since_ms: int | None, now_ms: int) -> float | None:
    return None if since_ms is None else max(0, now_ms - since_ms) / 1000
