"""Planned quiet ("team meeting until 14:30"): while it lasts, nobody is told of the limits of a queue, group or floor.

The alert engine reads the same hash. What stands in floor.toml is quiet, too, and ends only there.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from board.kept import Kept, add, lasting_ms, parsed, remove, too_many
from kpi.floor import Floor
from kpi.keys import quiet_key
from kpi.quiet import Quiet, quiet_at

MAX_QUIETS = 500
# What is over is kept for a day, for those who ask why nobody was told.
KEEP_MS = 86_400_000
AHEAD_MS = 30 * 86_400_000
# Longer than that is no meeting; a queue that is closed is closed by its hours.
LONGEST_MS = 86_400_000
CALLED = "planned quiet"


class Quiets(Kept[Quiet]):
    """The quiet that a board knows of, the first to begin first."""

    def __init__(self) -> None:
        super().__init__(Quiet, quiet_key, lambda each: (each.from_ms, each.created_ms, each.id), CALLED)

    def of(self, floor: Floor) -> tuple[Quiet, ...]:
        """All that is planned, that of floor.toml first."""
        return (*floor.quiet, *self.latest)

    def at(self, floor: Floor, queue: str, channel: str, group: str, now_ms: int) -> Quiet | None:
        """The quiet in force for a queue at `now_ms` (the log's clock)."""
        return quiet_at(self.of(floor), queue, channel, group, now_ms)

    def coming(self, floor: Floor, now_ms: int, ahead_ms: int) -> tuple[Quiet, ...]:
        """What is in force at `now_ms` or begins within `ahead_ms`."""
        return tuple(each for each in self.of(floor) if each.to_ms > now_ms and each.from_ms <= now_ms + ahead_ms)


async def add_quiet(redis: Redis, namespace: str, quiet: Quiet, now_ms: int) -> None:
    """Write one. Those that ended KEEP_MS ago go, and of more than MAX_QUIETS the first to end."""
    key = quiet_key(namespace)
    fields: Any = await redis.hgetall(key)
    known = [*parsed(fields, Quiet, CALLED), quiet]
    gone = too_many(known, lambda each: each.to_ms, now_ms - KEEP_MS, MAX_QUIETS)
    await add(redis, key, quiet, gone, await _lasting_ms(redis, namespace))


async def remove_quiet(redis: Redis, namespace: str, quiet_id: str) -> bool:
    """Remove one; whether it was there."""
    return await remove(redis, quiet_key(namespace), quiet_id, await _lasting_ms(redis, namespace))


async def _lasting_ms(redis: Redis, namespace: str) -> int:
    return await lasting_ms(redis, namespace, AHEAD_MS + LONGEST_MS + KEEP_MS)
