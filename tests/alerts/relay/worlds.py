"""One robot, its platform, and a clock of our own for the relay's tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from alerts.relay.app import sender_for
from alerts.relay.config import Robot
from alerts.relay.metrics import RelayMetrics
from alerts.relay.notice import Notice
from alerts.relay.runner import Runner
from alerts.relay.spool import Spool
from tests.alerts.relay.calls import T0
from tests.alerts.relay.fakes import PATHS, Platforms
from tests.eventually import eventually

Arrival = tuple[int, Notice]


class World:
    """A robot, its platform, and time that passes only while somebody sleeps; calls arrive as it passes."""

    def __init__(self, spool: Path, robot: Robot, platforms: Platforms) -> None:
        self.now, self.robot, self.platforms = T0, robot, platforms
        self.arrivals: list[Arrival] = []
        self.path, self.spool = spool, Spool(spool)
        self.metrics = RelayMetrics([robot.name], self.spool.waiting)
        platforms.now_ms = lambda: self.now

    async def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1000)
        self.arrive()
        await asyncio.sleep(0)

    def arrive(self) -> None:
        while self.arrivals and self.arrivals[0][0] <= self.now:
            self.spool.put(self.robot.name, self.arrivals.pop(0)[1], self.now)

    @asynccontextmanager
    async def runner(self) -> AsyncIterator[Runner]:
        async with httpx.AsyncClient(transport=self.platforms.transport()) as client:
            sender = sender_for(self.robot, client, lambda: self.now)
            yield Runner(self.robot, self.spool, sender, self.metrics, lambda: self.now, self.sleep)

    async def run(self, *given: Arrival) -> None:
        """Let the calls arrive at their seconds, and everything be said."""
        self.arrivals += [(self.now + second * 1000, call) for second, call in given]
        async with self.runner() as runner:
            runner._spent = self.spool.spent(self.robot.name)
            while True:
                self.arrive()
                if not await runner.step():
                    if not self.arrivals:
                        return
                    await self.sleep((self.arrivals[0][0] - self.now) / 1000)

    async def run_until_told(self) -> None:
        """Run as the service does, on a task of its own, until the chat shows something."""
        async with self.runner() as runner:
            task = asyncio.create_task(runner.run())
            await asyncio.to_thread(eventually, lambda: bool(self.taken))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def steps(self, count: int, *, apart: float = 0) -> None:
        """So many steps, each after `apart` seconds, of a robot that begins with what the disk knows."""
        async with self.runner() as runner:
            runner._spent = self.spool.spent(self.robot.name)
            for _ in range(count):
                await self.sleep(apart)
                await runner.step()

    def restarted(self) -> World:
        """The same world after the robot ended: only the disk remembers."""
        self.spool.close()
        again = World(self.path, self.robot, self.platforms)
        again.now, again.arrivals = self.now, self.arrivals
        return again

    def count(self, result: str) -> float:
        labels = {"robot": self.robot.name, "result": result}
        return self.metrics.registry.get_sample_value("cc_relay_messages_total", labels) or 0.0

    @property
    def taken(self) -> list[str]:
        return self.platforms.taken


def world(tmp_path: Path, platform: str = "wecom", *, app: bool = False, **more: str | int) -> World:
    secret = "" if platform == "wecom" else "SEC0123456789"
    platforms = Platforms(secret=secret, per_minute=100 if platform == "feishu" and not app else 20)
    url = "http://chat.test" + PATHS[platform].format(platforms.key)
    if app:
        robot = Robot("r", "feishu", app_id="cli_1", app_secret=secret, chat_id="oc_1", api="http://chat.test")
    else:
        robot = Robot("r", platform, url=url, secret=secret, **more)  # type: ignore[arg-type]
    return World(tmp_path / "relay.sqlite", robot, platforms)
