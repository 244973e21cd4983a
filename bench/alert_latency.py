"""From handing an event to Kafka to the arrival of its alert at a receiver behind a real Alertmanager.

Run: python -m bench.alert_latency [--rate EVENTS_PER_SECOND] [--probes N] [--json]
Needs Alertmanager on the PATH (Debian: prometheus-alertmanager), or its program in ALERTMANAGER.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

import httpx

from alerts.receiver import Alert, handler_for
from bench.latency import background, joins
from floorpulse.embedded import HOST, Servers, free_port, servers
from floorpulse.processes import Children, floorpulse_command, wait_until
from floorpulse.settings import Settings
from kpi.keys import LIVE
from sources.publish import Publisher

METHOD = """\
Method. Embedded broker and Redis, one worker, one board, one alert engine, one Alertmanager with the shipped
configuration (floor: group_wait 0s), live namespace, {rate} events/s in the background.
Each of {probes} probes is one contact that joins a queue of its own, whose limit is one waiting for 0 s; the time runs
from handing it to the publisher (linger 5 ms, acks=all) until a webhook has Alertmanager's message. The board publishes
every 250 ms, so 125 ms are its mean share."""
LOADED = 20
FLOOR = """
[defaults.thresholds]
waiting = { warning = 1, critical = false, for_seconds = 0 }
longest_wait_seconds = false
unattended_contacts = false
closed_wait_seconds = false
abandonment_ratio = false
service_level_ratio = false
""" + "".join(f"[queue.load{number}]\nthresholds = {{ waiting = false }}\n" for number in range(LOADED))
ROOT = Path(__file__).parents[1]
START_SECONDS = 60.0
GIVE_UP_SECONDS = 30.0


class Arrivals(dict[str, float]):
    """Queue -> when its first message arrived (`time.perf_counter`)."""

    def take(self, alert: Alert) -> None:
        """One alert of a message."""
        arrived, queue = time.perf_counter(), alert["labels"].get("queue")
        if queue is not None and alert["status"] == "firing":
            self.setdefault(queue, arrived)


@contextmanager
def receiver(arrivals: Arrivals) -> Iterator[str]:
    """A webhook; gives its HOST:PORT."""
    with ThreadingHTTPServer((HOST, 0), handler_for(arrivals.take)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"{HOST}:{server.server_port}"
        server.shutdown()
        thread.join()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).is_success
    except httpx.HTTPError:
        return False


def start_alertmanager(children: Children, folder: Path, receiver_at: str) -> str:
    """Its URL."""
    binary = os.environ.get("ALERTMANAGER") or shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if binary is None:
        raise SystemExit("no Alertmanager on the PATH; install prometheus-alertmanager, or set ALERTMANAGER")
    text = (ROOT / "alerts" / "alertmanager.yml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^( +- url: http://)[^/\s]+", rf"\g<1>{receiver_at}", text)
    (folder / "alertmanager.yml").write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "alerts" / "templates", folder / "templates")
    url = f"http://{HOST}:{free_port()}"
    command = [
        binary, f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}", "--cluster.listen-address=",
    ]  # fmt: skip
    child = children.start("Alertmanager", command)
    wait_until(lambda: answers(f"{url}/-/ready"), child, START_SECONDS, "answering")
    return url


def start_ours(children: Children, at: Servers, folder: Path, alertmanager: str) -> None:
    """A worker, a board and an alert engine."""
    (folder / "floor.toml").write_text(FLOOR, encoding="utf-8")
    ports = {name: free_port() for name in ("worker", "board", "alerts")}
    more = {f"FLOORPULSE_{name.upper()}_PORT": str(port) for name, port in ports.items()}
    env = at.env(FLOORPULSE_CONFIG=str(folder / "floor.toml"), FLOORPULSE_ALERTMANAGER=alertmanager, **more)
    pages = {"worker": "metrics", "board": "livez", "alerts": "metrics"}
    started = {name: children.start(name, floorpulse_command(name), env) for name in ports}
    for name, child in started.items():
        page = f"http://{HOST}:{ports[name]}/{pages[name]}"
        wait_until(lambda page=page: answers(page), child, START_SECONDS, "answering")  # type: ignore[misc]


async def arrival(arrivals: Mapping[str, float], queue: str) -> float:
    end = time.monotonic() + GIVE_UP_SECONDS
    while queue not in arrivals:
        if time.monotonic() > end:
            raise SystemExit(f"no alert of {queue} for {GIVE_UP_SECONDS:g} s")
        await asyncio.sleep(0.005)
    return arrivals[queue]


async def measure(kafka: str, arrivals: Arrivals, rate: int, probes: int) -> list[float]:
    took = []
    async with Publisher(kafka, LIVE) as publisher:
        await publisher.ensure_topics(Settings().partitions)
        await publisher.send(joins(0, "first"))
        await arrival(arrivals, "first")
        async with background(publisher, rate):
            for number in range(probes):
                await asyncio.sleep(0.1 + number % 7 * 0.037)
                began = time.perf_counter()
                await publisher.send(joins(number, f"probe{number}"))
                took.append((await arrival(arrivals, f"probe{number}") - began) * 1000)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.alert_latency", description=__doc__)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--probes", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print(METHOD.format(rate=options.rate, probes=options.probes))
    arrivals = Arrivals()
    with (
        tempfile.TemporaryDirectory() as folder,
        receiver(arrivals) as receiver_at,
        servers(Settings()) as at,
        Children() as children,
    ):
        url = start_alertmanager(children, Path(folder), receiver_at)
        start_ours(children, at, Path(folder), url)
        took = sorted(asyncio.run(measure(at.kafka, arrivals, options.rate, options.probes)))
    found = {"p50_ms": statistics.median(took), "p99_ms": took[-(-99 * len(took) // 100) - 1], "max_ms": took[-1]}
    print(json.dumps(found) if options.json else "  ".join(f"{name} {value:.0f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
