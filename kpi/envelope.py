"""An event as a value: its CloudEvents attributes, the topic it belongs to, and the copies it needs.

`TYPES` in `kpi.events` says which `data` is right for which type; here only the envelope matters.
"""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from kpi.instants import format_time, parse_time

TYPE_PREFIX = "io.floorpulse."
TYPE_SUFFIX = ".v1"
AGENT_TOPIC = "agents.events"
CUSTOMER_TOPIC = "customers.events"

_CALLS = frozenset({"voice", "video", "callback"})
_CASES = frozenset({"email", "ticket"})
_NOUN_TOPICS = {
    "case": "cases.events",
    "agent": AGENT_TOPIC,
    "queue": "floor.events",
    "source": "floor.events",
    "tick": "floor.events",
}
_NAMES_CUSTOMER = frozenset({"contact.queued", "contact.answered", "contact.left_queue", "contact.ended"})


@dataclass(slots=True)
class Event:
    """One event. `time_ms`, `recorded_ms`: milliseconds UTC; `key`: the Kafka key; `data`: as on the wire."""

    id: str
    source: str
    type: str
    subject: str
    time_ms: int
    key: str
    data: dict[str, Any] = field(default_factory=dict)
    recorded_ms: int | None = None

    @property
    def noun_verb(self) -> str:
        """The type without prefix and version, e.g. ``contact.queued``."""
        return self.type.removeprefix(TYPE_PREFIX).removesuffix(TYPE_SUFFIX)

    def to_json(self) -> bytes:
        """CloudEvents JSON in structured mode, UTF-8."""
        return msgspec.json.encode(
            {
                "specversion": "1.0",
                "id": self.id,
                "source": self.source,
                "type": self.type,
                "subject": self.subject,
                "time": format_time(self.time_ms),
                **({} if self.recorded_ms is None else {"recordedtime": format_time(self.recorded_ms)}),
                "partitionkey": self.key,
                "datacontenttype": "application/json",
                "data": self.data,
            }
        )

    @classmethod
    def from_json(cls, raw: bytes | str) -> "Event":
        """Read an envelope leniently; `data` is kept as it is. Raises ValueError when it is no event."""
        try:
            wire = msgspec.json.decode(raw, type=_Wire)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"not a CloudEvents JSON object: {error}") from None
        recorded = None if wire.recordedtime is None else parse_time(wire.recordedtime)
        event = cls(wire.id, wire.source, wire.type, wire.subject or "", parse_time(wire.time), "", wire.data, recorded)
        event.key = wire.partitionkey or _key_of(event)
        return event

    def with_data(self, **changes: Any) -> "Event":
        """The same event with some data fields set anew; the Kafka key follows."""
        changed = replace(self, data={**self.data, **changes})
        changed.key = _key_of(changed)
        return changed


class _Wire(msgspec.Struct):
    id: str
    source: str
    type: str
    time: str
    specversion: str
    subject: str | None = None
    recordedtime: str | None = None
    partitionkey: str | None = None
    data: dict[str, Any] = {}


def event_id(source: str, native_id: str, native_event: str, native_time: str | int, ordinal: int = 0) -> str:
    """The deterministic id of an event, 24 hex digits: the same thing read twice is the same event.

    `ordinal` tells apart events that are otherwise equal, in the source's own order.
    """
    # The separator cannot stand in any part unescaped, so two different tuples never give one text.
    text = "\x1f".join(part.replace("\x1f", "\x1f\x1f") for part in
                       (source, native_id, native_event, str(native_time), str(ordinal)))  # fmt: skip
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def make_event(
    noun_verb: str, *, source: str, id: str, time_ms: int, data: dict[str, Any], recorded_ms: int | None = None
) -> Event:
    """An event of type `noun_verb` (e.g. ``contact.queued``); subject and key follow from `data`."""
    event = Event(id, source, f"{TYPE_PREFIX}{noun_verb}{TYPE_SUFFIX}", "", time_ms, "", data, recorded_ms)
    event.key = _key_of(event)
    event.subject = f"{noun_verb.partition('.')[0]}/{event.key}"
    return event


def _key_of(event: Event) -> str:
    noun = event.noun_verb.partition(".")[0]
    name = {"contact": "contact_id", "case": "case_id", "agent": "agent_id", "queue": "queue_id"}.get(noun)
    found = event.data.get(name) if name else None
    return found if isinstance(found, str) and found else event.source


def base_topic(event: Event) -> str:
    """The topic an event belongs to; for a contact it is fixed by its channel."""
    noun = event.noun_verb.partition(".")[0]
    if noun in _NOUN_TOPICS:
        return _NOUN_TOPICS[noun]
    channel = event.data.get("channel")
    if isinstance(channel, list | dict):  # no event of the contract; a worker refuses it wherever it stands
        return "chats.events"
    if channel in _CASES:
        return "cases.events"
    return "calls.events" if channel in _CALLS or channel is None else "chats.events"


def copies(event: Event) -> list[tuple[str, str]]:
    """The (topic, key) pairs of the copies an event needs: for the agents it names, and for its customer."""
    noun_verb, data = event.noun_verb, event.data
    if not noun_verb.startswith(("contact.", "case.")):
        return []
    agents = {data[name] for name in ("agent_id", "from_agent") if isinstance(data.get(name), str) and data[name]}
    found = [(AGENT_TOPIC, agent) for agent in sorted(agents)]
    customer = data.get("customer_key")
    if noun_verb in _NAMES_CUSTOMER and isinstance(customer, str) and customer:
        found.append((CUSTOMER_TOPIC, customer))
    return found
