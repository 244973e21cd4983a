"""An exporter that breaks a limit of the shipped prometheus.yml is not read at all, says so, and harms nobody else."""

import os
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from floorpulse.embedded import HOST
from floorpulse.processes import Children
from tests import ports
from tests.data_sets import ROOT
from tests.loopback import served
from tests.observability.stack import answers, eventually

LONG_NAME, MANY_LABELS = "q" * 201, ",".join(f'l{n}="x"' for n in range(21))
GOOD = "cc_queue_contacts_waiting 1\n"
#: What is too much -> (the page, what Prometheus says of it).
TOO_MUCH = {
    "samples": ("".join(f'cc_made_up{{n="{n}"}} 1\n' for n in range(25_001)), "sample limit exceeded"),
    "label": (f'cc_made_up{{queue="{LONG_NAME}"}} 1\n', "label_value_length_limit"),
    "labels": (f"cc_made_up{{{MANY_LABELS}}} 1\n", "label_limit"),
    "body": ("# " + "x" * 5_300_000 + "\n" + GOOD, "body size limit exceeded"),
}
PAGES = {"good": GOOD} | {name: text for name, (text, _) in TOO_MUCH.items()}


class Exporter(BaseHTTPRequestHandler):
    """Serves PAGES by path."""

    def do_GET(self) -> None:
        body = PAGES[self.path.removeprefix("/")].encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def exporter() -> Iterator[str]:
    with served(ThreadingHTTPServer((HOST, 0), Exporter)) as address:
        yield address


@pytest.fixture(scope="module")
def prometheus(children: Children, exporter: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Prometheus that reads each of PAGES with the limits of the shipped job `cc-live`."""
    folder: Path = tmp_path_factory.mktemp("limits")
    shipped = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    [live] = [job for job in shipped["scrape_configs"] if job["job_name"] == "cc-live"]
    at = {"static_configs": [{"targets": [exporter]}], "scrape_timeout": "1s"}
    jobs = [live | at | {"job_name": name, "metrics_path": f"/{name}"} for name in PAGES]
    (folder / "prometheus.yml").write_text(yaml.safe_dump({"scrape_configs": jobs}), encoding="utf-8")
    url = f"http://{HOST}:{ports.port()}"
    command = [
        os.environ.get("PROMETHEUS", "prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}",
    ]
    answers(children.start("Prometheus", command), f"{url}/-/ready")
    return url


def read_as(prometheus: str, job: str, health: str, error: str) -> bool:
    """Whether a page was read with this end the last time; on a busy machine one may come too late now and then."""
    active = httpx.get(f"{prometheus}/api/v1/targets", timeout=20).json()["data"]["activeTargets"]
    found = [(each["health"], each["lastError"]) for each in active if each["labels"]["job"] == job]
    return [(is_up, error in said, bool(said)) for is_up, said in found] == [(health, True, bool(error))]


def query(prometheus: str, promql: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{prometheus}/api/v1/query", params={"query": promql}, timeout=20).json()
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


@pytest.mark.parametrize("name", TOO_MUCH)
def test_a_page_that_breaks_a_limit_is_refused_and_the_reason_told(prometheus: str, name: str) -> None:
    eventually(lambda: read_as(prometheus, name, "down", TOO_MUCH[name][1]), 60, f"{name} refused for its reason")
    [down] = query(prometheus, f'up{{job="{name}"}}')
    assert down["value"][1] == "0"


def test_nothing_of_a_refused_page_gets_in_and_the_others_are_read(prometheus: str) -> None:
    for name, (_, error) in TOO_MUCH.items():
        eventually(partial(read_as, prometheus, name, "down", error), 60, f"{name} refused for its reason")
    eventually(lambda: read_as(prometheus, "good", "up", ""), 60, "the good page is read")
    waiting = eventually(lambda: query(prometheus, "cc_queue_contacts_waiting"), 60, "its numbers are there")
    assert [series["metric"]["job"] for series in waiting] == ["good"]
    assert query(prometheus, "cc_made_up") == []
    assert httpx.get(f"{prometheus}/-/ready", timeout=20).status_code == 200
