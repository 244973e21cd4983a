"""An Alertmanager that writes down what it is told, and answers as badly as it is asked to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kpi.instants import parse_time
from tests.loopback import served

Alert = dict[str, Any]
WATCHDOG = "StreamWatchdog"
#: However long a gate stays closed, no thread waits there for ever.
MOST_SECONDS = 60


@dataclass
class FakeAlertmanager:
    """`status` is what it answers with, not before `gate` is open; an alert with `hates` in its JSON is a 400 for all.

    A call of more than `most_bytes` never reaches it: 413.
    """

    url: str = ""
    status: int = 200
    gate: threading.Event = field(default_factory=threading.Event)
    hates: str = ""
    most_bytes: int = 100_000_000
    posts: list[list[Alert]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    held: list[Alert] = field(default_factory=list)

    def told(self, name: str = "", post: list[Alert] | None = None) -> list[Alert]:
        """Every alert that was accepted, in its order, or those of one call; the sign of life only when asked for."""
        return [
            alert
            for post in (list(self.posts) if post is None else [post])
            for alert in post
            if alert["labels"]["alertname"] == name or (not name and alert["labels"]["alertname"] != WATCHDOG)
        ]

    def firing(self) -> list[Alert]:
        """What goes on by the newest word about each alert."""
        newest = {json.dumps(alert["labels"], sort_keys=True): alert for alert in self.told()}
        return [alert for alert in newest.values() if not is_over(alert)]

    def over(self) -> list[Alert]:
        """What was told to have ended, each time it was told."""
        return [alert for alert in self.told() if is_over(alert)]


def is_over(alert: Alert) -> bool:
    """Whether an alert was told as ended: its end is not minutes ahead."""
    return parse_time(alert["endsAt"]) / 1000 < time.time() + 20


class Server(ThreadingHTTPServer):
    """One whose clients may go away in the middle."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: the test looks at what was told."""


@contextmanager
def alertmanager() -> Iterator[FakeAlertmanager]:
    """One on a free loopback port."""
    fake = FakeAlertmanager()
    fake.gate.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            alerts = json.loads(self.rfile.read(size))
            fake.gate.wait(MOST_SECONDS)
            status = 400 if fake.hates and fake.hates in json.dumps(alerts) else fake.status
            status = 413 if size > fake.most_bytes else status
            if status == 200:
                fake.posts.append(alerts)
                fake.times.append(time.time())
            self._answer(status, b"it says no" if status != 200 else b"")

        def do_GET(self) -> None:
            fake.gate.wait(MOST_SECONDS)
            self._answer(fake.status, json.dumps(fake.held).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test reads what was told."""

    with served(Server(("127.0.0.1", 0), Handler)) as address:
        fake.url = f"http://{address}"
        try:
            yield fake
        finally:
            fake.gate.set()
