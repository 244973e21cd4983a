"""How long it takes to find the contacts behind a number, on a floor of about 20,000 contacts a day.

Prints its method and, per number, how long it took, how many records were read and how many contacts were found. The
events of a simulated day go through the worker's own data path into an own Redis; a board in this process explains.
Run: python -m bench.explain [--hours 22]
"""

import argparse
import asyncio
import gc
import statistics
import time
from dataclasses import dataclass

from redis.asyncio import Redis

from bench.retention import CONTACTS_A_DAY, NS, PARTITIONS, START_MS, Feed, floor
from board.config import FloorFile
from board.evidence.explainer import Explainer
from board.health import Health
from board.load import Loader
from board.publish import Publisher
from board.view import FloorView
from floorpulse.embedded import start_redis
from floorpulse.processes import Children
from kpi.formulas.table import resolve
from kpi.keys import BASE_TOPICS
from streams.store import Store

METHOD = (
    "Method. {queues} queues, about {contacts:,} contacts a day, seed 1, {partitions} partitions a topic; counted up "
    "to {hours} h of the day. Each number is asked of a new Explainer, so that nothing is kept from the one before. "
    "`tick`: how much later than usual the loop came round while it was made, at most."
)


@dataclass
class Lag:
    """How late the event loop comes round, in ms."""

    most: float = 0.0

    async def watch(self) -> None:
        """Look every 5 ms, for ever."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.005)
            self.most = max(self.most, (time.monotonic() - began) * 1000 - 5)


async def run(url: str, hours: int) -> None:
    """Count a day, and explain."""
    redis = Redis.from_url(url)
    await redis.config_set("maxmemory-policy", "noeviction")
    profile = floor()
    feed = Feed(redis, profile)
    await Store(redis, NS).announce(dict.fromkeys(BASE_TOPICS, PARTITIONS))
    await feed.until(START_MS + hours * 3_600_000)
    view, health = FloorView(), Health(is_replay=True)
    loader = Loader(redis, NS, view, health, lambda: feed.now_ms)
    publisher = Publisher(redis, NS, view, health, FloorFile(None), lambda: feed.now_ms)
    await loader.check()
    await loader.load_missing()
    await publisher.tick()
    print(f"{feed.log.contacts:,} contacts, {feed.log.events:,} events, up to {hours} h")
    # As a board does; the simulated floor, which lives in this process, too, is not its garbage.
    gc.collect()
    gc.freeze()
    lag = Lag()
    watching = asyncio.create_task(lag.watch())
    busiest = sorted(
        publisher.latest.entries, key=lambda key: -publisher.latest.entries[key].snapshot.windows["day"]["offered"]
    )
    for place in (busiest[0], busiest[len(busiest) // 2]):
        for asked, window in (
            ("offered", "5m"),
            ("service_level", "30m"),
            ("service_level", "day"),
            ("answered", "day"),
        ):
            await one(redis, publisher, place, asked, window, lag)
    watching.cancel()
    await redis.aclose()


async def one(redis: Redis, publisher: Publisher, place: tuple[str, str], asked: str, window: str, lag: Lag) -> None:
    """Explain one number several times."""
    measure, took = resolve(asked), []
    assert measure is not None
    for _ in range(5):
        explainer, began = Explainer(redis, NS, publisher, 60), time.monotonic()
        lag.most = 0
        evidence = await explainer.evidence(place, window, "c", measure.path)
        lines = await asyncio.to_thread(evidence.lines, measure.path)
        took.append(time.monotonic() - began)
    middle, most, known = statistics.median(took) * 1000, max(took) * 1000, evidence.agrees(measure.path)
    print(
        f"{place[0]:14} {asked:14} {window:4}: {middle:6.0f} ms (most {most:5.0f}), {len(lines):6,} contacts, "
        f"{'complete' if known else 'INCOMPLETE'}, reach {evidence.reach}, tick {lag.most:4.0f} ms",
        flush=True,
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="bench.explain", description=__doc__)
    parser.add_argument("--hours", type=int, default=22)
    hours = parser.parse_args().hours
    print(METHOD.format(queues=20, contacts=CONTACTS_A_DAY, partitions=PARTITIONS, hours=hours))
    with Children() as children:
        asyncio.run(run(start_redis(children), hours))


if __name__ == "__main__":
    main()
