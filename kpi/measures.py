"""The measures, one formula each, its source beside it. Symbols as in the glossary (and domain research 1.0):

A answered, A_T of those within the target T, B abandoned, B_s of those short, O other exits, O_T of those within T,
W_> still waiting and already past T. Ratios run from 0 to 1, are divided last and are None when nothing was counted:
an idle queue is not a bad queue. A wait counts as within N when, rounded up to whole seconds, it is at most N.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kpi.tally import Histogram, Tally

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


def nearest_rank(histogram: Histogram, percent: int) -> int | None:
    """The element number ceil(percent / 100 * n) of n values, in the histogram's unit; None when there is none.

    Nearest-rank percentile (Hyndman and Fan 1996, definition 1); integers only, so that no float error moves a rank.
    """
    return nearest_ranks(histogram, (percent,))[0]


def nearest_ranks(histogram: Histogram, percents: Sequence[int]) -> list[int | None]:
    """`nearest_rank` of several ascending percents in one pass."""
    found: list[int | None] = []
    n, seen, last = sum(histogram.values()), 0, None
    values = iter(sorted(histogram.items()))
    for percent in percents:
        rank = max(1, -(-percent * n // 100))
        while seen < rank and (item := next(values, None)):
            last, seen = item[0], seen + item[1]
        found.append(last)
    return found


def within(histogram: Histogram, seconds: int) -> int:
    """How many values are at most `seconds` (inclusive: Asterisk's app_queue uses <= too)."""
    return sum(count for value, count in histogram.items() if value <= seconds)


def distribution(histogram: Histogram, sum_ms: int) -> Measures:
    """count, sum and mean in seconds (from ms, so exact), nearest-rank p50, p90, p95 and max in whole seconds."""
    n = sum(histogram.values())
    p50, p90, p95, largest = nearest_ranks(histogram, (50, 90, 95, 100))
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


def short_abandoned(tally: Tally, short_seconds: int) -> int:
    """B_s: abandoned with a known wait of at most `short_seconds` (Cisco short calls)."""
    return within(tally.wait_histogram("abandoned"), short_seconds)


def service_level_parts(variant: str, group: Group) -> tuple[int, int] | None:
    """(numerator, denominator) of one variant; None when it cannot be said.

    answered_only   A_T / A                             Asterisk "SL", Chinese formula 2
    short_excluded  A_T / (A + B - B_s)                 Twilio Flex, Genesys without short abandons, RingCentral
    sl_event        A_T / (A + B + (O - O_T) + W_>)     Cisco ICM / CCE, abandons negative; needs who waits now
    ValueError for an unknown variant.
    """
    tally, target = group.tally, group.target_seconds
    a_t = within(tally.wait_histogram("answered"), target)
    if variant == "answered_only":
        return a_t, tally.answered
    if variant == "short_excluded":
        return a_t, tally.answered + tally.abandoned - short_abandoned(tally, group.short_seconds)
    if variant == "sl_event":
        if group.waiting_over_target is None:
            return None
        late_exits = tally.other_exits - within(tally.wait_histogram("other"), target)
        return a_t, tally.answered + tally.abandoned + late_exits + group.waiting_over_target
    raise ValueError(f"service level: {variant!r}; wanted one of {', '.join(VARIANTS)}")


def service_level(variant: str, groups: Iterable[Group]) -> Ratio | None:
    """The variant over several queues: numerators and denominators summed, each queue under its own target.

    None when it cannot be said of one of them.
    """
    parts = [service_level_parts(variant, group) for group in groups]
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
    total = groups[0].tally if len(groups) == 1 else _sum(groups)
    waits = {outcome: total.wait_histogram(outcome) for outcome in ("answered", "abandoned", "all")}
    read = total.reading
    return {
        "offered": total.offered,
        "decided": total.decided,
        "answered": total.answered,
        "abandoned": total.abandoned,
        "short_abandoned": sum(short_abandoned(group.tally, group.short_seconds) for group in groups),
        "exits": dict(sorted(total.exits.items())),
        "open": open_legs,
        "waits_unknown": total.waits_unknown,
        "answered_within": {str(s): within(waits["answered"], s) for s in within_seconds},
        "abandoned_within": {str(s): within(waits["abandoned"], s) for s in within_seconds},
        "wait_seconds": {outcome: distribution(waits[outcome], total.wait_sum_ms(outcome)) for outcome in waits},
        "talk_seconds": distribution(read.talk, read.talk_ms),
        "hold_seconds": distribution(read.hold, read.hold_ms),
        "transfers": total.transfers,
        "offers_unanswered": total.unanswered,
        "service_level": {variant: service_level(variant, groups) for variant in VARIANTS},
        "max_waiting": max_waiting,
    }


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
        "talk_seconds": distribution(read.talk, read.talk_ms),
        "hold_seconds": distribution(read.hold, read.hold_ms),
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
    low = measure in BAD_WHEN_LOW
    passed = [SEVERITIES[name] for name, limit in levels.items() if (value < limit if low else value >= limit)]
    return max(passed, default=0)
