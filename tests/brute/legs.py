"""The legs of one contact, told from its events in order: who joined which queue when, and how each stay went on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.brute.log import Told

REFUSED = {"no_answer", "rejected", "busy", "agent_unavailable"}
KNOWS_LESS = ["lost_unknown", "unknown_exit"]
LEG_EVENTS = {
    f"contact.{verb}"
    for verb in (
        "queued", "offered", "offer_ended", "answered", "left_queue", "held", "resumed", "transferred", "ended"
    )
}  # fmt: skip


@dataclass
class Offer:
    """One offer: since when it rings, when it ended, whether the agent did not take it."""

    agent: str | None = None
    since: int | None = None
    ended: int | None = None
    refused: bool = False


@dataclass
class Leg:
    """One stay in one queue. All times and lengths in ms; None: never, or not known. `how`: how the join is known."""

    id: str
    queue: str
    channel: str
    joined: int
    how: str
    number: int
    outbound: bool = False
    reason: str | None = None
    entry: str | None = None
    handed_by: str | None = None
    outcome: str | None = None
    left: int | None = None
    wait: int | None = None
    agent: str | None = None
    offers: dict[str, Offer] = field(default_factory=dict)
    held: int = 0
    held_since: int | None = None
    ever_held: bool = False
    transferred: int | None = None
    transferred_by: str | None = None
    kind: str | None = None
    ended: int | None = None
    ended_by: str | None = None
    served_by: str | None = None
    talk_told: int | None = None
    hold: int | None = None
    hold_open: bool = False
    no_talk: bool = False
    wrapup_since: int | None = None
    wrapup: tuple[int, int, str | None] | None = None

    @property
    def waiting(self) -> bool:
        return self.outcome is None

    @property
    def served(self) -> bool:
        """In service now."""
        return self.outcome == "answered" and self.ended is None

    @property
    def talk(self) -> int | None:
        """From the answer to the end, holds included."""
        if self.ended is None or self.left is None or self.no_talk or self.ended_by == "lost_unknown":
            return None
        return max(self.ended - self.left if self.talk_told is None else self.talk_told, 0)


def told_agent(data: dict[str, Any]) -> str | None:
    """The agent an event speaks of: of a transfer, who handed on."""
    return data.get("from_agent") or data.get("agent_id")


def reported(data: dict[str, Any], name: str) -> int | None:
    """A length that the source measured itself; None when it tells none."""
    length: int | None = (data.get("reported") or {}).get(f"{name}_ms")
    return length


def legs_of(events: Iterable[Told]) -> list[Leg]:
    """All legs of a contact, in the order they joined."""
    legs: dict[str, Leg] = {}
    for told in events:
        name = told.data.get("leg_id")
        if told.type.startswith("contact.wrapup"):
            _wrapup(legs, told)
        elif told.type == "contact.ended" and name is None:
            _whole_contact_ends(legs, told)
        elif told.type in LEG_EVENTS and name is not None:
            if name not in legs:
                _join(legs, name, told)
            if name in legs:
                _TELL[told.type](legs[name], told)
    return list(legs.values())


def _join(legs: dict[str, Leg], name: str, told: Told) -> None:
    queue = told.data.get("queue_id")
    if queue is None:
        return
    joined, how = told.time, "told" if told.type == "contact.queued" else "guessed"
    talk, wait = reported(told.data, "talk"), reported(told.data, "wait")
    if told.type == "contact.ended" and talk is not None:
        joined -= max(talk, 0)
    knows_wait = told.type in ("contact.answered", "contact.left_queue") or (
        told.type == "contact.ended" and talk is not None
    )
    if knows_wait and wait is not None:
        joined, how = joined - max(wait, 0), "reckoned"
    for other in legs.values():
        if other.waiting:
            _leave(other, max(joined, other.joined), "unknown_exit")
    leg = Leg(name, queue, told.data.get("channel") or "voice", joined, how, len(legs))
    leg.outbound = told.data.get("direction") == "outbound"
    leg.entry = told.data.get("entry_point")
    if told.type == "contact.queued":
        leg.reason = told.data.get("reason")
    before = [other for other in legs.values() if other.transferred is not None]
    if before:
        leg.handed_by = max(before, key=lambda other: (other.transferred or 0, other.number)).kind
    legs[name] = leg


def _leave(leg: Leg, time: int, outcome: str, agent: str | None = None, wait: int | None = None) -> None:
    """The leg leaves the queue; an end that knows less than the one known changes nothing."""
    rank = [*KNOWS_LESS, "else"]
    new, old = (rank.index(word) if word in rank else 2 for word in (outcome, leg.outcome or ""))
    if leg.outcome is not None and new < old:
        return
    if leg.how == "guessed":
        leg.joined = min(leg.joined, time)
    if wait is not None and leg.how != "told":
        leg.joined, leg.how = time - max(wait, 0), "reckoned"
    leg.outcome, leg.left, leg.agent, leg.no_talk = outcome, time, agent, False
    if wait is not None:
        leg.wait = max(wait, 0)
    else:
        leg.wait = None if leg.how == "guessed" else max(time - leg.joined, 0)


def _queued(leg: Leg, told: Told) -> None:
    """The leg has joined."""


def _offer(leg: Leg, told: Told) -> Offer:
    name = told.data.get("offer_id") or f"to {told_agent(told.data)}"
    return leg.offers.setdefault(name, Offer())


def _offered(leg: Leg, told: Told) -> None:
    offer = _offer(leg, told)
    if offer.since is None:
        offer.since = told.time


def _offer_ended(leg: Leg, told: Told) -> None:
    offer = _offer(leg, told)
    offer.ended, offer.refused = told.time, told.data["result"] in REFUSED
    offer.agent = told_agent(told.data) or offer.agent


def _answered(leg: Leg, told: Told) -> None:
    _leave(leg, told.time, "answered", told_agent(told.data), reported(told.data, "wait"))


def _left_queue(leg: Leg, told: Told) -> None:
    _leave(leg, told.time, told.data["reason"], None, reported(told.data, "wait"))


def _held(leg: Leg, told: Told) -> None:
    leg.ever_held = True
    if leg.held_since is None:
        leg.held_since = told.time


def _resumed(leg: Leg, told: Told) -> None:
    if leg.held_since is not None:
        leg.held, leg.held_since = leg.held + told.time - leg.held_since, None


def _transferred(leg: Leg, told: Told) -> None:
    if leg.transferred is None:
        leg.transferred, leg.transferred_by = told.time, told_agent(told.data)
        leg.kind = told.data.get("kind")


def _ended(leg: Leg, told: Told) -> None:
    lost, talk = told.data.get("ended_by") == "lost_unknown", reported(told.data, "talk")
    if leg.outcome is None or (leg.outcome in KNOWS_LESS and not lost):
        _answered_after_all(leg, told, talk)
    if leg.ended is not None and lost and leg.ended_by != "lost_unknown":
        return
    leg.ended, leg.ended_by = told.time, told.data.get("ended_by")
    leg.served_by = leg.agent or told_agent(told.data)
    leg.hold_open = leg.held_since is not None
    length = reported(told.data, "hold")
    held = leg.held + (told.time - leg.held_since if leg.held_since is not None else 0)
    leg.hold = max(held if length is None else length, 0) if (leg.ever_held or length) and not lost else None
    leg.talk_told = talk


def _answered_after_all(leg: Leg, told: Told, talk: int | None) -> None:
    """Nobody told the answer, but the conversation ended: it began a reported talk before, or nobody knows when."""
    agent = told_agent(told.data)
    if talk is not None:
        answered = told.time - max(talk, 0)
        answered = answered if leg.how == "guessed" else max(answered, leg.joined)
        _leave(leg, answered, "answered", agent, reported(told.data, "wait"))
        return
    how, leg.how = leg.how, "guessed"
    _leave(leg, told.time, "answered", agent)
    leg.how, leg.no_talk = how, True


def _whole_contact_ends(legs: dict[str, Leg], told: Told) -> None:
    for leg in legs.values():
        if leg.waiting:
            _leave(leg, max(told.time, leg.joined), "unknown_exit")
        elif leg.served:
            _ended(leg, told)


def _wrapup(legs: dict[str, Leg], told: Told) -> None:
    answered = [leg for leg in legs.values() if leg.outcome == "answered"]
    name = told.data.get("leg_id")
    leg = legs.get(name) if name is not None else (answered[-1] if answered else None)
    if leg is None:
        return
    if told.type == "contact.wrapup_started":
        leg.wrapup_since = told.time
        return
    length = reported(told.data, "acw")
    if length is None and leg.wrapup_since is not None:
        length = told.time - leg.wrapup_since
    leg.wrapup = None if length is None else (told.time, max(length, 0), told_agent(told.data))


_TELL = {
    "contact.queued": _queued, "contact.offered": _offered, "contact.offer_ended": _offer_ended,
    "contact.answered": _answered, "contact.left_queue": _left_queue, "contact.held": _held,
    "contact.resumed": _resumed, "contact.transferred": _transferred, "contact.ended": _ended,
}  # fmt: skip
