"""The service level in every variant that is in use. Symbols as in the glossary (and domain research 1.0):

A answered, B abandoned, O other exits, of each _T those within the target T; B_s abandoned within the short limit;
W_> still waiting and already past T; callback_T asked to be called back within T; Q = A + B + O + those who wait.
A wait counts as within N when, rounded up to whole seconds, it is at most N; one that is not known is within nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from kpi.groups import Group, ordered_waits
from kpi.ordered import Ordered
from kpi.ratios import Measures, Ratio, ratio

Parts = tuple[int, int]
"""Numerator and denominator."""


class Terms(NamedTuple):
    """What the formulas are made of. `waiting_over_target` is W_>, None when it is not known; `open` all who wait."""

    answered: int
    answered_in_target: int
    abandoned: int
    abandoned_in_target: int
    short_abandoned: int
    other_exits: int
    other_exits_in_target: int
    callbacks_in_target: int
    requeues: int
    waiting_over_target: int | None
    open: int = 0

    @property
    def offered(self) -> int:
        """Q: decided, or waiting now."""
        return self.answered + self.abandoned + self.other_exits + self.open

    @property
    def events(self) -> int:
        """D: contacts whose service-level event happened: answered, given up, left late, or waiting past target."""
        late_exits = self.other_exits - self.other_exits_in_target
        return self.answered + self.abandoned + late_exits + (self.waiting_over_target or 0)


def terms(group: Group, waits: Mapping[str, Ordered] | None = None) -> Terms:
    """The terms of one group, nobody waiting but W_>; `waits` are its `ordered_waits`, when somebody has them already.

    Short (Cisco short calls): abandoned with a known wait of at most `short_seconds`.
    """
    tally, ordered = group.tally, waits or ordered_waits(group.tally)
    callbacks = tally.reading.lengths.get("callback_wait")
    return Terms(
        answered=tally.answered,
        answered_in_target=ordered["answered"].within(group.target_seconds),
        abandoned=tally.abandoned,
        abandoned_in_target=ordered["abandoned"].within(group.target_seconds),
        short_abandoned=ordered["abandoned"].within(group.short_seconds),
        other_exits=tally.other_exits,
        other_exits_in_target=ordered["other"].within(group.target_seconds),
        callbacks_in_target=Ordered(callbacks).within(group.target_seconds) if callbacks else 0,
        requeues=tally.requeues,
        waiting_over_target=group.waiting_over_target,
    )


def _answered_only(of: Terms) -> Parts:
    """A_T / A. Asterisk's "SL", Chinese formula 2."""
    return of.answered_in_target, of.answered


def _abandon_positive(of: Terms) -> Parts:
    """(A_T + B_T) / (A + B). Asterisk's "SL2", Chinese formula 1, Talkdesk."""
    return of.answered_in_target + of.abandoned_in_target, of.answered + of.abandoned


def _abandon_negative(of: Terms) -> Parts:
    """A_T / (A + B). Chinese formula 3, Genesys with all abandons."""
    return of.answered_in_target, of.answered + of.abandoned


def _abandon_ignored_within_target(of: Terms) -> Parts:
    """A_T / (A + B - B_T). Chinese formula 4, Serenova."""
    return of.answered_in_target, of.answered + of.abandoned - of.abandoned_in_target


def _short_excluded(of: Terms) -> Parts:
    """A_T / (A + B - B_s). Twilio Flex, Genesys without short abandons, RingCentral."""
    return of.answered_in_target, of.answered + of.abandoned - of.short_abandoned


def _with_flowouts(of: Terms) -> Parts:
    """A_T / (A + B + O). Genesys with flow-outs."""
    return of.answered_in_target, of.answered + of.abandoned + of.other_exits


def _removed_within(of: Terms) -> Parts:
    """(A_T + B_T + callback_T) / Q. Amazon's "SL X"."""
    return of.answered_in_target + of.abandoned_in_target + of.callbacks_in_target, of.offered


def _offered_minus_failures(of: Terms) -> Parts:
    """(Q - (A - A_T) - B - requeues) / Q. Firstline."""
    late = of.answered - of.answered_in_target
    return of.offered - late - of.abandoned - of.requeues, of.offered


