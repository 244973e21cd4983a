"""Real workers on a real broker and Redis, killed, doubled, starved of Redis: and every count is right in the end.

Right means: the separate batch program recomputes the log and finds no difference, contact by contact and
count by count. With `--real-kafka` the same runs go through Apache Kafka.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis

from floorpulse.lag import Lag
from floorpulse.verify import verify
from kpi.floor import parse_floor
from kpi.keys import LIVE, partition_prefix, position_key
from sources.publish import Publisher
from sources.simulator.model import Simulation
from sources.simulator.profile import default_profile, larger
from tests.builders import T0
from tests.eventually import eventually

PARTITIONS = 2
# A broker that lost a member while others joined may need more than one round to agree on who reads what.
AGREED_SECONDS = 180
Worker = subprocess.Popen[bytes]
Start = Callable[..., Worker]


@pytest.fixture
def ns() -> str:
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def start(kafka_bootstrap: str, redis_url: str, ns: str) -> Iterator[Start]:
    """Starts a worker process of the test's namespace; all are gone in the end."""
    running: list[Worker] = []

    def one(**more: str) -> Worker:
        env = os.environ | {
            "FLOORPULSE_KAFKA": kafka_bootstrap, "FLOORPULSE_REDIS": redis_url, "FLOORPULSE_NAMESPACE": ns,
            "FLOORPULSE_SESSION_SECONDS": "6", "FLOORPULSE_PARTITIONS": str(PARTITIONS), **more,
        }  # fmt: skip
        command = [sys.executable, "-m", "floorpulse", "worker", "--port", "0"]
        running.append(subprocess.Popen(command, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL))
        return running[-1]

    yield one
    for worker in running:
        worker.kill()
        worker.communicate()


@asynccontextmanager
async def publisher(kafka: str, ns: str) -> AsyncIterator[Publisher]:
    async with Publisher(kafka, ns) as found:
        await found.ensure_topics(PARTITIONS)
        yield found


async def publish_hours(found: Publisher, hours: float, seed: int = 1) -> None:
    """So many busy hours of a simulated floor, with rubbish in between, and ticks behind everything."""
    simulation = Simulation(larger(default_profile("busy"), 2), seed, T0)
    for n, event in enumerate(simulation.run_until(T0 + round(hours * 3_600_000))):
        await found.send(event)
        if n % 5_000 == 17:
            await found.send_raw("calls.events", b"rubbish", b"{this is no event")
    await found.flush()
    await found.tick(simulation.now_ms)
    await found.flush()


async def caught_up(lag: Lag, seconds: float) -> None:
    until = time.monotonic() + seconds
    while lag.behind():
        assert time.monotonic() < until, f"{lag.behind()} of {lag.total()} records are not in Redis"
        await asyncio.sleep(0.1)


async def leave_work(found: Publisher, lag: Lag, seed: int) -> None:
    """More events, if all are counted."""
    if not lag.behind():
        await publish_hours(found, 0.1, seed)


def moved_on(lag: Lag, seen: int) -> bool:
    """Whether more is counted than was; or all is, for the rest may have been counted before it was asked."""
    return lag.counted() > seen or not lag.behind()


async def assert_exact(client: redis.Redis, kafka: str, ns: str) -> None:
    verdict = await verify(client, kafka, ns, parse_floor(""))
    assert verdict.differences == []
    assert verdict.events > 5_000
    assert verdict.counts > 1_000


@pytest.mark.slow
async def test_workers_killed_doubled_and_a_redis_that_forgets_leave_every_count_right(
    kafka_bootstrap: str, redis_url: str, ns: str, start: Start
) -> None:
    chance = random.Random(5)
    with redis.Redis.from_url(redis_url) as client:
        async with publisher(kafka_bootstrap, ns) as found:
            await publish_hours(found, 1.0)
            lag = Lag(client, ns, lambda: found.ends)
            workers = [start(FLOORPULSE_CHUNK_RECORDS="50") for _ in range(2)]
            kills = 0
            for round_ in range(4):
                await leave_work(found, lag, 10 + round_)
                seen = lag.counted()
                await asyncio.to_thread(eventually, partial(moved_on, lag, seen), AGREED_SECONDS)
                await asyncio.sleep(chance.uniform(0, 0.5))
                victim = workers.pop(0)
                victim.send_signal(signal.SIGSTOP)  # so that it finds work left however quick it is
                await leave_work(found, lag, 20 + round_)
                kills += lag.behind() > 0
                victim.send_signal(signal.SIGKILL if round_ != 2 else signal.SIGTERM)
                victim.send_signal(signal.SIGCONT)
                if round_ == 1:
                    client.flushall()
                workers.append(start(FLOORPULSE_CHUNK_RECORDS="400"))
            assert kills >= 3, "a kill that hits an idle worker shows nothing"
            await caught_up(lag, AGREED_SECONDS)
        await assert_exact(client, kafka_bootstrap, ns)


