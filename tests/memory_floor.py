"""A whole floor without servers: a log in memory, and a board on top."""

from __future__ import annotations

from typing import Any, cast

from board.config import FloorFile
from board.health import Health
from board.publish import Publication, Publisher
from floorpulse.memory_log import MemoryLog


class MemoryFloor(MemoryLog):
    """`tick` publishes what is true at an instant, the simulation's clock being the wall's."""

    def __init__(self, config: FloorFile) -> None:
        super().__init__()
        self.now_ms = 0
        # Nothing is written here, so there is no Redis.
        self.publisher = Publisher(
            cast("Any", None), "live", self.view, Health(is_replay=False), config, lambda: self.now_ms
        )

    async def tick(self, now_ms: int) -> Publication:
        """Publish at `now_ms`; every partition has just had a tick of its own."""
        self.now_ms = now_ms
        for partition in self.view.partitions.values():
            partition.tick = now_ms
        return await self.publisher.tick()
