"""Names with a slash in them, in an address: `/api/queues/a%2Fb` is about the queue `a/b`.

A server decodes the whole path before routes are looked up, so an escaped slash would divide like any other. Here it
passes the routes as a sign that nobody writes, and `name_of` puts it back.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

# The first code point for private use: no name in the world has it.
_STAND_IN = "\ue000"
_ESCAPED = re.compile(rb"%2[fF]")


class EscapedSlashes:
    """Wraps the application; see above."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on the request with its escaped slashes kept apart."""
        raw = scope.get("raw_path") or b""
        if scope["type"] == "http" and _ESCAPED.search(raw):
            path = _ESCAPED.sub(_STAND_IN.encode(), raw.partition(b"?")[0])
            scope = {**scope, "path": unquote(path.decode("utf-8", "replace"))}
        await self._app(scope, receive, send)


def name_of(part: str) -> str:
    """The name that a part of the path stands for."""
    return part.replace(_STAND_IN, "/")
