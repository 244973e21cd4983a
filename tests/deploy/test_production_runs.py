"""compose.production.yml at work: its commands, secrets and Redis users on real servers of this machine.

Kafka is the embedded one in the place of the image's (test_kafka.py); what needs a program that is not here stands in
test_elsewhere.py.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from floorpulse.processes import Children
from tests.deploy.manifests import container
from tests.deploy.native import Native, put_in
from tests.eventually import eventually

QUEUE = "support"
#: What the client library says of itself is refused, and it does not mind.
SETINFO = {("worker", "client|setinfo"), ("board", "client|setinfo"), ("alerts", "client|setinfo")}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Native]:
    """Worker, board and a source, and one call that waits and that the board knows of."""
    folder = tmp_path_factory.mktemp("production")
    (folder / "queue_log").touch()
    with Children() as children:
        native = Native("production", children, folder)
        native.start_redis()
        native.start_kafka()
        for name in ("worker-1", "board", "asterisk", "alerts"):
            native.start(name)
        native.call_arrives(QUEUE)
        eventually(lambda: waiting(native) == 1, 60)
        yield native


def waiting(native: Native) -> int | None:
    """How many wait, while the board knows."""
    shot = native.queues("read").get(QUEUE)
    return None if shot is None else int(shot["now"]["waiting"])


def post(native: Native, path: str, body: dict[str, str], scope: str) -> httpx.Response:
    return httpx.post(f"{native.url('board')}{path}", json=body, headers=native.bearer(scope))


def test_a_call_goes_from_the_log_to_the_board_past_every_lock(running: Native) -> None:
    def offered() -> list[int]:
        # On a busy machine a snapshot may be late for a moment, and late ones are not among these.
        return [shot["windows"]["30m"]["offered"] for name, shot in running.queues("read").items() if name == QUEUE]

    eventually(lambda: offered() == [1], 30)


def test_the_health_checks_say_yes_while_all_is_well(running: Native) -> None:
    # All at one time, however busy this machine is at another.
    eventually(lambda: all(running.check(name) for name in ("redis", "worker-1", "board", "asterisk", "alerts")), 60)


@pytest.mark.parametrize("path", ["/api/queues", "/api/floor", "/metrics", "/metrics/live", "/api/agents", "/readyz"])
def test_nobody_reads_without_a_token(running: Native, path: str) -> None:
    assert running.get(path).status_code == 401
    assert running.get("/livez").status_code == 200


def test_the_token_of_prometheus_opens_the_metrics_and_nothing_else(running: Native) -> None:
    assert "cc_queue_contacts_waiting" in running.get("/metrics/live", "metrics").text
    assert running.get("/metrics", "metrics").status_code == 200
    assert running.get("/api/queues", "metrics").status_code == 403


def test_the_simulator_cannot_be_made_busy(running: Native) -> None:
    assert post(running, "/api/simulator/spike", {"queue": QUEUE}, "admin").status_code == 404


def test_redis_refuses_the_board_nothing_that_people_ask_of_it(running: Native) -> None:
    note = {"text": "campaign sent", "author": "Ana"}
    assert post(running, "/api/notes", note, "read").status_code == 403
    assert post(running, "/api/notes", note, "write").status_code == 201
    (found,) = running.get("/api/notes", "read").json()["notes"]
    assert found["text"] == "campaign sent"
    (caller,) = running.get(f"/api/queues/{QUEUE}/contacts?channel=voice&list=waiting", "read").json()["items"]
    claim = {"channel": "voice", "contact": caller["contact"], "by": "Ana"}
    assert post(running, f"/api/queues/{QUEUE}/claims", claim, "write").status_code == 200
    span = "from=2026-01-01T00:00:00%2B00:00&to=2026-01-02T00:00:00%2B00:00"
    pages = ("/api/trends", "/api/floor", "/api/agents", "/api/backlog", f"/api/report?{span}&by=queue")
    behind = (f"/api/queues/{QUEUE}/contacts?channel=voice&list=waiting", f"/api/explain/{QUEUE}/voice/service_level")
    for page in (*pages, *behind):
        assert running.get(page, "read").status_code == 200, page
    assert running.refused() <= SETINFO


def test_the_alert_engine_evaluates_and_redis_refuses_it_nothing_that_it_needs(running: Native) -> None:
    page = f"{running.url('alerts')}/metrics"

    def evaluated() -> bool:
        text = httpx.get(page).text
        return "cc_alert_leader 1.0" in text and re.search(r"cc_alert_evaluations_total\{.*\} [1-9]", text) is not None

    eventually(evaluated, 30)
    assert running.refused() <= SETINFO


def test_the_relay_takes_alerts_from_whoever_shows_the_token_of_alertmanager(running: Native, tmp_path: Path) -> None:
    url = "http://127.0.0.1:1/cgi-bin/webhook/send?key=0"
    robot = f'[robot.floor]\nplatform = "wecom"\nurl = "{url}"\nallow_any_host = true\n'
    (tmp_path / "relay.toml").write_text(robot, encoding="utf-8")
    running.start("relay", FLOORPULSE_RELAY_CONFIG=str(tmp_path / "relay.toml"))
    url, call = (
        f"{running.url('relay')}/robots/floor",
        {"version": "4", "groupKey": "g", "status": "firing", "alerts": []},
    )
    assert httpx.post(url, json=call).status_code == 401
    shown = {"Authorization": f"Bearer {running.secret('relay_token')}"}
    assert httpx.post(url, json=call, headers=shown).status_code != 401


def test_what_is_stored_can_be_verified_and_reported_from_the_board(running: Native) -> None:
    """As docs/deploy.md tells people to, by the board's own user of Redis."""
    for command in ("verify", "report"):
        done = running.run("board", command)
        assert done.returncode == 0, done.stdout + done.stderr
    assert running.refused() <= SETINFO


def test_a_pod_of_the_board_is_ready_by_the_command_that_asks(running: Native) -> None:
    """The probe of deploy/30-board.yaml, with this board's address and token."""
    program, *words = container("board")["readinessProbe"]["exec"]["command"]
    assert program == "python"
    for name, is_ready in (("metrics_token", True), ("grafana_secret_key", False)):
        here = {
            "/run/secrets/floorpulse/metrics_token": str(running.secret_path(name)),
            "http://127.0.0.1:8080": running.url("board"),
        }
        command = [sys.executable, *(put_in(word, here) for word in words)]
        assert (subprocess.run(command, capture_output=True, check=False).returncode == 0) is is_ready


def test_a_worker_goes_when_it_is_told_to(running: Native) -> None:
    """Compose sends SIGTERM and waits 20 s, Kubernetes 30 s."""
    child = running.start("worker-2")
    child.ask_to_stop()
    eventually(lambda: child.exit_code is not None, 20)
    assert child.exit_code == 0
