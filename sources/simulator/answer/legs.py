"""The story of one contact: its stays in queues, told from its facts in order."""

from typing import Any

from sources.simulator.answer.bins import Place
from sources.simulator.answer.facts import Fact

CHATS = frozenset({"chat", "message", "social"})
_WEIGHT = {"lost_unknown": 0, "unknown_exit": 1}
TELLING = frozenset(
    f"contact.{verb}"
    for verb in (
        "queued", "offered", "offer_ended", "answered", "left_queue", "held", "resumed", "transferred", "ended",
    )
)  # fmt: skip


class Stay:
    """One stay in one queue. `sure`: how the join is known, queued, reported or guessed."""

    def __init__(self, name: str, fact: Fact) -> None:
        self.name = name
        self.place: Place = (fact.queue or "", fact.channel)
        self.joined, self.sure = fact.time, "guessed"
        self.outbound = fact.more.get("direction") == "outbound"
        self.entry: str | None = fact.more.get("entry_point")
        self.reason: str | None = None
        self.moved_by: str | None = None
        self.exit: str | None = None
        self.left = 0
        self.wait: int | None = None
        self.agent: str | None = None
        self.offers: dict[str, dict[str, Any]] = {}
        self.held_ms, self.hold_since, self.was_held = 0, None, False
        self.passed_on: Fact | None = None
        self.end: Fact | None = None
        self.end_hold: int | None = None
        self.hung_up_on_hold = False
        self.no_talk = False
        self.wrap_since: int | None = None
        self.wrap: tuple[int, int, str | None] | None = None

    hold_since: int | None

    @property
    def waits(self) -> bool:
        """In the queue still."""
        return self.exit is None

    @property
    def served(self) -> bool:
        """With an agent still."""
        return self.exit == "answered" and self.end is None

    @property
    def talk(self) -> int | None:
        """How long they talked, if it is over and known."""
        if self.exit != "answered" or self.end is None or self.no_talk or self.end.word == "lost_unknown":
            return None
        told = self.end.reported("talk_ms")
        return max(self.end.time - self.left, 0) if told is None else told

    def leave(self, time: int, how: str, agent: str | None, told_wait: int | None) -> None:
        """It left the queue this way; of two tales the one that knows more stands, of equals the later."""
        if self.exit is not None and _WEIGHT.get(how, 2) < _WEIGHT.get(self.exit, 2):
            return
        if self.sure == "guessed":
            self.joined = min(self.joined, time)
        if told_wait is not None and self.sure != "queued":
            self.joined, self.sure = time - told_wait, "reported"
        if told_wait is None and self.sure != "guessed":
            told_wait = max(time - self.joined, 0)
        self.exit, self.left, self.agent, self.wait, self.no_talk = how, time, agent, told_wait, False


