"""Logs of any events at all, sensible or not, of every topic: what chance makes of the contract's types and fields."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from kpi.envelope import Event, make_event
from tests.builders import SOURCE, T0

DAY = 86_400_000
SOURCES = (SOURCE, "/crm/test/two", "/a/first")
CHANNELS = {"a": "voice", "b": "voice", "c": "chat"}
AGENTS, CUSTOMERS, QUEUES = ("ana", "b.o"), ("u1", "u2"), ("q1", "q2")
DUE = tuple(f"2026-11-{20 + day}T{hour:02d}:00:00Z" for day in range(2) for hour in (10, 11, 23))
CONTACT_VERBS = (
    "created", "queued", "queued", "blocked", "offered", "offer_ended", "answered", "answered", "left_queue", "held",
    "resumed", "message", "message", "message", "transferred", "ended", "ended", "wrapup_started", "wrapup_ended",
    "callback_requested", "callback_attempted", "callback_completed", "rated", "updated",
)  # fmt: skip
CHAT_VERBS = ("message", "message", "message", "message", "message", "message", "queued", "ended", "transferred")
# What the types say in a word of their own; None: nothing.
WORDS: dict[str, dict[str, tuple[str | None, ...]]] = {
    "queued": {"reason": (None, "initial", "transfer", "requeue", "bot_handoff")},
    "blocked": {"reason": (None, "full", "closed")},
    "offer_ended": {"result": ("no_answer", "answered", "busy", "customer_left")},
    "left_queue": {
        "reason": ("abandoned", "abandoned", "timeout", "callback_requested", "lost_unknown", "unknown_exit")
    },
    "message": {"author": ("customer", "customer", "agent", "agent", "bot", "system")},
    "transferred": {"kind": (None, "blind", "consult")},
    "ended": {"ended_by": (None, "customer", "agent", "transfer", "inactivity", "lost_unknown")},
    "callback_completed": {"result": (None, "reached", "busy")},
    "rated": {"kind": (None, "csat", "nps")},
}
# What some may say besides.
EXTRAS: dict[str, dict[str, tuple[Any, ...]]] = {
    "transferred": {"from_agent": AGENTS}, "offered": {"offer_id": ("x", "y")}, "offer_ended": {"offer_id": ("x", "y")},
    "message": {"visibility": ("private", "public", None, None)}, "rated": {"scale": (5, 10.0)},
    "callback_requested": {"due_at": DUE}, "callback_completed": {"due_at": DUE},
    "updated": {"attrs": ({"reason": "invoice"}, {"topic": "invoice"}, {"reason": 7, "topic": "x"}, {"reason": ""})},
}  # fmt: skip
WITHOUT_LEG = (
    "ended", "message", "wrapup_started", "wrapup_ended", "callback_requested", "callback_attempted",
    "callback_completed", "rated", "updated", "created", "blocked",
)  # fmt: skip
COPIED = (
    "queued", "offered", "offered", "offer_ended", "answered", "answered", "left_queue", "held", "resumed", "ended",
    "wrapup_started", "wrapup_ended", "message", "transferred",
)  # fmt: skip


class Record(NamedTuple):
    """A record of the log: Kafka's key, and the value."""

    key: bytes
    value: bytes


def _maybe(chance: random.Random, data: dict[str, Any], share: float, **choices: tuple[Any, ...]) -> None:
    """Set some of these fields, each to one of its choices."""
    for name, values in choices.items():
        if chance.random() < share and (value := chance.choice(values)) is not None:
            data[name] = value


