"""Bytes of one Kafka record -> a fact of one record, or `Rejected` with a reason.

The decoders are built from the pydantic models of `kpi.events`, field by field, so that the hot path
accepts and refuses exactly what the published contract does (a test compares the two).
"""

from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec
from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

from kpi.envelope import AGENT_TOPIC, CUSTOMER_TOPIC
from kpi.events import RANKS, TYPE_PREFIX, TYPE_SUFFIX, TYPES, Envelope
from kpi.facts import Fact
from kpi.instants import parse_time

FUTURE_MS = 60_000
TICK = f"{TYPE_PREFIX}tick{TYPE_SUFFIX}"


class Rejected(Exception):  # noqa: N818 - a verdict about one message, not a fault of ours
    """A record that is no event of the contract: `reason` is one of few words, `detail` a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Decoded(NamedTuple):
    """What one Kafka record says: `key` names the record it belongs to; None for ticks and unknown types."""

    time: int
    key: str | None
    fact: Fact | None
    is_copy: bool = False
    is_tick: bool = False


class Limits(NamedTuple):
    """Which times are plausible: not before `earliest`, and (live only) not in the future, in ms UTC."""

    earliest: int
    live: bool


def decode(raw: bytes | None, key: bytes | None, topic: str, kafka_ms: int, limits: Limits) -> Decoded:
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
    if wire.type == TICK:
        _decode_data(_any_data, wire.data)
        return Decoded(time, None, None, is_tick=True)
    reader = _readers.get(wire.type)
    if reader is None:
        return _unknown(wire, time)
    return reader(wire, time, key, topic)


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


def _struct(model: type[BaseModel]) -> type[msgspec.Struct]:
    """A struct with the fields of a model: the same names, types, limits and defaults."""
    fields: list[Any] = []
    for name, info in model.model_fields.items():
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
_WHAT = ("reason", "result", "ended_by", "kind", "author", "state", "clock", "initiation")
_TOLD = {"sequence", "leg_id", "queue_id", "channel", "agent_id", "offer_id", "reported", "due_at"}
Reader = Callable[[Any, int, bytes | None, str], Decoded]


def _reader(noun_verb: str, model: type[BaseModel]) -> Reader:
    """How a record of this type becomes a fact; every `getattr` of the hot path is decided here, once."""
    decoder = msgspec.json.Decoder(_struct(model))
    names = set(model.model_fields)
    prefix, id_field = _KEYS.get(noun_verb.partition(".")[0], ("f:source", None))
    what_field = next((name for name in _WHAT if name in names), None)
    if noun_verb.startswith("agent.") and "state" in names:
        what_field = "state"
    more_fields = tuple(sorted(names - _TOLD - {id_field, what_field}))
    times = tuple(name for name in _time_fields(model) if name != "due_at")
    has = {name: name in names for name in ("leg_id", "queue_id", "channel", "agent_id", "offer_id", "due_at")}
    rank, has_reported, noun = RANKS[noun_verb], "reported" in names, noun_verb.partition(".")[0]

    def read(wire: Any, time: int, key: bytes | None, topic: str) -> Decoded:
        data = _decode_data(decoder, wire.data)
        for name in times:
            if (text := getattr(data, name)) is not None:
                _instant(text, f"data.{name}")
        more = {name: value for name in more_fields if (value := getattr(data, name)) is not None}
        wait = talk = hold = None
        if has_reported and (reported := data.reported) is not None:
            wait, talk, hold = reported.wait_ms, reported.talk_ms, reported.hold_ms
            if reported.ring_ms is not None or reported.acw_ms is not None:
                more["reported"] = (reported.ring_ms, reported.acw_ms)
        due = data.due_at if has["due_at"] else None
        fact = Fact(
            time,
            data.sequence,
            rank,
            wire.id,
            wire.source,
            data.leg_id if has["leg_id"] else None,
            data.queue_id if has["queue_id"] else None,
            data.channel if has["channel"] else None,
            data.agent_id if has["agent_id"] else None,
            data.offer_id if has["offer_id"] else None,
            getattr(data, what_field) if what_field else None,
            wait,
            talk,
            hold,
            None if due is None else _instant(due, "data.due_at"),
            more or None,
        )
        if noun in ("contact", "case") and topic in (AGENT_TOPIC, CUSTOMER_TOPIC):
            # A copy belongs to whom its Kafka key names; the event itself may name two agents.
            owner = (key or b"").decode("utf-8", "replace")
            return Decoded(time, ("a:" if topic == AGENT_TOPIC else "u:") + owner, fact, is_copy=True)
        return Decoded(time, prefix + (getattr(data, id_field) if id_field else wire.source), fact)

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
