"""The measures of a tally in the shape of a report (M in `docs/contracts.md`); the formulas stand by theme beside it.

Ratios run from 0 to 1, are divided last and are None when nothing was counted: an idle queue is not a bad queue.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from kpi.abandonment import abandon_hazard, abandonment, abandonment_rates, rates_with_waiting
from kpi.call_measures import callback_measures, flow_measures, outbound_measures, service_measures
from kpi.case_measures import case_measures, has_cases
from kpi.chat_measures import chat_measures, has_chats
from kpi.customer_measures import customer_measures, has_customers
from kpi.groups import DEFAULT_WITHIN, Group, group_of, ordered_waits, sum_of, target_percent_of
from kpi.ordered import Ordered
from kpi.quality_measures import rating_response, ratings
from kpi.ratios import Measures, Ratio, distribution, distribution_of, mean_of, ratio
from kpi.service_level import (
    BRIEF_VARIANTS,
    VARIANTS,
    Terms,
    answers_needed,
    levels_with_waiting,
    service_level,
    service_level_parts,
    terms,
)
from kpi.severity import BAD_WHEN_LOW, SEVERITIES, severity
from kpi.tally import Reading, Tally

__all__ = [
    "BAD_WHEN_LOW", "DEFAULT_WITHIN", "SEVERITIES", "VARIANTS", "Group", "Measures", "Ratio", "Terms", "abandonment",
    "agent_summary", "brief_of", "counted", "distribution", "group_of", "ordered_waits", "ratio", "service_level",
    "service_level_parts", "severity", "summary", "summary_of", "terms", "with_waiting",
]  # fmt: skip


def summary(
    tally: Tally,
    *,
    target_seconds: int = 20,
    short_seconds: int = 5,
    within: Sequence[int] = DEFAULT_WITHIN,
    open: int = 0,
    max_waiting: int | None = None,
    waiting_over_target: int | None = None,
    target_percent: float | None = None,
) -> Measures:
    """All measures of one tally."""
    group = Group(tally, target_seconds, short_seconds, waiting_over_target, target_percent)
    return summary_of([group], within_seconds=within, open_legs=open, max_waiting=max_waiting)


def summary_of(
    groups: Sequence[Group], *, within_seconds: Sequence[int], open_legs: int, max_waiting: int | None
) -> Measures:
    """All measures of several queues together: counts and histograms summed, targets each queue's own."""
    found = counted(groups, within_seconds=within_seconds, whole=True)
    return _with_waiting_of(groups, found, open_legs, max_waiting)


def brief_of(
    groups: Sequence[Group], *, within_seconds: Sequence[int], open_legs: int, max_waiting: int | None
) -> Measures:
    """The measures that are told of every minute; a part of `summary_of`."""
    total = sum_of(groups)
    waits = ordered_waits(total)
    of = _terms_of([group for group in groups if group.tally], waits)
    found = _basics(total, waits, of, Ordered(total.talk_histogram), within_seconds, BRIEF_VARIANTS)
    return _with_waiting_of(groups, found, open_legs, max_waiting)


def _with_waiting_of(groups: Sequence[Group], measures: Measures, open_legs: int, max_waiting: int | None) -> Measures:
    over = [group.waiting_over_target for group in groups]
    known = [count for count in over if count is not None]
    waiting_over_target = sum(known) if len(known) == len(over) else None
    return with_waiting(measures, open_legs=open_legs, max_waiting=max_waiting, waiting_over_target=waiting_over_target)


def counted(groups: Sequence[Group], *, within_seconds: Sequence[int], whole: bool = False) -> Measures:
    """What the tallies say by themselves, as if nobody waited; `with_waiting` puts in who does.

    Unless `whole`, what is about something that was never counted (chats, cases, customers ...) is left out: a board
    makes thousands of these a second, and most queues have one kind of contact.
    """
    total, percent = sum_of(groups), target_percent_of(groups)
    if not total:
        return {**_nothing(tuple(within_seconds), whole), "target_percent": percent}
    waits, read, talk = ordered_waits(total), total.reading, Ordered(total.talk_histogram)
    some = [group for group in groups if group.tally]
    of = _terms_of(some, waits)
    found = _basics(total, waits, of, talk, within_seconds, VARIANTS)
    return {
        **found,
        "target_percent": percent,
        "sl_needed": answers_needed(found["service_level"]["sl_event"], percent),
        **flow_measures(total),
        "abandonment_rates": abandonment_rates(total, found["short_abandoned"], waits["abandoned"]),
        "abandon_hazard": abandon_hazard(waits["abandoned"], waits["all"]),
        **service_measures(total, some, talk),
        **_about(read, some, whole),
    }


