"""A storm: every queue crosses all its limits at once. From the announcement to the posts, told by a real engine.

Run: python -m bench.alert_storm [--queues N] [--groups N] [--runs N] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from redis.asyncio import Redis

from bench.measure import cpu_seconds
from board.write import SnapshotWriter
from floorpulse.embedded import HOST, free_port, start_redis
from floorpulse.processes import Children, floorpulse_command, wait_until
from kpi.floor import Floor, parse_floor
from kpi.live_state import LiveState
from kpi.snapshot import QueueSnapshot, build_snapshot
from kpi.tally import Tally

METHOD = """\
Method. Embedded Redis, one alert engine, one fake Alertmanager that answers at once (in the bench's own process), live
namespace. All {queues} queues, in {groups} groups, are calm and then have 25 contacts waiting for 200 to 176 s:
{alerts} alerts. Seconds from the moment before the first snapshot is announced. first: the first post with an alert was
answered; critical: the last critical one; all: the last one. hang: the longest answer of /livez, asked each 20 ms until
all is told. cpu: of the engine. The median of {runs} runs each."""
WINDOWS = ("5m", "15m", "30m", "1h", "day")
GIVE_UP_SECONDS = 60.0
START_SECONDS = 30.0
ASK_SECONDS = 0.02


@dataclass
class Posts:
    """What an Alertmanager was told: when (`time.perf_counter`) each body was answered."""

    bodies: list[tuple[float, bytes]] = field(default_factory=list)

    def alerts(self) -> Iterator[tuple[float, dict[str, Any]]]:
        """Each alert about a queue that goes on, and when it was accepted."""
        for at, body in list(self.bodies):
            for alert in json.loads(body):
                if alert["labels"].get("audience") == "floor":
                    yield at, alert


@contextmanager
def receiver(posts: Posts) -> Iterator[str]:
    """An Alertmanager that takes everything; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            posts.bodies.append((time.perf_counter(), body))

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://{HOST}:{server.server_port}"
        server.shutdown()


class Asker(threading.Thread):
    """Asks a page every ASK_SECONDS; `worst`: the longest answer, in seconds."""

    def __init__(self, page: str) -> None:
        super().__init__(daemon=True)
        self._page, self.worst, self.ended = page, 0.0, threading.Event()

    def run(self) -> None:
        """Ask until `ended` is set."""
        with httpx.Client(timeout=START_SECONDS, trust_env=False) as client:
            while not self.ended.wait(ASK_SECONDS):
                asked = time.perf_counter()
                client.get(self._page)
                self.worst = max(self.worst, time.perf_counter() - asked)


def floor_text(queues: int, groups: int) -> str:
    """floor.toml with so many queues in so many groups; 0 groups: they share nothing."""
    group = 'group = "g{}"\n'
    return "".join(f"[queue.q{n}]\n{group.format(n % groups) if groups else ''}" for n in range(queues))


def snapshot(floor: Floor, queue: str, waiting: int) -> QueueSnapshot:
    """A queue of now in which so many contacts wait for 200 s and less."""
    now_ms = time.time_ns() // 1_000_000
    return build_snapshot(
        namespace="live",
        queue=queue,
        channel="voice",
        config=floor.queue(queue, "voice"),
        is_open=True,
        state="fresh",
        reason=None,
        now_ms=now_ms,
        published_at_ms=now_ms,
        epoch=1,
        live=LiveState(tuple(now_ms - 1_000 * (200 - n) for n in range(waiting))),
        tallies=dict.fromkeys(WINDOWS, Tally()),
    )


async def publish(url: str, floor: Floor, queues: int, waiting: int) -> float:
    """Announce a snapshot of every queue, as a board does; when that began."""
    shots = [snapshot(floor, f"q{number}", waiting) for number in range(queues)]
    pairs = [(shot, shot.to_json()) for shot in shots]
    async with Redis.from_url(url) as redis:
        began = time.perf_counter()
        await SnapshotWriter(redis, "live").write(pairs)
    return began


def until(holds: Any) -> None:
    end = time.monotonic() + GIVE_UP_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"not all of it was told in {GIVE_UP_SECONDS:g} s")
        time.sleep(0.05)


def measure(text: str, queues: int, alerts: int) -> dict[str, float]:
    """One storm: seconds."""
    posts, floor = Posts(), parse_floor(text)
    with tempfile.TemporaryDirectory() as folder, receiver(posts) as alertmanager, Children() as children:
        url = start_redis(children)
        (Path(folder) / "floor.toml").write_text(text, encoding="utf-8")
        port = free_port()
        page = f"http://{HOST}:{port}/livez"
        env = {
            "FLOORPULSE_REDIS": url, "FLOORPULSE_CONFIG": str(Path(folder) / "floor.toml"),
            "FLOORPULSE_ALERTMANAGER": alertmanager, "FLOORPULSE_ALERTS_PORT": str(port),
        }  # fmt: skip
        child = children.start("alerts", floorpulse_command("alerts"), {**os.environ, **env})
        wait_until(lambda: is_up(page), child, START_SECONDS, "answering")
        until(lambda: posts.bodies)
        asyncio.run(publish(url, floor, queues, 0))
        time.sleep(2)
        used = cpu_seconds(child.pid)
        asker = Asker(page)
        asker.start()
        began = asyncio.run(publish(url, floor, queues, 25))
        until(lambda: sum(body.count(b'"audience":"floor"') for _, body in list(posts.bodies)) >= alerts)
        used = cpu_seconds(child.pid) - used
        asker.ended.set()
        asker.join()
    told = [(at - began, alert["labels"]["severity"]) for at, alert in posts.alerts()]
    return {
        "first": min(at for at, _ in told),
        "critical": max((at for at, severity in told if severity == "critical"), default=0.0),
        "all": max(at for at, _ in told),
        "hang": asker.worst,
        "cpu": used,
        "posts": len({at for at, _ in told}),
    }


def is_up(page: str) -> bool:
    try:
        return httpx.get(page, timeout=1).is_success
    except httpx.HTTPError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.alert_storm", description=__doc__)
    parser.add_argument("--queues", type=int, default=1_000)
    parser.add_argument("--groups", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    text = floor_text(options.queues, options.groups)
    # Longest wait and length, warning and critical.
    alerts = 4 * options.queues
    print(METHOD.format(queues=options.queues, groups=options.groups, alerts=alerts, runs=options.runs))
    runs = [measure(text, options.queues, alerts) for _ in range(options.runs)]
    found = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    print(json.dumps(found) if options.json else "  ".join(f"{name} {value:.2f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