@pytest.mark.slow
async def test_a_worker_stops_cleanly_and_another_goes_on_where_it_stood(
    kafka_bootstrap: str, redis_url: str, ns: str, start: Start
) -> None:
    with redis.Redis.from_url(redis_url) as client:
        async with publisher(kafka_bootstrap, ns) as found:
            await publish_hours(found, 0.3, seed=2)
            lag = Lag(client, ns, lambda: found.ends)
            first = start()
            await caught_up(lag, 60)
            first.terminate()
            assert await asyncio.to_thread(first.wait, 30) == 0
            await publish_hours(found, 0.3, seed=3)
            start()
            await caught_up(lag, 60)
        await assert_exact(client, kafka_bootstrap, ns)


@pytest.mark.slow
async def test_the_owner_of_a_live_partition_writes_ticks_into_it(
    kafka_bootstrap: str, redis_url: str, start: Start
) -> None:
    start(FLOORPULSE_NAMESPACE=LIVE)
    keys = [position_key(partition_prefix(LIVE, "calls.events", number)) for number in range(PARTITIONS)]
    with redis.Redis.from_url(redis_url) as client:

        def tick_is_fresh() -> bool:
            ticks: list[Any] = [client.hget(key, "tick") for key in keys]
            return all(tick and int(tick) > (time.time() - 3) * 1000 for tick in ticks)

        await asyncio.to_thread(eventually, tick_is_fresh, 60)


def ends_with(worker: Worker) -> tuple[int, list[str]]:
    """Exit code and the lines of a worker that cannot start."""
    _, said = worker.communicate(timeout=60)
    return worker.returncode, [line for line in said.decode().splitlines() if not line.startswith("{")]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"FLOORPULSE_REDIS": "redis://127.0.0.1:1/0"}, "Redis is not reachable"),
        ({"FLOORPULSE_KAFKA": "127.0.0.1:1"}, "Kafka at 127.0.0.1:1 is not reachable"),
    ],
)
def test_a_server_that_is_not_there_is_one_sentence(start: Start, wrong: dict[str, str], says: str) -> None:
    code, lines = ends_with(start(**wrong))
    assert code == 1
    assert len(lines) == 1
    assert says in lines[0]


def test_a_redis_that_may_evict_is_refused_in_one_sentence(redis_url: str, start: Start) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            code, lines = ends_with(start())
        finally:
            client.config_set("maxmemory-policy", "noeviction")
    assert code == 1
    assert len(lines) == 1
    assert "maxmemory-policy allkeys-lru" in lines[0]
    assert "set it to noeviction" in lines[0]


@pytest.mark.slow
def test_a_worker_reads_its_floor_anew_on_a_signal_and_keeps_the_old_one_when_it_is_bad(
    tmp_path: Path, start: Start
) -> None:
    floor = tmp_path / "floor.toml"
    floor.write_text("[queue.support]\ntarget = { percent = 80, seconds = 20 }\n")
    worker = start(FLOORPULSE_CONFIG=str(floor))
    assert worker.stderr is not None
    lines = iter(worker.stderr.readline, b"")

    def said(event: bytes) -> bytes:
        return next(line for line in lines if b'"event": "' + event + b'"' in line)

    said(b"worker started")
    worker.send_signal(signal.SIGHUP)
    said(b"floor reloaded")
    floor.write_text("[queue.support]\ntarget = { percent = 800, seconds = 20 }\n")
    worker.send_signal(signal.SIGHUP)
    assert b"floor.toml:2" in said(b"floor not reloaded")
    assert worker.poll() is None