def _sl_event(of: Terms) -> Parts:
    """A_T / D, D = A + B + (O - O_T) + W_>. Cisco ICM and CCE, abandons negative."""
    return of.answered_in_target, of.events


def _sl_event_ignored(of: Terms) -> Parts:
    """A_T / (D - B_T). Cisco, abandons ignored."""
    return of.answered_in_target, of.events - of.abandoned_in_target


def _sl_event_positive(of: Terms) -> Parts:
    """(A_T + B_T) / D. Cisco, abandons positive."""
    return of.answered_in_target + of.abandoned_in_target, of.events


_FORMULAS: dict[str, Callable[[Terms], Parts]] = {
    "answered_only": _answered_only,
    "abandon_positive": _abandon_positive,
    "abandon_negative": _abandon_negative,
    "abandon_ignored_within_T": _abandon_ignored_within_target,
    "short_excluded": _short_excluded,
    "with_flowouts": _with_flowouts,
    "removed_within": _removed_within,
    "offered_minus_failures": _offered_minus_failures,
    "sl_event": _sl_event,
    "sl_event_ignored": _sl_event_ignored,
    "sl_event_positive": _sl_event_positive,
}
VARIANTS = tuple(_FORMULAS)
# What is told of every minute.
BRIEF_VARIANTS = ("answered_only", "short_excluded", "sl_event")
# These need who waits past target, at the very end of the span.
LIVE_VARIANTS = frozenset({"sl_event", "sl_event_ignored", "sl_event_positive"})
_MILLION = 1_000_000
# What each leg that waits adds to the numerator of those with Q in them; to the denominator all add 1.
_OF_OFFERED = {"removed_within": 0, "offered_minus_failures": 1}


def service_level_parts(variant: str, of: Terms) -> Parts | None:
    """(numerator, denominator) of one variant; None when it cannot be said. ValueError for an unknown variant."""
    formula = _FORMULAS.get(variant)
    if formula is None:
        raise ValueError(f"service level: {variant!r}; wanted one of {', '.join(VARIANTS)}")
    return None if of.waiting_over_target is None and variant in LIVE_VARIANTS else formula(of)


def service_level(variant: str, of: Sequence[Terms]) -> Ratio | None:
    """The variant over several queues: numerators and denominators summed, each queue under its own target.

    None when it cannot be said of one of them.
    """
    numerator = denominator = 0
    for each in of:
        parts = service_level_parts(variant, each)
        if parts is None:
            return None
        numerator, denominator = numerator + parts[0], denominator + parts[1]
    return ratio(numerator, denominator)


def levels_with_waiting(levels: Measures, open_legs: int, waiting_over_target: int | None) -> Measures:
    """The variants that were computed as if nobody waited, with those who do: every formula is a plain sum in them."""
    found = dict(levels)
    for variant in LIVE_VARIANTS & levels.keys():
        was = levels[variant]
        found[variant] = (
            None if waiting_over_target is None else ratio(was["numerator"], was["denominator"] + waiting_over_target)
        )
    if open_legs:
        for variant in _OF_OFFERED.keys() & levels.keys():
            was, share = levels[variant], _OF_OFFERED[variant]
            found[variant] = ratio(was["numerator"] + share * open_legs, was["denominator"] + open_legs)
    return found


def answers_needed(level: Mapping[str, int | float | None] | None, target_percent: float | None) -> int | None:
    """Answers within the target in a row until the level is at its target again; 0 when it is.

    The smallest n >= 0 with (numerator + n) / (denominator + n) >= target. None without a level or a target, and
    when no number would do (100 % and one missed).
    """
    if level is None or level["value"] is None or target_percent is None:
        return None
    # In whole millionths, so that no float error asks for one answer more.
    target = round(target_percent * 10_000)
    missing = target * int(level["denominator"] or 0) - _MILLION * int(level["numerator"] or 0)
    if missing <= 0:
        return 0
    return None if target >= _MILLION else -(-missing // (_MILLION - target))
