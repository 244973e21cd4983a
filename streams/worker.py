"""A worker's life: check the servers, start Faust, tick, reap, watch, and stop in time."""

import asyncio
import gc
import json
import logging
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from faust.types import TP
from prometheus_client import start_http_server
from redis.asyncio import Redis
from redis.exceptions import RedisError

from kpi.floor import Floor, FloorError
from kpi.keys import BASE_TOPICS, LIVE, base_topic_of, partition_prefix, replay_key, topic_name
from streams.app import App, all_events, make_app
from streams.dead_letters import DeadLetters
from streams.decode import Limits
from streams.handler import Handler
from streams.metrics import WorkerMetrics
from streams.partition import Taken
from streams.reaper import Reaper
from streams.store import Refused, Store
from streams.ticker import tick
from streams.transport import Chunk
from streams.watchdog import Watchdog

log = logging.getLogger(__name__)
STOP_SECONDS = 8.0
REAP_SECONDS = 30.0
EXIT_STUCK, EXIT_REFUSED, EXIT_ABORTED = 75, 78, 70


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a worker must know. `client`: aiokafka's security settings; `metrics_port` None: no metrics page.

    `reload` reads floor.toml anew on SIGHUP; it raises FloorError for a bad one, and the old one stays.
    """

    ns: str
    kafka: str
    redis_url: str
    floor: Floor
    client: Mapping[str, Any]
    bind: str = "127.0.0.1"
    metrics_port: int | None = None
    chunk_records: int = 2000
    session_timeout: float = 10.0
    credentials: Any = None
    reload: Callable[[], Floor] | None = None


class Worker:
    """One worker process of one namespace."""

    def __init__(self, options: WorkerOptions) -> None:
        self._options = options
        self._redis: Redis = Redis.from_url(options.redis_url, socket_timeout=10, socket_connect_timeout=5)
        self._metrics = WorkerMetrics(options.floor)
        self._stop = asyncio.Event()
        self._exit_code = 0

    async def run(self) -> int:
        """Work until told to stop; the exit code. Raises Refused when Redis must not be used as it is."""
        options = self._options
        # The cached records are many and live long, in no cycles: looking through them often costs a sixth of the CPU.
        gc.set_threshold(50_000, 20, 50)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        producer = AIOKafkaProducer(
            bootstrap_servers=options.kafka, acks="all", enable_idempotence=False, **options.client
        )
        try:
            replay = await self._replay()
            store = Store(self._redis, options.ns, replay.get("expires_at_ms"), self._metrics.redis_call)
            keeps_all = options.ns != LIVE and replay.get("retention") != "live"
            await store.check_server()
            await producer.start()
            server = None
            if options.metrics_port is not None:
                server, _ = start_http_server(options.metrics_port, options.bind, self._metrics.registry)
                log.info("metrics", extra={"port": server.server_port})
            try:
                with tempfile.TemporaryDirectory(prefix="floorpulse-") as datadir:
                    await self._work(store, producer, keeps_all, datadir)
            finally:
                if server is not None:
                    server.shutdown()
        finally:
            with suppress(Exception):
                await asyncio.wait_for(producer.stop(), 2)
            await self._redis.aclose()
        return self._exit_code

    def _reload(self) -> None:
        if self._options.reload is None:
            return
        try:
            self._metrics.floor = self._options.reload()
        except FloorError as error:
            log.error("floor not reloaded", extra={"error": str(error)})
        else:
            log.info("floor reloaded")

    async def _replay(self) -> dict[str, Any]:
        """What the driver wrote about this replay; nothing in live."""
        raw = None if self._options.ns == LIVE else await self._redis.get(replay_key(self._options.ns))
        return dict(json.loads(raw)) if raw else {}

    async def _work(self, store: Store, producer: AIOKafkaProducer, keeps_all: bool, datadir: str) -> None:
        options = self._options
        app = make_app(
            options.ns, options.kafka, datadir, chunk_records=options.chunk_records,
            session_timeout=options.session_timeout, credentials=options.credentials,
        )  # fmt: skip
        live = options.ns == LIVE
        limits = Limits(options.floor.earliest_ms, live)
        handler = Handler(
            options.ns, store, DeadLetters(producer, options.ns), app.chunk_consumer, limits,
            options.floor.lateness_ms, keeps_all, self._applied,
        )  # fmt: skip
        app.resume = handler.resume

        async def process(stream: Any) -> None:
            async for chunk in stream:
                await handler.handle(chunk)

        app.agent(all_events(app, options.ns))(process)
        signal_of: Any = app.on_partitions_assigned
        signal_of.connect(self._rebalanced)
        await store.announce(await self._partitions(producer))
        started = asyncio.ensure_future(app.start())
        tasks = [asyncio.ensure_future(self._watch(app, handler, store)), asyncio.ensure_future(self._stop.wait())]
        if live:
            tasks.append(asyncio.ensure_future(self._tick(app, producer)))
            tasks.append(asyncio.ensure_future(self._reap(app, producer)))
        log.info("worker started", extra={"namespace": options.ns})
        done, _ = await asyncio.wait([*tasks, started], return_when=asyncio.FIRST_COMPLETED)
        while started in done and not started.exception() and len(done) == 1:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for task in done:
            if not task.cancelled() and (error := task.exception()):
                log.error("worker failed", extra={"error": repr(error)})
                self._exit_code = self._exit_code or 1
        await self._end(app)

    async def _end(self, app: App) -> None:
        """Stop Faust; with a dead broker it would never end by itself."""
        try:
            await asyncio.wait_for(app.stop(), STOP_SECONDS)
        except TimeoutError:
            log.error("stop took too long", extra={"seconds": STOP_SECONDS})
            os._exit(self._exit_code or EXIT_ABORTED)

    async def _partitions(self, producer: AIOKafkaProducer) -> dict[str, int]:
        found = {}
        for base in BASE_TOPICS:
            found[base] = len(await producer.partitions_for(topic_name(self._options.ns, base)))
        return found

    def _applied(self, chunk: Chunk, topic: str, taken: Taken, cpu_seconds: float) -> None:
        self._metrics.applied(chunk, topic, taken, cpu_seconds, time.time_ns() // 1_000_000)

    async def _rebalanced(self, app: App, assigned: set[TP], **_: Any) -> None:
        self._metrics["cc_stream_rebalances_total"].inc()
        owned = Counter(dict.fromkeys(BASE_TOPICS, 0))
        owned.update(base_topic_of(self._options.ns, tp.topic) for tp in assigned)
        self._metrics.owned(owned)
        log.info("partitions assigned", extra={"partitions": len(assigned)})

    async def _tick(self, app: App, producer: AIOKafkaProducer) -> None:
        while True:
            await asyncio.sleep(1 - time.time() % 1)
            if app.rebalancing or not app.started:
                continue
            with suppress(Exception):
                await tick(producer, app.consumer.assignment(), time.time_ns() // 1_000_000)

    async def _reap(self, app: App, producer: AIOKafkaProducer) -> None:
        """Twice a minute: end in the partitions we own what is overdue by the floor as it is now."""
        ns, lateness, metrics = self._options.ns, self._options.floor.lateness_ms, self._metrics
        reaper = Reaper(ns, self._redis, producer, lambda: metrics.floor, lateness, metrics.reaped)
        while True:
            await asyncio.sleep(REAP_SECONDS)
            if app.rebalancing or not app.started:
                continue
            try:
                owned = sorted(place_of(ns, tp) for tp in app.consumer.assignment())
                await reaper.look(owned, time.time_ns() // 1_000_000)
            except Exception:
                # The next look finds what this one did not end: it must never stop the counting.
                log.exception("not reaped")

    async def _watch(self, app: App, handler: Handler, store: Store) -> None:
        """Every few seconds: is there progress, and does Redis still keep what it is given?"""
        dog = Watchdog()
        while True:
            await asyncio.sleep(5)
            try:
                await store.check_server()
            except Refused as refused:
                log.error("redis refused", extra={"error": str(refused)})
                self._exit_code = EXIT_REFUSED
                return
            except (RedisError, OSError):
                handler.waiting_for = handler.waiting_for or "Redis"
                continue
            reason = dog.look(await self._lag(app), handler.waiting_for, time.monotonic())
            if reason:
                log.error("stuck", extra={"reason": reason})
                self._exit_code = EXIT_STUCK
                return

    async def _lag(self, app: App) -> dict[str, tuple[int, int]]:
        if app.rebalancing or not app.started:
            return {}
        try:
            found = await asyncio.wait_for(app.chunk_consumer.lag(), 5)
        except (KafkaError, OSError, TimeoutError, AssertionError) as error:
            log.warning("lag unknown", extra={"error": repr(error)})
            return {}
        for tp, (_, behind) in found.items():
            place = (base_topic_of(self._options.ns, tp.topic), str(tp.partition))
            self._metrics["cc_stream_consumer_lag_records"].labels(*place).set(max(behind, 0))
        return {partition_prefix(self._options.ns, *place_of(self._options.ns, tp)): at for tp, at in found.items()}


def place_of(ns: str, tp: TP) -> tuple[str, int]:
    """(base topic, partition) of a Kafka partition."""
    return base_topic_of(ns, tp.topic), tp.partition
