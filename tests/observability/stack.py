"""Starts the shipped configurations on real servers: the commands of docker-compose.yml, with addresses of our own."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import yaml

from floorpulse.embedded import HOST, free_port
from floorpulse.processes import Child, Children, floorpulse_command, wait_until
from tests.data_sets import ROOT

T = TypeVar("T")
PROMTOOL = os.environ.get("PROMTOOL", "promtool")
POLL_SECONDS = 0.1
START_SECONDS = 60.0
# Made once: httpx would read all certificates of the machine anew for every query.
NO_TLS = httpx.create_ssl_context()


def eventually(look: Callable[[], T | None], seconds: float, what: str) -> T:
    """What `look` gives once that is true, not empty and not None; AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(POLL_SECONDS)


def page(url: str) -> str | None:
    """The text of a page; None while nobody answers or it says no."""
    try:
        answer = httpx.get(url, timeout=2)
    except httpx.HTTPError:
        return None
    return answer.text if answer.status_code == 200 else None


@dataclass(frozen=True)
class Ours:
    """The processes of ours and where they listen."""

    worker: Child
    board: Child
    worker_url: str
    board_url: str


def start_ours(children: Children, env: dict[str, str], config: Path) -> Ours:
    """Start a worker and a board and wait until both answer."""
    worker_port, board_port = free_port(), free_port()
    env = {
        **env,
        "FLOORPULSE_CONFIG": str(config),
        "FLOORPULSE_WORKER_PORT": str(worker_port),
        "FLOORPULSE_BOARD_PORT": str(board_port),
        "FLOORPULSE_PARTITIONS": "2",
    }
    worker = children.start("the worker", floorpulse_command("worker"), env)
    board = children.start("the board", floorpulse_command("board"), env)
    ours = Ours(worker, board, f"http://{HOST}:{worker_port}", f"http://{HOST}:{board_port}")
    answers(worker, f"{ours.worker_url}/metrics")
    answers(board, f"{ours.board_url}/livez")
    return ours


def answers(child: Child, url: str) -> None:
    """Wait until a process that was started answers on its page."""
    wait_until(lambda: page(url) is not None, child, START_SECONDS, "answering")


def compose(name: str) -> dict[str, Any]:
    """One service of docker-compose.yml."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    service: dict[str, Any] = services[name]
    return service


def put_in(text: str, replaced: dict[str, str]) -> str:
    """`text` with every key of `replaced` that stands in it exchanged."""
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text


class Prometheus:
    """The shipped prometheus.yml on a real Prometheus, reading `ours` and alerting `alertmanager` (HOST:PORT).

    `slow`: how often what is read every 15 s is read here; a shorter interval makes tests of rates shorter.
    """

    def __init__(self, children: Children, folder: Path, ours: Ours, alertmanager: str, slow: str = "15s") -> None:
        folder.mkdir()
        port = free_port()
        self.url = f"http://{HOST}:{port}"
        addresses = {
            "worker-1:9464, worker-2:9464": ours.worker_url.removeprefix("http://"),
            "board:8080": ours.board_url.removeprefix("http://"),
            "alertmanager:9093": alertmanager,
            "127.0.0.1:9090": f"{HOST}:{port}",
            "0.0.0.0:9090": f"{HOST}:{port}",
            "/etc/prometheus": str(folder),
            "path=/prometheus": f"path={folder / 'data'}",
            "scrape_interval: 15s": f"scrape_interval: {slow}",
        }
        text = (ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
        (folder / "prometheus.yml").write_text(put_in(text, addresses), encoding="utf-8")
        shutil.copytree(ROOT / "alerts" / "rules", folder / "rules")
        (folder / "user").mkdir()
        shutil.copy(ROOT / "docs" / "runbook.md", folder / "user")
        binary = os.environ.get("PROMETHEUS", "prometheus")
        arguments = [put_in(word, addresses) for word in compose("prometheus")["command"]]
        child = children.start("Prometheus", [binary, *arguments])
        answers(child, f"{self.url}/-/ready")

    def query(self, promql: str, at: float | None = None) -> list[tuple[dict[str, str], float]]:
        """(labels, value) of every series of an instant query."""
        form = {"query": promql, **({} if at is None else {"time": repr(at)})}
        answer = httpx.post(f"{self.url}/api/v1/query", data=form, timeout=10, verify=NO_TLS).json()
        assert answer["status"] == "success", answer
        data = answer["data"]
        assert data["resultType"] == "vector", data
        return [(series["metric"], float(series["value"][1])) for series in data["result"]]


def start_alertmanager(children: Children, folder: Path, receiver: str) -> str:
    """The shipped alertmanager.yml on a real Alertmanager, sending to `receiver`; returns its HOST:PORT."""
    folder.mkdir()
    port = free_port()
    addresses = {
        "alert-log:9099": receiver,
        "0.0.0.0:9093": f"{HOST}:{port}",
        "127.0.0.1:9093": f"{HOST}:{port}",
        "/etc/alertmanager": str(folder),
        "path=/alertmanager": f"path={folder / 'data'}",
    }
    text = (ROOT / "alerts" / "alertmanager.yml").read_text(encoding="utf-8")
    (folder / "alertmanager.yml").write_text(put_in(text, addresses), encoding="utf-8")
    shutil.copytree(ROOT / "alerts" / "templates", folder / "templates")
    arguments = [put_in(word, addresses) for word in compose("alertmanager")["command"]]
    child = children.start("Alertmanager", [_alertmanager(), *arguments])
    answers(child, f"http://{HOST}:{port}/-/ready")
    return f"{HOST}:{port}"


def _alertmanager() -> str:
    # Debian names the server after what it belongs to.
    found = os.environ.get("ALERTMANAGER") or shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    assert found, "there is no Alertmanager on the PATH; install it, or set ALERTMANAGER"
    return found
