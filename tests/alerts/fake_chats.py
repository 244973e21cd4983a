"""Stand-ins for Slack, WeCom, PagerDuty and a mail server: they record what a real Alertmanager sends them."""

from __future__ import annotations

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.loopback import served

HOST = "127.0.0.1"


class FakeChats:
    """What came, by the path it was posted to, and the mails as they were sent."""

    def __init__(self) -> None:
        self.posts: dict[str, list[Any]] = {}
        self.mails: list[str] = []
        self.url = ""
        self.smtp = ""


def http_handler(chats: FakeChats) -> type[BaseHTTPRequestHandler]:
    """Records each post; says yes in the words of whoever is meant."""

    class Http(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # WeCom hands out a token first
            self._answer({"errcode": 0, "access_token": "token"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            chats.posts.setdefault(self.path.split("?")[0], []).append(body)
            self._answer({"errcode": 0, "ok": True, "status": "success"}, 202 if "pagerduty" in self.path else 200)

        def _answer(self, told: dict[str, Any], status: int = 200) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, format: str, *args: object) -> None: ...

    return Http


def smtp_handler(chats: FakeChats) -> type[socketserver.StreamRequestHandler]:
    """Takes every mail, without a login."""

    class Smtp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 fake\r\n")
            for line in self.rfile:
                word = line[:4].upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    text = b""
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        text += part
                    chats.mails.append(text.decode())
                self.wfile.write(b"250 fine\r\n" if word != b"QUIT" else b"221 bye\r\n")

    return Smtp


@contextmanager
def fake_chats() -> Iterator[FakeChats]:
    """HTTP and SMTP on free loopback ports for as long as the context lasts."""
    chats = FakeChats()
    http = ThreadingHTTPServer((HOST, 0), http_handler(chats))
    smtp = socketserver.ThreadingTCPServer((HOST, 0), smtp_handler(chats))
    with served(http) as address, served(smtp) as chats.smtp:
        chats.url = f"http://{address}"
        yield chats
