"""One case: its status, its owner, its clocks, and what its answers count."""

from sources.simulator.answer.bins import Ledger, Place
from sources.simulator.answer.facts import Fact, in_order, milliseconds

END_OF_TIME = 2**62
CLOCKS = ("first_response", "next_response", "resolution")


class Case:
    """A case so far. `due`: when each running clock was to run out, set at `since`; while pending nothing runs."""

    def __init__(self, fact: Fact, book: Ledger) -> None:
        self.book = book
        self.place: Place = (fact.queue or "", fact.channel)
        self.opened = fact.time
        self.status = "new"
        self.resolved = self.was_answered = False
        self.owner: str | None = None
        self.due: dict[str, int] = {}
        self.since: dict[str, int] = {}
        self.pauses: list[tuple[int, int | None]] = []
        self.contacts, self.people = 1, set[str]()
        book.count(fact.time, self.place, "case_opened")

    def tell(self, fact: Fact) -> None:
        """The next fact of the case."""
        verb = fact.verb.partition(".")[2]
        author = fact.more.get("author") or ("agent" if fact.agent else "customer")
        self._people(verb, author, fact)
        if verb == "replied" and author == "agent":
            self._answered(fact)
        if verb == "resolved" and not self.resolved:
            self._resolved(fact)
        elif verb == "reopened" and self.resolved:
            self.resolved = False
            self.contacts += 1
            self.book.count(fact.time, self.place, "case_reopened")
        if not self.resolved:
            self._turns(fact.more.get("status") or self._implied(verb, author), fact.time)
        if verb in ("opened", "sla_set", "reopened") and fact.more.get("due_at"):
            clock = fact.more.get("clock", "resolution")
            self.due[clock] = milliseconds(fact.more["due_at"])
            self.since[clock] = fact.time

    def _people(self, verb: str, author: str, fact: Fact) -> None:
        if verb == "replied" and author == "customer":
            self.contacts += 1
        if fact.agent and (verb in ("assigned", "resolved") or (verb == "replied" and author == "agent")):
            self.people.add(fact.agent)
        if verb == "assigned" and fact.agent:
            self.owner = fact.agent
        elif verb == "replied" and author == "agent":
            self.owner = self.owner or fact.agent

    def _implied(self, verb: str, author: str) -> str:
        """The status that follows where none is told."""
        if verb == "waiting_customer":
            return "pending"
        opens = {
            "reopened": True,
            "assigned": self.status == "new",
            "replied": author == "customer" and self.status == "pending",
        }
        return "open" if opens.get(verb, False) else self.status

    def _turns(self, status: str, time: int) -> None:
        if status == self.status:
            return
        if self.status == "pending":
            self.pauses[-1] = (self.pauses[-1][0], time)
        if status == "pending":
            self.pauses.append((time, None))
        self.status = status

    def _runs_out(self, clock: str, time: int) -> int:
        """When a clock runs out, as seen at an instant: what was pending since it was set is added."""
        since = self.since[clock]
        paused = sum(
            max(0, min(time, until if until is not None else time) - max(begun, since)) for begun, until in self.pauses
        )
        return self.due[clock] + paused

    def _answered(self, fact: Fact) -> None:
        if not self.was_answered:
            self.was_answered = True
            self.book.count(fact.time, self.place, "case_replied")
            self.book.count(fact.time, self.place, "case_reply_ms", fact.time - self.opened)
        for clock in ("first_response", "next_response"):
            self._over(clock, fact.time)

    def _resolved(self, fact: Fact) -> None:
        for name, n in (("case_resolved", 1), ("case_resolve_ms", fact.time - self.opened),
                        ("case_contacts", self.contacts), ("case_agents", len(self.people))):  # fmt: skip
            self.book.count(fact.time, self.place, name, n)
        for clock in CLOCKS:
            self._over(clock, fact.time)
        self._turns("resolved", fact.time)
        self.resolved = True

    def _over(self, clock: str, time: int) -> None:
        if clock in self.due:
            kept = time <= self._runs_out(clock, time)
            self.book.count(time, self.place, f"case_{'met' if kept else 'missed'}.{clock}")
            del self.due[clock], self.since[clock]

    def close(self) -> None:
        """What stands at the end."""
        if self.resolved:
            return
        self.book.stands(f"case.{self.status}", self.place, self.opened)
        if self.status in ("new", "open") and self.owner is None:
            self.book.stands("unassigned", self.place, self.opened)
        if self.status != "pending":
            for clock in self.due:
                self.book.stands(f"due.{clock}", self.place, self._runs_out(clock, END_OF_TIME))


def tell_case(facts: list[Fact], book: Ledger) -> None:
    """Write down everything that one case's facts say; it begins with the first that names a queue."""
    case: Case | None = None
    for fact in in_order(facts):
        if case is None and fact.queue is not None:
            case = Case(fact, book)
        if case is not None:
            case.tell(fact)
    if case is not None:
        case.close()
