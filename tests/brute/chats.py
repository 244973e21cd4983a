"""The messages of one chat: turns, the first response, who wrote when. Bots, systems and private notes never count."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.brute.legs import Leg, told_agent
from tests.brute.log import Told

CHATS = ("chat", "message", "social")


@dataclass
class Thread:
    """What the messages say. Times in ms; `by_agents`: (time, leg named) of each message of an agent."""

    happened: list[tuple[int, str, str, str, Any, str | None]] = field(default_factory=list)
    turn: int | None = None
    first_agent: int | None = None
    by_agents: list[tuple[int, str | None]] = field(default_factory=list)

    @staticmethod
    def is_chat(leg: Leg) -> bool:
        return leg.channel in CHATS


@dataclass
class _Message:
    told: Told
    author: str
    place: str | None
    channel: str


def thread_of(events: Sequence[Told], legs: Sequence[Leg]) -> Thread:
    """The thread of a contact, from its events in order."""
    thread, messages = Thread(), _messages(events)
    customers = [message for message in messages if message.author == "customer"]
    agents = [message for message in messages if message.author == "agent"]
    thread.by_agents = [(message.told.time, message.told.data.get("leg_id")) for message in agents]
    thread.first_agent = agents[0].told.time if agents else None
    if agents:
        _first_response(thread, agents[0], customers, legs)
    for message in messages:
        if message.author == "customer":
            thread.turn = message.told.time if thread.turn is None else thread.turn
        elif thread.turn is not None:
            _note(thread, "response", message, message.told.time - thread.turn)
            thread.turn = None
    return thread


def _messages(events: Sequence[Told]) -> list[_Message]:
    """The messages that count; one that names no queue is of the queue of the one before."""
    found: list[_Message] = []
    place: str | None = None
    for told in events:
        data = told.data
        if told.type != "contact.message" or data["channel"] not in CHATS or data.get("visibility") == "private":
            continue
        if data["author"] in ("customer", "agent"):
            place = data.get("queue_id") or place
            found.append(_Message(told, data["author"], place, data["channel"]))
    return found


def _note(thread: Thread, what: str, message: _Message, length: int) -> None:
    if message.place is not None:
        agent = told_agent(message.told.data)
        thread.happened.append((message.told.time, message.place, message.channel, what, max(length, 0), agent))


def _first_response(thread: Thread, first: _Message, customers: Sequence[_Message], legs: Sequence[Leg]) -> None:
    if legs and legs[0].outbound:
        return
    time = first.told.time
    handed = [leg.joined for leg in legs if leg.reason == "bot_handoff" and leg.joined <= time]
    asked = [message.told.time for message in customers if message.told < first.told]
    if handed:
        _note(thread, "first response", first, time - max(handed))
        _note(thread, "handoff", first, time - max(handed))
    elif asked:
        _note(thread, "first response", first, time - min(asked))
