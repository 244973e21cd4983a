"""Bytes of one Kafka record -> a fact of one record, or `Rejected` with a reason.

The decoders are built from the pydantic models of `kpi.events`, field by field, so that the hot path
accepts and refuses exactly what the published contract does (a test compares the two).
"""

from collections.abc import Callable, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin
from zlib import crc32

import msgspec
from annotated_types import Ge, Le, MaxLen, MinLen
from msgspec.structs import astuple
from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

from kpi.envelope import AGENT_TOPIC, CUSTOMER_TOPIC
from kpi.events import RANKS, TYPE_PREFIX, TYPE_SUFFIX, TYPES, Envelope
from kpi.facts import Fact
from kpi.instants import parse_time
from kpi.keys import live_member

FUTURE_MS = 60_000
#: Why a record may be no event.
REASONS = ("malformed", "schema", "schema_version", "time_range", "future_time")
TICK = f"{TYPE_PREFIX}tick{TYPE_SUFFIX}"
_COPIED = (f"{TYPE_PREFIX}contact.", f"{TYPE_PREFIX}case.")
# Of what is copied to a topic, the verbs that tell something there; the others only move the clock.
_TELLING = {
    AGENT_TOPIC: (
        "offered", "offer_ended", "answered", "left_queue", "held", "resumed", "ended", "wrapup_started",
        "wrapup_ended",
    ),
    CUSTOMER_TOPIC: ("queued", "answered", "left_queue", "ended"),
}  # fmt: skip


