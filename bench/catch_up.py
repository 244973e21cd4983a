"""Catching up after an outage: our worker beside a plain consumer that only decodes and counts, in the same run."""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import redis

from bench.measure import Cost, cpu_seconds, peak_rss_mib, redis_cpu_seconds, redis_mib
from floorpulse.embedded import free_port, start_kafka, start_redis
from floorpulse.lag import Lag, Place
from floorpulse.processes import Child, Children, floorpulse_command, stopping_on_signals
from kpi.keys import topic_name
from sources.publish import Publisher
from sources.simulator import Simulation, default_profile, larger

NS = "bench-catch-up"
START_MS = 1_767_574_800_000
LOOK_SECONDS = 0.05
STALL_SECONDS = 120.0

METHOD = """\
Method. {events:,} events: {hours:.1f} busy hours of the simulated floor at {size} times its usual size (seed {seed});
with the copies that agents and customers get, {records:,} Kafka records. They lie in an embedded broker before
anything is measured. Then, {repeats} times in turn: (a) a plain consumer, one process: aiokafka getmany, msgspec
decode, one counter per type; (b) one `floorpulse worker` with an empty Redis of its own, from its first commit to the
last record. Both read all six topics with {partitions} partitions each, up to 2,000 records a fetch. CPU is user plus
system time of the process (all threads) and of Redis (INFO cpu); start-up is left out on both sides. Medians of
{repeats}; "event" means an event without its copies, whose cost is in the figures; "record" means a Kafka record, every
copy counted as one. {machine}, load {load:.1f}."""


@dataclass(frozen=True, slots=True)
class Load:
    """What lies in Kafka: where, how many events and records, and the ends of its partitions."""

    kafka: str
    events: int
    records: int
    hours: float
    ends: dict[Place, int]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its method and its figures."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--events", type=int, default=400_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=10, help="how many times the usual customers and agents")
    parser.add_argument("--json", action="store_true", help="print the medians as one JSON object")
    options = parser.parse_args(arguments)
    with stopping_on_signals(), Children() as children:
        kafka = start_kafka(children)
        began = time.monotonic()
        load = asyncio.run(_load(kafka, options))
        took = time.monotonic() - began
        _say(_method(load, options))
        _say(f"Simulated and acknowledged in {took:.1f} s.\n")
        plain, ours = [], []
        for number in range(1, options.repeats + 1):
            plain.append(_plain(load))
            _say(_line(f"{number} plain ", plain[-1]))
            ours.append(_worker(load, children, options.partitions))
            _say(_line(f"{number} worker", ours[-1]))
    _conclude(plain, ours, as_json=options.json)


async def _load(kafka: str, options: argparse.Namespace) -> Load:
    simulation = Simulation(larger(default_profile("busy"), options.size), options.seed, START_MS)
    async with Publisher(kafka, NS) as publisher:
        await publisher.ensure_topics(options.partitions)
        for event in islice(simulation.run_until(2**62), options.events):
            await publisher.send(event)
        # The log's clock: without it the last things that happened would look like the present for ever.
        await publisher.tick(simulation.now_ms + 1000)
        await publisher.flush()
        hours = (simulation.now_ms - START_MS) / 3_600_000
        return Load(kafka, options.events, publisher.counts.acknowledged, hours, dict(publisher.ends))


def _plain(load: Load) -> Cost:
    ends: dict[str, dict[str, int]] = {}
    for (base, number), end in load.ends.items():
        ends.setdefault(topic_name(NS, base), {})[str(number)] = end
    done = subprocess.run(
        [sys.executable, "-m", "bench.plain_consumer"],
        input=json.dumps({"kafka": load.kafka, "ends": ends}),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    if found["records"] != load.records:
        raise SystemExit(f"the plain consumer read {found['records']:,} of {load.records:,} records")
    return Cost(load.events, load.records, found["wall_seconds"], found["cpu_seconds"], found["peak_rss_mib"])


def _worker(load: Load, children: Children, partitions: int) -> Cost:
    # A Redis of its own for every run: its memory and its CPU are then this run's alone.
    servers = Children()
    url = start_redis(servers)
    env = {
        **_clean_env(), "FLOORPULSE_KAFKA": load.kafka, "FLOORPULSE_REDIS": url, "FLOORPULSE_NAMESPACE": NS,
        "FLOORPULSE_PARTITIONS": str(partitions), "FLOORPULSE_WORKER_PORT": str(free_port()),
    }  # fmt: skip
    with servers, redis.Redis.from_url(url) as store:
        lag = Lag(store, NS, lambda: load.ends)
        worker = children.start("the worker", floorpulse_command("worker", "--namespace", NS), env)
        try:
            return _watch(load, lag, worker, store)
        finally:
            children.remove(worker)


def _watch(load: Load, lag: Lag, worker: Child, store: redis.Redis) -> Cost:
    _wait(lambda: lag.counted() > 0, lag, worker)
    before, began = lag.counted(), time.monotonic()
    cpu, redis_cpu = cpu_seconds(worker.pid), redis_cpu_seconds(store)
    _wait(lambda: lag.behind() == 0, lag, worker)
    wall = time.monotonic() - began
    records = load.records - before
    return Cost(
        events=round(load.events * records / load.records),
        records=records,
        wall_seconds=wall,
        cpu_seconds=cpu_seconds(worker.pid) - cpu,
        peak_rss_mib=peak_rss_mib(worker.pid),
        redis_seconds=redis_cpu_seconds(store) - redis_cpu,
        redis_mib=redis_mib(store),
    )


def _wait(ready: Callable[[], bool], lag: Lag, worker: Child) -> None:
    counted, since = -1, time.monotonic()
    while not ready():
        worker.check()
        if (now := lag.counted()) != counted:
            counted, since = now, time.monotonic()
        elif time.monotonic() - since > STALL_SECONDS:
            raise SystemExit(f"the worker stands still at {counted:,} records: {worker.last_words()}")
        time.sleep(LOOK_SECONDS)


def _clean_env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("FLOORPULSE_")}


