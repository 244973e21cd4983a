"""How many agents served each queue over the last hour: samples, for there is no pane that says it.

Beside them the queues whose members were ever told, so that it is known at night that nobody serves them. Kept in Redis
beside the snapshots, so that a board that starts anew, or a second one, knows them too.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from redis.asyncio import Redis

from kpi import keys

log = logging.getLogger("floorpulse.board")

SAMPLE_MS = 30_000
HOUR_MS = 3_600_000
# What happened just now is what the past is compared with.
RECENT_MS = 20_000
KEEP_MS = 2 * HOUR_MS
# A queue whose members are never told again in so long is like one of which nobody ever told them.
KEEP_STAFFED_MS = 8 * 24 * HOUR_MS

Serving = Mapping[str, int]


class Staffing:
    """Samples of (instant, agents by queue), oldest first; every queue that somebody serves stands in a sample."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, Serving]] = deque()
        self._means: dict[str, float | None] = {}
        self._means_at = -1

    @property
    def due_ms(self) -> int:
        """The instant (ms) at which the next sample is to be taken."""
        return self._samples[-1][0] + SAMPLE_MS if self._samples else 0

    def take(self, now_ms: int, serving: Serving) -> None:
        """Take a sample; one that is not newer than the newest is passed over."""
        if self._samples and now_ms <= self._samples[-1][0]:
            return
        self._samples.append((now_ms, dict(serving)))
        while self._samples[0][0] < now_ms - HOUR_MS:
            self._samples.popleft()

    def before(self, queue: str, now_ms: int) -> float | None:
        """How many served a queue on average over the last hour; None while nothing was seen of it."""
        second = now_ms // 1000
        if second != self._means_at:
            self._means, self._means_at = {}, second
        if queue not in self._means:
            counts = [
                serving.get(queue, 0) for at, serving in self._samples if now_ms - HOUR_MS <= at <= now_ms - RECENT_MS
            ]
            self._means[queue] = sum(counts) / len(counts) if counts else None
        return self._means[queue]

    def newest(self) -> tuple[int, Serving] | None:
        """The newest sample."""
        return self._samples[-1] if self._samples else None


async def load_staffing(redis: Redis, namespace: str, staffing: Staffing) -> set[str]:
    """Take the samples that boards have written; what cannot be read is left out and said.

    Gives the queues whose members were ever told.
    """
    found: dict[Any, Any] = await redis.hgetall(keys.staffing_key(namespace))
    samples = []
    for at, serving in found.items():
        try:
            samples.append((int(at), msgspec.json.decode(serving, type=dict[str, int])))
        except (msgspec.MsgspecError, ValueError) as error:
            log.warning("a sample of the staff is passed over: %s", error)
    for at_ms, counts in sorted(samples, key=lambda sample: sample[0]):
        staffing.take(at_ms, counts)
    known: list[Any] = await redis.hkeys(keys.staffed_key(namespace))
    return {name.decode() if isinstance(name, bytes) else str(name) for name in known}


async def write_sample(
    redis: Redis, namespace: str, at_ms: int, serving: Serving, staffed: Collection[str] = ()
) -> None:
    """Write one sample, and drop those that nobody needs any more. `staffed`: queues whose members were ever told."""
    key = keys.staffing_key(namespace)
    old = [at for at in await redis.hkeys(key) if not at.isdigit() or int(at) < at_ms - HOUR_MS]
    pipe = redis.pipeline(transaction=False)
    pipe.hset(key, str(at_ms), msgspec.json.encode(serving))
    if old:
        pipe.hdel(key, *old)
    pipe.pexpire(key, KEEP_MS)
    if staffed:
        known = keys.staffed_key(namespace)
        pipe.hset(known, mapping=dict.fromkeys(staffed, "1"))
        pipe.pexpire(known, KEEP_STAFFED_MS)
    await pipe.execute()
