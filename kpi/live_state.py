"""What the live sets of one queue and channel say at one instant: the state now, the backlog, the flow. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from kpi import backlog as cases
from kpi.lengths import waiting_over
from kpi.opening import Opening
from kpi.ratios import Measures

TARGET_MULTIPLES = (1, 2, 4)
# The live sets that tell open cases apart, beside `open_cases` and `due`.
CASE_SETS = (
    *(f"case_{status}" for status in cases.STATUSES),
    "unassigned",
    *(f"due_{clock}" for clock in cases.CLOCKS),
)
# Whoever passes the target within so many seconds is at risk (domain research 1.4, `sl_at_risk`).
AT_RISK_SECONDS = 10
# A callback this long after its promised time is overdue.
CALLBACK_OVERDUE_MS = 900_000
HOUR_MS = 3_600_000
# Callers who gave up this long ago, and were not answered since, are shown as lost.
LOST_MS = HOUR_MS
# A source's list of who waits may miss whoever came a moment before.
GHOST_MS = 5_000
# The window whose counts tell how fast a queue grows (domain research 1.1, `net_flow`: 1 to 5 min).
FLOW_WINDOW, FLOW_MINUTES = "5m", 5
# ... and how fast a backlog does, and how long that is.
BACKLOG_WINDOW, BACKLOG_WINDOW_MS = "1h", 3_600_000


class Callbacks(msgspec.Struct, frozen=True):
    """Callbacks promised: scheduled for later, due by now, and of the due those that are late by 15 min."""

    scheduled: int
    due: int
    overdue: int


class Now(msgspec.Struct, frozen=True):
    """State at `true_at`. `waiting_over_target`: waiting longer than 1, 2, 4 times the target seconds (cumulative).

    `at_risk`: will pass the target within 10 s unless answered. `unanswered`: chats whose customer wrote last.
    `lost`: callers who gave up in the last 60 min and were not answered since. `agents`: state -> members of the queue
    and those who serve it now, each once; `serving`: of these those at work and not paused in it. `drift`: our waiting
    less what the source's newest list of the queue held at that second; `ghosts`: who waits here and should stand in
    that list, but does not; both null without such a list.
    """

    waiting: int
    ringing: int
    in_service: int
    oldest_queued_at_ms: int | None
    oldest_wait_seconds: float | None
    waiting_over_target: dict[str, int]
    at_risk: int
    outbound: int
    unanswered: int
    oldest_unanswered_since_ms: int | None
    oldest_unanswered_seconds: float | None
    callbacks: Callbacks
    lost: int
    agents: dict[str, int]
    available: int
    staffed: int
    with_capacity: int
    free_slots: int
    drift: int | None
    ghosts: int | None
    open: bool
    serving: int = 0


class Backlog(msgspec.Struct, frozen=True):
    """Deferred cases that are not resolved.

    `overdue` and `due_within_1h` go by the clock of each case that runs out first; `clocks` tells them apart, with
    what is due within 15m, 1h, 4h from now. `actionable`: new and open; `unassigned`: of these those without an owner;
    `age` and, in opening hours, `age_business` are theirs. `net_per_hour`: opened + reopened - resolved of the last
    hour; `clear_seconds`: how long the open ones last at that pace, null unless they become fewer.
    """

    open: int
    overdue: int
    due_within_1h: int
    oldest_opened_at_ms: int | None
    oldest_age_seconds: float | None
    status: dict[str, int]
    unassigned: int
    actionable: int
    oldest_actionable_seconds: float | None
    age: dict[str, int]
    age_business: dict[str, int]
    clocks: dict[str, dict[str, int]]
    net_per_hour: float
    clear_seconds: float | None


class Flow(msgspec.Struct, frozen=True):
    """How fast the queue grows, over the last 5 min; `drain_seconds` is null unless it shrinks."""

    in_per_minute: float
    out_per_minute: float
    net_per_minute: float
    drain_seconds: float | None


@dataclass(frozen=True, slots=True)
class QueueStaff:
    """Who could take a contact of a queue; `states` as in `Now.agents`. `serving`: at work, and not paused there.

    `known`: a source tells who the queue's members are, so that nobody there means nobody.
    """

    states: Mapping[str, int] = field(default_factory=dict)
    available: int = 0
    staffed: int = 0
    with_capacity: int = 0
    free_slots: int = 0
    serving: int = 0
    known: bool = False


@dataclass(frozen=True, slots=True)
class LiveState:
    """What the live sets say: counts, and the scores (ms, ascending) of those whose age matters.

    `cases` by live set (`case_new`, `unassigned`, `due_resolution` ...).
    """

    waiting_since: Sequence[int] = ()
    ringing: int = 0
    in_service: int = 0
    opened_at: Sequence[int] = ()
    due_at: Sequence[int] = ()
    outbound: int = 0
    unanswered_since: Sequence[int] = ()
    callbacks_at: Sequence[int] = ()
    lost_at: Sequence[int] = ()
    cases: Mapping[str, Sequence[int]] = field(default_factory=dict)
    drift: int | None = None
    ghosts: int | None = None


NOBODY = QueueStaff()
ALL_GONE = QueueStaff(known=True)
EMPTY_BACKLOG = Backlog(0, 0, 0, None, None, {}, 0, 0, None, {}, {}, {}, 0.0, None)
_NO_CALLBACKS = Callbacks(0, 0, 0)


def now_of(live: LiveState, now_ms: int, target_seconds: int, is_open: bool, staff: QueueStaff = NOBODY) -> Now:
    """The state-now part; no age is below 0, though a leg may join after the instant that all partitions reached."""
    joined, asked = live.waiting_since, live.unanswered_since
    oldest, oldest_asked = joined[0] if joined else None, asked[0] if asked else None
    over = {str(m): waiting_over(joined, now_ms, m * target_seconds) for m in TARGET_MULTIPLES}
    return Now(
        waiting=len(joined),
        ringing=live.ringing,
        in_service=live.in_service,
        oldest_queued_at_ms=oldest,
        oldest_wait_seconds=age_seconds(oldest, now_ms),
        waiting_over_target=over,
        at_risk=waiting_over(joined, now_ms, target_seconds - AT_RISK_SECONDS) - over["1"],
        outbound=live.outbound,
        unanswered=len(asked),
        oldest_unanswered_since_ms=oldest_asked,
        oldest_unanswered_seconds=age_seconds(oldest_asked, now_ms),
        callbacks=callbacks_of(live.callbacks_at, now_ms),
        lost=len(live.lost_at) - bisect_left(live.lost_at, now_ms - LOST_MS),
        agents=dict(staff.states),
        available=staff.available,
        staffed=staff.staffed,
        with_capacity=staff.with_capacity,
        free_slots=staff.free_slots,
        drift=live.drift,
        ghosts=live.ghosts,
        open=is_open,
        serving=staff.serving,
    )


def callbacks_of(due_at: Sequence[int], now_ms: int) -> Callbacks:
    """The callbacks that are to be made at `due_at` (ms, ascending)."""
    if not due_at:
        return _NO_CALLBACKS
    due = bisect_right(due_at, now_ms)
    return Callbacks(len(due_at) - due, due, bisect_left(due_at, now_ms - CALLBACK_OVERDUE_MS))


def flow_of(window: Measures, waiting: int) -> Flow:
    """Joins, leaves and growth per minute over FLOW_WINDOW; drain = W / (leaves - joins) (domain research 1.1)."""
    joins, leaves = window["offered"], window["decided"]
    drain = waiting / (leaves - joins) * FLOW_MINUTES * 60 if leaves > joins else None
    return Flow(joins / FLOW_MINUTES, leaves / FLOW_MINUTES, (joins - leaves) / FLOW_MINUTES, drain)


def drift_of(waiting_then: int | None, listed: int) -> int | None:
    """Our waiting at the second of the source's list, less those it lists (domain research 1.10, `reconcile_drift`)."""
    return None if waiting_then is None else waiting_then - listed


