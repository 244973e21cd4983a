"""Stories that make no sense: every type of event at any time, in any order, with any field there or not."""

import random
from collections.abc import Callable
from typing import Any

from kpi.envelope import Event, make_event
from kpi.instants import format_time

SOURCES = ("/acd/one", "/acd/two")
QUEUES = ("support", "sales", "mail")
AGENTS = ("ana", "bo", "chen.li", "dora")
TEAMS = (None, None, "", "day", "night")
CUSTOMERS = ("k1", "k2", "k3", "k4", "k5")
LEAVE = (
    "abandoned", "abandoned", "abandoned", "timeout", "callback_requested", "lost_unknown", "unknown_exit", "overflow"
)  # fmt: skip
ENDED = ("customer", "agent", "system", "transfer", "inactivity", "lost_unknown", None)
RESULTS = ("no_answer", "rejected", "busy", "agent_unavailable", "customer_left", "lost_race", "rescinded", "answered")
JOINS = ("initial", "transfer", "requeue", "overflow", "callback_due", "bot_handoff", "resumed", None)
STATES = ("offline", "idle", "has_capacity", "ringing", "busy", "acw", "break", "break", "error")
Fields = dict[str, Any]


class Wild:
    """Makes events of some hours from `start` (ms); `chance` decides everything."""

    def __init__(self, seed: int, start: int, hours: float = 3.0) -> None:
        self.chance = random.Random(seed)
        self.start, self.length = start, round(hours * 3_600_000)
        self.events: list[Event] = []
        self._legs: dict[str, str] = {}

    def make(self, contacts: int = 60, cases: int = 25, agent_events: int = 250) -> list[Event]:
        """Everything, in the order in which it is delivered: late by up to ten minutes, some later, some twice."""
        for number in range(contacts):
            self._contact(f"c{number}", self.chance.choice(("voice", "chat", "chat", "social", "callback")))
        for number in range(cases):
            self._case(f"case{number}")
        for _ in range(agent_events):
            self._agent()
        sent: list[tuple[int, int, Event]] = []
        for event in self.events:
            for _ in range(1 + (self.chance.random() < 0.1)):
                late = 6_000_000 if self.chance.random() < 0.02 else 600_000
                sent.append((event.time_ms + self.chance.randint(0, late), len(sent), event))
        return [event for _, _, event in sorted(sent)]

    def _emit(self, kind: str, at: int, source: str, data: Fields) -> None:
        told = {name: value for name, value in data.items() if value is not None}
        told["sequence"] = self.chance.randint(0, 3)
        event = make_event(kind, source=source, id=f"e{len(self.events)}", time_ms=at, data=told)
        self.events.append(event)

    def _maybe(self, value: Any, odds: float = 0.5) -> Any:
        return value if self.chance.random() < odds else None

    def _length(self) -> int | None:
        length = self.chance.choice((-2000, 0, 1, 4999, 5000, 20_000, 20_001, 70_000))
        return length if self.chance.random() < 0.4 else None

    def _contact(self, name: str, channel: str) -> None:
        chance = self.chance
        begin = self.start + chance.randrange(self.length)
        span = chance.choice((2_000, 60_000, 600_000))
        always = {"contact_id": name, "channel": channel, "customer_key": self._maybe(chance.choice(CUSTOMERS), 0.8)}
        if chance.random() < 0.15:
            always["direction"] = chance.choice(("outbound", "internal"))
        kinds = [chance.choice(sorted(_CONTACT)) for _ in range(chance.randint(2, 22))]
        for kind in [*kinds, "contact.queued"]:
            at = begin + chance.randrange(span)
            at -= at % chance.choice((1, 1, 1000))
            data = {**always, **_CONTACT[kind](self)}
            leg = f"{name}/{chance.randint(1, 3)}"
            if kind not in _WITHOUT_LEG or chance.random() < 0.7:
                # One leg is in one queue, whoever tells of it.
                data["leg_id"] = leg
                place = self._legs.setdefault(leg, chance.choice(QUEUES))
                data["queue_id"] = place if kind not in _WITHOUT_LEG else self._maybe(place)
            if kind == "contact.blocked":
                data["queue_id"] = chance.choice(QUEUES)
            self._emit(kind, at, chance.choice(SOURCES), data)

    def _case(self, name: str) -> None:
        chance = self.chance
        begin = self.start + chance.randrange(self.length)
        opened = begin
        for _ in range(chance.randint(1, 14)):
            kind = chance.choice(("opened", "assigned", "replied", "replied", "waiting_customer", "reopened",
                                  "resolved", "sla_set"))  # fmt: skip
            at = opened + chance.randrange(4_000_000)
            due = format_time(at + chance.randrange(-60_000, 4_000_000))
            data: Fields = {
                "case_id": name, "channel": "email", "queue_id": "mail" if kind == "opened" else self._maybe("mail"),
                "agent_id": self._maybe(chance.choice(AGENTS)),
                "status": self._maybe(chance.choice(("new", "open", "pending", "on_hold")), 0.2),
                "author": self._maybe(chance.choice(("customer", "agent", "bot", "system"))),
                "due_at": due if kind == "sla_set" else self._maybe(due, 0.6),
                "clock": self._maybe(chance.choice(("first_response", "next_response", "resolution")), 0.8),
            }  # fmt: skip
            self._emit(f"case.{kind}", at, "/desk", data)

    def _agent(self) -> None:
        chance = self.chance
        kind = chance.choice(("logged_in", "logged_out", "state_changed", "state_changed", "membership_changed",
                              "membership_changed", "heartbeat"))  # fmt: skip
        data: Fields = {"agent_id": chance.choice(AGENTS), "reason": self._maybe(chance.choice(("lunch", "rest")))}
        if kind == "state_changed":
            data["state"] = chance.choice(STATES)
            data["queue_id"] = self._maybe(chance.choice(QUEUES), 0.3)
            data["capacity"] = self._maybe([{"channel": "chat", "max": chance.randint(1, 4)}], 0.3)
        elif kind == "membership_changed":
            data |= {"queue_id": chance.choice(QUEUES), "member": self._maybe(chance.random() < 0.8, 0.8)}
            data["paused"] = self._maybe(chance.random() < 0.5)
        at = self.start + chance.randrange(self.length)
        data |= {"team": TEAMS[at % len(TEAMS)], "site": (None, "", "Porto", "Oslo")[at % 4]}
        self._emit(f"agent.{kind}", at, chance.choice(SOURCES), data)