class Stays:
    """All stays of one contact so far."""

    def __init__(self) -> None:
        self.by_name: dict[str, Stay] = {}

    def tell(self, fact: Fact) -> None:
        """The next fact that may change a stay."""
        if fact.leg is None:
            if fact.verb == "contact.ended":
                self._all_end(fact)
            return
        stay = self.by_name.get(fact.leg)
        if stay is None:
            if fact.queue is None:
                return
            stay = self._joins(fact.leg, fact)
        getattr(self, "_" + fact.verb.partition(".")[2])(stay, fact)

    def of(self, fact: Fact) -> Stay | None:
        """The stay a fact names, else the last that was answered."""
        if fact.leg is not None:
            return self.by_name.get(fact.leg)
        return next((stay for stay in reversed(self.by_name.values()) if stay.exit == "answered"), None)

    def place(self, fact: Fact) -> Place | None:
        """Where something happened that is not about a stay."""
        stay = self.by_name.get(fact.leg or "") or next(iter(self.by_name.values()), None)
        queue = fact.queue or (stay.place[0] if stay else None)
        return None if queue is None else (queue, stay.place[1] if stay else fact.channel)

    def wrapped(self, fact: Fact) -> None:
        """After-contact work began or ended."""
        stay = self.of(fact)
        if stay is None:
            return
        if fact.verb == "contact.wrapup_started":
            stay.wrap_since = fact.time
            return
        length = fact.reported("acw_ms")
        if length is None and stay.wrap_since is not None:
            length = max(fact.time - stay.wrap_since, 0)
        if length is not None:
            stay.wrap = (fact.time, length, fact.agent)

    def _joins(self, name: str, fact: Fact) -> Stay:
        stay = Stay(name, fact)
        wait, talk = fact.reported("wait_ms"), fact.reported("talk_ms")
        ended = fact.verb == "contact.ended"
        if fact.verb == "contact.queued":
            stay.sure, stay.reason = "queued", fact.word
            if fact.word == "transfer":
                moved = [other.passed_on for other in self.by_name.values() if other.passed_on is not None]
                stay.moved_by = moved[-1].more.get("kind", "unknown") if moved else "unknown"
        elif ended and talk is not None:
            stay.joined -= talk
        if wait is not None and (
            fact.verb in ("contact.answered", "contact.left_queue") or (ended and talk is not None)
        ):
            stay.joined, stay.sure = stay.joined - wait, "reported"
        for other in self.by_name.values():
            if other.waits:
                other.leave(max(stay.joined, other.joined), "unknown_exit", None, None)
        self.by_name[name] = stay
        return stay

    def _all_end(self, fact: Fact) -> None:
        for stay in self.by_name.values():
            if stay.waits:
                stay.leave(max(fact.time, stay.joined), "unknown_exit", None, None)
            elif stay.served:
                self._ended(stay, fact)

    def _queued(self, stay: Stay, fact: Fact) -> None:
        """It opened the stay, or says what is known."""

    def _offered(self, stay: Stay, fact: Fact) -> None:
        stay.offers.setdefault(fact.more.get("offer_id") or f"by {fact.agent}", {})

    def _offer_ended(self, stay: Stay, fact: Fact) -> None:
        offer = stay.offers.setdefault(fact.more.get("offer_id") or f"by {fact.agent}", {})
        offer.update(time=fact.time, result=fact.word, agent=fact.agent or offer.get("agent"))

    def _answered(self, stay: Stay, fact: Fact) -> None:
        stay.leave(fact.time, "answered", fact.agent, fact.reported("wait_ms"))

    def _left_queue(self, stay: Stay, fact: Fact) -> None:
        stay.leave(fact.time, fact.word or "unknown_exit", None, fact.reported("wait_ms"))

    def _held(self, stay: Stay, fact: Fact) -> None:
        stay.was_held = True
        stay.hold_since = fact.time if stay.hold_since is None else stay.hold_since

    def _resumed(self, stay: Stay, fact: Fact) -> None:
        if stay.hold_since is not None:
            stay.held_ms, stay.hold_since = stay.held_ms + fact.time - stay.hold_since, None

    def _transferred(self, stay: Stay, fact: Fact) -> None:
        stay.passed_on = stay.passed_on or fact

    def _ended(self, stay: Stay, fact: Fact) -> None:
        lost = fact.word == "lost_unknown"
        if stay.exit is None or (stay.exit in _WEIGHT and not lost):
            self._was_answered(stay, fact)
        if stay.end is not None and lost and stay.end.word != "lost_unknown":
            return
        stay.end = fact
        told = fact.reported("hold_ms")
        held = stay.held_ms + (fact.time - stay.hold_since if stay.hold_since is not None else 0)
        stay.end_hold = None if lost or not (stay.was_held or told) else (held if told is None else told)
        stay.hung_up_on_hold = stay.hold_since is not None and fact.word in ("customer", None)

    def _was_answered(self, stay: Stay, fact: Fact) -> None:
        talk = fact.reported("talk_ms")
        if talk is None:
            stay.leave(fact.time, "answered", fact.agent, None)
            stay.wait, stay.no_talk = None, True
            return
        at = fact.time - talk
        stay.leave(at if stay.sure == "guessed" else max(at, stay.joined), "answered", fact.agent,
                   fact.reported("wait_ms"))  # fmt: skip