def ghosts_of(waiting: Iterable[tuple[str, int]], listed: Collection[str], listed_at_ms: int) -> int:
    """How many wait since more than 5 s before the list was made and do not stand in it.

    `waiting`: (contact|leg, since ms). A contact's id may hold a bar itself, so each one may be the border.
    """
    since = listed_at_ms - GHOST_MS
    return sum(joined < since and not _is_listed(member, listed) for member, joined in waiting)


def _is_listed(member: str, listed: Collection[str]) -> bool:
    border = member.find("|")
    while border >= 0:
        if member[:border] in listed:
            return True
        border = member.find("|", border + 1)
    return False


def age_seconds(since_ms: int | None, now_ms: int) -> float | None:
    """How long ago, in seconds; never below 0."""
    return None if since_ms is None else max(0, now_ms - since_ms) / 1000


def backlog_of(live: LiveState, now_ms: int, opening: Opening, zone: str, window: Measures) -> Backlog:
    """Open cases; overdue: due time passed; due within 1 h: not overdue, and due at most an hour from now.

    `opening` and `zone` are the queue's, `window` its measures over BACKLOG_WINDOW.
    """
    count, due = len(live.opened_at), live.due_at
    flow = _case_flow(window, count)
    if not count and not due:
        return EMPTY_BACKLOG if flow is None else msgspec.structs.replace(EMPTY_BACKLOG, **flow)
    overdue, oldest = bisect_left(due, now_ms), live.opened_at[0] if count else None
    parts = cases.backlog(_case_sets(live), now_ms, opening, zone)
    return Backlog(
        open=count,
        overdue=overdue,
        due_within_1h=bisect_right(due, now_ms + HOUR_MS) - overdue,
        oldest_opened_at_ms=oldest,
        oldest_age_seconds=age_seconds(oldest, now_ms),
        status=parts["status"],
        unassigned=parts["unassigned"],
        actionable=parts["actionable"],
        oldest_actionable_seconds=parts["oldest_age_seconds"],
        age=parts["age"],
        age_business=parts["age_business"],
        clocks=parts["clocks"],
        net_per_hour=flow["net_per_hour"] if flow else 0.0,
        clear_seconds=flow["clear_seconds"] if flow else None,
    )


def _case_sets(live: LiveState) -> cases.CaseSets:
    found = live.cases
    return cases.CaseSets(
        opened={status: found.get(f"case_{status}", ()) for status in cases.STATUSES},
        unassigned=len(found.get("unassigned", ())),
        due={clock: found.get(f"due_{clock}", ()) for clock in cases.CLOCKS},
    )


def _case_flow(window: Measures, open_now: int) -> cases.Flow | None:
    counted = window.get("cases")  # left out where no case was counted
    if counted is None:
        return None
    moved = counted["opened"], counted["reopened"], counted["resolved"]
    return cases.flow(*moved, open_now=open_now, window_ms=BACKLOG_WINDOW_MS)
