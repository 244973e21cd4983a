"""Alert engines in this process, on the test's Redis, telling fake Alertmanagers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from alerts.alertmanager import Address, Alertmanager
from alerts.delivery import Delivery
from alerts.engine import Engine
from alerts.metrics import AlertMetrics
from alerts.tasks import end
from kpi.floor import Floor, QueueConfig
from kpi.snapshot import QueueSnapshot
from tests.alerts.published import FLOOR, wall_ms

SECONDS = 30.0


@dataclass
class Config:
    """floor.toml as somebody else keeps it."""

    floor: Floor = FLOOR


@dataclass
class Running:
    """One engine that runs, and what it runs on."""

    engine: Engine
    metrics: AlertMetrics
    config: Config
    tasks: list[asyncio.Task[None]]

    async def kill(self) -> None:
        """End it at once: nothing is handed back."""
        await end(self.tasks, 0.5)


def words(held: object, snapshot: QueueSnapshot | None, config: QueueConfig) -> dict[str, str]:
    """Texts that say when they were made."""
    return {"summary": f"{config.display_name} at {snapshot.true_at if snapshot else 'its end'}"}


def client(url: str) -> Redis:
    """A client as the engine's own."""
    return Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1, socket_timeout=2)


@asynccontextmanager
async def engine(
    redis_url: str, urls: Sequence[str] = (), *, owner: str = "one", namespace: str = "live", floor: Floor = FLOOR
) -> AsyncIterator[Running]:
    """An engine with a task for each Alertmanager; killed at the end."""
    redis, metrics, config = client(redis_url), AlertMetrics(), Config(floor)
    alertmanagers = [Alertmanager(Address(url)) for url in urls]
    made = Engine(redis, namespace, owner, config, words, metrics, wall_ms, alertmanagers)
    parts = [
        made.run(),
        *(Delivery(each, made.bulletin, made.voice, made.beat, metrics, wall_ms).run() for each in alertmanagers),
    ]
    running = Running(made, metrics, config, [asyncio.create_task(part) for part in parts])
    try:
        yield running
    finally:
        await running.kill()
        for each in alertmanagers:
            await each.close()
        await redis.aclose()


async def until(holds: Callable[[], object], seconds: float = SECONDS) -> None:
    """Let the loop run until `holds()` is true; fail when it never is."""
    end = asyncio.get_running_loop().time() + seconds
    while not holds():
        assert asyncio.get_running_loop().time() < end, f"not so after {seconds:g} s"
        await asyncio.sleep(0.01)
