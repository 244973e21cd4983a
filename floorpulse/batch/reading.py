"""Bytes of the log to events: what the contract allows, and which of two bodies of one id stands.

1. A record is refused (`dead_lettered`) when it is not UTF-8 JSON, breaks a model of `kpi.events`, has a known type in
   another version, a time before `earliest`, or (live only) more than 60 s after the earlier of `recordedtime` and
   Kafka's timestamp. A type nobody knows is `applied`, changes nothing, and moves the watermark.
2. In the agents' and customers' topics a contact's or case's event of any type not in `COPIED` is read no further than
   its envelope.
3. A body is what the contract knows of it: unknown fields, `subject`, `partitionkey` and `recordedtime` make no other
   body; nor does a contact's or case's `source`, `message_id`, or direction inbound, which is what no direction means.
   Of types with lists of any length (`_LISTS`) any other byte of `data` does. Of a copy it is what is used where it was
   copied to. The smaller body wins (`_body`). A loser that comes again is a conflict again.
4. Of an agent's capacity the last `max` per channel is kept, of whom a snapshot lists contact ids with since when.
"""

import json
from typing import Any, NamedTuple
from zlib import crc32

import msgspec
from pydantic import ValidationError

from floorpulse.batch.telling import Event
from kpi.events import RANKS, TYPES, Envelope, parse_time
from kpi.keys import live_member

COPIED = {
    "agents.events": (
        "contact.offered", "contact.offer_ended", "contact.answered", "contact.left_queue", "contact.held",
        "contact.resumed", "contact.ended", "contact.wrapup_started", "contact.wrapup_ended",
    ),
    "customers.events": ("contact.queued", "contact.answered", "contact.left_queue", "contact.ended"),
}  # fmt: skip


class Limits(NamedTuple):
    """What a deployment decides, in ms: the earliest plausible time, the lateness, and whether old panes go."""

    earliest: int
    lateness: int
    live: bool
    expires: bool


class Refused(Exception):  # noqa: N818 - a verdict about one record
    """The record belongs into the dead-letter topic."""


def read_event(value: bytes | None, kafka_ms: int, limits: Limits, topic: str = "") -> Event:
    """The event in the bytes of a record of base topic `topic`; Refused when the contract does not allow it."""
    envelope, time = _read_envelope(value, kafka_ms, limits)
    name, data = envelope.type.removeprefix("io.floorpulse."), envelope.data
    noun_verb, _, version = name.rpartition(".v")
    known = name != envelope.type and noun_verb in TYPES
    is_copy = topic in COPIED and envelope.type.startswith(("io.floorpulse.contact.", "io.floorpulse.case."))
    if is_copy and (noun_verb not in COPIED[topic] or version != "1"):
        return Event(time, envelope.id, envelope.source, None, {}, is_copy)
    if known and version != "1":
        raise Refused
    if not known or noun_verb == "tick":
        if data is not None and not isinstance(data, dict):
            raise Refused
        return Event(time, envelope.id, envelope.source, noun_verb if known else None, {})
    try:
        fields = TYPES[noun_verb].model_validate(data).model_dump(exclude_none=True)
    except ValidationError as error:
        raise Refused from error
    for lists, kept in (("capacity", _room), ("waiting", _listed)):
        if lists in fields:
            fields[lists] = kept(fields[lists])
    event = Event(time, envelope.id, envelope.source, noun_verb, fields, is_copy)
    return event._replace(body=_body(event, topic, value or b""))


def _read_envelope(value: bytes | None, kafka_ms: int, limits: Limits) -> tuple[Any, int]:
    """(the envelope, whose `data` may be anything, its time in ms)."""
    try:
        wire = json.loads((value or b"").decode("utf-8"), parse_constant=_no_constant)
        # Half a surrogate pair is JSON for Python, and text for nobody.
        json.dumps(wire, ensure_ascii=False).encode("utf-8")
        data = wire.pop("data", None)
        envelope = Envelope.model_validate(wire).model_copy(update={"data": data})
        time = parse_time(envelope.time)
        recorded = kafka_ms if envelope.recordedtime is None else min(kafka_ms, parse_time(envelope.recordedtime))
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise Refused from error
    if time < limits.earliest or (limits.live and time > recorded + 60_000):
        raise Refused
    return envelope, time


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_WORDS = ("state", "reason", "result", "ended_by", "kind", "clock", "author", "initiation")
_LISTS = ("waiting", "agents", "capacity")
_IDS = {"contact": "contact_id", "case": "case_id", "agent": "agent_id", "queue": "queue_id"}


def _body(event: Event, topic: str, value: bytes) -> bytes:
    """One line of bytes for one body: time, order, type, names, the type's own word, durations, due, then the rest."""
    data, name = dict(event.fields), event.noun_verb or ""
    noun = name.partition(".")[0]
    word = next((word for word in _WORDS if word in TYPES[name].model_fields), "")
    whom = data.pop("from_agent", None) or data.get("agent_id")
    told = {which: data.get(which) for which in ("sequence", "leg_id", "queue_id", "channel", "offer_id", word)}
    own_id = _IDS.get(noun, "")
    line = [event.time, told["sequence"], RANKS[name], event.id]
    if event.is_copy:
        # Of a copy nothing else is known where it was copied to.
        line += ["", live_member(data[own_id], told["leg_id"] or ""), told["queue_id"], told["channel"]]
        line += [whom if topic == "agents.events" else None, None, told[word], None, None, None, None, None]
        return _dumped(line)
    reported, due = dict(data.pop("reported", {})), data.pop("due_at", None)
    line += [
        "" if noun in ("contact", "case") else event.source,
        told["leg_id"],
        told["queue_id"],
        told["channel"],
        whom,
        told["offer_id"],
        told[word],
    ]
    line += [reported.get(length) for length in ("wait_ms", "talk_ms", "hold_ms")]
    line.append(None if due is None else parse_time(due))
    left_out = (*told, own_id, "agent_id", "agents", "message_id")
    rest = {which: value for which, value in data.items() if which not in left_out}
    if rest.get("direction") == "inbound":
        del rest["direction"]
    if "ring_ms" in reported or "acw_ms" in reported:
        rest["reported"] = [reported.get("ring_ms"), reported.get("acw_ms")]
    if any(one in TYPES[name].model_fields for one in _LISTS):
        rest["checksum"] = crc32(msgspec.json.decode(value, type=dict[str, msgspec.Raw])["data"])
    return _dumped([*line, rest or None])


def _dumped(line: list[Any]) -> bytes:
    return json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _room(entries: list[dict[str, Any]]) -> dict[str, int]:
    """How many contacts of each channel an agent may have at once."""
    return {
        one["channel"]: one["max"]
        for one in entries
        if isinstance(one.get("channel"), str) and isinstance(one.get("max"), int)
    }


def _listed(entries: list[dict[str, Any]]) -> list[tuple[str, int | None]]:
    """Who waits by a source's list, and since when in ms if it says so."""
    named = [one for one in entries if isinstance(one.get("contact_id"), str)]
    return [(one["contact_id"], _instant(one.get("since"))) for one in named]


def _instant(text: Any) -> int | None:
    try:
        return parse_time(text)
    except (TypeError, ValueError):
        return None
