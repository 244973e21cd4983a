"""/livez and /readyz: for whoever supervises the process."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response

from board.load import answers
from board.web.parts import Parts


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/livez")
    async def livez() -> Response:
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    async def readyz() -> Response:
        if not await answers(parts.redis):
            return PlainTextResponse("not ready: Redis does not answer\n", 503)
        if not parts.publisher.ready:
            reason = parts.publisher.latest.verdict.reason or "nothing was loaded yet"
            return PlainTextResponse(f"not ready: {reason}\n", 503)
        return PlainTextResponse("ready\n")
