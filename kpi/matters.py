"""What is said of a contact as a whole: refused at the door, called back, rated, and what it was about.

A matter's place is the queue it names, else that of its leg, else of the contact's first leg; without any it counts
nowhere.
"""

from collections.abc import Callable

from kpi.facts import (
    BLOCKED,
    CALLBACK_ATTEMPTED,
    CALLBACK_COMPLETED,
    CALLBACK_REQUESTED,
    PANE_MS,
    RATED,
    TEXT_KEPT,
    UPDATED,
    Count,
    Fact,
)
from kpi.leg import Leg

# The words by which sources say that a callback reached the customer; anything else is a failure.
REACHED = frozenset({"reached", "answered", "completed", "connected", "success"})
Place = tuple[str, str]


class Matters:
    """The callback that was promised, the queues that refused, the reasons told. Times in ms."""

    __slots__ = ("blocked", "callback_completed", "callback_due", "callback_place", "reasons")

    def __init__(self) -> None:
        self.callback_place: Place | None = None
        self.callback_due = 0
        self.callback_completed = False
        self.blocked: set[str] = set()
        self.reasons: set[str] = set()

    @property
    def callback_pending(self) -> bool:
        """Promised, and neither reached nor given up."""
        return self.callback_place is not None and not self.callback_completed

    @property
    def callback_promise(self) -> tuple[str, str, int]:
        """Queue, channel and due time (ms) of the promise."""
        queue, channel = self.callback_place or ("", "")
        return queue, channel, self.callback_due


def _place(fact: Fact, leg: Leg | None) -> Place | None:
    queue = fact.queue or (None if leg is None else leg.queue)
    if queue is None:
        return None
    return queue, (fact.channel or "voice") if leg is None else leg.channel


def _count(counts: list[Count], fact: Fact, place: Place | None, field: str) -> None:
    if place is not None:
        counts.append((fact.time - fact.time % PANE_MS, *place, field, 1))


def _blocked(matters: Matters, fact: Fact, leg: Leg | None, counts: list[Count]) -> None:
    """Once per contact and queue: the same refusal told by two sources is one."""
    place = _place(fact, leg)
    if place is not None and place[0] not in matters.blocked:
        matters.blocked.add(place[0])
        _count(counts, fact, place, f"blocked.{fact.what or 'unknown'}")


def _callback_requested(matters: Matters, fact: Fact, leg: Leg | None, counts: list[Count]) -> None:
    """The first promise counts; a later one only moves when it is due."""
    place = _place(fact, leg)
    if matters.callback_place is None:
        if place is None:
            return
        matters.callback_place, matters.callback_due = place, fact.time
        _count(counts, fact, place, "callback_requested")
    if fact.due is not None:
        matters.callback_due = fact.due


def _callback_attempted(matters: Matters, fact: Fact, leg: Leg | None, counts: list[Count]) -> None:
    _count(counts, fact, matters.callback_place or _place(fact, leg), "callback_attempted")


def _callback_completed(matters: Matters, fact: Fact, leg: Leg | None, counts: list[Count]) -> None:
    if matters.callback_completed:
        return
    matters.callback_completed = True
    reached = fact.what is None or fact.what in REACHED
    place = matters.callback_place or _place(fact, leg)
    _count(counts, fact, place, "callback_reached" if reached else "callback_failed")


def _rated(matters: Matters, fact: Fact, leg: Leg | None, counts: list[Count]) -> None:
    more = fact.more or {}
    score = f"{fact.what or 'csat'}/{more.get('scale') or 0:g}/{more.get('score') or 0:g}"
    _count(counts, fact, _place(fact, leg), f"rating.{score}")


def _updated(matters: Matters, fact: Fact, leg: Leg | None, counts: list[Count]) -> None:
    """What the contact was about: its reason, or topic; each once per contact."""
    attrs = (fact.more or {}).get("attrs") or {}
    text = attrs.get("reason") or attrs.get("topic")
    if not isinstance(text, str) or not text:
        return
    text, place = text[:TEXT_KEPT], _place(fact, leg)
    if place is not None and text not in matters.reasons:
        matters.reasons.add(text)
        _count(counts, fact, place, f"reason.{text}")


MATTERS: dict[int, Callable[[Matters, Fact, Leg | None, list[Count]], None]] = {
    BLOCKED: _blocked,
    CALLBACK_REQUESTED: _callback_requested,
    CALLBACK_ATTEMPTED: _callback_attempted,
    CALLBACK_COMPLETED: _callback_completed,
    RATED: _rated,
    UPDATED: _updated,
}
