"""An Alertmanager in memory: what the board asks of the real one, and nothing else. Times are those it is given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from board.alerts_manager import Alertmanager
from kpi.instants import format_time, parse_time
from tests.loopback import served

ADDRESS = "http://alertmanager.test:9093"


class FakeAlertmanager:
    """`alerts` and `silences` as its API tells them; while it is `away` nobody can reach it."""

    def __init__(self) -> None:
        self.alerts: list[dict[str, Any]] = []
        self.silences: dict[str, dict[str, Any]] = {}
        self.away = False
        self.status = 200
        self.asked: list[tuple[str, str]] = []

    def client(self, addresses: Iterable[str] = (ADDRESS,)) -> Alertmanager:
        """The board's own client of it."""
        return Alertmanager(list(addresses), httpx.MockTransport(self.answer))

    def fire(
        self, rule: str, at_ms: int, annotations: dict[str, str] | None = None, lasting_ms: int = 300_000, **labels: str
    ) -> dict[str, Any]:
        """An alert that Prometheus sends."""
        alert = {
            "labels": {
                "alertname": rule, "severity": "critical", "source": "prometheus", "audience": "floor", **labels,
            },
            "annotations": annotations or {},
            "startsAt": format_time(at_ms),
            "endsAt": format_time(at_ms + lasting_ms),
            "updatedAt": format_time(at_ms),
            "fingerprint": f"{len(self.alerts):016x}",
            "generatorURL": "",
            "receivers": [{"name": "floor"}],
            "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        }  # fmt: skip
        self.alerts.append(alert)
        return alert

    def active(self) -> list[dict[str, Any]]:
        """The silences in force."""
        return [each for each in self.silences.values() if each["status"]["state"] == "active"]

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What it answers."""
        path = request.url.path.removeprefix("/api/v2/")
        self.asked.append((request.method, str(request.url)))
        if self.away:
            raise httpx.ConnectError("refused", request=request)
        if self.status != 200:
            return httpx.Response(self.status, json="no such thing")
        if request.method == "GET":
            return httpx.Response(200, json=self.alerts if path == "alerts" else list(self.silences.values()))
        if request.method == "POST":
            return self._silence(json.loads(request.content))
        return self._expire(path.removeprefix("silence/"))

    def _silence(self, sent: dict[str, Any]) -> httpx.Response:
        if parse_time(sent["startsAt"]) >= parse_time(sent["endsAt"]):
            return httpx.Response(400, json="start time must be before end time")
        before = sent.pop("id", None)
        if before is not None:
            if before not in self.silences:
                return httpx.Response(404, json=f"silence {before} not found")
            self._end(before)
        id = f"silence-{len(self.silences) + 1}"
        self.silences[id] = {"id": id, "status": {"state": "active"}, "updatedAt": sent["startsAt"], **sent}
        return httpx.Response(200, json={"silenceID": id})

    def _expire(self, id: str) -> httpx.Response:
        if id not in self.silences:
            return httpx.Response(404, json=f"silence {id} not found")
        self._end(id)
        return httpx.Response(200)

    def _end(self, id: str) -> None:
        self.silences[id]["status"] = {"state": "expired"}


@contextmanager
def serving(fake: FakeAlertmanager) -> Iterator[str]:
    """Serve it on a free loopback port, for boards in processes of their own; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                answer = fake.answer(httpx.Request(self.command, f"{ADDRESS}{self.path}", content=body))
            except httpx.ConnectError:
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def do_POST(self) -> None:
            self.do_GET()

        def do_DELETE(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: what goes wrong is seen in the answers."""

    with served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as address:
        yield f"http://{address}"
