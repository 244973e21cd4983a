"""Server-sent events: each client gets the newest state at each tick, or, when it is slow, fewer and newer ones.

Nothing queues up: a client that takes nothing for WRITE_SECONDS is cut off.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from board.publish import Publisher
from board.stream.listeners import Clients
from board.stream.stalls import Stall

__all__ = ["Clients", "EventStream"]

log = logging.getLogger("floorpulse.board")

PING_SECONDS = 15.0
WRITE_SECONDS = 5.0
LOOKS_PER_WRITE = 10
MAX_LIFE_SECONDS = 3_600.0
RETRY_MS = 2_000
FULL_SECONDS = 10
# When the board closes, it does not wait for those who take nothing.
GOODBYE_SECONDS = 0.5


class EventStream(Response):
    """The response of one client. `cut` is called with the client's address when it does not take what is written.

    `listener`: whom it is counted for; `tv`: nobody is to be named; `due`: bytes that were written and not taken yet.
    `was_cut`: whether the server broke the connection, for it watches readers as well.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        publisher: Publisher,
        clients: Clients,
        namespace: str,
        cut: Callable[[tuple[str, int]], None],
        *,
        listener: str = "",
        tv: bool = False,
        due: Callable[[], int] = lambda: 0,
        was_cut: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(status_code=200)
        # A length would end the stream after its first byte.
        del self.headers["content-length"]
        self._publisher, self._clients, self._namespace, self._cut = publisher, clients, namespace, cut
        self._listener, self._tv, self._due, self._was_cut = listener, tv, due, was_cut
        self._written, self._is_writing = 0, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the client leaves, is too slow, has lived its hour, or the board closes."""
        refused = self._clients.enter(self._listener)
        if refused:
            whose = "from here" if refused == 429 else "in all"
            answer = JSONResponse({"error": f"too many listeners {whose}"}, refused, {"Retry-After": str(FULL_SECONDS)})
            await answer(scope, receive, send)
            return
        leaves = [asyncio.create_task(self._gone(receive)), asyncio.create_task(self._clients.closing.wait())]
        talk, watch = asyncio.create_task(self._talk(send)), asyncio.create_task(self._watch())
        try:
            ends = [talk, watch, *leaves]
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED, timeout=MAX_LIFE_SECONDS)
            if not done:
                self._clients.counts.drop("expired")
            if watch.done() or self._was_cut():
                self._clients.counts.drop("stalled")
            if watch.done():
                await self._break(scope)
                return
        finally:
            self._clients.leave(self._listener)
            for task in (talk, watch, *leaves):
                task.cancel()
            for ended in await asyncio.gather(talk, watch, *leaves, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, OSError):
                    log.error("a stream failed", exc_info=ended)
        if not leaves[0].done() or leaves[0].cancelled():
            try:
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self._write(send, b"retry: %d\n\n" % RETRY_MS, more=False)
            except TimeoutError:
                await self._break(scope)

    async def _break(self, scope: Scope) -> None:
        self._cut(scope["client"])
        # uvicorn learns of it in the loop's next round, and then does not miss the end of the response.
        await asyncio.sleep(0.01)

    async def _talk(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await self._write(send, b"retry: %d\n\n" % RETRY_MS)
        sent, spoke = 0, time.monotonic()
        while True:
            publication = self._publisher.latest
            if publication.tick > sent:
                text = self._clients.shared.text(publication, sent, self._namespace, tv=self._tv)
                sent = publication.tick
                await self._write(send, text)
                spoke = time.monotonic()
            elif time.monotonic() - spoke >= PING_SECONDS:
                await self._write(send, b": ping\n\n")
                spoke = time.monotonic()
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(PING_SECONDS):
                        await self._publisher.next_tick()

    async def _write(self, send: Send, text: bytes, *, more: bool = True) -> None:
        self._is_writing = True
        await send({"type": "http.response.body", "body": text, "more_body": more})
        self._is_writing = False
        self._written += len(text)

    async def _watch(self) -> None:
        """Return once the client has taken nothing for WRITE_SECONDS, however little of it shows in our own memory."""
        stall = Stall(LOOKS_PER_WRITE)
        while True:
            await asyncio.sleep(WRITE_SECONDS / LOOKS_PER_WRITE)
            due = self._due()
            if stall.has_come(self._written - due, due + self._is_writing):
                return

    async def _gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
