"""/api/stream: server-sent events, for the page."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.parts import Parts
from board.server import cut
from board.sse import MAX_CLIENTS, RETRY_MS, EventStream


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/stream")
    async def stream() -> Response:
        if parts.clients.count >= MAX_CLIENTS:
            raise HTTPException(503, "too many listeners", {"Retry-After": str(RETRY_MS // 1000 * 5)})
        return EventStream(parts.publisher, parts.clients, parts.namespace, cut)
