"""docker-compose.yml at work: its commands on real servers of this machine, as far as they are here."""

from collections.abc import Iterator

import httpx
import pytest

from floorpulse.processes import Children
from tests.deploy.native import Native
from tests.eventually import eventually

STARTED = ("simulator", "worker-1", "board", "alerts", "alert-log")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Native]:
    with Children() as children:
        native = Native("demo", children, tmp_path_factory.mktemp("demo"))
        native.start_redis()
        native.start_kafka()
        for name in STARTED:
            native.start(name)
        yield native


def test_numbers_move_and_nobody_had_to_log_in(running: Native) -> None:
    eventually(lambda: any(shot["windows"]["5m"]["offered"] for shot in running.queues().values()), 60)
    eventually(lambda: "support" in running.queues(), 60)
    assert running.get("/").status_code == 200


def test_the_health_checks_say_yes_while_all_is_well(running: Native) -> None:
    # All at one time, however busy this machine is at another.
    eventually(lambda: all(running.check(name) for name in ("redis", *STARTED)), 60)


def test_prometheus_may_call_the_board_by_the_name_it_has_on_their_network(running: Native) -> None:
    url = f"{running.url('board')}/metrics/live"
    assert httpx.get(url, headers={"Host": "board:8080"}).status_code == 200
    assert httpx.get(url, headers={"Host": "board.attacker.example"}).status_code == 421


def test_the_page_of_the_demo_can_make_trouble(running: Native) -> None:
    url = running.url("board")
    answer = httpx.post(f"{url}/api/simulator/spike", json={"queue": "support"}, headers={"Origin": url})
    assert answer.status_code in (200, 202, 204), answer.text


def test_an_alert_is_printed(running: Native) -> None:
    alert = {"status": "firing", "labels": {"alertname": "BoardStale"}, "annotations": {}}
    assert httpx.post(f"{running.url('alert-log')}/floor", json={"alerts": [alert]}).status_code == 200
