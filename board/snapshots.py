"""View -> snapshots. Equal to `kpi.snapshot.build_snapshot`, which sums up anew; here only what changed is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, Protocol

import msgspec

from board.health import Verdict
from board.queue_view import QueueView, Window
from kpi.floor import QueueConfig
from kpi.instants import format_time
from kpi.judged import Judge, Seen
from kpi.live_state import (
    BACKLOG_WINDOW,
    CASE_SETS,
    FLOW_WINDOW,
    NOBODY,
    LiveState,
    Now,
    QueueStaff,
    backlog_of,
    drift_of,
    flow_of,
    ghosts_of,
    now_of,
)
from kpi.measures import Measures, severity
from kpi.since import since_of
from kpi.snapshot import QueueSnapshot, Target, nested_thresholds, window_counts, with_now

MINUTE_MS, SECOND_MS = 60_000, 1_000


class Normals(Protocol):
    """Knows what is normal for a queue; None: not known."""

    def normal(self, queue: str, channel: str, now_ms: int) -> dict[str, Any] | None: ...


class Assembler:
    """Makes the snapshots of one queue; what did not change since the last one is kept, texts included."""

    def __init__(self, view: QueueView, config: QueueConfig, normals: Normals | None = None) -> None:
        self.view, self.config, self._normals = view, config, normals
        self._target = Target(config.target_percent, config.target_seconds, config.short_abandon_seconds)
        self._thresholds = nested_thresholds(config.thresholds)
        self._judge = Judge(self._thresholds, config.alerting)
        self._counts: dict[str, tuple[int, Measures]] = {}
        self._shown: dict[str, tuple[tuple[int, ...], Measures]] = {}
        self._windows_of = (-1, -1)
        self._windows: dict[str, Measures] = {}
        self._texts: Mapping[str, msgspec.Raw] = {}
        self._open = (-1, False)
        self._normal: tuple[int, dict[str, Any] | None] = (-1, None)
        self._live_of = -1
        self._live = LiveState()
        self._lengths_since: dict[float, tuple[int, int]] = {}

    def snapshot(
        self, namespace: str, verdict: Verdict, published_at_ms: int, staff: QueueStaff = NOBODY
    ) -> QueueSnapshot:
        """The snapshot at `verdict.now_ms`. The windows must have been advanced to it."""
        config, thresholds, now_ms = self.config, self._thresholds, verdict.now_ms
        live = self._lives()
        now = now_of(live, now_ms, config.target_seconds, self._is_open(now_ms), staff)
        windows = self._measured(now)
        backlog = backlog_of(live, now_ms, config.opening, config.zone, windows[BACKLOG_WINDOW])
        seen = Seen(now, windows, backlog, staff.known)
        judged = self._judge.values(seen) if verdict.state != "rebuilding" else {}
        severities = severity(judged, thresholds)
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
            backlog=backlog,
            flow=flow_of(windows[FLOW_WINDOW], now.waiting),
            normal=self._normal_at(now_ms),
            windows=windows,
            thresholds=thresholds,
            severity=max(severities.values(), default=0),
            severity_by=severities,
            judged=judged,
            since_ms=since_of(
                severities, thresholds, now, now_ms, (config.opening, config.zone), partial(self._length_since, now_ms)
            ),
            agents_known=staff.known,
        )

    @property
    def texts(self) -> Mapping[str, msgspec.Raw]:
        """The JSON of the windows of the snapshot made last; those that did not change are kept from before."""
        return self._texts

    def _lives(self) -> LiveState:
        """The live sets, whose scores are read where they stand; drift and ghosts are counted when anything changed."""
        if self._live_of != self.view.version:
            self._live_of, self._live = self.view.version, live_state(self.view)
        return self._live

    def _length_since(self, now_ms: int, limit: float) -> int:
        """Since when so many have waited; counted back anew only when anything changed."""
        known = self._lengths_since.get(limit)
        if known is None or known[0] != self.view.version:
            known = self._lengths_since[limit] = self.view.version, self.view.above_since(now_ms, limit)
        return known[1]

    def _normal_at(self, now_ms: int) -> dict[str, Any] | None:
        second = now_ms // SECOND_MS
        if self._normals is not None and self._normal[0] != second:
            self._normal = second, self._normals.normal(self.view.queue, self.view.channel, now_ms)
        return self._normal[1]

    def _is_open(self, now_ms: int) -> bool:
        minute = now_ms // MINUTE_MS  # opening hours are in minutes of zones whose offsets are, too
        if self._open[0] != minute:
            self._open = minute, self.config.opening.is_open(now_ms, self.config.zone)
        return self._open[1]

    def _measured(self, now: Now) -> dict[str, Measures]:
        """The windows; the very same ones while nothing was counted, nobody came or left or passed the target."""
        windows_of = self.view.version, now.waiting_over_target["1"]
        if windows_of != self._windows_of:
            peaks, ended = self.view.max_waiting(), self.view.waiting_at_end()
            self._windows = {
                name: self._window(name, window, now, peaks[name], ended.get(name))
                for name, window in self.view.windows.items()
            }
            self._windows_of = windows_of
        return self._windows

    def _window(self, name: str, window: Window, now: Now, peak: int, ended: int | None) -> Measures:
        waits = (now.waiting, now.waiting_over_target["1"]) if ended is None else (ended, -1)
        inputs = window.version, *waits, peak
        known = self._shown.get(name)
        if known is None or known[0] != inputs:
            known = self._shown[name] = inputs, with_now(self._counted(name, window), now, peak, ended)
            # A new dict, for whoever was given the one before may still have it.
            self._texts = {**self._texts, name: msgspec.Raw(_encode(known[1]))}
        return known[1]

    def _counted(self, name: str, window: Window) -> Measures:
        known = self._counts.get(name)
        if known is None or known[0] != window.version:
            known = self._counts[name] = window.version, window_counts(window.tally, self.config)
        return known[1]


def live_state(view: QueueView) -> LiveState:
    """What the live sets of a queue say."""
    live, snapshot_at = view.live, view.live["snapshot_at"].newest()
    drift = ghosts = None
    if snapshot_at is not None:
        listed = {member for member, _ in live["snapshot"].members()}
        drift = drift_of(view.waiting_at(snapshot_at), len(listed))
        ghosts = ghosts_of(live["waiting"].members(), listed, snapshot_at)
    return LiveState(
        waiting_since=live["waiting"].scores,
        ringing=len(live["ringing"]),
        in_service=len(live["in_service"]),
        opened_at=live["open_cases"].scores,
        due_at=live["due"].scores,
        outbound=len(live["outbound"]),
        unanswered_since=live["unanswered"].scores,
        callbacks_at=live["callbacks"].scores,
        lost_at=live["lost"].scores,
        cases={kind: live[kind].scores for kind in CASE_SETS} if len(live["open_cases"]) else {},
        drift=drift,
        ghosts=ghosts,
    )


def snapshot_json(snapshot: QueueSnapshot, texts: Mapping[str, msgspec.Raw]) -> bytes:
    """`to_json()` of a snapshot whose windows were encoded before."""
    # What is encoded in the windows' place is their own text, so the fields stay those of the contract.
    return _encode(msgspec.structs.replace(snapshot, windows=texts))


_encode = msgspec.json.Encoder().encode
_instant = lru_cache(maxsize=4)(format_time)  # the same one for every queue of a tick
