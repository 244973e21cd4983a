"""100,000 names of queues: how large the metrics pages are, how long they take, and whether their sums are exact.

Run: python -m bench.hostile_names [--names N] [--scrapes N] [--json]
Everything is our own, on loopback, and stops by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from contextlib import suppress
from math import fsum

import httpx

from bench.latency import joins
from bench.measure import peak_rss_mib
from floorpulse.embedded import HOST, Servers, free_port, servers
from floorpulse.processes import Child, Children, floorpulse_command
from floorpulse.settings import Settings
from kpi.keys import LIVE
from sources.publish import Publisher

METHOD = """\
Method. Embedded broker and Redis, one worker, one board, no floor.toml. {names:,} contacts join, each its own queue.
Once the board shows as many waiting, its two pages and the worker's are read {scrapes} times each, in turn, while the
board goes on making its state four times a second. Sums: all series of a family, `__overflow__` included."""
GOAL_QUEUES, GOAL_SERIES, GOAL_BYTES, GOAL_SECONDS = 200, 20_000, 2_000_000, 0.25
FLOW_SECONDS = 240.0
Figures = dict[str, float | int]


def values(page: str, family: str, *having: str) -> list[float]:
    """The values of a family's series whose labels have these texts."""
    lines = re.findall(rf"^{family}\{{(.*)\}} (\S+)$", page, re.MULTILINE)
    return [float(value) for labels, value in lines if all(text in labels for text in having)]


async def told(client: httpx.AsyncClient, url: str, names: int) -> None:
    """Wait until all who joined are shown as waiting."""
    end, waiting = time.monotonic() + FLOW_SECONDS, 0.0
    while time.monotonic() < end:
        with suppress(httpx.HTTPError):
            waiting = fsum(values((await client.get(f"{url}/metrics/live")).text, "cc_queue_contacts_waiting"))
            if waiting == names:
                return
        await asyncio.sleep(0.5)
    raise SystemExit(f"{waiting:,.0f} of {names:,} waiting are shown after {FLOW_SECONDS:g} s")


async def measure(at: Servers, board: str, worker: str, options: argparse.Namespace) -> Figures:
    """Send the names, and read the pages."""
    async with Publisher(at.kafka, LIVE) as publisher, httpx.AsyncClient(timeout=60) as client:
        await publisher.ensure_topics(Settings().partitions)
        for number in range(options.names):
            await publisher.send(joins(number, f"queue-{number:06}"))
        await told(client, board, options.names)
        urls = {"live": f"{board}/metrics/live", "board": f"{board}/metrics", "worker": f"{worker}/metrics"}
        took: dict[str, list[float]] = {name: [] for name in urls}
        pages = dict.fromkeys(urls, "")
        for _ in range(options.scrapes):
            for name, url in urls.items():
                began = time.perf_counter()
                page = (await client.get(url)).text
                took[name].append(time.perf_counter() - began)
                # While the state is older than 12 s, or made anew, a page has no numbers: the fullest ones are judged.
                pages[name] = max(pages[name], page, key=len)
    return figures(pages, took, options.names)


def figures(pages: dict[str, str], took: dict[str, list[float]], names: int) -> Figures:
    """What the pages and all times say."""
    found: Figures = {}
    for name, page in pages.items():
        times = sorted(took[name])
        found[f"{name}_series"] = sum(not line.startswith("#") for line in page.splitlines())
        found[f"{name}_kb"] = round(len(page.encode()) / 1000)
        found[f"{name}_p50_ms"] = round(times[len(times) // 2] * 1000)
        found[f"{name}_p99_ms"] = round(times[-(-99 * len(times) // 100) - 1] * 1000)
    found["queues_kept"] = len(values(pages["live"], "cc_queue_contacts_waiting")) - 1
    found["waiting_shown_less_sent"] = fsum(values(pages["live"], "cc_queue_contacts_waiting")) - names
    offered = fsum(values(pages["board"], "cc_queue_window_offered_contacts", 'window="1h"'))
    found["offered_shown_less_sent"] = offered - names
    # Counted while live only: what a worker catches up with stands in no counter.
    found["worker_queues"] = len(values(pages["worker"], "cc_contacts_offered_total"))
    return found


def missed(found: Figures) -> list[str]:
    """The goals that were not reached."""
    checks = {
        f"queues kept <= {GOAL_QUEUES}": found["queues_kept"] <= GOAL_QUEUES,
        f"series <= {GOAL_SERIES:,} on the board": found["live_series"] + found["board_series"] <= GOAL_SERIES,
        f"series <= {GOAL_SERIES:,} on the worker": found["worker_series"] <= GOAL_SERIES,
        f"/metrics <= {GOAL_BYTES / 1e6:g} MB": found["board_kb"] * 1000 <= GOAL_BYTES,
        f"/metrics p99 <= {GOAL_SECONDS * 1000:g} ms": found["board_p99_ms"] <= GOAL_SECONDS * 1000,
        "sums exact": found["waiting_shown_less_sent"] == found["offered_shown_less_sent"] == 0,
    }
    return [goal for goal, reached in checks.items() if not reached]


def main() -> None:
    """Measure and print; exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="bench.hostile_names", description=__doc__)
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--scrapes", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print(METHOD.format(**vars(options)))
    ports = {"WORKER": free_port(), "BOARD": free_port()}
    with servers(Settings()) as at, Children() as children:
        env = at.env(**{f"FLOORPULSE_{name}_PORT": str(port) for name, port in ports.items()})
        running: dict[str, Child] = {}
        for name in ("worker", "board"):
            running[name] = children.start(f"the {name}", floorpulse_command(name), env)
        board, worker = (f"http://{HOST}:{ports[name]}" for name in ("BOARD", "WORKER"))
        found = asyncio.run(measure(at, board, worker, options))
        for name, child in running.items():
            found[f"{name}_peak_rss_mib"] = round(peak_rss_mib(child.pid))
    print(json.dumps(found) if options.json else "\n".join(f"{name:26} {value:,}" for name, value in found.items()))
    if failed := missed(found):
        raise SystemExit(f"missed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
