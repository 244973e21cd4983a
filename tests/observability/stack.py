"""Starts the shipped configurations on real servers: the commands of docker-compose.yml, with addresses of our own."""

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import yaml

from floorpulse.embedded import HOST
from floorpulse.processes import Child, Children, floorpulse_command, wait_until
from tests import ports
from tests.data_sets import ROOT

T = TypeVar("T")
PROMTOOL = os.environ.get("PROMTOOL", "promtool")
POLL_SECONDS = 0.1
START_SECONDS = 60.0
# So often the shipped Alertmanager writes down what it must not forget.
KEPT = "--data.maintenance-interval=15s"
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
        answer = httpx.get(url, timeout=10, verify=NO_TLS)
    except httpx.HTTPError:
        return None
    return answer.text if answer.status_code == 200 else None


@dataclass
class Ours:
    """The processes of ours, where they listen, and the environment that they were started with."""

    worker: Child
    board: Child
    worker_url: str
    board_url: str
    env: dict[str, str]


def start_ours(children: Children, env: dict[str, str], config: Path) -> Ours:
    """Start a worker and a board and wait until both answer."""
    worker_port, board_port = ports.port(), ports.port()
    env = {
        **env,
        "FLOORPULSE_CONFIG": str(config),
        "FLOORPULSE_WORKER_PORT": str(worker_port),
        "FLOORPULSE_BOARD_PORT": str(board_port),
        "FLOORPULSE_PARTITIONS": "2",
    }
    worker = children.start("the worker", floorpulse_command("worker"), env)
    board = children.start("the board", floorpulse_command("board"), env)
    ours = Ours(worker, board, f"http://{HOST}:{worker_port}", f"http://{HOST}:{board_port}", env)
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

    `alerts`: the page of an alert engine (HOST:PORT). `slow`: how often what is read every 15 s is read here; a shorter
    interval makes tests of rates shorter. It can be ended and started again where it was.
    """

    def __init__(
        self, children: Children, folder: Path, ours: Ours, alertmanager: str, slow: str = "15s",
        alerts: str = "127.0.0.1:1", port: int | None = None,
    ) -> None:  # fmt: skip
        folder.mkdir()
        self._children = children
        port = port or ports.port()
        self.url = f"http://{HOST}:{port}"
        addresses = {
            "worker-1:9464, worker-2:9464": ours.worker_url.removeprefix("http://"),
            "board:8080": ours.board_url.removeprefix("http://"),
            "127.0.0.1:8080": ours.board_url.removeprefix("http://"),
            "alertmanager:9093": alertmanager,
            "alerts:9465": alerts,
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
        self._command = [binary, *(put_in(word, addresses) for word in compose("prometheus")["command"])]
        self._child = self.start()

    def start(self) -> Child:
        """Start it and wait until it answers."""
        self._child = self._children.start("Prometheus", self._command)
        answers(self._child, f"{self.url}/-/ready")
        return self._child

    def kill(self) -> None:
        """SIGKILL."""
        self._child.kill()
        self._children.remove(self._child)

    def query(self, promql: str, at: float | None = None) -> list[tuple[dict[str, str], float]]:
        """(labels, value) of every series of an instant query."""
        form = {"query": promql, **({} if at is None else {"time": repr(at)})}
        answer = httpx.post(f"{self.url}/api/v1/query", data=form, timeout=30, verify=NO_TLS).json()
        assert answer["status"] == "success", answer
        data = answer["data"]
        assert data["resultType"] == "vector", data
        return [(series["metric"], float(series["value"][1])) for series in data["result"]]


class Alertmanager:
    """The shipped alertmanager.yml on a real Alertmanager, sending to `receiver` (HOST:PORT), whatever the path.

    `deadman`: where the alerts that always fire go, HOST:PORT. `kept`: how often it writes to disk who has taken what
    and what was told; None is as shipped. It can be ended and started again where it was.
    """

    def __init__(
        self, children: Children, folder: Path, receiver: str, deadman: str | None = None, kept: str | None = None
    ) -> None:
        folder.mkdir()
        self._children = children
        port = ports.port()
        self.address = f"{HOST}:{port}"
        self.url = f"http://{self.address}"
        text = (ROOT / "alerts" / "alertmanager.yml").read_text(encoding="utf-8")
        text = re.sub(r"(?m)^( +- url: http://)[^/\s]+", rf"\g<1>{receiver}", text)
        if deadman is not None:
            nobody = "  - name: deadman\n"
            assert nobody in text
            call = {"url": f"http://{deadman}/", "send_resolved": False}
            text = text.replace(nobody, f"{nobody}    webhook_configs: [{json.dumps(call)}]\n")
        (folder / "alertmanager.yml").write_text(text, encoding="utf-8")
        shutil.copytree(ROOT / "alerts" / "templates", folder / "templates")
        addresses = {
            "0.0.0.0:9093": self.address,
            "127.0.0.1:9093": self.address,
            "/etc/alertmanager": str(folder),
            "path=/alertmanager": f"path={folder / 'data'}",
        }
        self.data = folder / "data"
        shipped = compose("alertmanager")["command"]
        assert KEPT in shipped
        if kept is not None:
            addresses[KEPT] = f"--data.maintenance-interval={kept}"
        self._command = [_alertmanager(), *(put_in(word, addresses) for word in shipped)]
        self._child = self.start()

    def start(self) -> Child:
        """Start it and wait until it answers."""
        self._child = self._children.start("Alertmanager", self._command)
        answers(self._child, f"{self.url}/-/ready")
        return self._child

    def kill(self) -> None:
        """SIGKILL: it forgets what it has said and who has taken it since it last wrote that down."""
        self._child.kill()
        self._children.remove(self._child)

    def stop(self) -> None:
        """SIGTERM: it remembers what it has said."""
        self._children.remove(self._child)

    def alerts(self, **labels: str) -> list[dict[str, Any]]:
        """The alerts that it holds with these labels."""
        matchers = {"filter": [f'{name}="{value}"' for name, value in labels.items()]}
        answer = httpx.get(f"{self.url}/api/v2/alerts", params=matchers, timeout=20, verify=NO_TLS)
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found


def start_alertmanager(children: Children, folder: Path, receiver: str) -> str:
    """The shipped alertmanager.yml on a real Alertmanager, sending to `receiver`; returns its HOST:PORT."""
    return Alertmanager(children, folder, receiver).address


@dataclass(frozen=True)
class Engine:
    """A running alert engine and where its page is."""

    child: Child
    port: int

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"{HOST}:{self.port}"

    def leads(self) -> bool:
        """Whether it is the one that evaluates."""
        return "\ncc_alert_leader 1.0\n" in (page(f"http://{self.address}/metrics") or "")


def start_alerts(
    children: Children, env: dict[str, str], config: Path, alertmanagers: Iterable[str], port: int | None = None
) -> Engine:
    """Start the alert engine and wait until it answers; `alertmanagers`: the URL of each."""
    port = port or ports.port()
    env = {
        **env,
        "FLOORPULSE_CONFIG": str(config),
        "FLOORPULSE_ALERTS_PORT": str(port),
        "FLOORPULSE_ALERTMANAGER": ",".join(alertmanagers),
    }
    engine = Engine(children.start("the alert engine", floorpulse_command("alerts"), env), port)
    answers(engine.child, f"http://{engine.address}/livez")
    return engine


def _alertmanager() -> str:
    # Debian names the server after what it belongs to.
    found = os.environ.get("ALERTMANAGER") or shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    assert found, "there is no Alertmanager on the PATH; install it, or set ALERTMANAGER"
    return found
