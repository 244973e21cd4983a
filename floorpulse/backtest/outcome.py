"""What a back-test came to: the alerts that fired, and how often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from alerts.rulebook import RULES
from kpi.floor import SEVERITIES, Floor

DAY_MS = 86_400_000
_ORDER = {rule.name: index for index, rule in enumerate(RULES)}


@dataclass(slots=True)
class Alert:
    """One alert of one queue. Times in ms UTC: its true start, when it fired, when it ended (None: it was still on).

    `peak`: the worst value from start to end.
    """

    rule: str
    severity: str
    queue: str
    channel: str
    from_ms: int
    fired_ms: int
    to_ms: int | None = None
    peak: float | None = None

    def lasted_ms(self, end_ms: int) -> int:
        """How long it was on, until `end_ms` if it still was."""
        return (end_ms if self.to_ms is None else self.to_ms) - self.from_ms


@dataclass(frozen=True, slots=True)
class Outcome:
    """The alerts that fired in [from_ms, to_ms], in order of their start.

    `on_before`: how many were on already at `from_ms`. `left_out`: rules with limits that no queue's snapshot can tell.
    `floor`: the rules. `ledger`: what became of the records. `events`: how many were read. `lost`: (queue, channel, how
    many) who at the end wait for longer than anybody does (`plausible_seconds`).
    """

    from_ms: int
    to_ms: int
    alerts: Sequence[Alert]
    floor: Floor
    on_before: int = 0
    left_out: Sequence[str] = ()
    events: int = 0
    ledger: Mapping[str, int] = field(default_factory=dict)
    lost: Sequence[tuple[str, str, int]] = ()

    @property
    def days(self) -> float:
        """How many days of 24 hours the span has."""
        return (self.to_ms - self.from_ms) / DAY_MS

    def per_day(self, count: int) -> float:
        """So many a day; of a span shorter than a day, which may be all of a working day, as many as there are."""
        return round(count / max(self.days, 1.0), 2)


def in_order(alerts: Iterable[Alert]) -> list[Alert]:
    """By start; those of one instant in the order of the rulebook, then by queue."""
    return sorted(
        alerts,
        key=lambda each: (
            each.from_ms, _ORDER[each.rule], each.queue, each.channel, SEVERITIES.index(each.severity), each.fired_ms
        ),
    )  # fmt: skip
