"""The methods of HTTP: what each path knows, and HEAD, which is GET without its body."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def methods_of(routes: Iterable[BaseRoute], scope: Scope) -> frozenset[str]:
    """What may be done at the path of a request, HEAD wherever GET is; empty when no route has that path."""
    found: set[str] = set()
    for route in routes:
        if route.matches(scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return frozenset(found | ({"HEAD"} if "GET" in found else set()))


class Heads:
    """Wraps the application: a HEAD is answered as the same GET would be, status and headers alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on the request; of the answer to a HEAD nothing is sent after its head."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        told = asyncio.Event()
        is_read = False

        async def nothing_more() -> Message:
            nonlocal is_read
            if not is_read:
                is_read = True
                return {"type": "http.request", "body": b"", "more_body": False}
            # A stream never ends by itself: it goes on until its listener leaves.
            await told.wait()
            return {"type": "http.disconnect"}

        async def head(message: Message) -> None:
            if message["type"] != "http.response.start" or told.is_set():
                return
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            told.set()

        await self._app({**scope, "method": "GET"}, nothing_more, head)
