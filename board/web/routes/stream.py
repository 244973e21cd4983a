"""/api/stream: server-sent events, for the page."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.door.access import Who
from board.door.hosts import neighbourhood
from board.door.security import is_same_origin
from board.stream.sse import EventStream
from board.stream.wire import wire_of
from board.web.parts import Parts


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/stream")
    async def stream(request: Request) -> Response:
        # It holds a place for an hour, which another site's page could take without being able to read a word.
        if not is_same_origin(request.headers, parts.auth.access.public_url):
            raise HTTPException(403, "other sites may not listen")
        who: Who = request.state.who
        wire = wire_of((request.client.host, request.client.port)) if request.client else None
        if wire is not None:
            wire.narrow()
        return EventStream(
            parts.publisher,
            parts.clients,
            parts.namespace,
            lambda address: wire.cut() if wire is not None else None,
            listener=f"{who.credential} {neighbourhood(who.address)}",
            tv=who.scope == "tv",
            due=lambda: wire.due() if wire is not None else 0,
            was_cut=lambda: wire is not None and wire.was_cut,
        )