class Rejected(Exception):  # noqa: N818 - a verdict about one message, not a fault of ours
    """A record that is no event of the contract: `reason` is one of REASONS, `detail` a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Decoded(msgspec.Struct, gc=False):
    """What one Kafka record says: `key` names the record it belongs to; None for ticks and unknown types.

    A copy's key is the agent or customer it was copied for; None when it tells nothing of them. `source` is the
    event's, which a fact keeps only where it tells something apart.
    """

    time: int
    key: str | None
    fact: Fact | None
    source: str = ""
    is_copy: bool = False
    is_tick: bool = False


class Limits(NamedTuple):
    """Which times are plausible: not before `earliest`, and (live only) not in the future, in ms UTC."""

    earliest: int
    live: bool


def decode(raw: bytes | None, topic: str, kafka_ms: int, limits: Limits) -> Decoded:
    """One record of base topic `topic` -> what it says. Raises Rejected.

    `kafka_ms` is Kafka's own timestamp: a live event more than 60 s after the earlier of it and its
    recordedtime is refused, which catches seconds given for milliseconds and broken clocks.
    """
    try:
        wire = _envelopes.decode(raw or b"")
    except msgspec.ValidationError as error:
        raise Rejected("schema", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("malformed", str(error)) from None
    time = _instant(wire.time, "time")
    recorded = kafka_ms if wire.recordedtime is None else min(_instant(wire.recordedtime, "recordedtime"), kafka_ms)
    if time < limits.earliest:
        raise Rejected("time_range", f"time {wire.time} is before the earliest plausible time; is it in milliseconds?")
    if limits.live and time > recorded + FUTURE_MS:
        raise Rejected("future_time", f"time {wire.time} is more than 60 s after it was recorded; check the clock")
    kind = wire.type
    if (copied := _copy_readers.get(topic)) is not None and kind.startswith(_COPIED):
        reader = copied.get(kind)
        return Decoded(time, None, None, is_copy=True) if reader is None else reader(wire, time)
    reader = _readers.get(kind)
    if reader is not None:
        return reader(wire, time)
    if kind == TICK:
        _decode_data(_any_data, wire.data)
        return Decoded(time, None, None, is_tick=True)
    return _unknown(wire, time)


def _instant(text: str, field: str) -> int:
    try:
        return parse_time(text)
    except ValueError as error:
        raise Rejected("schema", f"{error} - at `$.{field}`") from None


def _unknown(wire: Any, time: int) -> Decoded:
    name = wire.type.removeprefix(TYPE_PREFIX)
    if name != wire.type and name.rpartition(".v")[0] in TYPES:
        raise Rejected("schema_version", f"type {wire.type}: this version of Floorpulse knows {TYPE_SUFFIX[1:]}")
    _decode_data(_any_data, wire.data)
    return Decoded(time, None, None)


def _decode_data(decoder: msgspec.json.Decoder[Any], data: Any) -> Any:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise Rejected("schema", str(error).replace("`$", "`$.data")) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("malformed", str(error)) from None


# --- From the pydantic models to msgspec decoders ----------------------------------------------------


def _msgspec_type(hint: Any) -> Any:
    """The msgspec twin of a type as the models use them."""
    origin = get_origin(hint)
    if origin is Annotated:
        base, *notes = get_args(hint)
        return _annotated(base, [part for note in notes for part in _constraints(note)])
    if origin in (Union, UnionType):
        return Union[tuple(_msgspec_type(part) for part in get_args(hint))]  # noqa: UP007 - built at run time
    if origin is list:
        return list[_msgspec_type(get_args(hint)[0])]  # type: ignore[misc]
    if origin is Literal or hint in (int, str, bool, float, NoneType) or origin is dict:
        return hint
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return _struct(hint)
    raise TypeError(f"no msgspec twin for {hint!r}")


def _constraints(note: Any) -> list[Any]:
    return list(note.metadata) if isinstance(note, FieldInfo) else [note]


def _annotated(base: Any, notes: list[Any]) -> Any:
    limits: dict[str, Any] = {}
    for note in notes:
        match note:
            case Ge():
                limits["ge"] = note.ge
            case Le():
                limits["le"] = note.le
            case MinLen():
                limits["min_length"] = note.min_length
            case MaxLen():
                limits["max_length"] = note.max_length
            case AfterValidator():
                pass  # a time in text: read by `_instant` once its length is known to be sane
            case _:
                raise TypeError(f"no msgspec twin for {note!r}")
    return Annotated[base, msgspec.Meta(**limits)] if limits else base


def _struct(model: type[BaseModel], order: Sequence[str] = ()) -> type[msgspec.Struct]:
    """A struct with the fields of a model, in any order: the same names, types, limits and defaults."""
    fields: list[Any] = []
    for name in order or model.model_fields:
        info = model.model_fields[name]
        hint = _annotated_again(info)
        fields.append((name, hint) if info.is_required() else (name, hint, info.default))
    return msgspec.defstruct(model.__name__, fields, kw_only=True, gc=False)


def _annotated_again(info: FieldInfo) -> Any:
    """pydantic moves the notes of a plain `Annotated` field aside; put them back."""
    hint = _msgspec_type(info.annotation)
    return _annotated(hint, list(info.metadata)) if info.metadata else hint


def _time_fields(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(name for name, info in model.model_fields.items() if "AfterValidator" in repr(info))


# --- One reader per type -----------------------------------------------------------------------------

_KEYS = {"contact": ("c:", "contact_id"), "case": ("k:", "case_id"), "agent": ("a:", "agent_id"),
         "queue": ("f:queue/", "queue_id")}  # fmt: skip
# Where a type's own word stands.
_WHAT = ("state", "reason", "result", "ended_by", "kind", "clock", "author", "initiation")
# The fields every reader takes out by name, in this order; a type that lacks one has None there.
_TOLD = ("sequence", "leg_id", "queue_id", "channel", "agent_id", "from_agent", "offer_id", "reported", "due_at")
# What changes no number and tells no two facts apart is not kept: a record holds many facts.
_UNKEPT = frozenset({"message_id"})
# Whose story depends on which system told it.
_BY_SOURCE = frozenset({"agent", "queue", "source"})
# Lists of any length are compared by their checksum; of them only what is told here is kept.
_BULKY = frozenset({"waiting", "agents", "capacity"})


def _capacity(entries: list[dict[str, Any]]) -> dict[str, int]:
    """How many contacts the agent takes at once, by channel."""
    return {
        one["channel"]: one["max"]
        for one in entries
        if isinstance(one.get("channel"), str) and isinstance(one.get("max"), int)
    }


def _waiting(entries: list[dict[str, Any]]) -> list[list[str | int | None]]:
    """Who waits by the source's list: contact ids, each with since when (ms) if it says so."""
    # Lists, not tuples: what comes back from Redis has to equal what comes again from Kafka.
    return [[one["contact_id"], _since(one.get("since"))] for one in entries if isinstance(one.get("contact_id"), str)]


def _since(text: object) -> int | None:
    try:
        return parse_time(text) if isinstance(text, str) else None
    except ValueError:
        return None


_KEPT_OF: dict[str, Callable[[list[dict[str, Any]]], Any]] = {"capacity": _capacity, "waiting": _waiting}
Reader = Callable[[Any, int], Decoded]