def contact_event(
    chance: random.Random, number: int, time: int, verbs: tuple[str, ...] = CONTACT_VERBS, contacts: str = "abc"
) -> Event:
    """Any fact of three contacts of two legs each; the last of them is a chat."""
    verb, contact = chance.choice(verbs), chance.choice(contacts)
    data: dict[str, Any] = {
        "contact_id": contact,
        "channel": CHANNELS[contact],
        "sequence": chance.choice([0, 0, number]),
    }
    if verb not in WITHOUT_LEG or chance.random() < 0.6:
        data["leg_id"] = contact + chance.choice("12")
    if verb not in (*WITHOUT_LEG, "transferred") or verb == "blocked" or chance.random() < 0.6:
        data["queue_id"] = chance.choice(QUEUES)
    _maybe(chance, data, 1.0, **WORDS.get(verb, {}))
    _maybe(chance, data, 0.6, agent_id=AGENTS)
    _maybe(
        chance, data, 0.15, direction=("outbound", "inbound"), entry_point=("400", "web" * 40), customer_key=CUSTOMERS
    )
    if verb == "transferred":
        _maybe(chance, data, 0.6, from_agent=AGENTS)
    if verb in ("offered", "offer_ended"):
        _maybe(chance, data, 0.5, offer_id=("x", "y"))
    if verb == "message":
        _maybe(chance, data, 0.2, visibility=("private", "public"))
    if verb.startswith("callback"):
        _maybe(chance, data, 0.5, due_at=DUE)
    if verb == "rated":
        data["score"] = chance.choice([1, 4.5, 1e6])
        _maybe(chance, data, 0.5, scale=(5, 10.0))
    if verb == "updated":
        told = chance.choice([{"reason": "invoice"}, {"topic": "invoice"}, {"reason": 7, "topic": "x"}, {"reason": ""}])
        _maybe(chance, data, 0.9, attrs=(told,))
    told = [name for name in ("wait_ms", "talk_ms", "hold_ms", "acw_ms") if chance.random() < 0.2]
    data["reported"] = {name: chance.randrange(-2_000, 90_000) for name in told}
    return make_event(f"contact.{verb}", source=chance.choice(SOURCES), id=f"e{number}", time_ms=time, data=data)


def chat_event(chance: random.Random, number: int, time: int) -> Event:
    """Any fact of one chat, mostly, with many messages."""
    return contact_event(chance, number, time, (*CONTACT_VERBS, *CHAT_VERBS), chance.choice(["c", "c", "c", "cab"]))


def case_event(chance: random.Random, number: int, time: int) -> Event:
    """Any fact of two cases."""
    verb = chance.choice(
        ["opened", "assigned", "replied", "replied", "waiting_customer", "resolved", "reopened", "sla_set", "sla_set"]
    )
    data: dict[str, Any] = {
        "case_id": chance.choice("kl"),
        "channel": "email",
        "sequence": chance.choice([0, 0, number]),
    }
    _maybe(chance, data, 1.0 if verb == "opened" else 0.4, queue_id=("mail", "post"))
    _maybe(chance, data, 1.0 if verb == "sla_set" else 0.4, due_at=DUE)
    _maybe(chance, data, 0.5, clock=("first_response", "next_response", "resolution"), agent_id=AGENTS)
    _maybe(chance, data, 0.3, author=("customer", "agent", "bot"))
    _maybe(chance, data, 0.15, status=("new", "open", "pending", "on_hold"))
    return make_event(f"case.{verb}", source=SOURCE, id=f"e{number}", time_ms=time, data=data)


def agent_event(chance: random.Random, number: int, time: int) -> Event:
    """Any fact of two agents in three sources."""
    verb = chance.choice(
        ["logged_in", "logged_out", "state_changed", "state_changed", "membership_changed", "heartbeat"]
    )
    data: dict[str, Any] = {"agent_id": chance.choice(AGENTS), "sequence": chance.choice([0, 0, number])}
    _maybe(chance, data, 1.0 if verb == "membership_changed" else 0.3, queue_id=QUEUES)
    _maybe(chance, data, 0.3, reason=("lunch", 'said "no"'), site=("Berlin", ""), team=("day", "night"))
    _maybe(chance, data, 0.2, attrs=({"team": "red"}, {"other": 1}))
    if verb == "state_changed":
        data["state"] = chance.choice(
            ["offline", "idle", "idle", "has_capacity", "ringing", "busy", "acw", "break", "break", "error"]
        )
        capacity = [
            {"channel": "chat", "max": chance.randrange(4), "used": 1},
            {"channel": "voice", "max": 1},
            {"max": 2},
        ]
        _maybe(chance, data, 0.4, capacity=(capacity, capacity[1:], []))
    if verb == "membership_changed":
        _maybe(chance, data, 0.5, member=(True, False), paused=(True, False))
    return make_event(f"agent.{verb}", source=chance.choice(SOURCES), id=f"e{number}", time_ms=time, data=data)


def agents_topic_event(chance: random.Random, number: int, time: int) -> Event:
    """A native event of an agent, or a copy."""
    make: Any = chance.choice([agent_event, contact_event, contact_event])
    return agent_event(chance, number, time) if make is agent_event else contact_event(chance, number, time, COPIED)