def _terms_of(groups: Sequence[Group], waits: Mapping[str, Ordered]) -> list[Terms]:
    """The terms of each group as if nobody waited; `waits` are those of all groups together."""
    alone = waits if len(groups) == 1 else None
    return [terms(group._replace(waiting_over_target=0), alone) for group in groups]


@lru_cache(maxsize=64)
def _nothing(within_seconds: tuple[int, ...], whole: bool) -> Measures:
    """What `counted` gives of no counts at all: made once, and nobody changes it."""
    # A field that is passed over, so that the tally is not the empty one.
    return counted([Group(Tally({"nothing": 1}))], within_seconds=within_seconds, whole=whole)


def _basics(
    total: Tally,
    waits: Mapping[str, Ordered],
    of: Sequence[Terms],
    talk: Ordered,
    within_seconds: Sequence[int],
    variants: Sequence[str],
) -> Measures:
    """What every queue has, for every minute as for a day."""
    read = total.reading
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
        "talk_seconds": distribution(talk, read.talk_ms),
        "hold_seconds": distribution_of(read.hold, read.hold_ms),
        "transfers": total.transfers,
        "offers_unanswered": total.unanswered,
        "service_level": {variant: service_level(variant, of) for variant in variants},
        "max_waiting": None,
    }


def _about(read: Reading, groups: Sequence[Group], whole: bool) -> Measures:
    """What only some queues have: chats, ratings, reasons, outbound calls, callbacks, cases, known customers."""
    found: Measures = {}
    if whole or has_chats(read):
        found |= chat_measures(read, groups)
    if whole or "rating" in read.named:
        found |= {"ratings": ratings(read), "rating_response": rating_response(read)}
    for name, kind in (("entry_points", "entry"), ("reasons", "reason")):
        if whole or kind in read.named:
            found[name] = read.names(kind)
    if whole or any(name.startswith("out_") for name in read.numbers):
        found["outbound"] = outbound_measures(read)
    if whole or any(name.startswith("callback_") for name in read.numbers):
        found["callbacks"] = callback_measures(read)
    if whole or has_cases(read):
        found["cases"] = case_measures(read)
    if whole or has_customers(read):
        found["customers"] = customer_measures(read)
    return found


def with_waiting(
    measures: Measures, *, open_legs: int, max_waiting: int | None, waiting_over_target: int | None
) -> Measures:
    """The measures that `counted` gave, with what is not in a tally: who waits, of them who waits past target (W_>)."""
    levels = levels_with_waiting(measures["service_level"], open_legs, waiting_over_target)
    found = {**measures, "open": open_legs, "service_level": levels, "max_waiting": max_waiting}
    if "sl_needed" in found:
        found["sl_needed"] = answers_needed(levels["sl_event"], found["target_percent"])
        if open_legs:
            access = measures["access_rate"]
            found["access_rate"] = ratio(access["numerator"], access["denominator"] + open_legs)
            found["abandonment_rates"] = rates_with_waiting(measures["abandonment_rates"], open_legs)
    return found


def agent_summary(tally: Tally) -> Measures:
    """What one agent did: answered, talk, hold and wrap-up, replies in chats, transfers out, offers not taken.

    handle_seconds   talk + wrap-up of the legs whose talk is known
    unanswered_rate  offers not taken / (offers not taken + answered)
    """
    read = tally.reading
    talk, wrapup_ms = Ordered(read.talk), read.number("wrapup_ms")
    return {
        "answered": tally.answered,
        "talk_seconds": distribution(talk, read.talk_ms),
        "hold_seconds": distribution_of(read.hold, read.hold_ms),
        "wrapup_seconds": mean_of(read.number("wrapup"), wrapup_ms),
        "handle_seconds": mean_of(talk.count, read.talk_ms + wrapup_ms),
        "responses": mean_of(read.number("response"), read.number("response_ms")),
        "transfers": tally.transfers,
        "offers_unanswered": tally.unanswered,
        "unanswered_rate": ratio(tally.unanswered, tally.unanswered + tally.answered),
    }
