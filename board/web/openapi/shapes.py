"""JSON Schemas of what the answers are made of: from the models where there are some, else written down here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from board.notes import Note
from board.trends import Trend
from board.web.routes.claims import NewClaim
from board.web.routes.notes import NewNote
from kpi.floor import CHANNELS
from kpi.floor_snapshot import Agent, FloorSnapshot
from kpi.live_state import Backlog
from kpi.snapshot import QueueSnapshot

Schema = dict[str, Any]
MODELS = (QueueSnapshot, FloorSnapshot, Agent, Backlog, Note, NewNote, NewClaim, Trend)
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
MS: Schema = {"type": "integer", "description": "An instant, ms UTC."}
STATE: Schema = {"enum": ["fresh", "stale", "rebuilding"], "description": "How far the numbers can be trusted."}
COUNTS: Schema = {"type": "object", "additionalProperties": {"type": "integer"}}
MEASURES: Schema = {"type": "object", "description": "M, the measures of docs/glossary.md by name."}
BY_KEY: Schema = {"type": "object", "additionalProperties": MEASURES}
CHANNEL: Schema = {"enum": list(CHANNELS)}
PAGE: dict[str, Schema] = {
    "total": {"type": "integer", "minimum": 0, "description": "How many there are on all pages."},
    "offset": {"type": "integer", "minimum": 0},
    "limit": {"type": "integer", "minimum": 1},
    "next": {"type": ["string", "null"], "description": "Where the next page stands, null on the last one."},
}


def ref(name: str) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def maybe(schema: Schema) -> Schema:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def shape(about: str, fields: Mapping[str, Schema], *, optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object that has all of `fields`, and maybe some of `optional`."""
    found: Schema = {"type": "object", "properties": {**fields, **(optional or {})}, "required": list(fields)}
    return {**found, "description": about} if about else found


def models() -> dict[str, Schema]:
    """The schemas of the models, by name, with those that they are made of."""
    _, found = msgspec.json.schema_components(MODELS, ref_template="#/components/schemas/{name}")
    return {name: on_one_line(schema) for name, schema in found.items()}


def on_one_line(schema: Schema) -> Schema:
    """The schema with its description, which is a docstring, as one line."""
    about = schema.get("description")
    return schema if about is None else {**schema, "description": " ".join(about.split())}
