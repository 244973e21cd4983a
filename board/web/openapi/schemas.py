"""The schemas of the document: one for every body that is sent or answered."""

from __future__ import annotations

from board.door.access import GRANTS
from board.web.openapi.alerts import ALERTS, alert_models
from board.web.openapi.evidence import EVIDENCE, evidence_models
from board.web.openapi.shapes import (
    BY_KEY,
    CHANNEL,
    COUNTS,
    FLAG,
    MEASURES,
    MS,
    PAGE,
    STATE,
    TEXT,
    WHOLE,
    Schema,
    many,
    maybe,
    models,
    ref,
    shape,
)

_TRUST = {"namespace": TEXT, "state": STATE, "reason": maybe(TEXT)}
_NAMES = {"queue": TEXT, "channel": CHANNEL, "display_name": TEXT, "group": TEXT}

FLOOR: dict[str, Schema] = {
    "Queues": shape(
        "The queues that were asked for, worst first.",
        {
            **_TRUST,
            "unconfigured": many(TEXT),
            "config_error": maybe(TEXT),
            **PAGE,
            "queues": many(ref("QueueSnapshot")),
        },
    ),
    "Queue": shape(
        "One queue: a snapshot per channel, and where more is told.",
        {"queues": many(ref("QueueSnapshot")), "links": many(ref("QueueLinks"))},
    ),
    "QueueLinks": shape(
        "Addresses about one channel of a queue; {measure} is to be filled in.",
        {
            "channel": CHANNEL,
            **dict.fromkeys(("page", "contacts", "explain", "report", "notes"), TEXT),
        },
    ),
    "Agents": shape(
        "The agents who were asked for, by id.", {**_TRUST, "true_at_ms": MS, **PAGE, "agents": many(ref("Agent"))}
    ),
    "Backlogs": shape(
        "Cases that are not resolved: queue by queue, the most overdue first, and all that were asked for in `sum`.",
        {
            **_TRUST,
            "true_at_ms": MS,
            "sum": shape(
                "",
                {
                    **dict.fromkeys(("open", "overdue", "due_within_1h", "unassigned", "actionable"), WHOLE),
                    "oldest_opened_at_ms": maybe(MS),
                    "status": COUNTS,
                    "age": COUNTS,
                    "clocks": {"type": "object", "additionalProperties": COUNTS},
                },
            ),
            **PAGE,
            "backlog": many({"allOf": [shape("", _NAMES), ref("Backlog")]}),
        },
    ),
    "Trends": shape(
        "The last hour, minute by minute, oldest first.",
        {"state": STATE, "now_ms": MS, "minutes": many(MS), "queues": many(ref("Trend"))},
    ),
    "Report": shape(
        "Every measure of a span; docs/contracts.md has an example.",
        {
            "span": shape(
                "[from, to), rounded outward to what is kept when it is `snapped`.",
                {"from": TEXT, "to": TEXT, "basis": {"enum": ["event", "arrival"]}},
                optional={"snapped": FLAG},
            ),
            "events": {"type": "object"},
            "total": MEASURES,
        },
        optional={
            **{f"per_{part}": BY_KEY for part in ("queue", "hour", "day", "agent", "team")},
            "floor": {"type": "object", "description": "What is true at the end of a span that ends now."},
            "backlog": BY_KEY,
        },
    ),
    "SpikeOrder": shape(
        "",
        {},
        optional={
            "queue": {**maybe(TEXT), "description": "null: any queue."},
            "cause": {"enum": ["volume", "staff"], "default": "volume"},
        },
    ),
    "Spike": shape(
        "What was ordered, and how many simulators heard it.",
        {"queue": maybe(TEXT), "cause": {"enum": ["volume", "staff"]}, "simulators": WHOLE},
    ),
}

PEOPLE: dict[str, Schema] = {
    "Error": shape("What is wrong, in one sentence.", {"error": TEXT}, optional={"id": TEXT, "measures": many(TEXT)}),
    "Notes": shape("Notes, oldest first.", {**PAGE, "notes": many(ref("Note"))}),
    "Removed": shape("What is gone.", {"id": TEXT}),
    "Claimed": shape("Who calls back, and since when.", {"contact": TEXT, "by": TEXT, "at_ms": MS}),
    "Taken": shape("Somebody else calls back already.", {"error": TEXT, "contact": TEXT, "by": TEXT, "at_ms": MS}),
    "Released": shape("Whom nobody has claimed any more.", {"contact": TEXT}),
    "Login": shape("", {"token": TEXT}),
    "Session": shape(
        "Who is asking. `auth`: whether this board asks for logins; `csrf`: what changes by cookie must show as the "
        "header X-Floorpulse-CSRF.",
        {
            "auth": FLAG,
            "scope": {"enum": [*GRANTS, None]},
            "user": maybe(TEXT),
            "csrf": maybe(TEXT),
            "demo": FLAG,
        },
    ),
}


def schemas() -> dict[str, Schema]:
    """Every schema by its name."""
    return dict(
        sorted({**models(), **evidence_models(), **alert_models(), **FLOOR, **EVIDENCE, **ALERTS, **PEOPLE}.items())
    )
