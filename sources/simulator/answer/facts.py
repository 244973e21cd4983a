"""Deliveries as they stood on the wire -> facts, once each, by what they are about and in their order."""

import json
from collections import defaultdict
from datetime import datetime
from sys import intern
from typing import Any

# The order of types decides between facts of one time and sequence (docs/contracts.md, "Types").
TYPES = (
    "contact.created", "contact.queued", "contact.blocked", "contact.offered", "contact.offer_ended",
    "contact.answered", "contact.left_queue", "contact.held", "contact.resumed", "contact.message",
    "contact.transferred", "contact.ended", "contact.wrapup_started", "contact.wrapup_ended",
    "contact.callback_requested", "contact.callback_attempted", "contact.callback_completed", "contact.rated",
    "contact.updated", "case.opened", "case.assigned", "case.replied", "case.waiting_customer", "case.reopened",
    "case.resolved", "case.sla_set", "agent.logged_in", "agent.logged_out", "agent.state_changed",
    "agent.membership_changed", "agent.heartbeat", "queue.configured", "queue.snapshot", "source.heartbeat",
    "source.restarted",
)  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(TYPES)}
_COUNTS_NOTHING = frozenset({"contact.created", "agent.heartbeat"})
# Those of a contact that change what its agent does, and those that tell of its customer.
_ENGAGES = frozenset(
    f"contact.{verb}"
    for verb in (
        "offered", "offer_ended", "answered", "left_queue", "held", "resumed", "ended", "wrapup_started",
        "wrapup_ended",
    )
)  # fmt: skip
_TELLS_CUSTOMER = frozenset({"contact.queued", "contact.answered", "contact.left_queue", "contact.ended"})
_SHOWN = ("direction", "entry_point", "from_agent", "reported", "offer_id", "kind", "score", "scale", "attrs", "clock",
          "due_at", "status", "author", "visibility", "member", "paused", "capacity", "team", "state", "customer_key",
          "attempt")  # fmt: skip


class Fact:
    """One fact. Times in ms UTC; `word` is its reason, result or who ended it; `more` what else it says."""

    __slots__ = (
        "agent",
        "channel",
        "contact",
        "id",
        "leg",
        "more",
        "queue",
        "sequence",
        "source",
        "time",
        "verb",
        "word",
    )

    def __init__(self, wire: dict[str, Any], time: int, verb: str) -> None:
        data = wire["data"]
        self.time, self.verb, self.id, self.source = time, intern(verb), wire["id"], intern(wire["source"])
        self.sequence: int = data.get("sequence", 0)
        self.contact: str = intern(data.get("contact_id") or data.get("case_id") or "")
        self.leg: str | None = _kept(data.get("leg_id"))
        self.queue: str | None = _kept(data.get("queue_id"))
        self.channel: str = intern(data.get("channel") or "voice")
        self.agent: str | None = _kept(data.get("agent_id"))
        self.word: str | None = _kept(data.get("reason") or data.get("result") or data.get("ended_by"))
        self.more: dict[str, Any] = {
            name: _kept(data[name]) for name in _SHOWN if data.get(name) is not None
        }  # fmt: skip

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The total order of facts."""
        return self.time, self.sequence, _RANK[f"{self.verb}"], self.id

    def reported(self, name: str) -> int | None:
        """A duration in ms that the source measured; never negative."""
        found = self.more.get("reported", {}).get(name)
        return None if found is None else max(found, 0)


def _kept(value: Any) -> Any:
    return intern(value) if isinstance(value, str) else value


def milliseconds(text: str) -> int:
    """An RFC 3339 time in ms UTC."""
    at = datetime.fromisoformat(text)
    return int(at.replace(microsecond=0).timestamp()) * 1000 + at.microsecond // 1000


class Deliveries:
    """What was sent: how much of it, over which time, and the facts by contact, case, agent and customer."""

    def __init__(self) -> None:
        self.sent = self.repeated = 0
        self.first_ms: int | None = None
        self.last_ms = 0
        self.contacts: dict[str, list[Fact]] = defaultdict(list)
        self.cases: dict[str, list[Fact]] = defaultdict(list)
        self.agents: dict[str, list[Fact]] = defaultdict(list)
        self.customers: dict[str, list[Fact]] = defaultdict(list)
        self._ids: set[str] = set()

    def take(self, line: bytes) -> None:
        """The next delivery; what comes again changes nothing."""
        wire = json.loads(line)
        time = milliseconds(wire["time"])
        self.sent += 1
        self.first_ms = time if self.first_ms is None else min(self.first_ms, time)
        self.last_ms = max(self.last_ms, time)
        # Ids name events within a topic; the types of one id are the same here, so the id alone will do.
        if wire["id"] in self._ids:
            self.repeated += 1
            return
        self._ids.add(wire["id"])
        verb = wire["type"].removeprefix("io.floorpulse.").removesuffix(".v1")
        if verb not in _COUNTS_NOTHING:
            self._file(Fact(wire, time, verb), verb)

    def _file(self, fact: Fact, verb: str) -> None:
        if verb.startswith("contact."):
            self.contacts[fact.contact].append(fact)
            if fact.agent is not None and verb in _ENGAGES:
                self.agents[fact.agent].append(fact)
            if verb in _TELLS_CUSTOMER and fact.more.get("customer_key"):
                self.customers[fact.more["customer_key"]].append(fact)
        elif verb.startswith("case."):
            self.cases[fact.contact].append(fact)
        elif verb.startswith("agent.") and fact.agent is not None:
            self.agents[fact.agent].append(fact)


def in_order(facts: list[Fact]) -> list[Fact]:
    """Facts as they are told."""
    return sorted(facts, key=lambda fact: fact.order)
