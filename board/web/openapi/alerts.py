"""The addresses of alerts and of planned quiet."""

from __future__ import annotations

import msgspec

from board.web.openapi.operations import Operation
from board.web.openapi.shapes import FLAG, MS, PAGE, TEXT, Schema, many, on_one_line, ref, shape
from board.web.routes import alerts, quiet
from kpi.quiet import Quiet

MODELS = (alerts.ShownAlert, alerts.NewAcknowledgement, Quiet, quiet.NewQuiet)

ALERTS: dict[str, Schema] = {
    "Alerts": shape(
        "Alerts, the worst first, and whether they reach people.",
        {
            **PAGE,
            "alerts": many(ref("ShownAlert")),
            "delivery": shape(
                "`why`: one sentence where Alertmanager is not named or does not answer. `engine_alive`: our own rules "
                "are evaluated; `engine_known`: they were.",
                {"configured": FLAG, "reachable": FLAG, "why": TEXT, "engine_known": FLAG, "engine_alive": FLAG},
            ),
        },
    ),
    "Acknowledgement": shape(
        "The silence that was made in Alertmanager.",
        {"id": TEXT, "silence": TEXT, "by": TEXT, "reason": TEXT, "until_ms": MS},
    ),
    "Unacknowledged": shape("The silences that were ended.", {"id": TEXT, "silences": many(TEXT)}),
    "Quiets": shape(
        "Planned quiet that is not over, that of floor.toml first.", {**PAGE, "quiet": many(ref("Quiet"))}
    ),
}  # fmt: skip

ALERT_PATHS: dict[str, dict[str, Operation]] = {
    "/api/alerts": {
        "get": Operation(
            "alerts", "What fires, will fire or did within the hour.", "Alerts", alerts.PARAMS, errors=(404, 503)
        ),
    },
    "/api/alerts/{alert}/acknowledge": {
        "post": Operation(
            "acknowledge",
            "Take an alert: silence it in Alertmanager for a while.",
            "Acknowledgement",
            status=201,
            body="NewAcknowledgement",
            errors=(404, 409, 503),
        ),
        "delete": Operation(
            "unacknowledge", "End that silence: people are told again.", "Unacknowledged", errors=(404, 409, 503)
        ),
    },
    "/api/quiet": {
        "get": Operation("quiet", "Planned quiet, such as meetings.", "Quiets", quiet.PARAMS, errors=(404, 503)),
        "post": Operation("planQuiet", "Plan quiet.", "Quiet", status=201, body="NewQuiet", errors=(404, 503)),
    },
    "/api/quiet/{quiet}": {
        "delete": Operation("endQuiet", "Take planned quiet back.", "Removed", errors=(404, 409, 503)),
    },
}  # fmt: skip


def alert_models() -> dict[str, Schema]:
    """The schemas of MODELS, by name, with those that they are made of."""
    _, found = msgspec.json.schema_components(MODELS, ref_template="#/components/schemas/{name}")
    return {name: on_one_line(schema) for name, schema in found.items()}