def _reader(noun_verb: str, model: type[BaseModel]) -> Reader:
    """How a record of this type becomes a fact; which field stands where is decided here, once."""
    noun = noun_verb.partition(".")[0]
    prefix, id_field = _KEYS.get(noun, ("f:source", None))
    names = set(model.model_fields)
    what_field = next((name for name in _WHAT if name in names), None)
    first = list(dict.fromkeys(name for name in (id_field, what_field, *_TOLD) if name in names))
    rest = tuple(sorted(names - set(first) - _BULKY - _UNKEPT))
    by_source = noun in _BY_SOURCE
    unread = (*sorted(names & _BULKY), *sorted(names & _UNKEPT))
    decoder = msgspec.json.Decoder(_struct(model, (*first, *rest, *unread)))
    # One C call takes all fields out; absent ones are read from a last, empty place.
    places = [first.index(name) if name in first else -1 for name in (id_field, what_field, *_TOLD)]
    id_at, what_at, sequence_at, leg_at, queue_at, channel_at, agent_at, from_at, offer_at, reported_at, due_at = places
    begin, end = len(first), len(first) + len(rest)
    time_places = [(n, f"data.{name}") for n, name in enumerate((*first, *rest)) if name in _time_fields(model)]
    bulky, nothing, rank = sorted(names & _BULKY), (None,) * len(rest), RANKS[noun_verb]

    def read(wire: Any, time: int) -> Decoded:
        told = (*astuple(_decode_data(decoder, wire.data)), None)
        due = None
        for place, name in time_places:
            if (text := told[place]) is not None:
                instant = _instant(text, name)
                due = instant if place == due_at else due
        more: dict[str, Any] | None = None
        if (others := told[begin:end]) != nothing:
            more = _set_fields(rest, others)
        if bulky:
            more = {**(more or {}), "checksum": crc32(wire.data)}
            for name, entries in zip(bulky, told[end:], strict=False):
                if entries is not None and (kept := _KEPT_OF.get(name)) is not None:
                    more[name] = kept(entries)
        wait = talk = hold = None
        if (reported := told[reported_at]) is not None:
            wait, talk, hold = reported.wait_ms, reported.talk_ms, reported.hold_ms
            if reported.ring_ms is not None or reported.acw_ms is not None:
                more = {**(more or {}), "reported": [reported.ring_ms, reported.acw_ms]}
        fact = Fact(
            time, told[sequence_at], rank, wire.id, wire.source if by_source else "", told[leg_at],
            told[queue_at], told[channel_at], told[from_at] or told[agent_at], told[offer_at], told[what_at],
            wait, talk, hold, due, more,
        )  # fmt: skip
        return Decoded(time, prefix + (told[id_at] or wire.source), fact, wire.source)

    return read


def _set_fields(names: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, Any] | None:
    """The fields that say something; that a contact came in is what all others take for granted."""
    found = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    if found.get("direction") == "inbound":
        del found["direction"]
    return found or None


def _copy_reader(noun_verb: str, model: type[BaseModel], prefix: str, name: str) -> Reader:
    """How a copy becomes a fact of the agent or customer it was copied for: with what they need, and no more."""
    what_field = next((field for field in _WHAT if field in model.model_fields), None)
    decoder, rank = msgspec.json.Decoder(_struct(model)), RANKS[noun_verb]
    time_fields = _time_fields(model)

    def read(wire: Any, time: int) -> Decoded:
        told = _decode_data(decoder, wire.data)
        for field in time_fields:
            if (text := getattr(told, field)) is not None:
                _instant(text, f"data.{field}")
        if (whom := getattr(told, name)) is None:
            return Decoded(time, None, None, is_copy=True)
        what = None if what_field is None else getattr(told, what_field)
        leg = live_member(told.contact_id, told.leg_id or "")
        agent = whom if name == "agent_id" else None
        fact = Fact(time, told.sequence, rank, wire.id, "", leg, told.queue_id, told.channel, agent, None, what)
        return Decoded(time, prefix + whom, fact, is_copy=True)

    return read


_Wire = msgspec.defstruct(
    "_Wire",
    [
        (name, msgspec.Raw, msgspec.Raw(b"null")) if name == "data"
        else (name, _annotated_again(info)) if info.is_required()
        else (name, _annotated_again(info), info.default)
        for name, info in Envelope.model_fields.items()
    ],
    kw_only=True,
    gc=False,
)  # fmt: skip
_envelopes: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Wire)
_any_data: msgspec.json.Decoder[Any] = msgspec.json.Decoder(dict[str, Any] | None)
_readers: dict[str, Reader] = {
    f"{TYPE_PREFIX}{noun_verb}{TYPE_SUFFIX}": _reader(noun_verb, model)
    for noun_verb, model in TYPES.items()
    if noun_verb != "tick"
}
_NAMED = {AGENT_TOPIC: ("a:", "agent_id"), CUSTOMER_TOPIC: ("u:", "customer_key")}
_copy_readers: dict[str, dict[str, Reader]] = {
    topic: {
        f"{TYPE_PREFIX}contact.{verb}{TYPE_SUFFIX}": _copy_reader(
            f"contact.{verb}", TYPES[f"contact.{verb}"], *_NAMED[topic]
        )
        for verb in verbs
    }
    for topic, verbs in _TELLING.items()
}
