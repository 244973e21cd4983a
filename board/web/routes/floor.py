"""/api/floor: agents, teams, sources, and reasons to doubt."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.web.parts import Parts


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/floor")
    async def floor() -> Response:
        latest = parts.publisher.latest.floor
        if latest is None:
            raise HTTPException(503, "nothing was published yet")
        return Response(latest.json, media_type="application/json")
