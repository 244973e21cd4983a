"""A group of queues as one line on the wall: sums over sums, the worst of its queues, each agent once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kpi.cause import Cause
from kpi.ratios import Ratio, ratio
from kpi.severity import BAD_WHEN_LOW
from kpi.snapshot import JUDGED_VARIANT, JUDGED_WINDOW, QueueSnapshot


class Named(msgspec.Struct, frozen=True):
    """A queue of a group that is to be named."""

    queue: str
    channel: str
    display_name: str
    display_names: Mapping[str, str]


class Targets(msgspec.Struct, frozen=True):
    """So many percent within so many seconds; `percent_to` and `seconds_to` are the largest where its queues differ."""

    percent: float
    percent_to: float
    seconds: int
    seconds_to: int


class GroupBacklog(msgspec.Struct, frozen=True):
    """Open cases of the group, and how many are past their due time."""

    open: int
    overdue: int


class GroupCard(msgspec.Struct, frozen=True):
    """One group. `queues` are worst first; ratios are of 30 min, the service level is `sl_event`, each by its target.

    `worst` is the queue with the worst severity, `acute_queue` the one that spikes, null when none does; `cause` is
    that of the latter, else of the former. `available` and `staffed` count an agent of several queues once. `backlog`
    is null where no queue has cases.
    """

    group: str
    display_names: Mapping[str, str]
    channels: tuple[str, ...]
    queues: tuple[tuple[str, str], ...]
    severity: int
    severity_by: dict[str, int]
    worst: Named
    acute: bool
    acute_queue: Named | None
    cause: Cause | None
    open: bool
    waiting: int
    oldest_queued_at_ms: int | None
    thresholds: dict[str, dict[str, float]]
    service_level: Ratio
    target: Targets
    abandonment: Ratio
    available: int
    staffed: int
    backlog: GroupBacklog | None


def group_card(
    group: str,
    queues: Sequence[QueueSnapshot],
    names: Mapping[tuple[str, str], Mapping[str, str]],
    group_names: Mapping[str, str],
    available: int,
    staffed: int,
) -> GroupCard:
    """The card of one group. `queues`: at least one, worst first; `names`: display names of each by language.

    `group_names`: those of the group itself.
    """
    worst = min(queues, key=lambda each: (-each.severity, -sum(each.severity_by.values())))
    acute = next((each for each in queues if each.is_acute), None)
    cases = [each.backlog for each in queues if each.backlog.open or each.channel in ("email", "ticket")]
    live = [each for each in queues if each.channel not in ("email", "ticket")] or list(queues)
    return GroupCard(
        group=group,
        display_names=group_names,
        channels=tuple(sorted({each.channel for each in queues})),
        queues=tuple((each.queue, each.channel) for each in queues),
        severity=max(each.severity for each in queues),
        severity_by=_worst_by(queues),
        worst=_named(worst, names),
        acute=acute is not None,
        acute_queue=None if acute is None else _named(acute, names),
        cause=(acute or worst).cause,
        open=any(each.now.open for each in queues),
        waiting=sum(each.now.waiting for each in queues),
        oldest_queued_at_ms=min(
            (each.now.oldest_queued_at_ms for each in queues if each.now.oldest_queued_at_ms is not None), default=None
        ),
        thresholds=_limits(live),
        service_level=_sum_of([each.windows[JUDGED_WINDOW]["service_level"][JUDGED_VARIANT] for each in queues]),
        target=Targets(
            min(each.target.percent for each in live),
            max(each.target.percent for each in live),
            min(each.target.seconds for each in live),
            max(each.target.seconds for each in live),
        ),
        abandonment=_sum_of([each.windows[JUDGED_WINDOW]["abandonment"] for each in queues]),
        available=available,
        staffed=staffed,
        backlog=GroupBacklog(sum(one.open for one in cases), sum(one.overdue for one in cases)) if cases else None,
    )


def _named(queue: QueueSnapshot, names: Mapping[tuple[str, str], Mapping[str, str]]) -> Named:
    return Named(queue.queue, queue.channel, queue.display_name, names[queue.queue, queue.channel])


def _worst_by(queues: Sequence[QueueSnapshot]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in queues:
        for measure, severity in each.severity_by.items():
            found[measure] = max(severity, found.get(measure, 0))
    return found


def _limits(queues: Sequence[QueueSnapshot]) -> dict[str, dict[str, float]]:
    """The limits of the group: the strictest of its queues, for one customer past his queue's limit is one too many."""
    found: dict[str, dict[str, float]] = {}
    for each in queues:
        for measure, levels in each.thresholds.items():
            held = found.setdefault(measure, {})
            for level, value in levels.items():
                choose = max if measure in BAD_WHEN_LOW else min
                held[level] = choose(value, held.get(level, value))
    return found


def _sum_of(ratios: Sequence[Ratio]) -> Ratio:
    """The ratio of the sums."""
    return ratio(
        sum(int(each["numerator"] or 0) for each in ratios), sum(int(each["denominator"] or 0) for each in ratios)
    )
