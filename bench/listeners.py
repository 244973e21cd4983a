"""500 pages listen to one board and 50 of them stop reading: how soon these are dropped, and what the others notice.

Run: python -m bench.listeners [--listeners N] [--stalled N] [--seconds N] [--rate EVENTS_PER_SECOND] [--json]
Everything is our own, on loopback, and stops by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from bench.latency import background
from bench.measure import cpu_seconds, peak_rss_mib
from floorpulse.embedded import HOST, Servers, free_port, servers
from floorpulse.processes import Child, Children, floorpulse_command
from floorpulse.settings import Settings
from kpi.keys import LIVE
from sources.publish import Publisher

METHOD = """\
Method. Embedded broker and Redis, one worker, one board, {rate} events/s on 20 queues, so every event of the stream has
20 cards. {listeners} connections to /api/stream, all from this process; {stalled} of them have the smallest receive
buffer there is and never read. Delay: from `published_at_ms` in an event to the moment its first bytes are read here,
over {seconds} s from when the stalled ones are there. Dropped: from then until the board counts none of them."""
GOAL_DROPPED_SECONDS, GOAL_DELAY_SECONDS = 10.0, 1.0
REQUEST = b"GET /api/stream HTTP/1.1\r\nHost: %b\r\nAccept: text/event-stream\r\n\r\n"
PUBLISHED = re.compile(rb'"published_at_ms":(\d{13})')
START_SECONDS, MOST_SECONDS = 60.0, 60.0
# A time may stand across two reads.
LONGEST_MATCH = 40


@dataclass
class Figures:
    """What was seen. Delays in seconds."""

    delays: list[float] = field(default_factory=list)
    is_measuring: bool = False
    dropped_seconds: float | None = None
    told_stalled: float = 0
    lost_readers: int = 0


class Reader(asyncio.Protocol):
    """A page that reads; it looks at nothing but when an event was published."""

    def __init__(self, host: bytes, figures: Figures) -> None:
        self._host, self._figures, self._tail = host, figures, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        transport.write(REQUEST % self._host)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Note how old an event is whose time stands in these bytes."""
        if self._figures.is_measuring:
            text = self._tail + data
            now = time.time_ns() / 1e9
            end = 0
            for found in PUBLISHED.finditer(text):
                self._figures.delays.append(now - int(found[1]) / 1000)
                end = found.end()
            self._tail = text[max(end, len(text) - LONGEST_MATCH) :]

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody who reads should ever see this while it is measured."""
        self._figures.lost_readers += self._figures.is_measuring


def stalled_socket(address: tuple[str, int]) -> socket.socket:
    """A connection that asks for the stream and never reads it."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sock.connect(address)
    sock.sendall(REQUEST % f"{address[0]}:{address[1]}".encode())
    return sock


async def gauge(client: httpx.AsyncClient, name: str) -> float:
    """One series of the board's page."""
    text = (await client.get("/metrics")).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else -1.0


async def until(client: httpx.AsyncClient, name: str, wanted: float, seconds: float) -> None:
    """Wait until a gauge is at `wanted`; SystemExit when it is not in time."""
    end = time.monotonic() + seconds
    while await gauge(client, name) != wanted:
        if time.monotonic() > end:
            raise SystemExit(f"{name} is {await gauge(client, name):g}, not {wanted:g}, after {seconds:g} s")
        await asyncio.sleep(0.2)


async def measure(at: Servers, url: str, options: argparse.Namespace) -> Figures:
    """Listen, stall, and look."""
    figures, loop = Figures(), asyncio.get_running_loop()
    address = HOST, urlsplit(url).port or 0
    host = f"{address[0]}:{address[1]}".encode()
    readers = options.listeners - options.stalled
    async with Publisher(at.kafka, LIVE) as publisher, httpx.AsyncClient(base_url=url, timeout=10) as client:
        await publisher.ensure_topics(Settings().partitions)
        async with background(publisher, options.rate):
            await until_flowing(client)
            transports = []
            for _ in range(readers):
                transport, _ = await loop.create_connection(lambda: Reader(host, figures), *address)
                transports.append(transport)
            await until(client, "cc_board_listeners", readers, START_SECONDS)
            sockets = [await asyncio.to_thread(stalled_socket, address) for _ in range(options.stalled)]
            began, figures.is_measuring = time.monotonic(), True
            looking = asyncio.create_task(dropped(client, readers, began, figures))
            await asyncio.sleep(options.seconds)
            await asyncio.wait([looking], timeout=MOST_SECONDS)
            looking.cancel()
            figures.is_measuring = False
            figures.told_stalled = await gauge(client, 'cc_board_listeners_dropped_total{reason="stalled"}')
            for transport in transports:
                transport.close()
            for sock in sockets:
                sock.close()
    return figures


async def until_flowing(client: httpx.AsyncClient) -> None:
    """Wait until the board's numbers are fresh."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with suppress(httpx.HTTPError):
            if "cc_queue_contacts_waiting{" in (await client.get("/metrics/live")).text:
                return
        await asyncio.sleep(0.2)
    raise SystemExit(f"no numbers for {START_SECONDS:g} s")


async def dropped(client: httpx.AsyncClient, readers: int, began: float, figures: Figures) -> None:
    """Note when the stalled ones are gone. They must have been there first."""
    await asyncio.sleep(1)
    await until(client, "cc_board_listeners", readers, MOST_SECONDS)
    figures.dropped_seconds = time.monotonic() - began


def told(figures: Figures, board: Child, cpu_share: float) -> dict[str, float | int | None]:
    """The figures by name."""
    delays = sorted(figures.delays) or [float("nan")]
    return {
        "events_read": len(figures.delays),
        "delay_p50_s": round(delays[len(delays) // 2], 3),
        "delay_p99_s": round(delays[-(-99 * len(delays) // 100) - 1], 3),
        "delay_max_s": round(delays[-1], 3),
        "stalled_gone_after_s": figures.dropped_seconds and round(figures.dropped_seconds, 1),
        "counted_as_stalled": int(figures.told_stalled),
        "readers_lost": figures.lost_readers,
        "board_cpu_share": round(cpu_share, 2),
        "board_peak_rss_mib": round(peak_rss_mib(board.pid)),
    }


def main() -> None:
    """Measure and print; exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="bench.listeners", description=__doc__)
    parser.add_argument("--listeners", type=int, default=500)
    parser.add_argument("--stalled", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print(METHOD.format(**vars(options)))
    port = free_port()
    room = {"FLOORPULSE_MAX_LISTENERS": "600", "FLOORPULSE_LISTENERS_PER_ADDRESS": "600"}
    with servers(Settings()) as at, Children() as children:
        env = at.env(FLOORPULSE_WORKER_PORT=str(free_port()), FLOORPULSE_BOARD_PORT=str(port), **room)
        children.start("the worker", floorpulse_command("worker"), env)
        board = children.start("the board", floorpulse_command("board"), env)
        began = time.monotonic()
        figures = asyncio.run(measure(at, f"http://{HOST}:{port}", options))
        found = told(figures, board, cpu_seconds(board.pid) / (time.monotonic() - began))
    print(json.dumps(found) if options.json else "\n".join(f"{name:22} {value}" for name, value in found.items()))
    gone = found["stalled_gone_after_s"]
    if gone is None or gone > GOAL_DROPPED_SECONDS or not (found["delay_p99_s"] or 0) <= GOAL_DELAY_SECONDS:
        raise SystemExit(f"missed: dropped <= {GOAL_DROPPED_SECONDS:g} s, delay p99 <= {GOAL_DELAY_SECONDS:g} s")


if __name__ == "__main__":
    main()
