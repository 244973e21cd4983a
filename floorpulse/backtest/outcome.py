"""What a back-test came to: the alerts that fired, and how often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from alerts.rulebook import RULES
from floorpulse.backtest.volume import Past
from kpi.floor import SEVERITIES, Floor

DAY_MS = 86_400_000
_ORDER = {rule.name: index for index, rule in enumerate(RULES)}


class Place(NamedTuple):
    """Whose alert it is: of a queue and channel, or (both "") of a `team`; team "" is of agents without one."""

    queue: str
    channel: str
    team: str | None = None


@dataclass(slots=True)
class Alert:
    """One alert of one queue or one team (`Place`). Times in ms UTC: its true start, when it fired, when it ended.

    `to_ms` is None when it was still on; `peak`: the worst value from start to end.
    """

    rule: str
    severity: str
    queue: str
    channel: str
    team: str | None
    from_ms: int
    fired_ms: int
    to_ms: int | None = None
    peak: float | None = None

    @property
    def place(self) -> Place:
        """Whose it is."""
        return Place(self.queue, self.channel, self.team)

    def lasted_ms(self, end_ms: int) -> int:
        """How long it was on, until `end_ms` if it still was."""
        return (end_ms if self.to_ms is None else self.to_ms) - self.from_ms


@dataclass(frozen=True, slots=True)
class Outcome:
    """The alerts that fired in [from_ms, to_ms], in order of their start.

    `floor`: the rules. `on_before`: how many were on already at `from_ms`. `of_week`: the rules that compare with the
    week before, `past`: of which ticks that is known, None without such rules. `events`: how many were read. `ledger`:
    what became of the records. `lost`: (queue, channel, how many) who at the end wait for longer than anybody does
    (`plausible_seconds`).
    """

    from_ms: int
    to_ms: int
    alerts: Sequence[Alert]
    floor: Floor
    on_before: int = 0
    past: Past | None = None
    of_week: Sequence[str] = ()
    events: int = 0
    ledger: Mapping[str, int] = field(default_factory=dict)
    lost: Sequence[tuple[str, str, int]] = ()

    @property
    def left_out(self) -> Sequence[str]:
        """The rules with limits that could not be tried at any time: there is no week before."""
        return () if self.past is None or self.past.is_known else self.of_week

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
            each.from_ms, _ORDER[each.rule], each.queue, each.channel, each.team or "", SEVERITIES.index(each.severity),
            each.fired_ms,
        ),
    )  # fmt: skip
