"""Waits in steps: how many waited how long, and what became of them."""

from collections.abc import Mapping
from typing import Any

from kpi.abandonment import HAZARD_STEP, HAZARD_STEPS
from kpi.tally import OUTCOMES, Tally


def wait_bins(tally: Tally) -> list[dict[str, Any]]:
    """Decided legs with a known wait by steps of 20 s and outcome.

    A step holds the waits in (from, from + 20], the first one those of 0 s as well, as in `abandon_hazard`; the last
    one is open: more than 5 min.
    """
    found: list[dict[str, Any]] = [
        {"from_seconds": at, "to_seconds": at + HAZARD_STEP, **dict.fromkeys(OUTCOMES, 0)}
        for at in range(0, HAZARD_STEP * (HAZARD_STEPS + 1), HAZARD_STEP)
    ]
    found[-1]["to_seconds"] = None
    for outcome in OUTCOMES:
        histogram: Mapping[int, int] = tally.wait_histogram(outcome)
        for seconds, count in histogram.items():
            found[min(max(seconds - 1, 0) // HAZARD_STEP, HAZARD_STEPS)][outcome] += count
    return found
