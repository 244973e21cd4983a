"""A contact centre of real processes: Kafka, Redis, a worker, a board and, where wanted, the simulator."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import redis

from floorpulse.commands.demo import simulated_floor
from floorpulse.embedded import HOST, Servers, free_port, start_kafka, start_redis
from floorpulse.processes import Child, Children, floorpulse_command
from kpi.envelope import Event
from kpi.keys import LIVE
from kpi.snapshot import QueueSnapshot
from sources.publish import Publisher
from sources.topics import ensure_topics
from tests.board.fake_worker import FakeWorker
from tests.eventually import eventually

T = TypeVar("T")
PARTITIONS = 2
START_SECONDS = 60
WARM_UP_SECONDS = 3_600
# Made once: httpx would read all certificates of the machine anew for every request.
NO_TLS = httpx.create_ssl_context()


def in_thread(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, run in a loop of its own: the thread of the tests has the browser's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


class Centre:
    """Worker and board of one namespace; either can be killed and started again. `url` ends in a slash."""

    def __init__(
        self, children: Children, at: Servers, config: Path, namespace: str = LIVE, board_options: tuple[str, ...] = ()
    ) -> None:
        self.children, self.at, self.namespace = children, at, namespace
        self.url = ""
        self.store = redis.Redis.from_url(at.redis)
        self._board_options = board_options
        self.env = at.env(
            FLOORPULSE_NAMESPACE=namespace,
            FLOORPULSE_CONFIG=str(config.resolve()),
            FLOORPULSE_PARTITIONS=str(PARTITIONS),
        )

    def make_topics(self) -> None:
        """Create what is missing in Kafka, so that nobody waits for somebody else to do it."""
        in_thread(ensure_topics(self.at.kafka, self.namespace, PARTITIONS, self.at.client))

    def start_worker(self) -> Child:
        """One more worker."""
        env = {**self.env, "FLOORPULSE_WORKER_PORT": str(free_port())}
        return self.children.start("the worker", floorpulse_command("worker"), env)

    def start_board(self) -> Child:
        """The board, from the second time on at the address it had before; it comes back when it answers."""
        if not self.url:
            port = free_port()
            self.url = f"http://{HOST}:{port}/"
            self.env["FLOORPULSE_BOARD_PORT"] = str(port)
        board = self.children.start("the board", floorpulse_command("board", *self._board_options), self.env)
        eventually(lambda: self.answers(board), START_SECONDS)
        return board

    def answers(self, board: Child) -> bool:
        """Whether the board is there."""
        board.check()
        try:
            return self.get("/livez").status_code == 200
        except httpx.HTTPError:
            return False

    def get(self, path: str) -> httpx.Response:
        """What the board answers."""
        return httpx.get(self.url.rstrip("/") + path, timeout=10, verify=NO_TLS)

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """What the board answers to an order."""
        return httpx.post(self.url.rstrip("/") + path, json=body, timeout=10, verify=NO_TLS)

    def snapshots(self) -> dict[tuple[str, str], QueueSnapshot]:
        """The snapshots in Redis by queue and channel."""
        keys = list(self.store.scan_iter(f"fp:{self.namespace}:snapshot:*", count=1000))
        texts = [text for text in (self.store.mget(keys) if keys else []) if isinstance(text, bytes)]
        found = [QueueSnapshot.from_json(text) for text in texts]
        return {(each.queue, each.channel): each for each in found}

    def publish(self, events: list[Event]) -> None:
        """Send events through Kafka; returns when it has acknowledged them."""

        async def send() -> None:
            async with Publisher(self.at.kafka, self.namespace) as publisher:
                await publisher.send_many(events)

        in_thread(send())


class Told(FakeWorker):
    """A worker's place that a test takes itself: what it notes is committed twice a second, as true until then.

    `start_ms`: when it was made. While it is not `talking` nothing is committed, and the board's numbers grow old.
    """

    EVERY_SECONDS = 0.5

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.start_ms = time.time_ns() // 1_000_000
        self.lock = threading.RLock()
        self.talking = True
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> Self:
        self.tick()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def tick(self) -> None:
        """Commit what was noted."""
        with self.lock:
            self.commit(time.time_ns() // 1_000_000)

    def _go_on(self) -> None:
        while not self._ended.wait(self.EVERY_SECONDS):
            if self.talking:
                self.tick()


def busy_centre(children: Children) -> Centre:
    """The demo's parts with an hour behind them, once the numbers are fresh."""
    redis_url = start_redis(children)
    at = Servers(start_kafka(children), redis_url, redis_url, embedded_kafka=True)
    centre = Centre(children, at, simulated_floor(), board_options=("--demo",))
    centre.make_topics()
    centre.start_worker()
    simulate = floorpulse_command("simulate", "--warm-up", str(WARM_UP_SECONDS), "--seed", "7")
    children.start("the simulator", simulate, centre.env)
    centre.start_board()

    def runs() -> bool:
        children.check()
        return any(
            shot.state == "fresh" and shot.windows["1h"]["offered"] and shot.windows["5m"]["offered"]
            for shot in centre.snapshots().values()
        )

    eventually(runs, START_SECONDS)
    return centre
