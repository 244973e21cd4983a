"""Every address of the API, and what may be done there."""

from __future__ import annotations

from board.web.asked import CHANNEL, QUEUE
from board.web.openapi.alerts import ALERT_PATHS
from board.web.openapi.evidence import EVIDENCE_PATHS
from board.web.openapi.operations import Operation
from board.web.routes import agents, backlog, claims, notes, queues, report
from kpi.floor import CHANNELS

EVENTS = (
    "text/event-stream",
    {"type": "string", "description": "Events `snapshots`, made for the page; their fields follow the page."},
)
OPENAPI = ("application/json", {"type": "object", "description": "This document."})
TREND_PARAMS = (QUEUE, CHANNEL)

#: Names that stand in addresses; a slash in one is written %2F.
PATH_PARAMS = {
    "queue": "The id of a queue, percent-encoded, slashes too.",
    "channel": f"A channel: {', '.join(CHANNELS)}.",
    "measure": "The name of a measure, as on the page and in docs/glossary.md.",
    "contact": "The id of a contact, percent-encoded, slashes too.",
    "note": "The id of a note.",
    "alert": "The id of an alert, percent-encoded, slashes too.",
    "quiet": "The id of planned quiet.",
}

PATHS: dict[str, dict[str, Operation]] = {
    **EVIDENCE_PATHS,
    "/api/queues": {
        "get": Operation("queues", "The snapshots of all queues, worst first.", "Queues", queues.PARAMS),
    },
    "/api/queues/{queue}": {
        "get": Operation(
            "queue", "The snapshots of one queue, one per channel.", "Queue", queues.ONE_PARAMS, errors=(404,)
        ),
    },
    "/api/queues/{queue}/claims": {
        "post": Operation(
            "claim",
            "Say that you call a lost caller back; whose it is already keeps him.",
            "Claimed",
            body="NewClaim",
            errors=(404, 429, 503),
            other={409: "Taken"},
        ),
    },
    "/api/queues/{queue}/claims/{contact}": {
        "delete": Operation(
            "release",
            "Let others call back.",
            "Released",
            (claims.BY,),
            errors=(404, 429, 503),
            other={409: "Taken"},
        ),
    },
    "/api/agents": {
        "get": Operation("agents", "Who is there, in which state, since when.", "Agents", agents.PARAMS, errors=(503,)),
    },
    "/api/backlog": {
        "get": Operation("backlog", "Cases that are not resolved.", "Backlogs", backlog.PARAMS),
    },
    "/api/report": {
        "get": Operation(
            "report", "Every measure of a span, from what is kept.", "Report", report.PARAMS, errors=(404, 429, 503)
        ),
    },
    "/api/notes": {
        "get": Operation("notes", "Notes on the time line.", "Notes", notes.PARAMS, errors=(404, 503)),
        "post": Operation("addNote", "Write a note.", "Note", status=201, body="NewNote", errors=(404, 503)),
    },
    "/api/notes/{note}": {
        "delete": Operation("removeNote", "Remove a note.", "Removed", errors=(404, 503)),
    },
    **ALERT_PATHS,
    "/api/floor": {
        "get": Operation("floor", "Agents, teams, sources, and reasons to doubt.", "FloorSnapshot", errors=(503,)),
    },
    "/api/trends": {
        "get": Operation(
            "trends", "The last hour of every queue, minute by minute.", "Trends", TREND_PARAMS, errors=(404,)
        ),
    },
    "/api/stream": {
        "get": Operation("stream", "What the page shows, as it changes.", EVENTS, errors=(429, 503)),
    },
    "/api/session": {
        "get": Operation("session", "Who is asking, and what he may do.", "Session"),
        "post": Operation(
            "logIn", "Begin a session of a browser with a token.", "Session", body="Login", errors=(401, 403, 429)
        ),
        "delete": Operation("logOut", "End the session.", "Session"),
    },
    "/api/openapi.json": {
        "get": Operation("openapi", "This document.", OPENAPI),
    },
}

#: Only where the board belongs to a demo.
DEMO_PATHS: dict[str, dict[str, Operation]] = {
    "/api/simulator/spike": {
        "post": Operation("spike", "Trouble for the simulated floor.", "Spike", body="SpikeOrder", errors=(404, 503)),
    },
}
