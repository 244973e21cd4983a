"""A webhook for Alertmanager that records every alert it is sent, with the shipped handler behind it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Self

from alerts.receiver import Alert, handler_for


@dataclass(frozen=True)
class Received:
    """One alert of one notification and when it arrived (Unix seconds)."""

    at: float
    alert: Alert

    @property
    def status(self) -> str:
        """firing or resolved."""
        return str(self.alert["status"])

    @property
    def labels(self) -> dict[str, str]:
        """The alert's labels."""
        return dict(self.alert["labels"])

    @property
    def annotations(self) -> dict[str, str]:
        """The alert's annotations."""
        return dict(self.alert["annotations"])


class RecordingReceiver:
    """Listens on a free loopback port while used as a context manager."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._received: list[Received] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(self._record))
        self._thread = threading.Thread(target=self._server.serve_forever, name="receiver")

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def received(self) -> list[Received]:
        """Everything so far, in the order of arrival."""
        with self._arrived:
            return list(self._received)

    def wait_for(self, seconds: float, status: str, since: float = 0.0, **labels: str) -> Received:
        """The first alert with this status and labels that came at `since` or later; AssertionError when none does."""

        def fits(one: Received) -> bool:
            return one.at >= since and one.status == status and labels.items() <= one.labels.items()

        return self._wait(fits, seconds, f"{status} {labels}")

    def _wait(self, fits: Callable[[Received], bool], seconds: float, what: str) -> Received:
        end = time.monotonic() + seconds
        with self._arrived:
            while True:
                found = next((one for one in self._received if fits(one)), None)
                if found is not None:
                    return found
                left = end - time.monotonic()
                if left <= 0 or not self._arrived.wait(left):
                    seen = [(one.status, one.labels) for one in self._received]
                    raise AssertionError(f"no alert {what} within {seconds:g} s; received: {seen}")

    def _record(self, alert: Alert) -> None:
        with self._arrived:
            self._received.append(Received(time.time(), alert))
            self._arrived.notify_all()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
