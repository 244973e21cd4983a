"""/api/queues: the snapshots of all queues, and of one."""

from __future__ import annotations

import msgspec
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.answers import answer
from board.parts import Parts
from board.publish import Entry
from board.slashes import name_of


def _json(entries: list[Entry]) -> list[msgspec.Raw]:
    return [msgspec.Raw(entry.json) for entry in entries]


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/queues")
    async def queues() -> Response:
        latest = parts.publisher.latest
        return answer(
            {
                "namespace": parts.namespace,
                "state": latest.verdict.state,
                "reason": latest.verdict.reason,
                "unconfigured": latest.unconfigured,
                "config_error": parts.config.error,
                "queues": _json(list(latest.entries.values())),
            }
        )

    @app.get("/api/queues/{queue}")
    async def queue(queue: str) -> Response:
        wanted = name_of(queue)
        found = [entry for entry in parts.publisher.latest.entries.values() if entry.snapshot.queue == wanted]
        if not found:
            raise HTTPException(404, "no such queue")
        return answer({"queues": _json(found)})
