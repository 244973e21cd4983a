"""Abandonment: its rates over each denominator in use, and when customers give up. Symbols as in `service_level`."""

from typing import Any

from kpi.ordered import Ordered
from kpi.ratios import Measures, Ratio, ratio
from kpi.tally import Tally

# Seconds of the Chinese "abandoned within Y seconds" rates.
ABANDONED_WITHIN = (15, 20, 30)
HAZARD_STEP = 20
HAZARD_STEPS = 15
_OF_OFFERED = ("offered", "net_short", *(f"within_{seconds}" for seconds in ABANDONED_WITHIN))


def abandonment(tally: Tally) -> Ratio:
    """B / (A + B + O): share of the decided legs whose customer gave up (decision-based; Genesys, Firstline)."""
    return ratio(tally.abandoned, tally.decided)


def abandonment_rates(tally: Tally, short_abandoned: int, waits: Ordered) -> Measures:
    """Every rate as if nobody waited, so that Q = decided. `waits` are those of the abandoned legs.

    offered    B / Q                     Genesys, Firstline
    decided    B / (A + B + O)           decision-based
    net_short  (B - B_s) / (Q - B_s)     Cisco: short calls are neither offered nor abandoned
    answered   B / A                     VICIdial's "dropped percent"
    within_N   B_N / Q                   the Chinese rates, N = 15, 20, 30 s
    """
    gone, decided = tally.abandoned, tally.decided
    return {
        "offered": ratio(gone, decided),
        "decided": ratio(gone, decided),
        "net_short": ratio(gone - short_abandoned, decided - short_abandoned),
        "answered": ratio(gone, tally.answered),
        **{f"within_{seconds}": ratio(waits.within(seconds), decided) for seconds in ABANDONED_WITHIN},
    }


def rates_with_waiting(rates: Measures, open_legs: int) -> Measures:
    """The rates that were computed as if nobody waited, with those who do: they belong to Q."""
    found = dict(rates)
    for name in _OF_OFFERED:
        was = rates[name]
        found[name] = ratio(was["numerator"], was["denominator"] + open_legs)
    return found


def abandon_hazard(abandoned: Ordered, decided: Ordered) -> list[dict[str, Any]]:
    """Per step of 20 s the share that gives up in it, of those still waiting at its beginning.

    Of decided legs with a known wait. A step holds the waits in (from, from + 20], the first one those of 0 s as well.
    15 steps (5 min), ended where nobody is left.
    """
    found = []
    for at in range(0, HAZARD_STEP * HAZARD_STEPS, HAZARD_STEP):
        before = (abandoned.within(at), decided.within(at)) if at else (0, 0)
        at_risk = decided.count - before[1]
        if at_risk <= 0:
            break
        gone = abandoned.within(at + HAZARD_STEP) - before[0]
        found.append({"from_seconds": at, "abandoned": gone, "at_risk": at_risk, "value": gone / at_risk})
    return found
