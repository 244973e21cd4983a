"""One deferred case: its status, its owner, its clocks, and what it took to resolve it; told by `step`.

A case exists from its first fact that names a queue, and stays in that queue. Its statuses are new, open, pending
(waiting for the customer) and on_hold, and resolved once it is over. A **clock** runs from the instant its due time is
set until its end: the next reply by an agent (first_response, next_response) or the resolution (all of them). It stands
still while the status is pending: the due time moves by as long, also when the end comes in the middle of it.
"""

from collections.abc import Callable

from kpi.events import RANKS
from kpi.facts import CASE_OPENED, CASE_REOPENED, CASE_RESOLVED, CASE_SLA_SET, PANE_MS, Count, Fact, Memberships

_RESPONSES = ("first_response", "next_response")
_SETS_DUE = frozenset({CASE_OPENED, CASE_SLA_SET, CASE_REOPENED})
_ACTIONABLE = frozenset({"new", "open"})


class Case:
    """The story so far of one case. Times in ms.

    `due` holds the running clocks: when each runs out. While `paused` (the instant the status became pending) it says
    so as if the pause ended there; the pause so far is still to be added. `contacts` counts the times the customer
    came: the case itself, replies and reopenings. `agents` are all who had it, replied or resolved it.
    """

    __slots__ = ("agents", "channel", "contacts", "due", "opened", "owner", "paused", "queue", "replied", "status")

    def __init__(self) -> None:
        self.queue: str | None = None
        self.channel = "ticket"
        self.opened = 0
        self.status = "new"
        self.owner: str | None = None
        self.replied = False
        self.contacts = 1
        self.agents: set[str] = set()
        self.due: dict[str, int] = {}
        self.paused: int | None = None

    @property
    def is_open(self) -> bool:
        """Known, and not resolved."""
        return self.queue is not None and self.status != "resolved"


def step(state: Case, fact: Fact) -> tuple[Case, list[Count]]:
    """The state after `fact`, and what it adds to the panes. The given state is used up.

    `fact` must sort after every fact the state has seen. Formulas: domain research 1.8 and 1.9.
    """
    counts: list[Count] = []
    if state.queue is None:
        if fact.queue is None:
            return state, counts
        state.queue, state.channel, state.opened = fact.queue, fact.channel or "ticket", fact.time
        _count(state, fact, "case_opened", 1, counts)
    tell = _STEPS.get(fact.rank)
    said = tell(state, fact, counts) if tell is not None else None
    status = (fact.more.get("status") if fact.more else None) or said
    # A case that is over changes its status by being reopened, and by nothing else.
    if status is not None and (state.status != "resolved" or fact.rank == CASE_REOPENED):
        _turn(state, "resolved" if fact.rank == CASE_RESOLVED else status, fact.time)
    if fact.due is not None and fact.rank in _SETS_DUE:
        # Set in a pause it runs from its resumption on: take back now what the resumption will give too much.
        early = 0 if state.paused is None else fact.time - state.paused
        state.due[fact.what or "resolution"] = fact.due - early
    return state, counts


def memberships(case_id: str, state: Case) -> Memberships:
    """The live sets this case is in, scored by when it was opened, and by when each running clock is due.

    A clock that stands still is in none of them: nobody is late with a case that waits for its customer.
    """
    queue, channel = state.queue, state.channel
    if queue is None or not state.is_open:
        return {}
    found: Memberships = {
        ("open_cases", queue, channel, case_id): state.opened,
        (f"case_{state.status}", queue, channel, case_id): state.opened,
    }
    if state.owner is None and state.status in _ACTIONABLE:
        found["unassigned", queue, channel, case_id] = state.opened
    if state.due and state.paused is None:
        found["due", queue, channel, case_id] = min(state.due.values())
        for clock, due in state.due.items():
            found[f"due_{clock}", queue, channel, case_id] = due
    return found


# --- What each type tells; each gives the status that follows from it unless the fact tells another -----------------


def _assigned(state: Case, fact: Fact, counts: list[Count]) -> str | None:
    if fact.agent is not None:
        state.owner = fact.agent
        state.agents.add(fact.agent)
    return "open" if state.status == "new" else None


def _replied(state: Case, fact: Fact, counts: list[Count]) -> str | None:
    author = (fact.more.get("author") if fact.more else None) or ("customer" if fact.agent is None else "agent")
    if author == "customer":
        state.contacts += 1
        return "open" if state.status == "pending" else None
    if author != "agent":
        return None
    if fact.agent is not None:
        state.agents.add(fact.agent)
        state.owner = state.owner or fact.agent
    if not state.replied:
        state.replied = True
        _count(state, fact, "case_replied", 1, counts)
        _count(state, fact, "case_reply_ms", fact.time - state.opened, counts)
    for clock in _RESPONSES:
        _end_clock(state, fact, clock, counts)
    return None


def _waiting_customer(state: Case, fact: Fact, counts: list[Count]) -> str | None:
    return "pending"


def _resolved(state: Case, fact: Fact, counts: list[Count]) -> str | None:
    if fact.agent is not None:
        state.agents.add(fact.agent)
    if state.status == "resolved":
        return None
    _count(state, fact, "case_resolved", 1, counts)
    _count(state, fact, "case_resolve_ms", fact.time - state.opened, counts)
    _count(state, fact, "case_contacts", state.contacts, counts)
    _count(state, fact, "case_agents", len(state.agents), counts)
    for clock in tuple(state.due):
        _end_clock(state, fact, clock, counts)
    return "resolved"


def _reopened(state: Case, fact: Fact, counts: list[Count]) -> str | None:
    if state.status == "resolved":
        state.contacts += 1
        _count(state, fact, "case_reopened", 1, counts)
    return "open"


_STEPS: dict[int, Callable[[Case, Fact, list[Count]], str | None]] = {
    RANKS["case.assigned"]: _assigned,
    RANKS["case.replied"]: _replied,
    RANKS["case.waiting_customer"]: _waiting_customer,
    CASE_RESOLVED: _resolved,
    CASE_REOPENED: _reopened,
}


def _turn(state: Case, status: str, time: int) -> None:
    """The case takes a status; when it is pending no longer, every running clock gets the pause back."""
    state.status = status
    if status == "pending":
        state.paused = time if state.paused is None else state.paused
    elif state.paused is not None:
        pause, state.paused = time - state.paused, None
        for clock in state.due:
            state.due[clock] += pause


def _end_clock(state: Case, fact: Fact, clock: str, counts: list[Count]) -> None:
    due = state.due.pop(clock, None)
    if due is not None:
        pause = 0 if state.paused is None else fact.time - state.paused
        met = fact.time <= due + pause
        _count(state, fact, f"case_met.{clock}" if met else f"case_missed.{clock}", 1, counts)


def _count(state: Case, fact: Fact, field: str, n: int, counts: list[Count]) -> None:
    if n:
        counts.append((fact.time - fact.time % PANE_MS, state.queue or "", state.channel, field, n))
