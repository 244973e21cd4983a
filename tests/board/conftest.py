"""A board of our own in this process: view, loader and publisher on the test's Redis, without a web server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.asyncio import Redis

from board.app import connect
from board.config import FloorFile
from board.health import Health
from board.load import Loader
from board.publish import Publication, Publisher
from board.stream.sse import Clients
from board.view import FloorView
from board.web.parts import Parts, wall_clock_ms
from kpi.snapshot import QueueSnapshot
from tests.board.real_worker import RealWorker


@dataclass
class Board:
    """One board; its wall clock stands where `now_ms` says."""

    parts: Parts
    view: FloorView
    now_ms: int

    async def catch_up(self) -> Publication:
        """Load what is not loaded, read every delta there is, and publish."""
        await self.parts.loader.check()
        await self.parts.loader.load_missing()
        await self.parts.loader.follow()
        return await self.parts.publisher.tick()

    def snapshot(self, queue: str, channel: str = "voice") -> QueueSnapshot:
        return self.parts.publisher.latest.entries[(queue, channel)].snapshot


BoardMaker = Callable[..., Board]


@pytest.fixture
async def worker(redis_url: str) -> AsyncIterator[RealWorker]:
    """A worker on the test's Redis: the real data path, without Kafka."""
    async with Redis.from_url(redis_url) as redis:
        yield RealWorker(redis)


@pytest.fixture
async def make_board(redis_url: str) -> AsyncIterator[BoardMaker]:
    clients = []

    def make(
        namespace: str = "live", config: Path | None = None, now_ms: int | None = None, demo: bool = False
    ) -> Board:
        redis = connect(redis_url)
        clients.append(redis)
        view, health, file = FloorView(), Health(is_replay=namespace != "live"), FloorFile(config)
        board: Board

        def clock() -> int:
            return board.now_ms

        loader = Loader(redis, namespace, view, health, clock)
        publisher = Publisher(redis, namespace, view, health, file, clock)
        parts = Parts(namespace, redis, publisher, loader, health, file, Clients(), clock, demo)
        board = Board(parts, view, wall_clock_ms() if now_ms is None else now_ms)
        return board

    yield make
    for client in clients:
        await client.aclose()