def customers_topic_event(chance: random.Random, number: int, time: int) -> Event:
    """A copy for a customer."""
    event = contact_event(chance, number, time, ("queued", "answered", "left_queue", "left_queue", "ended", "message"))
    # A contact is one customer's: two that lost the same leg would stand in one place.
    key = CUSTOMERS[event.data["contact_id"] == "c"]
    named = {name: value for name, value in event.data.items() if name != "customer_key"}
    return replace(event, data={**named, "customer_key": key} if chance.random() < 0.9 else named)


def floor_event(chance: random.Random, number: int, time: int) -> Event:
    """Any fact of two queues and three sources."""
    verb = chance.choice(
        ["queue.snapshot", "queue.snapshot", "queue.configured", "source.heartbeat", "source.restarted"]
    )
    data: dict[str, Any] = {"sequence": chance.choice([0, 0, number])}
    if verb.startswith("queue."):
        data["queue_id"] = chance.choice(QUEUES)
        _maybe(chance, data, 0.5, channel=("voice", "chat"))
    if verb == "queue.snapshot":
        listed = [
            {"contact_id": chance.choice(["a", "b", "c", "", 7]), "since": chance.choice([*DUE, "soon", 5])}
            for _ in range(chance.randrange(4))
        ]
        _maybe(chance, data, 0.8, waiting=([one if chance.random() < 0.8 else {} for one in listed],))
    return make_event(verb, source=chance.choice(SOURCES), id=f"e{number}", time_ms=time, data=data)


MAKERS: dict[str, Callable[[random.Random, int, int], Event]] = {
    "calls.events": contact_event, "chats.events": chat_event, "cases.events": case_event,
    "agents.events": agents_topic_event, "customers.events": customers_topic_event, "floor.events": floor_event,
}  # fmt: skip


def _key(chance: random.Random, topic: str, event: Event) -> bytes:
    """As a publisher keys the record, mostly."""
    names = {"agents.events": ("agent_id", "from_agent"), "customers.events": ("customer_key",)}.get(topic, ())
    named = [event.data[name] for name in names if name in event.data]
    return (chance.choice(named) if named and chance.random() < 0.9 else event.key).encode()


def _times(chance: random.Random, spread: int) -> Callable[[], int]:
    """Instants within two minutes, three hours, two days or three weeks, to the millisecond or on a coarse grid."""
    grid = chance.choice([1, 1_000, max(spread // 12, 1)])
    return lambda: T0 + chance.randrange(spread) // grid * grid


def made_up_log(chance: random.Random, topic: str, most: int = 30) -> list[Record]:
    """Up to `most` events of one topic, some in order, some twice, some with two bodies, some no events at all."""
    spread = chance.choice([120_000, 120_000, 10_800_000, 2 * DAY, 21 * DAY])
    time = _times(chance, spread)
    events = [MAKERS[topic](chance, number, time()) for number in range(chance.randrange(1, most))]
    if chance.random() < 0.7:
        events.sort(key=lambda each: each.time_ms)
    log = [Record(_key(chance, topic, each), each.to_json()) for each in events]
    for _ in range(chance.randrange(4)):
        log.insert(chance.randrange(len(log) + 1), chance.choice(log))
    if chance.random() < 0.4:
        again = chance.choice(events)
        other = again.with_data(**MAKERS[topic](chance, 0, again.time_ms).data) if chance.random() < 0.3 else again
        changed = other.with_data(sequence=again.data["sequence"] + chance.choice([0, 1]))
        changed.time_ms += chance.choice([0, 0, 1_000, -1_000, 1_200_000])
        log.insert(chance.randrange(len(log) + 1), Record(_key(chance, topic, changed), changed.to_json()))
    for value in _rubbish(chance, topic, time()):
        log.insert(chance.randrange(len(log) + 1), Record(b"k", value))
    return log


def _rubbish(chance: random.Random, topic: str, time: int) -> list[bytes]:
    """Ticks, unknown types, and what is no event."""
    tick = make_event("tick", source="/clock", id=f"tick{time}", time_ms=time, data={})
    unknown = make_event("contact.sung", source="/clock", id="u", time_ms=time, data={})
    wrong = make_event("contact.answered", source="/clock", id="w", time_ms=time, data={"contact_id": 5})
    early = contact_event(chance, 10_000, -1)
    kinds = [tick.to_json(), unknown.to_json(), wrong.to_json(), early.to_json(), b"rubbish"]
    return [chance.choice(kinds) for _ in range(chance.choice([0, 0, 1, 2]))]
