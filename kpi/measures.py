"""The measures, one formula each, its source beside it. Symbols as in the glossary (and domain research 1.0):

A answered, A_T of those within the target T, B abandoned, B_s of those short, O other exits, O_T of those within T,
W_> still waiting and already past T. Ratios run from 0 to 1, are divided last and are None when nothing was counted:
an idle queue is not a bad queue. A wait counts as within N when, rounded up to whole seconds, it is at most N.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kpi.ordered import Ordered
from kpi.tally import OUTCOMES, Tally

Measures = dict[str, Any]
Ratio = dict[str, int | float | None]

VARIANTS = ("answered_only", "short_excluded", "sl_event")
DEFAULT_WITHIN = (5, 10, 20, 60)


class Group(NamedTuple):
    """One tally under one set of targets; a total over queues is a sum over groups, each with its own targets."""

    tally: Tally
    target_seconds: int = 20
    short_seconds: int = 5
    waiting_over_target: int | None = None


def distribution(values: Ordered, sum_ms: int) -> Measures:
    """count, sum and mean in seconds (from ms, so exact), nearest-rank p50, p90, p95 and max in whole seconds."""
    n = values.count
    p50, p90, p95, largest = values.nearest_ranks(50, 90, 95, 100)
    return {
        "count": n, "sum": sum_ms / 1000 if n else 0, "mean": sum_ms / n / 1000 if n else None,
        "p50": p50, "p90": p90, "p95": p95, "max": largest,
    }  # fmt: skip


def ratio(numerator: int, denominator: int) -> Ratio:
    """Numerator and denominator with their quotient, None when the denominator is 0."""
    value = numerator / denominator if denominator else None
    return {"numerator": numerator, "denominator": denominator, "value": value}


def abandonment(tally: Tally) -> Ratio:
    """B / (A + B + O): share of the decided legs whose customer gave up (decision-based; Genesys, Firstline)."""
    return ratio(tally.abandoned, tally.decided)


class Terms(NamedTuple):
    """What the formulas of the service level are made of; the symbols stand at the top."""

    answered: int
    answered_in_target: int
    abandoned: int
    short_abandoned: int
    other_exits: int
    other_exits_in_target: int
    waiting_over_target: int | None


def terms(group: Group, waits: Mapping[str, Ordered] | None = None) -> Terms:
    """The terms of one group; `waits` are its `ordered_waits`, when somebody has them already.

    Short (Cisco short calls): abandoned with a known wait of at most `short_seconds`. Waits that are not known are
    neither short nor within the target.
    """
    tally, ordered = group.tally, waits or ordered_waits(group.tally)
    return Terms(
        answered=tally.answered,
        answered_in_target=ordered["answered"].within(group.target_seconds),
        abandoned=tally.abandoned,
        short_abandoned=ordered["abandoned"].within(group.short_seconds),
        other_exits=tally.other_exits,
        other_exits_in_target=ordered["other"].within(group.target_seconds),
        waiting_over_target=group.waiting_over_target,
    )


def ordered_waits(tally: Tally) -> dict[str, Ordered]:
    """The waits of each outcome, and of `all`, in order."""
    found = {outcome: Ordered(tally.wait_histogram(outcome)) for outcome in OUTCOMES}
    some = [outcome for outcome in OUTCOMES if tally.wait_histogram(outcome)]
    return {**found, "all": found[some[0]] if len(some) == 1 else Ordered(tally.wait_histogram())}


def service_level_parts(variant: str, of: Terms) -> tuple[int, int] | None:
    """(numerator, denominator) of one variant; None when it cannot be said.

    answered_only   A_T / A                             Asterisk "SL", Chinese formula 2
    short_excluded  A_T / (A + B - B_s)                 Twilio Flex, Genesys without short abandons, RingCentral
    sl_event        A_T / (A + B + (O - O_T) + W_>)     Cisco ICM / CCE, abandons negative; needs who waits now
    ValueError for an unknown variant.
    """
    if variant == "answered_only":
        return of.answered_in_target, of.answered
    if variant == "short_excluded":
        return of.answered_in_target, of.answered + of.abandoned - of.short_abandoned
    if variant == "sl_event":
        if of.waiting_over_target is None:
            return None
        late_exits = of.other_exits - of.other_exits_in_target
        return of.answered_in_target, of.answered + of.abandoned + late_exits + of.waiting_over_target
    raise ValueError(f"service level: {variant!r}; wanted one of {', '.join(VARIANTS)}")


def service_level(variant: str, of: Sequence[Terms]) -> Ratio | None:
    """The variant over several queues: numerators and denominators summed, each queue under its own target.

    None when it cannot be said of one of them.
    """
    parts = [service_level_parts(variant, each) for each in of]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return ratio(sum(part[0] for part in known), sum(part[1] for part in known))


def summary(
    tally: Tally,
    *,
    target_seconds: int = 20,
    short_seconds: int = 5,
    within: Sequence[int] = DEFAULT_WITHIN,
    open: int = 0,
    max_waiting: int | None = None,
    waiting_over_target: int | None = None,
) -> Measures:
    """All measures of one tally, in the shape of a report (M in `docs/contracts.md`)."""
    group = Group(tally, target_seconds, short_seconds, waiting_over_target)
    return summary_of([group], within_seconds=within, open_legs=open, max_waiting=max_waiting)


def summary_of(
    groups: Sequence[Group], *, within_seconds: Sequence[int], open_legs: int, max_waiting: int | None
) -> Measures:
    """All measures of several queues together: counts and histograms summed, targets each queue's own."""
    over = [group.waiting_over_target for group in groups]
    known = [count for count in over if count is not None]
    return with_waiting(
        counted(groups, within_seconds=within_seconds),
        open_legs=open_legs,
        max_waiting=max_waiting,
        waiting_over_target=sum(known) if len(known) == len(over) else None,
    )


