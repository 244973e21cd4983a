"""Server-sent events: each client gets the newest state at each tick, or, when it is slow, fewer and newer ones.

Nothing queues up: a client that cannot be written to within WRITE_SECONDS is cut off.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from board.publish import Publication, Publisher

MAX_CLIENTS = 200
PING_SECONDS = 15.0
WRITE_SECONDS = 5.0
MAX_LIFE_SECONDS = 3_600.0
RETRY_MS = 2_000
_encode = msgspec.json.Encoder().encode


def event(publication: Publication, since_tick: int, namespace: str, *, order: bool = True) -> bytes:
    """One event: the state of the whole, and the cards that changed after `since_tick` (0: all of them).

    With `order` it lists all queues worst first, as [queue, channel]; null means as before, as it does for `floor`.
    """
    verdict, floor = publication.verdict, publication.floor
    body: dict[str, Any] = {
        "namespace": namespace,
        "state": verdict.state,
        "reason": verdict.reason,
        "now_ms": verdict.now_ms,
        "true_at_ms": verdict.true_at_ms,
        "updated_ms": verdict.updated_wall_ms,
        "published_at_ms": publication.wall_ms,
        "whole": since_tick == 0,
        "order": list(publication.entries) if order else None,
        "unconfigured": publication.unconfigured,
        "floor": msgspec.Raw(floor.card) if floor is not None and floor.changed > since_tick else None,
        "queues": [msgspec.Raw(entry.card) for entry in publication.entries.values() if entry.changed > since_tick],
    }
    return b"event: snapshots\nid: %d\ndata: %s\n\n" % (publication.tick, _encode(body))


class Clients:
    """Who listens now; `closing` ends all streams."""

    def __init__(self) -> None:
        self.count = 0
        self.closing = asyncio.Event()


class EventStream(Response):
    """The response of one client. `cut` is called with the client's address when it does not take what is written."""

    media_type = "text/event-stream"

    def __init__(
        self, publisher: Publisher, clients: Clients, namespace: str, cut: Callable[[tuple[str, int]], None]
    ) -> None:
        super().__init__(status_code=200)
        # A length would end the stream after its first byte.
        del self.headers["content-length"]
        self._publisher, self._clients, self._namespace, self._cut = publisher, clients, namespace, cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the client leaves, is too slow, has lived its hour, or the board closes."""
        self._clients.count += 1
        leaves = [asyncio.create_task(self._gone(receive)), asyncio.create_task(self._clients.closing.wait())]
        talk = asyncio.create_task(self._talk(send))
        try:
            await asyncio.wait([talk, *leaves], return_when=asyncio.FIRST_COMPLETED, timeout=MAX_LIFE_SECONDS)
            if talk.done() and isinstance(talk.exception(), TimeoutError):
                self._cut(scope["client"])
                # uvicorn learns of it in the loop's next round, and then does not miss the end of the response.
                await asyncio.sleep(0.01)
                return
        finally:
            self._clients.count -= 1
            for task in (talk, *leaves):
                task.cancel()
            await asyncio.gather(talk, *leaves, return_exceptions=True)
        if not leaves[0].done() or leaves[0].cancelled():
            await self._write(send, b"retry: %d\n\n" % RETRY_MS, more=False)

    async def _talk(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await self._write(send, b"retry: %d\n\n" % RETRY_MS)
        sent, known, spoke = 0, None, time.monotonic()
        while True:
            publication = self._publisher.latest
            if publication.tick > sent:
                order = list(publication.entries)
                await self._write(send, event(publication, sent, self._namespace, order=order != known))
                sent, known, spoke = publication.tick, order, time.monotonic()
            elif time.monotonic() - spoke >= PING_SECONDS:
                await self._write(send, b": ping\n\n")
                spoke = time.monotonic()
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(PING_SECONDS):
                        await self._publisher.next_tick()

    async def _write(self, send: Send, text: bytes, *, more: bool = True) -> None:
        async with asyncio.timeout(WRITE_SECONDS):
            await send({"type": "http.response.body", "body": text, "more_body": more})

    async def _gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
