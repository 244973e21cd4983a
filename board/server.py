"""uvicorn inside our own loop: no signal handlers, no Server header, a time limit for half-sent requests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 5.0
IDLE_SECONDS = 15
MAX_CONNECTIONS = 1_000
STOP_SECONDS = 1

_transports: dict[tuple[str, int], asyncio.Transport] = {}


class PatientProtocol(H11Protocol):
    """uvicorn's protocol, which waits for a half-sent header for ever; this one has had enough after HEADER_SECONDS."""

    _header_timer: asyncio.TimerHandle | None = None
    _address: tuple[str, int] = ("", 0)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock, and remember the connection, so that a stalled one can be cut."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._address = (peer[0], peer[1]) if peer else ("", 0)
        _transports[self._address] = transport
        self._header_timer = self.loop.call_later(HEADER_SECONDS, transport.abort)

    def handle_events(self) -> None:
        """Stop the clock once a request is there."""
        super().handle_events()
        if self._header_timer is not None and self.cycle is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._header_timer is not None:
            self._header_timer.cancel()
        _transports.pop(self._address, None)
        super().connection_lost(exc)


def cut(address: tuple[str, int]) -> None:
    """Break the connection of a client at once, with what was not sent yet."""
    transport = _transports.get((address[0], address[1]))
    if transport is not None:
        transport.abort()


class QuietServer(uvicorn.Server):
    """A server that leaves signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: the process has one handler for all its parts."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. OSError when the port is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(128)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def make_server(app: ASGIApp) -> QuietServer:
    """A server for `app`; run `serve(sockets=[...])`, and set `should_exit` to stop it."""
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    options: dict[str, Any] = {
        "log_config": None,
        "access_log": False,
        "lifespan": "off",
        "server_header": False,
        "http": PatientProtocol,
        "ws": "none",
        "timeout_keep_alive": IDLE_SECONDS,
        "timeout_graceful_shutdown": STOP_SECONDS,
        "limit_concurrency": MAX_CONNECTIONS,
    }
    return QuietServer(uvicorn.Config(app, **options))
