"""One contact as a whole: its stays, its messages, and what is told of it besides."""

from typing import Any

from sources.simulator.answer.bins import Ledger, Place
from sources.simulator.answer.facts import Fact, in_order, milliseconds
from sources.simulator.answer.legs import CHATS, TELLING, Stay, Stays
from sources.simulator.answer.written import write

_REACHED = frozenset({"reached", "answered", "completed", "connected", "success"})


def tell_contact(facts: list[Fact], book: Ledger) -> None:
    """Write down everything that one contact's facts say."""
    stays = Stays()
    aside = _Aside(book)
    messages: list[Fact] = []
    for fact in in_order(facts):
        if fact.verb in TELLING:
            stays.tell(fact)
        elif fact.verb in ("contact.wrapup_started", "contact.wrapup_ended"):
            stays.wrapped(fact)
        elif fact.verb == "contact.message":
            messages.append(fact)
        else:
            aside.tell(fact, stays.place(fact))
    for number, stay in enumerate(stays.by_name.values()):
        write(stay, number == 0, book)
    aside.close()
    if facts[0].channel in CHATS:
        _Thread(messages, stays, book).write()


class _Aside:
    """Blocked, rated, updated, callbacks: each at its own instant."""

    def __init__(self, book: Ledger) -> None:
        self.book = book
        self.seen: set[tuple[str, str]] = set()
        self.callback: Place | None = None
        self.due: int | None = None
        self.completed = False

    def tell(self, fact: Fact, place: Place | None) -> None:
        """The next of them, and where it happened."""
        verb = fact.verb.removeprefix("contact.")
        if verb.startswith("callback_"):
            self._callback(verb, fact, self.callback or place)
        elif place is None:
            return
        elif verb == "blocked" and ("blocked", place[0]) not in self.seen:
            self.seen.add(("blocked", place[0]))
            self.book.count(fact.time, place, f"blocked.{fact.word or 'unknown'}")
        elif verb == "rated":
            kind, scale = fact.more.get("kind", "csat"), fact.more.get("scale", 0)
            self.book.count(fact.time, place, f"rating.{kind}/{scale:g}/{fact.more['score']:g}")
        elif verb == "updated":
            self._reason(fact, place)

    def _reason(self, fact: Fact, place: Place) -> None:
        attrs: dict[str, Any] = fact.more.get("attrs", {})
        text = next(
            (attrs[name] for name in ("reason", "topic") if isinstance(attrs.get(name), str) and attrs[name]), ""
        )
        if text and ("reason", text[:64]) not in self.seen:
            self.seen.add(("reason", text[:64]))
            self.book.count(fact.time, place, f"reason.{text[:64]}")

    def _callback(self, verb: str, fact: Fact, place: Place | None) -> None:
        if place is None:
            return
        if verb == "callback_requested":
            if self.callback is None:
                self.callback = place
                self.due = fact.time
                self.book.count(fact.time, place, verb)
            if fact.more.get("due_at"):
                self.due = milliseconds(fact.more["due_at"])
        elif verb == "callback_attempted":
            self.book.count(fact.time, place, verb)
        elif not self.completed:
            self.completed = True
            reached = fact.word is None or fact.word in _REACHED
            self.book.count(fact.time, place, "callback_reached" if reached else "callback_failed")

    def close(self) -> None:
        """A call that was promised and has not been made."""
        if self.callback is not None and not self.completed and self.due is not None:
            self.book.stands("callback", self.callback, self.due)


class _Thread:
    """Who wrote when: turns, the first human word, and what came of those who waited for it."""

    def __init__(self, messages: list[Fact], stays: Stays, book: Ledger) -> None:
        public = [fact for fact in messages if fact.more.get("visibility") != "private"]
        self.said = [fact for fact in public if fact.more.get("author") in ("customer", "agent")]
        self.stays = list(stays.by_name.values())
        self.book = book

    def write(self) -> None:
        """Write the thread down."""
        first = next((fact for fact in self.said if fact.more["author"] == "agent"), None)
        self._turns(first)
        for stay in self.stays:
            if not stay.outbound:
                self._silence(stay, first)

    def _turns(self, first: Fact | None) -> None:
        queue: str | None = None
        since: int | None = None
        channel = self.stays[0].place[1] if self.stays else "chat"
        for fact in self.said:
            queue = fact.queue or queue
            if fact.more["author"] == "customer":
                since = fact.time if since is None else since
                continue
            place = None if queue is None else (queue, fact.channel or channel)
            if since is not None and place is not None:
                self.book.lasted(fact.time, place, "response", fact.time - since)
                self.book.agent(fact.agent, "response", fact.time - since)
            since = None
            if fact is first and place is not None:
                self._first(fact, place)
        still = [stay for stay in self.stays if not stay.outbound and (stay.waits or stay.served)]
        if since is not None and still:
            self.book.stands("unanswered", still[-1].place, since)

    def _first(self, fact: Fact, place: Place) -> None:
        if self.stays and self.stays[0].outbound:
            return
        handed = [stay.joined for stay in self.stays if stay.reason == "bot_handoff" and stay.joined <= fact.time]
        asked = [said.time for said in self.said[: self.said.index(fact)] if said.more["author"] == "customer"]
        if not handed and not asked:
            return
        length = fact.time - (max(handed) if handed else asked[0])
        self.book.lasted(fact.time, place, "first_response", length)
        if handed:
            self.book.lasted(fact.time, place, "handoff", length)

    def _silence(self, stay: Stay, first: Fact | None) -> None:
        end = stay.end if stay.exit == "answered" else None
        over: int | None = None
        if stay.exit == "abandoned":
            over = stay.left
        elif end is not None and end.word in ("customer", "inactivity"):
            over = end.time
        if over is not None and (first is None or first.time > over):
            self.book.count(over, stay.place, "missed")
        if end is not None and (end.word == "transfer" or stay.passed_on is not None):
            by_agents = [said for said in self.said if said.more["author"] == "agent" and said.leg == stay.name]
            if not any(said.time <= end.time for said in by_agents):
                self.book.count(end.time, stay.place, "reassigned_silent")