def counted(groups: Sequence[Group], *, within_seconds: Sequence[int]) -> Measures:
    """What the tallies say by themselves, as if nobody waited; `with_waiting` puts in who does."""
    alone = len(groups) == 1
    total = groups[0].tally if alone else _sum(groups)
    waits, read = ordered_waits(total), total.reading
    of = [terms(group._replace(waiting_over_target=0), waits if alone else None) for group in groups]
    return {
        "offered": total.offered,
        "decided": total.decided,
        "answered": total.answered,
        "abandoned": total.abandoned,
        "short_abandoned": sum(each.short_abandoned for each in of),
        "exits": dict(sorted(total.exits.items())),
        "open": 0,
        "waits_unknown": total.waits_unknown,
        "answered_within": {str(seconds): waits["answered"].within(seconds) for seconds in within_seconds},
        "abandoned_within": {str(seconds): waits["abandoned"].within(seconds) for seconds in within_seconds},
        "wait_seconds": {
            outcome: distribution(waits[outcome], total.wait_sum_ms(outcome))
            for outcome in ("answered", "abandoned", "all")
        },
        "talk_seconds": distribution(Ordered(read.talk), read.talk_ms),
        "hold_seconds": distribution(Ordered(read.hold), read.hold_ms),
        "transfers": total.transfers,
        "offers_unanswered": total.unanswered,
        "service_level": {variant: service_level(variant, of) for variant in VARIANTS},
        "max_waiting": None,
    }


def with_waiting(
    measures: Measures, *, open_legs: int, max_waiting: int | None, waiting_over_target: int | None
) -> Measures:
    """The measures that `counted` gave, with what is not in a tally: who waits, of them who waits past target (W_>)."""
    levels = measures["service_level"]
    event = levels["sl_event"]
    live = (
        None if waiting_over_target is None else ratio(event["numerator"], event["denominator"] + waiting_over_target)
    )
    return {
        **measures, "open": open_legs, "service_level": {**levels, "sl_event": live}, "max_waiting": max_waiting
    }  # fmt: skip


def _sum(groups: Sequence[Group]) -> Tally:
    total = Tally()
    for group in groups:
        total.add(group.tally.fields)
    return total


def agent_summary(tally: Tally) -> Measures:
    """What one agent did: answered, talk and hold of the legs that ended, transfers out, offers not taken."""
    read = tally.reading
    return {
        "answered": tally.answered,
        "talk_seconds": distribution(Ordered(read.talk), read.talk_ms),
        "hold_seconds": distribution(Ordered(read.hold), read.hold_ms),
        "transfers": tally.transfers,
        "offers_unanswered": tally.unanswered,
    }


# A low service level is bad, of everything else a high value.
BAD_WHEN_LOW = ("service_level_ratio",)
SEVERITIES = {"warning": 1, "critical": 2}


def severity(values: Mapping[str, float | None], thresholds: Mapping[str, Mapping[str, float]]) -> dict[str, int]:
    """Per measure with a threshold: 0 fine, 1 warning, 2 critical; entered at the threshold, a service level below it.

    `thresholds` is {measure: {"warning": x, "critical": y}}. A measure without a value is fine: no traffic is no fault.
    """
    return {measure: _severity_of(measure, values.get(measure), levels) for measure, levels in thresholds.items()}


def _severity_of(measure: str, value: float | None, levels: Mapping[str, float]) -> int:
    if value is None:
        return 0
    low, worst = measure in BAD_WHEN_LOW, 0
    for name, limit in levels.items():
        if (value < limit if low else value >= limit) and SEVERITIES[name] > worst:
            worst = SEVERITIES[name]
    return worst
