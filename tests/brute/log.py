"""Which events of a log count: a duplicate does not, nor what is too old; told anew with plain dictionaries.

Nothing of the product is used in this folder's programs but in `product.py`: only Python's own library.
"""

import json
from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

# The order that breaks ties between events of one time and sequence, as in docs/contracts.md.
TYPES = [
    *(
        f"contact.{verb}"
        for verb in (
            "created", "queued", "blocked", "offered", "offer_ended", "answered", "left_queue", "held", "resumed",
            "message", "transferred", "ended", "wrapup_started", "wrapup_ended", "callback_requested",
            "callback_attempted", "callback_completed", "rated", "updated",
        )
    ),
    *(
        f"case.{verb}"
        for verb in ("opened", "assigned", "replied", "waiting_customer", "reopened", "resolved", "sla_set")
    ),
    *(f"agent.{verb}" for verb in ("logged_in", "logged_out", "state_changed", "membership_changed", "heartbeat")),
    "queue.configured", "queue.snapshot", "source.heartbeat", "source.restarted", "tick",
]  # fmt: skip
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
LATENESS = 7 * DAY
# How far behind its record's newest an event may be; of a contact only messages are judged so.
BEHIND = {"a": HOUR, "u": HOUR, "f": MINUTE}
MESSAGES_BEHIND = 10 * MINUTE
FOR_AGENTS = {
    f"contact.{verb}"
    for verb in (
        "offered", "offer_ended", "answered", "left_queue", "held", "resumed", "ended", "wrapup_started", "wrapup_ended"
    )
}  # fmt: skip
FOR_CUSTOMERS = {"contact.queued", "contact.answered", "contact.left_queue", "contact.ended"}


class Told(NamedTuple):
    """One event, in the order of facts: time (ms UTC), sequence, rank of its type, id."""

    time: int
    sequence: int
    rank: int
    id: str
    source: str
    type: str
    data: dict[str, Any]


def instant(text: str) -> int:
    """Milliseconds UTC of an RFC 3339 time."""
    moment = datetime.fromisoformat(text)
    return round(moment.timestamp() * 1000)


def read(raw: bytes) -> Told:
    """An event from its JSON."""
    wire = json.loads(raw)
    kind = wire["type"].removeprefix("io.floorpulse.").removesuffix(".v1")
    data = wire.get("data") or {}
    return Told(
        instant(wire["time"]), data.get("sequence", 0), TYPES.index(kind), wire["id"], wire["source"], kind, data
    )


class Log:
    """One partition's log, as far as it was read: per record its accepted events, by id."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Told]] = {}
        self.ledger: Counter[str] = Counter()
        self._newest: dict[str, int] = {}
        self._watermark = 0

    def take(self, topic: str, key: str, raw: bytes) -> str | None:
        """Read one more record of the log; the name of the story it changed, or None."""
        told = read(raw)
        if told.type == "tick":
            self.ledger["ticks"] += 1
            self._watermark = max(self._watermark, told.time)
            return None
        copy = topic in ("agents.events", "customers.events") and told.type.startswith(("contact.", "case."))
        late = told.time < self._watermark - LATENESS
        if copy:
            self.ledger["copies"] += 1
            name = None if late else self._copied(topic, key, told)
        elif late:
            self.ledger["late_dropped"] += 1
            return None
        else:
            name = self._named(told)
        changed = name is not None and self._add(name, told, copy)
        self._watermark = max(self._watermark, 0 if late else told.time)
        return name if changed else None

    @staticmethod
    def _copied(topic: str, key: str, told: Told) -> str | None:
        if topic == "agents.events":
            return f"a:{key}" if told.type in FOR_AGENTS else None
        return f"u:{key}" if told.type in FOR_CUSTOMERS else None

    @staticmethod
    def _named(told: Told) -> str:
        noun = told.type.partition(".")[0]
        if noun == "contact":
            return f"c:{told.data['contact_id']}"
        if noun == "case":
            return f"k:{told.data['case_id']}"
        if noun == "agent":
            return f"a:{told.data['agent_id']}"
        return f"f:queue/{told.data['queue_id']}" if noun == "queue" else f"f:source{told.source}"

    def _add(self, name: str, told: Told, copy: bool) -> bool:
        word = self._verdict(name, told)
        if not copy:
            self.ledger[word] += 1
        if word == "applied":
            self.records.setdefault(name, {})[told.id] = told
            self._newest[name] = max(self._newest.get(name, 0), told.time)
        return word == "applied"

    def _verdict(self, name: str, told: Told) -> str:
        behind = BEHIND.get(name[0])
        if name[0] == "c" and told.type == "contact.message":
            behind = MESSAGES_BEHIND
        if behind is not None and told.time < self._newest.get(name, 0) - behind:
            return "late_dropped"
        return "duplicate" if told.id in self.records.get(name, {}) else "applied"
