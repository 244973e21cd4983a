"""From an event's acknowledgement by Kafka to the published snapshot that shows it, under a steady load.

Run: python -m bench.latency [--rate EVENTS_PER_SECOND] [--probes N] [--json]
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from redis.asyncio import Redis

from floorpulse.embedded import free_port, servers
from floorpulse.processes import Children, floorpulse_command
from floorpulse.settings import Settings
from kpi.envelope import event_id, make_event
from kpi.keys import LIVE, snapshots_channel
from sources.publish import Publisher

METHOD = """\
Method. Embedded broker and Redis, one worker, one board, live namespace, {rate} events/s in the background.
Each of {probes} probes is one contact that joins a queue of its own; the time runs from handing it to the publisher
(linger 5 ms, acks=all) until a snapshot with one more waiting is received from Redis. The board publishes every 250 ms,
so 125 ms are its mean share."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def joins(number: int, queue: str) -> Any:
    name = f"{queue}-{number}-{now_ms()}"
    data = {"contact_id": name, "leg_id": f"{name}/1", "channel": "voice", "queue_id": queue, "sequence": 1}
    found = event_id("/bench", name, "queued", now_ms())
    return make_event("contact.queued", source="/bench", id=found, time_ms=now_ms(), data=data)


@asynccontextmanager
async def background(publisher: Publisher, rate: int) -> AsyncIterator[None]:
    async def run() -> None:
        number = 0
        while True:
            for _ in range(max(rate // 20, 1)):
                number += 1
                await publisher.send(joins(number, f"load{number % 20}"))
            await asyncio.sleep(0.05)

    task = asyncio.ensure_future(run()) if rate else None
    yield
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def waiting_of_probe(pubsub: Any) -> int:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=5)
        snapshot = json.loads(message["data"]) if message else {}
        if snapshot.get("queue") == "probe":
            return int(snapshot["now"]["waiting"])
    raise SystemExit("no snapshot for 60 s")


async def measure(kafka: str, redis_url: str, rate: int, probes: int) -> list[float]:
    took = []
    async with Redis.from_url(redis_url) as redis, Publisher(kafka, LIVE) as publisher:
        await publisher.ensure_topics(Settings().partitions)
        pubsub = redis.pubsub()
        await pubsub.subscribe(snapshots_channel(LIVE))
        await publisher.send(joins(0, "probe"))
        while await waiting_of_probe(pubsub) < 1:
            pass
        async with background(publisher, rate):
            for number in range(1, probes + 1):
                await asyncio.sleep(0.1 + number % 7 * 0.037)
                began = time.perf_counter()
                await publisher.send(joins(number, "probe"))
                while await waiting_of_probe(pubsub) < number + 1:
                    pass
                took.append((time.perf_counter() - began) * 1000)
        await pubsub.unsubscribe()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.latency", description=__doc__)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--probes", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print(METHOD.format(rate=options.rate, probes=options.probes))
    with servers(Settings()) as at, Children() as children:
        for name in ("worker", "board"):
            env = at.env(FLOORPULSE_WORKER_PORT=str(free_port()), FLOORPULSE_BOARD_PORT=str(free_port()))
            children.start(name, floorpulse_command(name), env)
        took = sorted(asyncio.run(measure(at.kafka, at.redis, options.rate, options.probes)))
    found = {"p50_ms": statistics.median(took), "p99_ms": took[-(-99 * len(took) // 100) - 1], "max_ms": took[-1]}
    print(json.dumps(found) if options.json else "  ".join(f"{name} {value:.0f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
