"""QueueSnapshot: what is true of one queue and channel at one instant; the contract that every reader uses.

It is stored as JSON that a person understands: every ratio stands with its numerator and denominator, the time it
is true for, and whether that time is fresh. No traffic means no value (null), never 0 % or 100 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

import msgspec

from kpi.lengths import waiting_over
from kpi.measures import DEFAULT_WITHIN, Group, Measures, abandonment, counted, severity, with_waiting
from kpi.tally import Tally

SCHEMA = 1
State = Literal["fresh", "stale", "rebuilding"]
# The window whose ratios are compared with the thresholds, and the live service level of domain research 1.4.
JUDGED_WINDOW = "30m"
JUDGED_VARIANT = "sl_event"
# Fewer offered than this, and no ratio is judged: a single customer would move it by more than 5 %, and the first one
# who hangs up in the morning would turn the wall red. The rule QueueAbandonmentHigh asks for as many.
JUDGED_MINIMUM = 20
TARGET_MULTIPLES = (1, 2, 4)


class QueueSettings(Protocol):
    """What a snapshot needs of a queue's configuration (`kpi.floor.QueueConfig` is one)."""

    @property
    def display_name(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def target_percent(self) -> float: ...
    @property
    def target_seconds(self) -> int: ...
    @property
    def short_abandon_seconds(self) -> int: ...
    @property
    def thresholds(self) -> Mapping[tuple[str, str], float]: ...


class Target(msgspec.Struct, frozen=True):
    """So many percent answered within so many seconds; abandoned no later than the short limit is `short`."""

    percent: float
    seconds: int
    short_abandon_seconds: int


class Now(msgspec.Struct, frozen=True):
    """State at `true_at`. `waiting_over_target`: waiting longer than 1, 2, 4 times the target seconds (cumulative)."""

    waiting: int
    ringing: int
    in_service: int
    oldest_queued_at_ms: int | None
    oldest_wait_seconds: float | None
    waiting_over_target: dict[str, int]
    open: bool


class Backlog(msgspec.Struct, frozen=True):
    """Deferred cases that are not resolved."""

    open: int
    overdue: int
    due_within_1h: int
    oldest_opened_at_ms: int | None
    oldest_age_seconds: float | None


class QueueSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One queue and channel at one instant."""

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
    windows: dict[str, Measures]
    thresholds: dict[str, dict[str, float]]
    severity: int
    severity_by: dict[str, int]

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


@dataclass(frozen=True, slots=True)
class LiveState:
    """What the live sets say: counts, and the scores (ms, ascending) of those whose age matters."""

    waiting_since: Sequence[int] = ()
    ringing: int = 0
    in_service: int = 0
    opened_at: Sequence[int] = ()
    due_at: Sequence[int] = ()


def format_instant(ms: int) -> str:
    """RFC 3339 UTC with milliseconds."""
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now_of(live: LiveState, now_ms: int, target_seconds: int, is_open: bool) -> Now:
    """The state-now part; no age is below 0, though a leg may join after the instant that all partitions reached."""
    oldest = live.waiting_since[0] if live.waiting_since else None
    joined = list(live.waiting_since)
    return Now(
        waiting=len(joined),
        ringing=live.ringing,
        in_service=live.in_service,
        oldest_queued_at_ms=oldest,
        oldest_wait_seconds=None if oldest is None else max(0, now_ms - oldest) / 1000,
        waiting_over_target={str(m): waiting_over(joined, now_ms, m * target_seconds) for m in TARGET_MULTIPLES},
        open=is_open,
    )


def backlog_of(live: LiveState, now_ms: int) -> Backlog:
    """Open cases; overdue: due time passed; due within 1 h: not overdue, and due at most an hour from now."""
    due = list(live.due_at)
    overdue = waiting_over(due, now_ms, 0)
    oldest = live.opened_at[0] if live.opened_at else None
    return Backlog(
        open=len(live.opened_at),
        overdue=overdue,
        due_within_1h=waiting_over(due, now_ms + 3_600_001, 0) - overdue,
        oldest_opened_at_ms=oldest,
        oldest_age_seconds=None if oldest is None else max(0, now_ms - oldest) / 1000,
    )


def window_counts(tally: Tally, config: QueueSettings, within: Sequence[int] = DEFAULT_WITHIN) -> Measures:
    """What of M comes from the tally alone, with the abandonment ratio beside it."""
    group = Group(tally, config.target_seconds, config.short_abandon_seconds)
    return {**counted([group], within_seconds=within), "abandonment": abandonment(tally)}


def window_measures(
    tally: Tally, config: QueueSettings, now: Now, max_waiting: int | None, within: Sequence[int] = DEFAULT_WITHIN
) -> Measures:
    """M of one window, with the abandonment ratio beside it."""
    return with_now(window_counts(tally, config, within), now, max_waiting)


def with_now(counts: Measures, now: Now, max_waiting: int | None) -> Measures:
    """M of one window from its `window_counts` and who waits now."""
    return with_waiting(
        counts, open_legs=now.waiting, max_waiting=max_waiting, waiting_over_target=now.waiting_over_target["1"]
    )


def judged_values(now: Now, windows: Mapping[str, Measures]) -> dict[str, float | None]:
    """The values that thresholds are compared with; a ratio of fewer than JUDGED_MINIMUM offered is none."""
    window = windows.get(JUDGED_WINDOW)
    judged = window if window and window["offered"] >= JUDGED_MINIMUM else None
    return {
        "longest_wait_seconds": now.oldest_wait_seconds,
        "waiting": now.waiting,
        "abandonment_ratio": judged["abandonment"]["value"] if judged else None,
        "service_level_ratio": judged["service_level"][JUDGED_VARIANT]["value"] if judged else None,
    }


def nested_thresholds(flat: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    """{measure: {severity: value}} of {(measure, severity): value}."""
    nested: dict[str, dict[str, float]] = {}
    for (measure, level), value in flat.items():
        nested.setdefault(measure, {})[level] = value
    return nested


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
) -> QueueSnapshot:
    """The snapshot of one queue and channel from its window tallies and live sets, at `now_ms` of the log's clock.

    `tallies` and `max_waiting` go by window name. While the state is rebuilding nothing is judged: severity 0.
    """
    now = now_of(live, now_ms, config.target_seconds, is_open)
    most = max_waiting or {}
    windows = {name: window_measures(tally, config, now, most.get(name)) for name, tally in tallies.items()}
    thresholds = nested_thresholds(config.thresholds)
    judged = severity(judged_values(now, windows) if state != "rebuilding" else {}, thresholds)
    return QueueSnapshot(
        namespace=namespace,
        queue=queue,
        channel=channel,
        display_name=config.display_name,
        group=config.group,
        state=state,
        reason=reason,
        true_at=format_instant(now_ms),
        true_at_ms=now_ms,
        published_at_ms=published_at_ms,
        epoch=epoch,
        target=Target(config.target_percent, config.target_seconds, config.short_abandon_seconds),
        now=now,
        backlog=backlog_of(live, now_ms),
        windows=windows,
        thresholds=thresholds,
        severity=max(judged.values(), default=0),
        severity_by=judged,
    )
