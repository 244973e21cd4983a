"""The rules about a floor: which measure each watches, and what one limit of it sees in a snapshot.

Names and measures stand here once; limits and times come from floor.toml (`kpi.alerting`), values from the snapshot
(`QueueSnapshot.judged`), so that the page, the alerts, Prometheus and a back-test all speak of the same number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from kpi.alerting import BY_MEASURE, Behaviour
from kpi.floor import SEVERITIES, QueueConfig

Engine = Literal["stream", "prometheus"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert. `engine` sends it: our own, at every snapshot, or Prometheus. `low_is_bad`: bad below its limit."""

    name: str
    measure: str
    engine: Engine
    low_is_bad: bool = False


def _rule(name: str, measure: str) -> Rule:
    judged = BY_MEASURE[measure]
    return Rule(name, measure, "stream" if judged.is_fast else "prometheus", judged.low_is_bad)


RULES: tuple[Rule, ...] = (
    _rule("QueueLongestWaitHigh", "longest_wait_seconds"),
    _rule("QueueLengthHigh", "waiting"),
    _rule("QueueUnattended", "unattended_contacts"),
    _rule("ContactsWaitingWhileClosed", "closed_wait_seconds"),
    _rule("ServiceLevelLow", "service_level_ratio"),
    _rule("AbandonmentHigh", "abandonment_ratio"),
    _rule("QueueGrowing", "growth_ratio"),
    _rule("AgentsReadyLow", "ready_agents"),
    _rule("AverageSpeedOfAnswerHigh", "answer_speed_seconds"),
    _rule("ChatFirstResponseSlow", "first_response_seconds"),
    _rule("HandleTimeShift", "handle_time_ratio"),
    _rule("WrapUpLong", "wrapup_ratio"),
    _rule("PausedShareHigh", "paused_ratio"),
    _rule("OccupancyHigh", "occupancy_ratio"),
    _rule("RingNoAnswerBurst", "unanswered_offers_ratio"),
    _rule("VolumeHigh", "volume_high_ratio"),
    _rule("VolumeLow", "volume_low_ratio"),
    _rule("BacklogOverdue", "overdue_contacts"),
    _rule("CallbackOverdue", "overdue_callbacks"),
)
BY_NAME: Mapping[str, Rule] = {rule.name: rule for rule in RULES}
STREAM_RULES: tuple[Rule, ...] = tuple(rule for rule in RULES if rule.engine == "stream")


@dataclass(frozen=True, slots=True)
class Limit:
    """One severity of one rule for one queue: where it begins (`enter`), where it ends (`exit`), and how it behaves."""

    rule: Rule
    severity: str
    enter: float
    exit: float
    behaviour: Behaviour


@dataclass(frozen=True, slots=True)
class Look:
    """What one limit sees at one instant.

    `known`: False while the numbers are stale or made anew; then the rest says nothing. `value` None: no value, which
    is never bad. `since_ms`: since when (ms UTC) the limit has been exceeded without a break, where the contacts
    themselves tell. `quiet`: somebody asked for quiet.
    """

    value: float | None
    known: bool = True
    open: bool = True
    quiet: bool = False
    since_ms: int | None = None


def limits_of(config: QueueConfig) -> tuple[Limit, ...]:
    """The limits in force of one queue and channel, in the order of RULES, warning before critical.

    Measures without a limit, and those whose `alert` is off, have none.
    """
    return tuple(
        Limit(rule, severity, config.thresholds[key], config.exits.get(key, config.thresholds[key]), behaviour)
        for rule in RULES
        if (behaviour := config.alerting[rule.measure]).alert
        for severity in SEVERITIES
        if (key := (rule.measure, severity)) in config.thresholds
    )


class Opened(Protocol):
    """Of the state now: is the queue open."""

    @property
    def open(self) -> bool: ...


class Seen(Protocol):
    """What a look needs of a snapshot (`kpi.snapshot.QueueSnapshot` is one)."""

    @property
    def state(self) -> str: ...
    @property
    def now(self) -> Opened: ...
    @property
    def judged(self) -> Mapping[str, float | None]: ...
    @property
    def since_ms(self) -> Mapping[str, Mapping[str, int]]: ...


def look_of(limit: Limit, snapshot: Seen, *, quiet: bool = False) -> Look:
    """What a limit sees in a snapshot: nothing known unless it is fresh and has judged the limit's measure.

    Board and alerts read floor.toml each for itself, so for a moment a limit may be older or newer than the snapshot.
    """
    measure = limit.rule.measure
    return Look(
        value=snapshot.judged.get(measure),
        known=snapshot.state == "fresh" and measure in snapshot.judged,
        open=snapshot.now.open,
        quiet=quiet,
        since_ms=snapshot.since_ms.get(measure, {}).get(limit.severity),
    )
