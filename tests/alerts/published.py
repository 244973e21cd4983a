"""Snapshots as a board publishes them, made of how long people wait."""

from __future__ import annotations

import time
from collections.abc import Sequence

from redis.asyncio import Redis

from board.write import SnapshotWriter
from kpi.floor import Floor, parse_floor
from kpi.keys import queue_suffix, queues_key
from kpi.live_state import LiveState
from kpi.snapshot import QueueSnapshot, State, build_snapshot
from kpi.tally import Tally

FLOOR = parse_floor("")
WINDOWS = ("5m", "15m", "30m", "1h", "day")


def wall_ms() -> int:
    """Now, ms UTC."""
    return time.time_ns() // 1_000_000


def snapshot(
    waits: Sequence[float] = (),
    *,
    at_ms: int | None = None,
    queue: str = "support",
    channel: str = "voice",
    state: State = "fresh",
    floor: Floor = FLOOR,
    namespace: str = "live",
    epoch: int = 1,
    published_at_ms: int | None = None,
) -> QueueSnapshot:
    """A snapshot of a queue in which people have waited for so many seconds each."""
    at_ms = wall_ms() if at_ms is None else at_ms
    return build_snapshot(
        namespace=namespace,
        queue=queue,
        channel=channel,
        config=floor.queue(queue, channel),
        is_open=floor.is_open(queue, channel, at_ms),
        state=state,
        reason=None if state == "fresh" else "test",
        now_ms=at_ms,
        published_at_ms=at_ms if published_at_ms is None else published_at_ms,
        epoch=epoch,
        live=LiveState(tuple(sorted(at_ms - round(wait * 1000) for wait in waits))),
        tallies=dict.fromkeys(WINDOWS, Tally()),
    )


async def publish(redis: Redis, *snapshots: QueueSnapshot) -> None:
    """Write and announce snapshots as the board does."""
    ns = snapshots[0].namespace
    await redis.hset(queues_key(ns), mapping={queue_suffix(shot.queue, shot.channel): "seen" for shot in snapshots})
    assert await SnapshotWriter(redis, ns).write((shot, shot.to_json()) for shot in snapshots)
