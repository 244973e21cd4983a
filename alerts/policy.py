"""When an alert begins and when it ends: (limit, state, look, now) -> (state, reason). Pure; times in ms UTC.

A limit is **bad** from the value to enter at until the value is better than the one to leave at. Bad for `for_seconds`
it fires; then better than the exit, or without a value, for `keep_seconds` without a break it has ended. Reached again
before that, it is the same alert and nobody hears of it twice; between exit and enter the wait for the end begins anew.

    ok --bad--> pending --for--> firing --good--> resolving --keep--> ok
                   |good            ^                 |bad
                   +--> ok          +-----------------+

- The clock is the log's: the time that snapshots are true for. What is not known (stale, made anew, catching up, older
  than the last look) changes nothing: nothing fires, nothing ends.
- A closed queue is good, for rules that hold in opening hours only.
- While it is quiet nothing fires and what fires ends at once. The state goes on underneath (`pending`), so that what is
  still bad afterwards is told with its true start.
- After a gap in the looks the contacts themselves say since when (`Look.since_ms`), where they can; else it began now.
  Two looks up to SILENCE_MS apart are believed about the time between them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

import msgspec

from alerts.rulebook import Limit, Look

Phase = Literal["ok", "pending", "firing", "resolving"]
# Snapshots come four times a second, of a large floor once: whoever saw nothing for longer did not see it begin.
GAP_MS = 2_000
# A snapshot lives for 15 s in Redis; what is older is not believed by anybody.
SILENCE_MS = 15_000
# A look older than the last one says nothing. One older by more than this means that the clock was put right.
CLOCK_SET_MS = 60_000


class Reason(StrEnum):
    """Why a step went as it did. FIRED and REENTERED, RESOLVED and QUIET, LEFT and CLOSED change what people see."""

    CALM = "calm"
    ENTERED = "entered"
    WAITING_FOR = "waiting_for"
    FIRED = "fired"
    STILL = "still"
    LEFT = "left"
    HELD = "held"
    RESOLVED = "resolved"
    REENTERED = "reentered"
    QUIET = "quiet"
    UNKNOWN = "unknown"
    CLOSED = "closed"


class State(msgspec.Struct, frozen=True):
    """What is remembered of one limit of one queue.

    `since_ms`: the true start; `fired_ms`: when it became an alert; `clear_ms`: since when it is good again, 0 while it
    is not; `looked_ms`: the last known look; `value` of that look; `peak`: the worst value since the start. In phase
    "ok" start, firing and peak are those of the last time, and `looked_ms` of the step that ended it is the end.
    """

    phase: Phase = "ok"
    since_ms: int = 0
    fired_ms: int = 0
    clear_ms: int = 0
    looked_ms: int = 0
    value: float | None = None
    peak: float | None = None

    @property
    def is_on(self) -> bool:
        """Whether there is an alert. It begins where a step turns this on, and ends where a step turns it off."""
        return self.phase in ("firing", "resolving")


class Step(NamedTuple):
    """The state after a look, and why it is so."""

    state: State
    reason: Reason


CALM = State()


def step(limit: Limit, state: State, look: Look, now_ms: int) -> Step:
    """What a look at `now_ms` makes of a state."""
    if not look.known or state.looked_ms - CLOCK_SET_MS <= now_ms < state.looked_ms:
        return Step(state, Reason.UNKNOWN)
    if now_ms < state.looked_ms:
        state = _clock_set(state, now_ms)
    gap_ms = now_ms - state.looked_ms
    state = msgspec.structs.replace(state, looked_ms=now_ms, value=look.value, peak=_peak(limit, state, look))
    if state.phase == "ok":
        return _from_ok(limit, state, look, gap_ms)
    if state.phase == "pending":
        return _from_pending(limit, state, look, gap_ms)
    if look.quiet:
        return _hushed(limit, state, look)
    if state.phase == "firing":
        return _from_firing(limit, state, look)
    return _from_resolving(limit, state, look, gap_ms)


def _from_ok(limit: Limit, state: State, look: Look, gap_ms: int) -> Step:
    if not _is_entered(limit, look):
        return Step(state, Reason.CLOSED if _is_shut(limit, look) else Reason.CALM)
    since_ms = state.looked_ms if gap_ms <= GAP_MS or look.since_ms is None else look.since_ms
    begun = State("pending", min(since_ms, state.looked_ms), 0, 0, state.looked_ms, look.value, look.value)
    return _waited(limit, begun, look, Reason.ENTERED)


def _from_pending(limit: Limit, state: State, look: Look, gap_ms: int) -> Step:
    if _is_good(limit, look):
        reason = Reason.CLOSED if _is_shut(limit, look) else Reason.CALM
        return Step(msgspec.structs.replace(state, phase="ok"), reason)
    if gap_ms > GAP_MS and look.since_ms is not None:
        since_ms = min(max(state.since_ms, look.since_ms), state.looked_ms)
        state = msgspec.structs.replace(state, since_ms=since_ms)
    elif gap_ms > SILENCE_MS:
        state = msgspec.structs.replace(state, since_ms=state.looked_ms, peak=look.value)
    return _waited(limit, state, look, Reason.WAITING_FOR)


def _waited(limit: Limit, state: State, look: Look, otherwise: Reason) -> Step:
    """Bad: fires once it has been so for long enough, and it is not quiet."""
    if look.quiet:
        return Step(state, Reason.QUIET)
    if state.looked_ms - state.since_ms < limit.behaviour.for_seconds * 1000:
        return Step(state, otherwise)
    return Step(msgspec.structs.replace(state, phase="firing", fired_ms=state.looked_ms), Reason.FIRED)


def _hushed(limit: Limit, state: State, look: Look) -> Step:
    """An alert when it becomes quiet: over for people, and remembered with its start if it is still bad."""
    still_bad = not _is_good(limit, look) if state.phase == "firing" else _is_entered(limit, look)
    return Step(msgspec.structs.replace(state, phase="pending" if still_bad else "ok", clear_ms=0), Reason.QUIET)


def _from_firing(limit: Limit, state: State, look: Look) -> Step:
    if not _is_good(limit, look):
        return Step(state, Reason.STILL)
    if limit.behaviour.keep_seconds <= 0:
        return Step(msgspec.structs.replace(state, phase="ok", clear_ms=state.looked_ms), Reason.RESOLVED)
    reason = Reason.CLOSED if _is_shut(limit, look) else Reason.LEFT
    return Step(msgspec.structs.replace(state, phase="resolving", clear_ms=state.looked_ms), reason)


def _from_resolving(limit: Limit, state: State, look: Look, gap_ms: int) -> Step:
    if _is_entered(limit, look):
        return Step(msgspec.structs.replace(state, phase="firing", clear_ms=0), Reason.REENTERED)
    if not _is_good(limit, look):
        return Step(msgspec.structs.replace(state, clear_ms=0), Reason.HELD)
    if gap_ms > SILENCE_MS or not state.clear_ms:
        state = msgspec.structs.replace(state, clear_ms=state.looked_ms)
    if state.looked_ms - state.clear_ms < limit.behaviour.keep_seconds * 1000:
        return Step(state, Reason.HELD)
    return Step(msgspec.structs.replace(state, phase="ok"), Reason.RESOLVED)


def _is_entered(limit: Limit, look: Look) -> bool:
    """Whether the value is past the limit to enter at, at a time that counts."""
    return not _is_shut(limit, look) and _is_past(limit, look.value, limit.enter)


def _is_good(limit: Limit, look: Look) -> bool:
    """Whether the value is better than the limit to leave at, or does not count."""
    return _is_shut(limit, look) or not _is_past(limit, look.value, limit.exit)


def _is_shut(limit: Limit, look: Look) -> bool:
    return limit.behaviour.only_open and not look.open


def _is_past(limit: Limit, value: float | None, bound: float) -> bool:
    if value is None:
        return False
    return value < bound if limit.rule.low_is_bad else value >= bound


def _peak(limit: Limit, state: State, look: Look) -> float | None:
    """The worst value since it began; what was measured while the queue is closed or quiet counts like any other."""
    if state.phase == "ok" or look.value is None:
        return state.peak
    if state.peak is None:
        return look.value
    return min(state.peak, look.value) if limit.rule.low_is_bad else max(state.peak, look.value)


def _clock_set(state: State, now_ms: int) -> State:
    """A state whose clock was put back: nothing in it is ahead of now, and the wait for the end begins anew."""
    return msgspec.structs.replace(
        state,
        since_ms=min(state.since_ms, now_ms),
        fired_ms=min(state.fired_ms, now_ms),
        clear_ms=min(state.clear_ms, now_ms),
        looked_ms=now_ms,
    )
