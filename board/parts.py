"""What the answers of the board are made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from board.config import FloorFile
from board.gauges import MAX_QUEUES
from board.health import Health
from board.load import Loader
from board.publish import Publisher
from board.sse import Clients


@dataclass(frozen=True, slots=True)
class Parts:
    """What every route may use. `demo` allows to order a spike from the simulator."""

    namespace: str
    redis: Redis
    publisher: Publisher
    loader: Loader
    health: Health
    config: FloorFile
    clients: Clients
    wall_ms: Callable[[], int]
    demo: bool = False
    max_queues: int = MAX_QUEUES
    revision: str = ""


def wall_clock_ms() -> int:
    """The wall clock, ms UTC."""
    return time.time_ns() // 1_000_000
