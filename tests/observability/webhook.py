"""A receiver that keeps every message as Alertmanager sent it; it can refuse, go away, and come back where it was."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import ports
from tests.observability.stack import eventually

Alert = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """One call of a webhook: when it arrived (Unix seconds), at which path, and the alerts in it."""

    at: float
    path: str
    alerts: tuple[Alert, ...]

    def holds(self, status: str | None = None, **labels: str) -> list[Alert]:
        """The alerts with this status and these labels."""
        return [
            alert
            for alert in self.alerts
            if status in (None, alert["status"]) and labels.items() <= alert["labels"].items()
        ]


class _Server(ThreadingHTTPServer):
    # Alertmanager calls for many groups at once; whoever finds no room in the queue comes back a second later.
    request_queue_size = 128


class Webhook:
    """Listens on a loopback port of its own while used as a context manager. `refuse`: the status to say no with."""

    def __init__(self) -> None:
        self.refuse: int | None = None
        self._messages: list[Message] = []
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        # Nobody else is to have it while we are away.
        self._port = ports.port()

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self._port}"

    @property
    def messages(self) -> list[Message]:
        """Everything that was accepted so far, in the order of arrival."""
        with self._lock:
            return list(self._messages)

    def about(self, status: str | None = None, **labels: str) -> list[Message]:
        """The messages that hold an alert with this status and these labels."""
        return [message for message in self.messages if message.holds(status, **labels)]

    def wait_for(self, seconds: float, status: str, **labels: str) -> Message:
        """The first message about it; AssertionError when none comes."""
        return eventually(lambda: self.about(status, **labels), seconds, f"a message: {status} {labels}")[0]

    def open(self) -> None:
        """Listen, at the same port as before."""
        self._server = _Server(("127.0.0.1", self._port), _handler(self._take))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="webhook").start()

    def close(self) -> None:
        """Go away: whoever calls finds nobody."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Nobody listens while this lasts."""
        self.close()
        try:
            yield
        finally:
            self.open()

    def _take(self, path: str, body: bytes) -> int:
        if self.refuse is not None:
            return self.refuse
        alerts = tuple(json.loads(body)["alerts"])
        with self._lock:
            self._messages.append(Message(time.time(), path, alerts))
        return 200

    def __enter__(self) -> "Webhook":
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _handler(take: Callable[[str, bytes], int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(take(self.path, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
