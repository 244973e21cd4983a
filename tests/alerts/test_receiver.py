"""The webhook that prints alerts: it takes what Alertmanager sends, refuses the rest and never falls over."""

import http.client
import json
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import httpx
import pytest

from alerts.receiver import MAX_BODY_BYTES, Alert, handler_for, one_line
from tests.loopback import served

ALERT = {"status": "firing", "labels": {"alertname": "QueueLongestWaitHigh"}, "annotations": {}, "startsAt": "t"}


@pytest.fixture
def received() -> list[Alert]:
    return []


@pytest.fixture
def url(received: list[Alert]) -> Iterator[str]:
    with served(ThreadingHTTPServer(("127.0.0.1", 0), handler_for(received.append))) as address:
        yield f"http://{address}"


def test_every_alert_of_a_call_is_delivered(url: str, received: list[Alert]) -> None:
    answer = httpx.post(f"{url}/floor", json={"version": "4", "alerts": [ALERT, {**ALERT, "status": "resolved"}]})
    assert answer.status_code == 200
    assert [alert["status"] for alert in received] == ["firing", "resolved"]


def test_an_incident_of_a_thousand_alerts_is_one_call_that_is_taken(url: str, received: list[Alert]) -> None:
    alerts = [{**ALERT, "annotations": {"description": "x" * 4_000}}] * 1_000
    assert httpx.post(f"{url}/floor", json={"version": "4", "alerts": alerts}).status_code == 200
    assert len(received) == 1_000


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b'{"alerts": 1}', b'{"alerts": [1]}', b"\xff", b"[" * 100_000]
)
def test_another_body_is_refused_with_a_reason(url: str, received: list[Alert], body: bytes) -> None:
    answer = httpx.post(url, content=body)
    assert answer.status_code == 400
    assert answer.text
    assert received == []


def test_a_body_without_end_is_refused_before_it_is_read(url: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/floor")
    connection.putheader("Content-Length", str(MAX_BODY_BYTES + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_it_says_that_it_lives(url: str) -> None:
    assert httpx.get(f"{url}/livez").status_code == 200
    assert httpx.get(f"{url}/other").status_code == 404


def test_an_alert_is_one_line_whatever_is_in_it() -> None:
    line = one_line({**ALERT, "labels": {"queue": "a\nb\x1b[31m\u2028客服"}})
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["labels"]["queue"] == "a\nb\x1b[31m\u2028客服"
