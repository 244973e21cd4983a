"""ETags: whoever has an answer already is told so, instead of being sent it again.

Around the whole application, so that no route can forget it; the tag is a hash of the body, equal on two boards.
"""

from __future__ import annotations

import asyncio
from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGE_BYTES = 1_000_000
TAGGED_TYPES = ("application/json", "text/csv")


class Tagged:
    """Wraps the application: its JSON and CSV answers to GET have an ETag, and 304 answers an If-None-Match."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on the request, and hold back an answer that gets a tag until it is whole."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        held: Message | None = None
        body = b""

        async def hold(message: Message) -> None:
            nonlocal held, body
            if message["type"] == "http.response.start" and _is_tagged(message):
                held = message
            elif held is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await _send_tagged(held, body, Headers(scope=scope).getlist("if-none-match"), send)

        await self._app(scope, receive, hold)


def _is_tagged(start: Message) -> bool:
    kind = Headers(raw=list(start["headers"])).get("content-type", "")
    return start["status"] == 200 and kind.partition(";")[0] in TAGGED_TYPES


async def _send_tagged(start: Message, body: bytes, known: list[str], send: Send) -> None:
    headers = MutableHeaders(raw=list(start["headers"]))
    # All queues of a large floor are many megabytes; hashing lets go of the interpreter, so others may run meanwhile.
    headers["etag"] = tag = etag(body) if len(body) < LARGE_BYTES else await asyncio.to_thread(etag, body)
    # A table is asked for by this header, too.
    headers.add_vary_header("Accept")
    if is_known(tag, known):
        start, body = {**start, "status": 304}, b""
        del headers["content-length"]
        del headers["content-type"]
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})


def etag(body: bytes) -> str:
    """The strong ETag of a body."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def is_known(tag: str, known: list[str]) -> bool:
    """Whether the lines of an If-None-Match name `tag`, or "*"; a weak one is as good (RFC 9110, 13.1.2)."""
    given = {each.strip().removeprefix("W/") for line in known for each in line.split(",")}
    return tag in given or "*" in given
