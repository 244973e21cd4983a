"""Two sets of rules over the same history: which alerts only one of them gives, and which both do. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from floorpulse.backtest.outcome import Alert, Outcome, Place

_Kind = tuple[str, str, Place]


@dataclass(frozen=True, slots=True)
class Compared:
    """`only_before`, `only_after`: alerts of one set at times when the other has none of their kind.

    `both`: each other alert of the first set beside the first one of the second set that was on at the same time; one
    that goes on for longer may stand beside several.
    """

    only_before: Sequence[Alert]
    only_after: Sequence[Alert]
    both: Sequence[tuple[Alert, Alert]]


def compared(before: Outcome, after: Outcome) -> Compared:
    """Compare the alerts of each rule, severity and queue or team.

    With other limits an alert begins and ends at other seconds, and is still the same trouble.
    """
    ours, theirs = _by_kind(before.alerts), _by_kind(after.alerts)
    end_ms = max(before.to_ms, after.to_ms)
    partners = [(alert, _partner(alert, theirs[_kind(alert)], end_ms)) for alert in before.alerts]
    return Compared(
        [alert for alert, partner in partners if partner is None],
        [alert for alert in after.alerts if _partner(alert, ours[_kind(alert)], end_ms) is None],
        [(alert, partner) for alert, partner in partners if partner is not None],
    )


def _by_kind(alerts: Iterable[Alert]) -> defaultdict[_Kind, list[Alert]]:
    found: defaultdict[_Kind, list[Alert]] = defaultdict(list)
    for alert in alerts:
        found[_kind(alert)].append(alert)
    return found


def _partner(alert: Alert, others: Iterable[Alert], end_ms: int) -> Alert | None:
    return next((other for other in others if _overlap(alert, other, end_ms)), None)


def _kind(alert: Alert) -> _Kind:
    return alert.rule, alert.severity, alert.place


def _overlap(one: Alert, other: Alert, end_ms: int) -> bool:
    ends = ((each.to_ms if each.to_ms is not None else end_ms) for each in (one, other))
    return max(one.from_ms, other.from_ms) <= min(ends)
