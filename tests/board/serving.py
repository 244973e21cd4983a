"""A real server of the board's in this process, and plain sockets that ask it whatever they like."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from board.web.server import Limits, listen, make_server
from tests.eventually import eventually

Address = tuple[str, int]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def serving(app: ASGIApp, limits: Limits | None = None) -> AsyncIterator[Address]:
    """Serve `app` on a free loopback port; gives the address."""
    sock = listen("127.0.0.1", 0)
    server = make_server(app, limits)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield sock.getsockname()[:2]
    finally:
        server.should_exit = True
        await task
        sock.close()


async def connected(address: Address, receive_buffer: int | None = None) -> Streams:
    """A connection. `receive_buffer`: what its kernel takes without anybody reading, in bytes."""
    sock = socket.socket()
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, address)
    # A reader that keeps almost nothing for itself: who does not read it does not read the socket.
    return await asyncio.open_connection(sock=sock, limit=1_024)


async def ended(reader: asyncio.StreamReader, seconds: float = 10) -> bytes:
    """What comes until the other side ends the connection, in whichever way."""
    got = b""
    try:
        async with asyncio.timeout(seconds):
            while part := await reader.read(65_536):
                got += part
    except ConnectionError:
        pass
    return got


async def until(holds: Callable[[], bool]) -> None:
    """Wait, letting the loop run, until `holds()` does."""
    await asyncio.to_thread(eventually, holds)
