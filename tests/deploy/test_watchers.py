"""Prometheus and Alertmanager as compose.production.yml starts them, on the real programs. The demo's run in
tests/observability/."""

import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import yaml

from floorpulse.embedded import HOST, free_port
from floorpulse.processes import Child, Children, wait_until
from tests.data_sets import ROOT
from tests.deploy.compose_files import GIVEN, MODELS, environment, mounts
from tests.deploy.native import put_in
from tests.eventually import eventually

pytestmark = pytest.mark.observability

TOKEN = "t" * 43
SERVICES = MODELS["production"]["services"]
PROMETHEUS = os.environ.get("PROMETHEUS", "prometheus")


class Board(ThreadingHTTPServer):
    """A page of metrics that wants the token; `series` of them."""

    series = 1


class Page(BaseHTTPRequestHandler):
    """Answers like the board's /metrics."""

    server: Board

    def do_GET(self) -> None:
        is_known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        lines = ["# TYPE cc_test gauge", *(f'cc_test{{n="{n}"}} 1' for n in range(self.server.series))]
        body = ("\n".join(lines) + "\n").encode() if is_known else b""
        self.send_response(200 if is_known else 401)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def board() -> Iterator[Board]:
    with Board((HOST, 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def children() -> Iterator[Children]:
    with Children() as started:
        yield started


def laid_out(name: str, folder: Path) -> dict[str, str]:
    """The mounts of a service as files below `folder`; where each stands now."""
    places = {}
    for source, target, *_ in mounts(SERVICES[name]):
        place = folder / target.removeprefix("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if not source.startswith("."):
            place.mkdir(exist_ok=True)
        elif (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, dirs_exist_ok=True)
        else:
            shutil.copy(ROOT / source, place)
        places[target] = str(place)
    return places


def start(children: Children, name: str, binary: str, folder: Path, changes: dict[str, str]) -> tuple[Child, str]:
    """A service with its own command, its mounts below `folder`, and an address of ours."""
    port = free_port()
    places = laid_out(name, folder)
    configs = [path for path in folder.rglob("*.yml") if "rules" not in path.parts]
    for path in configs:
        path.write_text(put_in(path.read_text(encoding="utf-8"), changes), encoding="utf-8")
    own = {"0.0.0.0": HOST, ":9090": f":{port}", ":9093": f":{port}"}
    known = {**{f"={target}": f"={place}" for target, place in places.items()}, **own}
    known["=/etc/prometheus/user"] = f"={folder}/etc/prometheus/user"
    command = [binary, *(put_in(word, known) for word in SERVICES[name]["command"])]
    child = children.start(name, command, {"PATH": "/usr/bin:/bin", **environment(SERVICES[name])})
    url = f"http://{HOST}:{port}"
    wait_until(lambda: answers(f"{url}/-/ready"), child, 60, "ready")
    return child, url


def answers(url: str) -> bool:
    """Whether a page is there."""
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def prometheus(children: Children, board: Board, tmp_path: Path) -> tuple[Child, str]:
    (tmp_path / "metrics_token").write_text(TOKEN + "\n", encoding="utf-8")
    changes = {"board:8080": f"{HOST}:{board.server_port}", "/run/secrets": str(tmp_path)}
    return start(children, "prometheus", PROMETHEUS, tmp_path, changes)


def up(url: str, job: str) -> str | None:
    """What Prometheus says of the last scrape of a job's only target: "1", "0" or nothing yet."""
    answer = httpx.post(f"{url}/api/v1/query", data={"query": f'up{{job="{job}"}}'}).json()
    found = answer["data"]["result"]
    return str(found[0]["value"][1]) if found else None


def test_prometheus_shows_the_board_its_token(prometheus: tuple[Child, str]) -> None:
    _, url = prometheus
    eventually(lambda: up(url, "cc-live") == up(url, "cc-board") == "1", 30)


def test_alerts_name_the_addresses_that_people_reach(prometheus: tuple[Child, str]) -> None:
    config = httpx.get(f"{prometheus[1]}/api/v1/status/config").json()["data"]["yaml"]
    labels = yaml.safe_load(config)["global"]["external_labels"]
    assert labels["runbook"] == f"{GIVEN['FLOORPULSE_PUBLIC_URL']}/runbook.md"
    assert labels["dashboard"].startswith(f"{GIVEN['FLOORPULSE_GRAFANA_URL']}/d/")


def test_every_rule_is_loaded(prometheus: tuple[Child, str]) -> None:
    groups = httpx.get(f"{prometheus[1]}/api/v1/rules").json()["data"]["groups"]
    names = {Path(group["file"]).name for group in groups}
    assert names == {path.name for path in (ROOT / "alerts" / "rules").glob("*.yml")}


def test_nobody_changes_or_stops_prometheus_by_its_page(prometheus: tuple[Child, str]) -> None:
    child, url = prometheus
    assert httpx.post(f"{url}/-/quit").status_code == 403
    assert httpx.post(f"{url}/-/reload").status_code == 403
    assert httpx.post(f"{url}/api/v1/admin/tsdb/snapshot").status_code != 200
    assert child.exit_code is None


def test_a_page_with_too_many_series_fails_loudly_and_prometheus_stays_up(
    prometheus: tuple[Child, str], board: Board
) -> None:
    child, url = prometheus
    eventually(lambda: up(url, "cc-live") == "1", 30)
    board.series = 25_001

    def says_why() -> bool:
        targets = httpx.get(f"{url}/api/v1/targets").json()["data"]["activeTargets"]
        (error,) = {target["lastError"] for target in targets if target["scrapePool"] == "cc-live"}
        return up(url, "cc-live") == "0" and "sample limit" in error

    eventually(says_why, 30)
    assert child.exit_code is None
    board.series = 25_000
    eventually(lambda: up(url, "cc-live") == "1", 30)


def test_alertmanager_starts_with_what_is_mounted_and_gossips_with_nobody(children: Children, tmp_path: Path) -> None:
    binary = os.environ.get("ALERTMANAGER") or shutil.which("prometheus-alertmanager") or "alertmanager"
    _, url = start(children, "alertmanager", binary, tmp_path, {})
    status = httpx.get(f"{url}/api/v2/status").json()
    assert status["cluster"]["status"] == "disabled"
    assert {"floor", "duty"} <= {route["name"] for route in httpx.get(f"{url}/api/v2/receivers").json()}
