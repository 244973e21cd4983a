"""Snapshots like the board's, of queues that a test fills and empties as it likes: four times a second, into Redis."""

import asyncio
import threading
import time
from collections.abc import Mapping

from redis.asyncio import Redis

from board.write import SnapshotWriter
from kpi.floor import Floor
from kpi.keys import LIVE, queue_suffix, queues_key
from kpi.live_state import LiveState
from kpi.panes import METRIC_WINDOWS
from kpi.snapshot import QueueSnapshot, State, build_snapshot
from kpi.tally import Tally

TICK_SECONDS = 0.25
CHANNEL = "voice"
EPOCH = 1
NOTHING: Mapping[str, Tally] = {name: Tally() for name in METRIC_WINDOWS}


def now_ms() -> int:
    """The wall clock."""
    return time.time_ns() // 1_000_000


class FakeBoard:
    """Publishes until it is left; a context manager. `state`: what the snapshots say of themselves."""

    def __init__(self, redis_url: str, floor: Floor) -> None:
        self.state: State = "fresh"
        self._redis_url, self._floor = redis_url, floor
        self._waiting: dict[str, tuple[int, ...]] = {}
        self._ended = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._publish, name="the board")

    def know(self, *queues: str) -> None:
        """Publish these queues, empty ones at first."""
        for queue in queues:
            self._waiting.setdefault(queue, ())

    def wait(self, queue: str, number: int = 1, since_ms: int | None = None) -> int:
        """So many wait in a queue, all since then (now); gives since when."""
        joined_ms = now_ms() if since_ms is None else since_ms
        self._waiting[queue] = (joined_ms,) * number
        return joined_ms

    def leave(self, *queues: str) -> None:
        """Nobody waits there any more."""
        for queue in queues:
            self._waiting[queue] = ()

    def snapshot(self, queue: str, at_ms: int) -> QueueSnapshot:
        """The snapshot of one queue."""
        config = self._floor.queue(queue, CHANNEL)
        return build_snapshot(
            namespace=LIVE, queue=queue, channel=CHANNEL, config=config,
            is_open=config.opening.is_open(at_ms, config.zone), state=self.state, reason=None, now_ms=at_ms,
            published_at_ms=at_ms, epoch=EPOCH, live=LiveState(self._waiting[queue]), tallies=NOTHING,
        )  # fmt: skip

    def _publish(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:
            self._failed = error
            raise

    async def _run(self) -> None:
        async with Redis.from_url(self._redis_url) as redis:
            writer, known = SnapshotWriter(redis, LIVE), set[str]()
            while not self._ended.is_set():
                at_ms = now_ms()
                queues = list(self._waiting)
                if new := set(queues) - known:
                    await redis.hset(
                        queues_key(LIVE), mapping=dict.fromkeys((queue_suffix(each, CHANNEL) for each in new), "seen")
                    )
                    known |= new
                shots = [self.snapshot(queue, at_ms) for queue in queues]
                await writer.write([(shot, shot.to_json()) for shot in shots])
                await asyncio.sleep(max(0.0, TICK_SECONDS - (now_ms() - at_ms) / 1000))

    def __enter__(self) -> "FakeBoard":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        assert self._failed is None, self._failed
