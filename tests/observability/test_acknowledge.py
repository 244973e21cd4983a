"""To take an alert, on a real Alertmanager: no next message comes, all see who has it, and it can be given back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from floorpulse.embedded import HOST, start_redis
from floorpulse.processes import Children, floorpulse_command
from kpi.instants import format_time
from tests import ports
from tests.board.fake_worker import FakeWorker
from tests.board.held_alerts import held, tell
from tests.observability.stack import NO_TLS, Alertmanager, _alertmanager, answers, eventually
from tests.receiver import RecordingReceiver

# As the shipped configuration, but with messages that come again within seconds instead of minutes.
CONFIG = """
route:
  receiver: floor
  group_by: [incident]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1s
receivers:
  - name: floor
    webhook_configs: [{{url: "http://{receiver}/floor", send_resolved: true}}]
"""
LABELS = {
    "alertname": "QueueLongestWaitHigh", "severity": "critical", "queue": "support", "channel": "voice",
    "audience": "floor", "source": "stream", "incident": "support-1",
}  # fmt: skip
BODY = {"author": "Ana", "reason": "two more are on their way", "minutes": 30}


def fire(manager: str, since_ms: int, **labels: str) -> None:
    """Say to an Alertmanager that an alert fires, as the alert engine does."""
    alert = {
        "labels": {**LABELS, **labels}, "annotations": {"summary": "3:20"}, "startsAt": format_time(since_ms),
        "endsAt": format_time(since_ms + 600_000),
    }  # fmt: skip
    answer = httpx.post(f"{manager}/api/v2/alerts", json=[alert], verify=NO_TLS)
    assert answer.status_code == 200, answer.text


@dataclass
class Chain:
    """A board, its Redis and an Alertmanager that sends to `receiver`."""

    redis: str
    board: str
    manager: str
    receiver: RecordingReceiver

    def fire(self, since_ms: int, **labels: str) -> None:
        """Say that it fires, as the alert engine does."""
        fire(self.manager, since_ms, **labels)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = httpx.request(method, f"{self.board}{path}", verify=NO_TLS, timeout=10, **more)
        return answer.status_code, answer.json()

    def next_turns(self, number: int) -> None:
        """Wait until people are told so often again of the queue that nobody takes; it has its turn as often as any."""
        for _ in range(number):
            self.receiver.wait_for(30, "firing", since=time.time(), queue="billing")

    def messages(self, since: float, queue: str = "support") -> int:
        return len([one for one in self.receiver.received if one.at > since and one.labels["queue"] == queue])


@pytest.fixture(scope="module")
def chain(children: Children, receiver: RecordingReceiver, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    folder: Path = tmp_path_factory.mktemp("alertmanager")
    (folder / "alertmanager.yml").write_text(CONFIG.format(receiver=receiver.address), "utf-8")
    port, board_port, redis_url = ports.port(), ports.port(), start_redis(children)
    command = [
        _alertmanager(), f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'data'}",
        f"--web.listen-address={HOST}:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    manager = f"http://{HOST}:{port}"
    answers(children.start("Alertmanager", command), f"{manager}/-/ready")
    worker = FakeWorker(redis_url)
    now_ms = time.time_ns() // 1_000_000
    for queue in ("support", "billing"):
        worker.join(queue, "c1", now_ms - 200_000)
    worker.commit(now_ms)
    env = {
        "FLOORPULSE_REDIS": redis_url, "FLOORPULSE_BOARD_PORT": str(board_port), "FLOORPULSE_ALERTMANAGER": manager,
    }  # fmt: skip
    board = children.start("the board", floorpulse_command("board"), env)
    found = Chain(redis_url, f"http://{HOST}:{board_port}", manager, receiver)
    answers(board, f"{found.board}/readyz")
    eventually(lambda: found.ask("GET", "/api/alerts")[1]["delivery"]["reachable"], 10, "the board asks Alertmanager")
    return found


def test_whoever_takes_an_alert_stops_its_messages_is_named_and_can_give_it_back(chain: Chain) -> None:
    since = time.time_ns() // 1_000_000 - 60_000
    alert = held(since_ms=since)
    tell(chain.redis, alert, held(queue="billing", since_ms=since))
    chain.fire(since)
    chain.fire(since, queue="billing", incident="billing-1")
    chain.receiver.wait_for(30, "firing", queue="support")
    path = f"/api/alerts/{quote(alert.field, safe='')}/acknowledge"
    status, told = chain.ask("POST", path, json=BODY)
    assert status == 201, told
    chain.next_turns(2)  # a message may be on its way
    taken = time.time()
    chain.next_turns(2)
    assert chain.messages(taken) == 0, "nobody is told again, while of the other queue people are"

    _, listed = chain.ask("GET", "/api/alerts?state=acknowledged")
    [shown] = listed["alerts"]
    assert (shown["queue"], shown["acknowledged"]["by"], shown["acknowledged"]["reason"]) == (
        "support", "Ana", BODY["reason"],
    )  # fmt: skip
    assert abs(shown["acknowledged"]["until_ms"] - (time.time() * 1000 + 1_800_000)) < 60_000
    assert shown["acknowledged"]["alone"]
    silences = httpx.get(f"{chain.manager}/api/v2/silences", verify=NO_TLS).json()
    [silence] = [each for each in silences if each["status"]["state"] == "active"]
    assert (silence["createdBy"], silence["comment"]) == ("Ana", BODY["reason"])

    assert chain.ask("POST", path, json={**BODY, "author": "Bo", "minutes": 60})[0] == 201
    silences = httpx.get(f"{chain.manager}/api/v2/silences", verify=NO_TLS).json()
    assert [each["createdBy"] for each in silences if each["status"]["state"] == "active"] == ["Bo"], "one, not two"

    status, told = chain.ask("DELETE", path)
    assert (status, len(told["silences"])) == (200, 1)
    back = time.time()
    chain.receiver.wait_for(30, "firing", since=back, queue="support")
    assert chain.ask("GET", "/api/alerts?state=acknowledged")[1]["alerts"] == []
    assert chain.ask("DELETE", path)[0] == 404


def test_a_silence_made_elsewhere_is_shown_whatever_it_is_made_of(chain: Chain) -> None:
    since = time.time_ns() // 1_000_000
    tell(chain.redis, held(queue="billing", since_ms=since))
    chain.fire(since, queue="billing", incident="billing-1")
    body = {
        "matchers": [{"name": "queue", "value": "bil.*", "isRegex": True, "isEqual": True}], "createdBy": "amtool",
        "startsAt": format_time(since), "endsAt": format_time(since + 60_000), "comment": "maintenance",
    }  # fmt: skip
    made = httpx.post(f"{chain.manager}/api/v2/silences", json=body, verify=NO_TLS).json()["silenceID"]

    def shown() -> Any:
        return chain.ask("GET", "/api/alerts?state=acknowledged&queue=billing")[1]["alerts"]

    [alert] = eventually(shown, 10, "a pattern of Alertmanager's own")
    assert (alert["acknowledged"]["by"], alert["acknowledged"]["alone"]) == ("amtool", False)
    assert alert["acknowledged"]["silence"] == made
    status, told = chain.ask("DELETE", f"/api/alerts/{quote(alert['id'], safe='')}/acknowledge")
    assert (status, told["error"]) == (409, "its silence is about more than this alert; end it in Alertmanager")
    assert httpx.delete(f"{chain.manager}/api/v2/silence/{made}", verify=NO_TLS).status_code == 200


def test_who_has_taken_an_alert_and_what_was_told_outlive_kill_9(
    children: Children, receiver: RecordingReceiver, tmp_path: Path
) -> None:
    manager = Alertmanager(children, tmp_path / "shipped", receiver.address, kept="1s")
    since = time.time_ns() // 1_000_000
    fire(manager.url, since, queue="told", incident="told-1")
    receiver.wait_for(30, "firing", queue="told")
    silence = {
        "matchers": [{"name": "queue", "value": "taken", "isRegex": False, "isEqual": True}], "createdBy": "Ana",
        "startsAt": format_time(since), "endsAt": format_time(since + 600_000), "comment": "mine",
    }  # fmt: skip
    made = httpx.post(f"{manager.url}/api/v2/silences", json=silence, verify=NO_TLS).json()["silenceID"]
    eventually(lambda: made.encode() in written(manager.data / "silences"), 10, "the silence stands on disk")
    eventually(lambda: b"told-1" in written(manager.data / "nflog"), 10, "what was told stands on disk")

    manager.kill()
    manager.start()
    for queue in ("taken", "told", "new"):
        fire(manager.url, since, queue=queue, incident=f"{queue}-1")
    receiver.wait_for(30, "firing", queue="new")

    [kept] = httpx.get(f"{manager.url}/api/v2/silences", verify=NO_TLS).json()
    assert (kept["id"], kept["createdBy"], kept["status"]["state"]) == (made, "Ana", "active")
    heard = [one.labels["queue"] for one in receiver.received]
    assert (heard.count("taken"), heard.count("told")) == (0, 1)


def written(path: Path) -> bytes:
    """What stands in a file of Alertmanager's; nothing before there is one."""
    return path.read_bytes() if path.exists() else b""
