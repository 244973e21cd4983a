"""One deferred case: open, since when, due when, resolved; told by `step` like a contact.

A case exists from its first fact that names a queue. `due` is the earliest due time of its clocks.
"""

from collections.abc import Iterable

from kpi.facts import CASE_OPENED, CASE_REOPENED, CASE_RESOLVED, CASE_SLA_SET, PANE_MS, Count, Fact, Memberships


class Case:
    """The story so far of one case. Times in ms; `due` by clock."""

    __slots__ = ("channel", "due", "opened", "queue", "resolved")

    def __init__(self) -> None:
        self.queue: str | None = None
        self.channel = "ticket"
        self.opened = 0
        self.resolved: int | None = None
        self.due: dict[str, int] = {}

    @property
    def is_open(self) -> bool:
        """Known, and not resolved."""
        return self.queue is not None and self.resolved is None


def step(state: Case, fact: Fact) -> tuple[Case, list[Count]]:
    """The state after `fact`, and what it adds to the panes. The given state is used up."""
    counts: list[Count] = []
    if state.queue is None:
        if fact.queue is None:
            return state, counts
        state.queue, state.channel, state.opened = fact.queue, fact.channel or "ticket", fact.time
        counts.append(_count(state, fact, "case_opened"))
    if fact.rank == CASE_RESOLVED and state.resolved is None:
        state.resolved = fact.time
        counts.append(_count(state, fact, "case_resolved"))
    elif fact.rank == CASE_REOPENED and state.resolved is not None:
        state.resolved = None
        counts.append(_count(state, fact, "case_reopened"))
    if fact.due is not None and fact.rank in (CASE_OPENED, CASE_SLA_SET, CASE_REOPENED):
        state.due[fact.what or "resolution"] = fact.due
    return state, counts


def fold(facts: Iterable[Fact]) -> tuple[Case, list[Count]]:
    """The left fold of `step` over facts in their order: the last state and all counts."""
    state, counts = Case(), []
    for fact in facts:
        state, more = step(state, fact)
        counts += more
    return state, counts


def memberships(case_id: str, state: Case) -> Memberships:
    """The live sets this case is in: open cases (since opened) and due (its earliest due time)."""
    if state.queue is None or not state.is_open:
        return {}
    found: Memberships = {("open_cases", state.queue, state.channel, case_id): state.opened}
    if state.due:
        found["due", state.queue, state.channel, case_id] = min(state.due.values())
    return found


def _count(state: Case, fact: Fact, field: str) -> Count:
    return fact.time - fact.time % PANE_MS, state.queue or "", state.channel, field, 1
