"""When one limit must look again though nothing was counted: what changes by the passing of time alone. Pure."""

from __future__ import annotations

from alerts.policy import State
from alerts.rulebook import Limit, Look
from floorpulse.backtest.spool import SECOND_MS, second_after

# Values that grow by a second every second, as long as the same contact waits.
CLIMBING = frozenset({"longest_wait_seconds", "closed_wait_seconds"})


def climbs(limit: Limit, look: Look) -> bool:
    """Whether the value a limit looked at grows by itself."""
    return limit.rule.measure in CLIMBING and look.value is not None


def looks_again(limit: Limit, state: State, look: Look, oldest_ms: int | None) -> int | None:
    """The tick (ms) after `state.looked_ms` at which a limit must look again; None: only when there is news.

    `state` is what `look` left; `oldest_ms`: since when the one waits who waits for longest. Opening hours and quiet
    begin and end at instants of their own, which are looked at anyway.
    """
    now_ms, behaviour = state.looked_ms, limit.behaviour
    if state.phase == "pending":
        # Quiet ends at an instant of its own.
        return None if look.quiet else _not_before(state.since_ms + behaviour.for_seconds * 1000, now_ms)
    if state.phase == "resolving":
        # While the value climbs, the wait for the end may begin anew at every look; closed, no value counts.
        if climbs(limit, look) and (look.open or not behaviour.only_open):
            return now_ms + SECOND_MS
        # Between the two limits nothing ends, however long that goes on.
        return _not_before(state.clear_ms + behaviour.keep_seconds * 1000, now_ms) if state.clear_ms else None
    if state.phase == "ok" and climbs(limit, look) and oldest_ms is not None:
        enters_ms = second_after(oldest_ms + round(limit.enter * 1000))
        return enters_ms if enters_ms > now_ms else None
    return None


def _not_before(at_ms: int, now_ms: int) -> int:
    return max(second_after(at_ms), now_ms + SECOND_MS)
