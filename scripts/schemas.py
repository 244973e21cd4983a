"""The event contract for machines: `python -m scripts.schemas` writes docs/events.schema.json and docs/asyncapi.json.

Both are made from the models in `kpi/events.py`; `--check` only says whether the files are what the code would write.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import core_schema

from kpi.events import TYPES, Channel, Envelope, Event, base_topic, copies, full_type, make_event
from kpi.keys import BASE_TOPICS, DEADLETTER_TOPIC

DOCS = Path(__file__).resolve().parents[1] / "docs"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ORIGIN = "Generated from kpi/events.py by `python -m scripts.schemas`; do not edit."
VERSION = "1.0.0"
CONTENT_TYPE = "application/cloudevents+json"
CHANNELS: tuple[str, ...] = Channel.__args__  # type: ignore[attr-defined]

KEYS = {
    "calls.events": "contact_id",
    "chats.events": "contact_id",
    "cases.events": "contact_id of a contact, case_id of a case",
    "agents.events": "agent_id; of a copy each agent that the event names",
    "customers.events": "customer_key",
    "floor.events": "queue_id, or the source",
}
HOLDS = {
    "calls.events": "Contacts by voice, video and callback.",
    "chats.events": "Contacts by chat, message and social media.",
    "cases.events": "Contacts by e-mail and ticket, and deferred cases.",
    "agents.events": "What agents declare, and a copy of every contact and case event that names an agent.",
    "customers.events": "Copies of queued, answered, left_queue and ended of contacts with a customer_key.",
    "floor.events": "Queues and sources: configuration, snapshots, heartbeats.",
}


class _Schemas(GenerateJsonSchema):
    """pydantic's own, with a word about times: the models check them by a function, which says nothing here."""

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> dict[str, Any]:
        return {**super().function_after_schema(schema), "format": "date-time"}


def _definitions(prefix: str) -> dict[str, Any]:
    """Every model by its name; references begin with `prefix`."""
    models: list[type[BaseModel]] = list(dict.fromkeys([Envelope, *TYPES.values()]))
    mode: JsonSchemaMode = "validation"
    inputs = [(model, mode, TypeAdapter(model)) for model in models]
    _, found = TypeAdapter.json_schemas(inputs, ref_template=prefix + "{model}", schema_generator=_Schemas)
    definitions: dict[str, Any] = found["$defs"]
    return {name: _plain(definitions[name]) for name in sorted(definitions)}


def _plain(schema: Any) -> Any:
    """The same schema said shorter: no titles that repeat a field's name, no default null, `type: [x, null]`."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {
        name: _plain(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str)) and not (name == "default" and value is None)
    }
    match plain.get("anyOf"):
        case [{"type": str() as kind} as only, {"type": "null"}]:
            del plain["anyOf"]
            plain |= only | {"type": [kind, "null"]}
            if "enum" in only:
                plain["enum"] = [*only["enum"], None]
    return plain


def event_schema() -> dict[str, Any]:
    """JSON Schema of one event on the wire. An unknown type is accepted; of a known one its `data` must be right."""
    rules = [
        {
            "if": {"properties": {"type": {"const": full_type(noun_verb)}}},
            "then": {"properties": {"data": {"$ref": f"#/$defs/{model.__name__}"}}, "required": ["data"]},
        }
        for noun_verb, model in TYPES.items()
        if noun_verb != "tick"
    ]
    return {
        "$schema": DIALECT,
        "$id": "urn:floorpulse:event:v1",
        "title": "Floorpulse event",
        "$comment": ORIGIN,
        "$ref": "#/$defs/Envelope",
        "required": ["type"],
        "allOf": rules,
        "$defs": _definitions("#/$defs/"),
    }


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3 of the topics, as the workers see them: they receive events, and send what they refuse."""
    by_topic = _types_by_topic()
    channels = {base: _channel(base, by_topic[base]) for base in BASE_TOPICS}
    channels[DEADLETTER_TOPIC] = {
        "address": DEADLETTER_TOPIC,
        "description": "Records that are no event of the contract. Key: topic/partition/offset of the record.",
        "messages": {"deadletter": {"$ref": "#/components/messages/deadletter"}},
        "bindings": {"kafka": {"partitions": 1}},
    }
    operations = {
        f"receive.{base}": {"action": "receive", "channel": {"$ref": f"#/channels/{base}"}} for base in BASE_TOPICS
    }
    sends = {"action": "send", "channel": {"$ref": f"#/channels/{DEADLETTER_TOPIC}"}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Floorpulse events",
            "version": VERSION,
            "description": f"{ORIGIN} What it means in words: contracts.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": {**operations, f"send.{DEADLETTER_TOPIC}": sends},
        "components": {
            "messages": {**{name: _message(name) for name in TYPES}, "deadletter": _dead_letter()},
            "schemas": _definitions("#/components/schemas/"),
        },
    }


