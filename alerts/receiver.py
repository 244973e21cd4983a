"""A webhook for Alertmanager that prints every alert it is sent, one JSON line each: `python -m alerts.receiver`.

It stands at the end of the shipped Alertmanager configuration so that a first run shows its alerts somewhere. It keeps
nothing, forwards nothing and is meant for a private network: whoever reaches its port can write to its output.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Alertmanager does not try a 413 again, and an incident of a thousand alerts, 4 kB each, is one call.
MAX_BODY_BYTES = 8_000_000
IDLE_SECONDS = 30
Alert = Mapping[str, Any]
Deliver = Callable[[Alert], None]


def alerts_of(body: bytes) -> list[Alert]:
    """The alerts in one Alertmanager webhook call (its JSON, version 4); ValueError when it is none."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    alerts = message.get("alerts") if isinstance(message, dict) else None
    if not isinstance(alerts, list) or not all(isinstance(alert, dict) for alert in alerts):
        raise ValueError("no list 'alerts'; wanted the body of an Alertmanager webhook")
    return alerts


def handler_for(deliver: Deliver) -> type[BaseHTTPRequestHandler]:
    """A request handler that gives every posted alert to `deliver`; 400 on any other body, 200 on GET /livez."""

    class Handler(BaseHTTPRequestHandler):
        timeout = IDLE_SECONDS

        def do_GET(self) -> None:
            self._answer(200 if self.path == "/livez" else 404)

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdecimal()) or int(length) > MAX_BODY_BYTES:
                self._answer(413)
                return
            try:
                for alert in alerts_of(self.rfile.read(int(length))):
                    deliver(alert)
            except ValueError as error:
                self._answer(400, str(error))
            else:
                self._answer(200)

        def _answer(self, status: int, text: str = "") -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The alerts are the log; a line per request would drown them."""

    return Handler


def one_line(alert: Alert) -> str:
    """An alert as one line of JSON: status, labels, annotations, startsAt, endsAt; control characters escaped."""
    kept = {key: alert.get(key) for key in ("status", "labels", "annotations", "startsAt", "endsAt")}
    return json.dumps(kept, ensure_ascii=True, sort_keys=True)


def print_line(alert: Alert) -> None:
    """Write an alert to the standard output at once."""
    sys.stdout.write(one_line(alert) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve on FLOORPULSE_BIND (127.0.0.1) and FLOORPULSE_WEBHOOK_PORT (9099) until stopped."""
    if len(sys.argv) > 1:
        sys.exit("usage: python -m alerts.receiver, with FLOORPULSE_BIND and FLOORPULSE_WEBHOOK_PORT; no arguments")
    address = (os.environ.get("FLOORPULSE_BIND", "127.0.0.1"), int(os.environ.get("FLOORPULSE_WEBHOOK_PORT", "9099")))
    with ThreadingHTTPServer(address, handler_for(print_line)) as server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.exit(0)


if __name__ == "__main__":
    main()