def _method(load: Load, options: argparse.Namespace) -> str:
    return METHOD.format(
        events=load.events,
        hours=load.hours,
        size=options.size,
        seed=options.seed,
        records=load.records,
        repeats=options.repeats,
        partitions=options.partitions,
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        load=os.getloadavg()[0],
    )


def us_per_record(cost: Cost) -> float:
    """CPU of the process, microseconds per Kafka record: a copy counts as one."""
    return cost.cpu_seconds / cost.records * 1e6


def redis_us_per_record(cost: Cost) -> float:
    """CPU of Redis, microseconds per Kafka record: a copy counts as one."""
    return cost.redis_seconds / cost.records * 1e6


def _line(name: str, cost: Cost) -> str:
    text = (
        f"{name}  {cost.per_event_us():6.1f} us CPU/event ({us_per_record(cost):5.1f} us/record)  "
        f"{cost.events_per_second():9,.0f} events/s  "
        f"{cost.peak_rss_mib:5.0f} MiB  {cost.wall_seconds:5.1f} s"
    )
    if cost.redis_seconds:
        text += (
            f"   Redis {cost.redis_per_event_us():5.1f} us CPU/event ({redis_us_per_record(cost):4.1f} us/record)  "
            f"{cost.redis_mib:5.0f} MiB"
        )
    return text


def _conclude(plain: Sequence[Cost], ours: Sequence[Cost], *, as_json: bool) -> None:
    middle = statistics.median
    worker, store = middle(c.per_event_us() for c in ours), middle(c.redis_per_event_us() for c in ours)
    yardstick = middle(c.per_event_us() for c in plain)
    by_record = middle(us_per_record(c) for c in ours), middle(redis_us_per_record(c) for c in ours)
    figures = {
        "plain_us_per_event": round(yardstick, 2),
        "plain_events_per_second": round(middle(c.events_per_second() for c in plain)),
        "worker_us_per_event": round(worker, 2),
        "redis_us_per_event": round(store, 2),
        "worker_and_redis_us_per_event": round(worker + store, 2),
        "plain_us_per_kafka_record": round(middle(us_per_record(c) for c in plain), 2),
        "worker_us_per_kafka_record": round(by_record[0], 2),
        "redis_us_per_kafka_record": round(by_record[1], 2),
        "worker_and_redis_us_per_kafka_record": round(sum(by_record), 2),
        "worker_events_per_second": round(middle(c.events_per_second() for c in ours)),
        "worker_peak_rss_mib": round(max(c.peak_rss_mib for c in ours)),
        "redis_mib": round(max(c.redis_mib for c in ours)),
        "worker_to_plain": round(worker / yardstick, 2),
    }
    if as_json:
        _say(json.dumps(figures))
        return
    _say(
        f"\nMedian  worker {worker:.1f} us + Redis {store:.1f} us = {worker + store:.1f} us CPU per event "
        f"({figures['worker_events_per_second']:,} events/s, {figures['worker_peak_rss_mib']} MiB); "
        f"plain consumer {yardstick:.1f} us; the worker costs {figures['worker_to_plain']} times that.\n"
        f"Per Kafka record, copies counted as events: worker {by_record[0]:.1f} us + Redis {by_record[1]:.1f} us = "
        f"{sum(by_record):.1f} us CPU."
    )


def _say(text: str) -> None:
    print(text, flush=True)
