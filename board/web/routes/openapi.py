"""/api/openapi.json: what the API is like, for machines."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import Response

from board.web.answers import answer
from board.web.openapi.document import document
from board.web.parts import Parts


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""
    # Made once: it says what the board can do, and nothing of what it shows.
    told = answer(document(demo=parts.demo, is_https=parts.auth.access.is_https)).body

    @app.get("/api/openapi.json")
    async def openapi() -> Response:
        return Response(told, media_type="application/json")
