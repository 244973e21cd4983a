"""The hot path accepts and refuses exactly what the published models do."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kpi.events import TYPES, Envelope, full_type
from streams.decode import FUTURE_MS, Decoded, Limits, Rejected, decode
from tests.builders import T0, event
from tests.laws import WIDE

ANY_TIME = Limits(earliest=-(10**15), live=False)
TINY = [json.loads(line) for line in Path("tests/data/tiny/events.jsonl").read_text().splitlines()]


MODELS = {full_type(noun_verb): model for noun_verb, model in TYPES.items()}


def accepted_by_the_models(wire: Any) -> bool:
    try:
        envelope = Envelope.model_validate(wire)
        if (model := MODELS.get(envelope.type)) is not None and model is not TYPES["tick"]:
            model.model_validate(envelope.data)
    except ValidationError:
        return False
    return True


def accepted_by_the_hot_path(raw: bytes) -> bool:
    try:
        decode(raw, "calls.events", T0, ANY_TIME)
    except Rejected as rejected:
        if rejected.reason not in {"malformed", "schema"}:
            raise
        return False
    return True


_ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(
        [
            "",
            "voice",
            "chat",
            "abandoned",
            "2026-11-20T10:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-20T10:00:00",
            "2026-11-20 10:00:00Z",
            "x" * 201,
            "customer",
            "1.0",
        ]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["wait_ms", "talk_ms", "x"]), st.integers() | st.text(max_size=2)),
)


@st.composite
def nearly_events(draw: st.DrawFn) -> dict[str, Any]:
    """An event of any type in which some fields are right, some odd and some missing."""
    noun_verb = draw(st.sampled_from(sorted(TYPES)))
    wire: dict[str, Any] = json.loads(event("contact.queued", 0).to_json()) | {"type": full_type(noun_verb)}
    right = {
        "contact_id": "c1",
        "leg_id": "c1/1",
        "channel": "voice",
        "queue_id": "support",
        "case_id": "k1",
        "agent_id": "ana",
        "sequence": 3,
        "result": "no_answer",
        "reason": "abandoned",
        "author": "customer",
        "state": "idle",
        "score": 4.5,
        "due_at": "2026-11-20T11:00:00.000Z",
        "reported": {"wait_ms": 5},
        "priority": 2,
    }
    names = sorted(TYPES[noun_verb].model_fields)
    wire["data"] = {name: right[name] for name in names if name in right and draw(st.integers(0, 9))}
    for _ in range(draw(st.integers(0, 3))):
        where = wire["data"] if draw(st.integers(0, 3)) else wire
        if isinstance(where, dict):
            where[draw(st.sampled_from([*names, *Envelope.model_fields, "unknown_field"]))] = draw(_ODD)
    return wire


@given(nearly_events())
@WIDE
def test_models_and_hot_path_agree_on_every_event(wire: dict[str, Any]) -> None:
    raw = msgspec.json.encode(wire)
    assert accepted_by_the_hot_path(raw) == accepted_by_the_models(wire), wire


@pytest.mark.parametrize("wire", TINY, ids=lambda wire: str(wire["id"])[:6])
def test_the_worked_example_is_accepted(wire: dict[str, Any]) -> None:
    assert accepted_by_the_models(wire)
    assert accepted_by_the_hot_path(json.dumps(wire).encode())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"a":NaN}',
        b'{"a":1e999}',
        b"[" * 100_000,
        b'{"id":"\\ud800"}',
        None,
    ],
    ids=lambda raw: repr(raw)[:20],
)
def test_what_is_no_json_object_is_refused_with_a_reason(raw: bytes | None) -> None:
    with pytest.raises(Rejected) as refused:
        decode(raw, "calls.events", T0, ANY_TIME)
    assert refused.value.reason in {"malformed", "schema"}
    assert refused.value.detail


def refusal(raw: bytes, limits: Limits, kafka_ms: int = T0) -> str:
    with pytest.raises(Rejected) as refused:
        decode(raw, "calls.events", kafka_ms, limits)
    return refused.value.reason


def test_a_wrong_field_is_named_by_its_path() -> None:
    wire = json.loads(event("contact.queued", 0).to_json())
    wire["data"]["channel"] = "telepathy"
    with pytest.raises(Rejected, match=r"\$\.data\.channel"):
        decode(json.dumps(wire).encode(), "calls.events", T0, ANY_TIME)


def test_an_unknown_type_is_accepted_and_an_unknown_version_is_not() -> None:
    known = event("contact.queued", 0).to_json()
    found = decode(known.replace(b"queued.v1", b"sung_to.v1"), "calls.events", T0, ANY_TIME)
    assert found == Decoded(T0, None, None)
    assert refusal(known.replace(b"queued.v1", b"queued.v2"), ANY_TIME) == "schema_version"


def test_a_live_event_from_the_future_is_refused_and_a_replayed_one_is_not() -> None:
    raw = event("contact.queued", 61).to_json()
    assert refusal(raw, Limits(0, live=True)) == "future_time"
    assert decode(raw, "calls.events", T0 + 61_000 - FUTURE_MS, Limits(0, live=True)).time == T0 + 61_000
    assert decode(raw, "calls.events", T0, Limits(0, live=False)).time == T0 + 61_000


def test_seconds_given_for_milliseconds_are_refused() -> None:
    assert (
        refusal(event("contact.queued", -T0 / 1000 + T0 / 1e6).to_json(), Limits(631_152_000_000, live=True))
        == "time_range"
    )


EVERY_FIELD: dict[str, Any] = {
    "contact_id": "c1", "case_id": "k1", "leg_id": "c1/1", "channel": "voice", "queue_id": "support", "agent_id": "ana",
    "sequence": 7, "offer_id": "o1", "reason": "abandoned", "result": "no_answer", "ended_by": "agent", "kind": "blind",
    "author": "agent", "state": "break", "score": 4.5, "clock": "resolution", "due_at": "2026-11-20T11:00:00.000Z",
    "site": "shanghai", "native_id": "n1", "member": True, "waiting": [{"contact_id": "c1"}], "time_precision": "s",
}  # fmt: skip


@pytest.mark.parametrize("noun_verb", sorted(set(TYPES) - {"tick"}))
def test_every_field_lands_where_the_core_looks_for_it(noun_verb: str) -> None:
    names = set(TYPES[noun_verb].model_fields)
    data = {name: value for name, value in EVERY_FIELD.items() if name in names}
    if noun_verb in {"contact.queued", "contact.blocked", "contact.rated"}:
        data |= {k: v for k, v in (("reason", {"contact.queued": "requeue", "contact.blocked": "full"}.get(noun_verb)),
                                   ("kind", "csat")) if k in names and v}  # fmt: skip
    wire = json.loads(event("contact.queued", 0).to_json()) | {"type": full_type(noun_verb), "data": data}
    fact = decode(json.dumps(wire).encode(), "calls.events", T0, ANY_TIME).fact
    assert fact is not None
    told = {"sequence": fact.sequence, "leg_id": fact.leg, "queue_id": fact.queue, "channel": fact.channel,
            "agent_id": fact.agent, "offer_id": fact.offer}  # fmt: skip
    assert {name: value for name, value in told.items() if value is not None} == {
        name: data[name] for name in told if name in data
    }
    assert fact.due == (T0 + 3_600_000 if "due_at" in data else None)
    assert (fact.more or {}).get("site") == "shanghai"
    words = [
        data[name] for name in ("state", "reason", "result", "ended_by", "kind", "clock", "author") if name in data
    ]
    assert fact.what == (words[0] if words else None)


def test_a_copy_is_known_by_its_topic() -> None:
    raw = event("contact.transferred", 0, agent_id="ana", from_agent="bo").to_json()
    assert decode(raw, "agents.events", T0, ANY_TIME) == Decoded(T0, None, None, is_copy=True)
    assert decode(raw, "calls.events", T0, ANY_TIME).key == "c:c1"
