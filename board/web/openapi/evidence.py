"""The addresses that tell of contacts: who is behind a number, and how it is made."""

from __future__ import annotations

import msgspec

from board.evidence.shape import Explanation, Item
from board.web.openapi.operations import Operation
from board.web.openapi.shapes import CHANNEL, MS, PAGE, STATE, TEXT, WHOLE, Schema, many, on_one_line, ref, shape
from board.web.routes import contacts, explain
from kpi.panes import WINDOWS

EVIDENCE_MODELS = (Explanation, Item, contacts.Listed)

_ABOUT = {"queue": TEXT, "channel": CHANNEL, "at_ms": MS, "state": STATE}
EVIDENCE: dict[str, Schema] = {
    "Contacts": shape(
        "One list of a queue and channel.",
        {
            **_ABOUT,
            "list": {"enum": list(contacts.LISTS)},
            "unknown_customers": {
                "type": "integer",
                "minimum": 0,
                "description": "Of the lost, on all pages: those whose customer the source does not name.",
            },
            **PAGE,
            "items": many(ref("Listed")),
        },
    ),
    "Distribution": shape(
        "How many waited how long, in steps; the last one is open.",
        {
            **_ABOUT,
            "window": {"enum": list(WINDOWS)},
            "target_seconds": WHOLE,
            "step_seconds": WHOLE,
            "bins": many({"type": "object", "required": list(contacts.BINS)}),
        },
    ),
}

EVIDENCE_PATHS: dict[str, dict[str, Operation]] = {
    "/api/queues/{queue}/contacts": {
        "get": Operation(
            "contacts",
            "Who waits, is served, was lost ...; `channel` may be left out where there is only one.",
            "Contacts",
            contacts.PARAMS,
            errors=(404, 429, 503),
        ),
    },
    "/api/queues/{queue}/distribution": {
        "get": Operation(
            "distribution",
            "How long people waited in a window.",
            "Distribution",
            contacts.DISTRIBUTION_PARAMS,
            errors=(404, 429, 503),
        ),
    },
    "/api/explain/{queue}/{channel}/{measure}": {
        "get": Operation(
            "explain",
            "How a number is made, and the contacts behind it.",
            "Explanation",
            explain.PARAMS,
            errors=(404, 429, 503),
        ),
    },
}


def evidence_models() -> dict[str, Schema]:
    """The schemas of EVIDENCE_MODELS, by name."""
    _, found = msgspec.json.schema_components(EVIDENCE_MODELS, ref_template="#/components/schemas/{name}")
    # The model holds any object there: the page is told by the route.
    found["Explanation"]["properties"]["contacts"] = shape("", {**PAGE, "items": many(ref("Item"))})
    return {name: on_one_line(schema) for name, schema in found.items()}