def _types_by_topic() -> dict[str, list[str]]:
    """Topic -> the types that stand in it, asked of the code that chooses topics; ticks stand in all of them."""
    found: dict[str, dict[str, None]] = {base: {} for base in BASE_TOPICS}
    for noun_verb in TYPES:
        for event in _examples(noun_verb):
            for base in (base_topic(event), *(topic for topic, _ in copies(event))):
                found[base][noun_verb] = None
    for base in BASE_TOPICS:
        found[base]["tick"] = None
    return {base: list(types) for base, types in found.items()}


def _examples(noun_verb: str) -> list[Event]:
    """An event of a type on each channel, with an agent and a customer where the type has such fields."""
    names = {"agent_id": "ana", "customer_key": "k", "queue_id": "support", "contact_id": "c", "case_id": "k"}
    known = {name: value for name, value in names.items() if name in TYPES[noun_verb].model_fields}
    return [
        make_event(noun_verb, source="/acd/example/one", id="0", time_ms=0, data={**known, "channel": channel})
        for channel in CHANNELS
    ]


def _channel(base: str, types: list[str]) -> dict[str, Any]:
    return {
        "address": base,
        "description": f"{HOLDS[base]} Key: {KEYS[base]}. In a replay the address begins with its namespace and a dot.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in types},
    }


def _message(noun_verb: str) -> dict[str, Any]:
    model, type_name = TYPES[noun_verb], full_type(noun_verb)
    data: dict[str, Any] = {"$ref": f"#/components/schemas/{model.__name__}"}
    is_tick = noun_verb == "tick"
    own: dict[str, Any] = {"properties": {"type": {"const": type_name}, **({} if is_tick else {"data": data})}}
    return {
        "name": type_name,
        "title": noun_verb,
        "summary": " ".join((model.__doc__ or "").split()),
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {**own, "required": ["type"] if is_tick else ["type", "data"]},
            ]
        },
    }


def _dead_letter() -> dict[str, Any]:
    text, count = {"type": "string"}, {"type": "integer", "minimum": 0}
    base64 = {"type": ["string", "null"], "contentEncoding": "base64"}
    fields: dict[str, Any] = {
        "reason": text, "detail": text, "topic": text, "partition": count, "offset": count,
        "kafka_time": {"type": "string", "format": "date-time"}, "key": base64, "raw": base64,
    }  # fmt: skip
    return {
        "name": "deadletter",
        "title": "A refused record",
        "summary": "Why it was refused, where it stood, and its bytes.",
        "contentType": "application/json",
        "payload": {"type": "object", "properties": fields, "required": list(fields)},
    }


def files() -> Mapping[Path, str]:
    """What stands in each generated file."""
    made = {"events.schema.json": event_schema(), "asyncapi.json": asyncapi()}
    return {DOCS / name: json.dumps(body, indent=1, ensure_ascii=False) + "\n" for name, body in made.items()}


def main(arguments: list[str]) -> int:
    """Write the files, or with --check tell which are not fresh; the exit code."""
    stale = [path for path, text in files().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.name}: not what the code writes; run python -m scripts.schemas")
        else:
            path.write_text(files()[path], encoding="utf-8")
            print(f"{path.name}: written")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
