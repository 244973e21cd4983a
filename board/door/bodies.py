"""A limit for what is sent to the board: nothing it is told takes more than a few lines."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BYTES = 65_536


class BodyLimit:
    """Wraps the routes; reading a longer body ends with 413, before the rest of it is taken in."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BYTES) -> None:
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on the request, counting what comes."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self._max_bytes:
                    raise HTTPException(413, "too long")
            return message

        await self._app(scope, counted, send)
