"""One contact, call or chat: everything that happened, each with its instant and place, and what is true of it now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.brute.chats import Thread, thread_of
from tests.brute.legs import Leg, legs_of, told_agent
from tests.brute.log import Told, instant

GOOD_RESULTS = (None, "reached", "answered", "completed", "connected", "success")
Live = dict[tuple[str, str, str], dict[str, int]]


class Happening(NamedTuple):
    """Something that counts, at its own instant (ms): `value` is what there is to know about it.

    `joined`: when the leg it is part of joined, where the arrival basis counts it there; None: it has no other instant.
    """

    time: int
    queue: str
    channel: str
    what: str
    value: Any = None
    agent: str | None = None
    joined: int | None = None


@dataclass
class Story:
    """What a record says: what happened, and by (set, queue, channel) who is in which live set since when."""

    happened: list[Happening] = field(default_factory=list)
    live: Live = field(default_factory=dict)

    def now(self, kind: str, queue: str, channel: str, member: str, since: int) -> None:
        """Something is true now."""
        self.live.setdefault((kind, queue, channel), {})[member] = since


def contact_story(name: str, events: Iterable[Told]) -> Story:
    """The story of the contact `name` from its accepted events."""
    told = sorted(events)
    legs, story = legs_of(told), Story()
    thread = thread_of(told, legs)
    for leg in legs:
        story.happened += _outbound(leg) if leg.outbound else [*_leg(leg), *_silence(leg, thread)]
        _leg_now(name, leg, story)
    story.happened += [Happening(*one) for one in thread.happened]
    newest = [leg for leg in legs if (leg.waiting or leg.served) and not leg.outbound]
    if thread.turn is not None and newest:
        story.now("unanswered", newest[-1].queue, newest[-1].channel, f"{name}|{newest[-1].id}", thread.turn)
    story.happened += _notes(told, legs)
    _callbacks(name, told, legs, story)
    return story


def _at(leg: Leg, time: int | None, what: str, value: Any = None, agent: str | None = None) -> Happening:
    joined = leg.joined if what in ("leave", "end", "transfer", "refused", "wrapup") else None
    return Happening(time or 0, leg.queue, leg.channel, what, value, agent, joined)


def _leg(leg: Leg) -> Iterator[Happening]:
    yield from _join(leg)
    if leg.outcome is not None:
        agent = leg.agent if leg.outcome == "answered" else None
        yield _at(leg, leg.left, "leave", (leg.outcome, leg.wait), agent)
    if leg.outcome == "answered" and leg.ended is not None:
        gave_up = leg.hold_open and leg.ended_by in (None, "customer")
        yield _at(leg, leg.ended, "end", (leg.talk, leg.hold, leg.ended_by or "unknown", gave_up), leg.served_by)
    if leg.transferred is not None:
        yield _at(leg, leg.transferred, "transfer", leg.kind or "unknown", leg.transferred_by)
    for offer in leg.offers.values():
        if offer.refused:
            yield _at(leg, offer.ended, "refused", None, offer.agent)
    if leg.wrapup is not None:
        ended, length, agent = leg.wrapup
        yield _at(leg, ended, "wrapup", length, agent or leg.agent)


def _join(leg: Leg) -> Iterator[Happening]:
    yield _at(leg, leg.joined, "join")
    if leg.number == 0:
        yield _at(leg, leg.joined, "contact")
        if leg.entry:
            yield _at(leg, leg.joined, "entry", leg.entry[:64])
    if leg.how != "told":
        yield _at(leg, leg.joined, "orphan")
    if leg.reason not in (None, "initial"):
        yield _at(leg, leg.joined, "reason of join", leg.reason)
    if leg.reason == "transfer":
        yield _at(leg, leg.joined, "transfer in", leg.handed_by or "unknown")


def _outbound(leg: Leg) -> Iterator[Happening]:
    place = leg.queue, leg.channel
    yield Happening(leg.joined, *place, "outbound attempt")
    if leg.outcome == "answered" and leg.left is not None:
        yield Happening(leg.left, *place, "outbound answer")
        if leg.ended is not None:
            yield Happening(leg.ended, *place, "outbound end", leg.talk)


def _silence(leg: Leg, thread: Thread) -> Iterator[Happening]:
    """Chats nobody wrote in: missed by everybody, or by the agent who had it and passed it on."""
    if not thread.is_chat(leg):
        return
    over = leg.left if leg.outcome == "abandoned" else None
    if leg.outcome == "answered" and leg.ended_by in ("customer", "inactivity"):
        over = leg.ended
    if over is not None and (thread.first_agent is None or thread.first_agent > over):
        yield Happening(over, leg.queue, leg.channel, "missed")
    passed_on = leg.ended_by == "transfer" or leg.transferred is not None
    if leg.outcome == "answered" and leg.ended is not None and passed_on:
        wrote = [time for time, name in thread.by_agents if name == leg.id and time <= leg.ended]
        if not wrote:
            yield Happening(leg.ended, leg.queue, leg.channel, "silent")


def _leg_now(name: str, leg: Leg, story: Story) -> None:
    member = f"{name}|{leg.id}"
    if leg.outbound:
        if leg.waiting or leg.served:
            story.now("outbound", leg.queue, leg.channel, member, leg.joined)
        return
    if leg.waiting:
        story.now("waiting", leg.queue, leg.channel, member, leg.joined)
        ringing = [offer.since for offer in leg.offers.values() if offer.since is not None and offer.ended is None]
        if ringing:
            story.now("ringing", leg.queue, leg.channel, member, min(ringing))
    elif leg.served:
        story.now("in_service", leg.queue, leg.channel, member, leg.left or 0)


def _place(told: Told, known: list[Leg]) -> tuple[str, str] | None:
    """The queue that a fact of the whole contact counts in, of the legs known by then, and the channel."""
    mine = next((leg for leg in known if leg.id == told.data.get("leg_id")), None)
    first = mine or (known[0] if known else None)
    queue = told.data.get("queue_id") or (first.queue if first else None)
    channel = (mine.channel if mine else None) or told.data.get("channel") or "voice"
    return None if queue is None else (queue, channel)


def _notes(events: list[Told], legs: list[Leg]) -> Iterator[Happening]:
    """Refused at the door, rated, and what it was about."""
    seen: set[tuple[str, str]] = set()
    for number, told in enumerate(events):
        if told.type not in ("contact.blocked", "contact.rated", "contact.updated"):
            continue
        place = _place(told, legs_of(events[:number]))
        if place is None:
            continue
        what, value, once = _note(told, place)
        if what is None or once in seen:
            continue
        if once is not None:
            seen.add(once)
        yield Happening(told.time, *place, what, value)


def _note(told: Told, place: tuple[str, str]) -> tuple[str | None, Any, tuple[str, str] | None]:
    data = told.data
    if told.type == "contact.blocked":
        return "blocked", data.get("reason") or "unknown", ("blocked", place[0])
    if told.type == "contact.rated":
        return "rated", (data.get("kind") or "csat", data.get("scale") or 0, data["score"]), None
    attrs = data.get("attrs") or {}
    text = next((attrs[name] for name in ("reason", "topic") if isinstance(attrs.get(name), str) and attrs[name]), None)
    return ("about", text[:64], ("about", text[:64])) if text else (None, None, None)


def _callbacks(name: str, events: list[Told], legs: list[Leg], story: Story) -> None:
    asked: tuple[str, str] | None = None
    due, done = 0, False
    for number, told in enumerate(events):
        if not told.type.startswith("contact.callback_"):
            continue
        place = asked or _place(told, legs_of(events[:number]))
        word = told.type.removeprefix("contact.callback_")
        gone_by, done = done, done or word == "completed"
        if place is None:
            continue
        if word == "requested":
            if asked is None:
                asked, due = place, told.time
                story.happened.append(Happening(told.time, *place, "callback", "requested"))
            due = instant(told.data["due_at"]) if told.data.get("due_at") else due
        elif word == "attempted":
            story.happened.append(Happening(told.time, *place, "callback", "attempted"))
        elif not gone_by:
            result = "reached" if told.data.get("result") in GOOD_RESULTS else "failed"
            story.happened.append(Happening(told.time, *place, "callback", result))
    if asked is not None and not done:
        story.now("callbacks", *asked, name, due)


__all__ = ["Happening", "Live", "Story", "contact_story", "told_agent"]
