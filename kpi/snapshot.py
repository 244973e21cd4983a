"""QueueSnapshot: what is true of one queue and channel at one instant; the contract that every reader uses.

It is stored as JSON that a person understands: every ratio stands with its numerator and denominator, the time it
is true for, and whether that time is fresh. No traffic means no value (null), never 0 % or 100 %.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal, Protocol

import msgspec

from kpi.alerting import BUILT_IN, Behaviour
from kpi.cause import Cause
from kpi.groups import Targets
from kpi.instants import format_time
from kpi.judged import JUDGED_VARIANT, JUDGED_WINDOW, Seen, judged_values
from kpi.live_state import (
    BACKLOG_WINDOW,
    FLOW_WINDOW,
    NOBODY,
    Backlog,
    Flow,
    LiveState,
    Now,
    QueueStaff,
    backlog_of,
    flow_of,
    now_of,
)
from kpi.measures import DEFAULT_WITHIN, Measures, abandonment, counted, group_of, severity, with_waiting
from kpi.opening import Opening
from kpi.since import above_since, since_of
from kpi.tally import Tally

__all__ = [
    "JUDGED_MINIMUM", "JUDGED_VARIANT", "JUDGED_WINDOW", "QueueSettings", "QueueSnapshot", "State", "Target",
    "build_snapshot", "nested_thresholds", "window_counts", "with_now",
]  # fmt: skip

SCHEMA = 1
State = Literal["fresh", "stale", "rebuilding"]
# Fewer offered than this, and no ratio is judged unless floor.toml says otherwise: a single customer would move it by
# more than 5 %, and the first one who hangs up in the morning would turn the wall red.
JUDGED_MINIMUM = BUILT_IN["abandonment_ratio"].minimum


class QueueSettings(Targets, Protocol):
    """What a snapshot needs of a queue's configuration (`kpi.floor.QueueConfig` is one)."""

    @property
    def id(self) -> str: ...
    @property
    def display_name(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def opening(self) -> Opening: ...
    @property
    def thresholds(self) -> Mapping[tuple[str, str], float]: ...
    @property
    def alerting(self) -> Mapping[str, Behaviour]: ...


class Target(msgspec.Struct, frozen=True):
    """So many percent answered within so many seconds; abandoned no later than the short limit is `short`."""

    percent: float
    seconds: int
    short_abandon_seconds: int


class QueueSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One queue and channel at one instant. `normal`: what the same quarter-hour of past weeks was like, if known.

    `cause`: why it is in trouble, while anybody waits or a threshold is entered. `judged`: the value of every measure
    that has limits, null where there is none. `since_ms`: measure -> severity -> since when (ms UTC) its limit has been
    passed without a break, of the waits and the length alone. `agents_known`: a source tells who serves the queue.
    """

    schema: int = SCHEMA
    namespace: str
    queue: str
    channel: str
    display_name: str
    group: str
    state: State
    reason: str | None
    true_at: str
    true_at_ms: int
    published_at_ms: int
    epoch: int
    target: Target
    now: Now
    backlog: Backlog
    flow: Flow
    normal: dict[str, Any] | None
    windows: dict[str, Measures]
    thresholds: dict[str, dict[str, float]]
    severity: int
    severity_by: dict[str, int]
    judged: dict[str, float | None] = {}
    since_ms: dict[str, dict[str, int]] = {}
    agents_known: bool = False
    cause: Cause | None = None

    @property
    def is_acute(self) -> bool:
        """Whether it is spiking right now."""
        return self.cause is not None and self.cause.since_ms is not None

    def to_json(self) -> bytes:
        """UTF-8 JSON, keys in the order above."""
        return _encoder.encode(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> "QueueSnapshot":
        """The snapshot that `to_json` wrote; unknown keys are ignored. ValueError when it is none."""
        try:
            return _decoder.decode(text)
        except msgspec.MsgspecError as error:
            raise ValueError(f"snapshot: {error}; wanted the JSON of a queue snapshot") from error


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(QueueSnapshot)


def window_counts(tally: Tally, config: QueueSettings, within: Sequence[int] = DEFAULT_WITHIN) -> Measures:
    """What of M comes from the tally alone, with the abandonment ratio beside it."""
    return {**counted([group_of(tally, config)], within_seconds=within), "abandonment": abandonment(tally)}


def with_now(counts: Measures, now: Now, max_waiting: int | None, open_at_end: int | None = None) -> Measures:
    """M of one window from its `window_counts` and who waits now.

    Of a window that is over, `open_at_end` waited at its end; who of them was past target is not known any more, so
    there is no `sl_event` of it.
    """
    if open_at_end is not None:
        return with_waiting(counts, open_legs=open_at_end, max_waiting=max_waiting, waiting_over_target=None)
    return with_waiting(
        counts, open_legs=now.waiting, max_waiting=max_waiting, waiting_over_target=now.waiting_over_target["1"]
    )


def nested_thresholds(flat: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    """{measure: {severity: value}} of {(measure, severity): value}."""
    nested: dict[str, dict[str, float]] = {}
    for (measure, level), value in flat.items():
        nested.setdefault(measure, {})[level] = value
    return nested


def _windows(
    config: QueueSettings,
    now: Now,
    tallies: Mapping[str, Tally],
    max_waiting: Mapping[str, int],
    open_at_end: Mapping[str, int],
) -> dict[str, Measures]:
    return {
        name: with_now(window_counts(tally, config), now, max_waiting.get(name), open_at_end.get(name))
        for name, tally in tallies.items()
    }


def build_snapshot(
    *,
    namespace: str,
    queue: str,
    channel: str,
    config: QueueSettings,
    is_open: bool,
    state: State,
    reason: str | None,
    now_ms: int,
    published_at_ms: int,
    epoch: int,
    live: LiveState,
    tallies: Mapping[str, Tally],
    max_waiting: Mapping[str, int] | None = None,
    open_at_end: Mapping[str, int] | None = None,
    staff: QueueStaff = NOBODY,
    normal: dict[str, Any] | None = None,
    net: Mapping[int, int] | None = None,
) -> QueueSnapshot:
    """The snapshot of one queue and channel from its window tallies and live sets, at `now_ms` of the log's clock.

    `tallies`, `max_waiting` and, of windows that are over, `open_at_end` go by window name. `net`: joins minus leaves
    of each second that is known. While the state is rebuilding nothing is judged: severity 0.
    """
    now = now_of(live, now_ms, config.target_seconds, is_open, staff)
    windows = _windows(config, now, tallies, max_waiting or {}, open_at_end or {})
    thresholds = nested_thresholds(config.thresholds)
    backlog = backlog_of(live, now_ms, config.opening, config.zone, windows[BACKLOG_WINDOW])
    known = thresholds if state != "rebuilding" else ()
    judged = judged_values(known, Seen(now, windows, backlog, staff.known), config.alerting)
    severities = severity(judged, thresholds)
    length_since = partial(above_since, net or {}, live.waiting_since, now_ms)
    return QueueSnapshot(
        namespace=namespace,
        queue=queue,
        channel=channel,
        display_name=config.display_name,
        group=config.group,
        state=state,
        reason=reason,
        true_at=format_time(now_ms),
        true_at_ms=now_ms,
        published_at_ms=published_at_ms,
        epoch=epoch,
        target=Target(config.target_percent, config.target_seconds, config.short_abandon_seconds),
        now=now,
        backlog=backlog,
        flow=flow_of(windows[FLOW_WINDOW], now.waiting),
        normal=normal,
        windows=windows,
        thresholds=thresholds,
        severity=max(severities.values(), default=0),
        severity_by=severities,
        judged=judged,
        since_ms=since_of(severities, thresholds, now, now_ms, (config.opening, config.zone), length_since),
        agents_known=staff.known,
    )