def _agent_id(wild: Wild) -> Fields:
    return {"agent_id": wild._maybe(wild.chance.choice(AGENTS), 0.9)}


def _reported(wild: Wild, *names: str) -> Fields:
    told = {f"{name}_ms": wild._length() for name in names}
    found = {name: value for name, value in told.items() if value is not None}
    return {"reported": found or None}


def _offer(wild: Wild) -> Fields:
    return {**_agent_id(wild), "offer_id": wild._maybe(wild.chance.choice(("o1", "o2")))}


def _message(wild: Wild) -> Fields:
    author = wild.chance.choice(("customer", "customer", "agent", "agent", "bot", "system"))
    told: Fields = _agent_id(wild) if author == "agent" else {}
    return {**told, "author": author, "visibility": wild._maybe(wild.chance.choice(("public", "private")), 0.2)}


def _callback(wild: Wild) -> Fields:
    due = format_time(wild.start + wild.chance.randrange(wild.length))
    return {"due_at": due, "result": wild._maybe(wild.chance.choice(("reached", "failed", "success")))}


def _rated(wild: Wild) -> Fields:
    score, scale = wild.chance.choice(((4.0, 5.0), (3.5, 5.0), (9.0, 10.0), (1.0, 1.0), (4.0, None), (0.0, 5.0)))
    return {"score": score, "scale": scale, "kind": wild._maybe(wild.chance.choice(("csat", "nps", "resolved")))}


def _about(wild: Wild) -> Fields:
    texts = wild.chance.choice(({"topic": "x" * 70}, {"reason": "bill", "topic": "y"}, {"reason": ""}, {"other": 1}))
    return {"attrs": texts}


_WITHOUT_LEG = frozenset(
    f"contact.{verb}"
    for verb in (
        "message", "ended", "wrapup_started", "wrapup_ended", "callback_requested", "callback_attempted",
        "callback_completed", "rated", "updated", "blocked",
    )
)  # fmt: skip
_CONTACT: dict[str, Callable[[Wild], Fields]] = {
    "contact.queued": lambda wild: {
        "reason": wild.chance.choice(JOINS), "entry_point": wild._maybe(wild.chance.choice(("app", "z" * 80)), 0.3)
    },
    "contact.offered": _offer,
    "contact.offer_ended": lambda wild: {**_offer(wild), "result": wild.chance.choice(RESULTS)},
    "contact.answered": lambda wild: {**_offer(wild), **_reported(wild, "wait")},
    "contact.left_queue": lambda wild: {"reason": wild.chance.choice(LEAVE), **_reported(wild, "wait")},
    "contact.held": _agent_id,
    "contact.resumed": _agent_id,
    "contact.transferred": lambda wild: {
        "from_agent": wild._maybe(wild.chance.choice(AGENTS)),
        "kind": wild._maybe(wild.chance.choice(("blind", "consult", "conference"))),
    },
    "contact.ended": lambda wild: {
        **_agent_id(wild), "ended_by": wild.chance.choice(ENDED), **_reported(wild, "talk", "hold", "wait")
    },
    "contact.wrapup_started": _agent_id,
    "contact.wrapup_ended": lambda wild: {**_agent_id(wild), **_reported(wild, "acw")},
    "contact.message": _message,
    "contact.callback_requested": _callback,
    "contact.callback_attempted": _callback,
    "contact.callback_completed": _callback,
    "contact.rated": _rated,
    "contact.updated": _about,
    "contact.blocked": lambda wild: {"reason": wild._maybe(wild.chance.choice(("full", "closed")))},
}  # fmt: skip
