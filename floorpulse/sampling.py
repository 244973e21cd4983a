"""Listens to the snapshots a board publishes and answers how many waited in a queue at a second, as a viewer saw it."""

import asyncio
from contextlib import suppress
from typing import Any, Self

from redis.asyncio import Redis

from kpi.keys import snapshots_channel
from kpi.snapshot import QueueSnapshot

#: A second that no snapshot fell into shows what stood there before, at most so many seconds old.
_HOLD_SECONDS = 2


class Sampler:
    """An async context manager that listens from its entry to its exit."""

    def __init__(self, redis_url: str, ns: str) -> None:
        self._client = Redis.from_url(redis_url)
        self._channel = snapshots_channel(ns)
        self._waiting: dict[tuple[str, int], dict[str, int]] = {}
        self._task: asyncio.Task[None] | None = None
        self._first: dict[str, int] = {}
        self._newest_ms = -1
        self._arrived = asyncio.Event()

    async def __aenter__(self) -> Self:
        pubsub = self._client.pubsub(ignore_subscribe_messages=True)
        await pubsub.subscribe(self._channel)
        self._task = asyncio.create_task(self._listen(pubsub))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._client.aclose()

    @property
    def samples(self) -> int:
        """How many (queue, second) pairs were seen."""
        return len(self._waiting)

    def waiting_at(self, queue: str, second: int) -> int | None:
        """What stood on the board at this second (Unix time), over all channels; None when that had grown too old.

        Nobody waits before a queue's first snapshot: a queue is published from its first contact on.
        """
        for shown in range(second, second - _HOLD_SECONDS - 1, -1):
            found = self._waiting.get((queue, shown))
            if found:
                return sum(found.values())
        first = self._first.get(queue)
        return 0 if first is None or second < first else None

    async def wait_for(self, time_ms: int, seconds: float) -> None:
        """Wait until a snapshot is true for `time_ms` or later, at most so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._newest_ms < time_ms:
                    self._arrived.clear()
                    await self._arrived.wait()

    async def _listen(self, pubsub: Any) -> None:
        async for message in pubsub.listen():
            self.keep(message["data"])

    def keep(self, payload: bytes) -> None:
        """Take in one published snapshot; one made during a rebuild is passed over, for it is not whole."""
        snapshot = QueueSnapshot.from_json(payload)
        if snapshot.state == "rebuilding":
            return
        self._newest_ms = max(self._newest_ms, snapshot.true_at_ms)
        self._arrived.set()
        second = snapshot.true_at_ms // 1000
        self._first.setdefault(snapshot.queue, second)
        # The first of a second: later ones may hold contacts of the next second already.
        self._waiting.setdefault((snapshot.queue, second), {}).setdefault(snapshot.channel, snapshot.now.waiting)
