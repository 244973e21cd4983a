"""uvicorn inside our own loop: no signal handlers, no Server header, and limits for those who are slow or many.

uvicorn itself waits for ever for the rest of a request and for a reader that takes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from board.door.security import HEADERS
from board.stream.wire import Wire, forget, register

STOP_SECONDS = 1
FILES_BESIDE = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds: for the header of a request, for its body, for saying nothing between two, for taking no byte.

    `connections`: as many at a time, further ones are answered 503 at once.
    """

    header: float = 5.0
    body: float = 10.0
    idle: int = 15
    stalled: float = 5.0
    connections: int = 1_000


class PatientProtocol(H11Protocol):
    """uvicorn's protocol with a clock for whatever somebody else has to do."""

    def __init__(self, *arguments: Any, limits: Limits, headers: Mapping[str, str], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._limits, self._security = limits, headers
        self._phase: str | None = None
        self._request_timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None
        self._wire: Wire

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock, and remember the connection, so that a stream can look at it."""
        super().connection_made(transport)
        self._wire = register(transport)
        if len(self.connections) > self._limits.connections:
            self._answer_at_once(503, "too many connections")
            return
        self._enter("header", self._limits.header)

    def handle_events(self) -> None:
        """Look at which part of a request is waited for now."""
        super().handle_events()
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            self._enter("body", self._limits.body)
        elif state is h11.IDLE and self.conn.trailing_data[0]:
            self._enter("header", self._limits.header)
        else:
            self._enter(None, 0)

    def _enter(self, phase: str | None, seconds: float) -> None:
        # The clock of a phase goes on while more of the same comes, or a byte a second would hold it back for ever.
        if phase == self._phase:
            return
        if self._request_timer is not None:
            self._request_timer.cancel()
        self._phase = phase
        self._request_timer = self.loop.call_later(seconds, self.transport.abort) if phase else None

    def pause_writing(self) -> None:
        """The reader is behind."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """The reader has caught up; what a stream writes next is looked at anew."""
        super().resume_writing()
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None
        # Whoever reads the rest of an answer has no stream that goes on.
        if self.conn.our_state is not h11.SEND_BODY:
            self._watch_reader()

    def on_response_complete(self) -> None:
        """The answer is made; whether it is taken is another matter."""
        super().on_response_complete()
        self._watch_reader()

    def _watch_reader(self) -> None:
        due = self.transport.get_write_buffer_size()
        if due and self._reader_timer is None:
            self._reader_timer = self.loop.call_later(self._limits.stalled, self._look_at_reader, due)

    def _look_at_reader(self, before: int) -> None:
        self._reader_timer = None
        if self.transport.get_write_buffer_size() >= before:
            self._wire.cut()
        else:
            self._watch_reader()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP like everything else."""
        self._answer_at_once(400, "bad request")

    def _answer_at_once(self, status: int, text: str) -> None:
        body = b'{"error":"%s"}' % text.encode()
        lines = [
            f"HTTP/1.1 {status} {'Bad Request' if status == 400 else 'Service Unavailable'}",
            *(f"{name}: {value}" for name, value in self._security.items()),
            "content-type: application/json",
            f"content-length: {len(body)}",
            "connection: close",
        ]
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        for timer in (self._request_timer, self._reader_timer):
            if timer is not None:
                timer.cancel()
        forget(self._wire)
        super().connection_lost(exc)


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


def allow_connections(wanted: int) -> None:
    """Let this process have as many open files as that takes, as far as it may."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + FILES_BESIDE
    if soft != resource.RLIM_INFINITY and soft < needed:
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def make_server(app: ASGIApp, limits: Limits | None = None, headers: Mapping[str, str] = HEADERS) -> QuietServer:
    """A server for `app`; run `serve(sockets=[...])`, and set `should_exit` to stop it.

    `headers`: what answers have that are made before `app` is asked.
    """
    limits = limits or Limits()
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    options: dict[str, Any] = {
        "log_config": None,
        "access_log": False,
        "lifespan": "off",
        "server_header": False,
        "http": partial(PatientProtocol, limits=limits, headers=headers),
        "ws": "none",
        # It would believe anybody on this machine about where a request came from; hosts.py asks for a list.
        "proxy_headers": False,
        "timeout_keep_alive": limits.idle,
        "timeout_graceful_shutdown": STOP_SECONDS,
    }
    return QuietServer(uvicorn.Config(app, **options))
