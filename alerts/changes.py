"""What a round of evaluating changed: what is written to Redis, and what people are told. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

import msgspec

from alerts.policy import State
from alerts.rulebook import Limit
from kpi.alert_state import Held
from kpi.floor import QueueConfig

# Why an alert ended, beside the words of the policy.
LIMIT_GONE = "limit_gone"
QUEUE_GONE = "queue_gone"


@dataclass(slots=True)
class Changes:
    """`stored`: by field, to be written; `gone`: fields to be deleted; `told`: what began or ended, in its order."""

    stored: dict[str, Held] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    told: list[Held] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.stored or self.gone)

    def add(self, other: Changes) -> None:
        """Put what changed after this behind it."""
        # A whole floor may be in it: no list is searched for each of its alerts.
        gone = dict.fromkeys(self.gone)
        for name in other.stored:
            gone.pop(name, None)
        for name in other.gone:
            self.stored.pop(name, None)
        self.stored |= other.stored
        self.gone = [*(gone | dict.fromkeys(other.gone))]
        self.told += other.told


def state_of(held: Held) -> State:
    """The policy's state as it is stored."""
    return State(
        held.phase, held.since_ms, held.fired_ms, held.clear_ms, held.looked_ms, held.value, held.peak
    )  # fmt: skip


def calm_held(limit: Limit, config: QueueConfig) -> Held:
    """An alert that nothing is known of yet."""
    return Held(rule=limit.rule.name, severity=limit.severity, queue=config.id, channel=config.channel)


def with_state(held: Held, limit: Limit, state: State, reason: str, wall_ms: int) -> Held:
    """An alert after a step of the policy."""
    return msgspec.structs.replace(
        held,
        phase=state.phase,
        since_ms=state.since_ms,
        fired_ms=state.fired_ms,
        clear_ms=state.clear_ms,
        looked_ms=state.looked_ms,
        value=state.value,
        peak=state.peak,
        threshold=limit.enter,
        reason=reason,
        updated_ms=wall_ms,
    )


def is_due(held: Held, every_ms: int, wall_ms: int) -> bool:
    """Whether an alert that goes on is to be written anew: once in each span of `every_ms`.

    The spans of one incident begin together, so that its lines in a message are numbers of one look. Those of another
    begin elsewhere, or a whole floor in trouble would be put into words at one moment.
    """
    shift = crc32(held.incident.encode(errors="replace"))
    return (wall_ms + shift) // every_ms != (held.updated_ms + shift) // every_ms


def bare_texts(held: Held, config: QueueConfig) -> dict[str, str]:
    """Texts of an alert that no others can be made for: those it had while it goes on; of an end its links at most."""
    had = held.annotations
    kept = had if held.is_active else {name: text for name, text in had.items() if name.endswith("_url")}
    return {"summary": f"{config.display_name}: {held.rule}"} | kept


def ended(held: Held, at_ms: int, wall_ms: int, reason: str) -> Held:
    """An alert that is over at `at_ms` of the log's clock; the phase is the caller's to change."""
    return msgspec.structs.replace(held, resolved_ms=at_ms, ended_ms=wall_ms, reason=reason, updated_ms=wall_ms)
