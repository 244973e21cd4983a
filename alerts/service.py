"""The engine as a process: its page, its signals, a task for each Alertmanager, and an orderly end."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from alerts.alertmanager import Address, Alertmanager
from alerts.delivery import Delivery
from alerts.engine import REDIS_ERRORS, Engine
from alerts.metrics import CONTENT_TYPE, AlertMetrics
from alerts.page import Answer, listen, make_server, page_app
from alerts.tasks import end
from alerts.text import message
from alerts.text.links import Links
from alerts.watch import Watch
from kpi.alert_state import Held
from kpi.floor import Floor, QueueConfig
from kpi.keys import LIVE
from kpi.snapshot import QueueSnapshot

log = logging.getLogger("floorpulse.alerts")

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
LEAVE_SECONDS = 1.0
STOP_SECONDS = 5.0
CANCEL_SECONDS = 0.5
# Longer than Redis may take to answer; whoever asks then hears that this process hangs.
TURN_SECONDS = 15.0


class ConfigFile(Protocol):
    """floor.toml, which can be read again; a bad one keeps the old one and says so."""

    @property
    def floor(self) -> Floor: ...
    def reload(self) -> None: ...


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How one engine runs. `port` 0 takes a free one. Without `alertmanagers` nobody is told; states stand in Redis."""

    redis_url: str
    config: ConfigFile
    namespace: str = LIVE
    host: str = "127.0.0.1"
    port: int = 9465
    alertmanagers: tuple[Address, ...] = ()
    prometheus: Address | None = None
    links: Links = field(default_factory=Links)
    revision: str = "unknown"


def wall_clock_ms() -> int:
    """Now, ms UTC."""
    return time.time_ns() // 1_000_000


async def run_alerts(settings: EngineSettings, say: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT. `say` gets the address of the page once it is there. OSError: the port is in use."""
    # It tells of every call, address and all.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    sock = listen(settings.host, settings.port)
    redis: Redis = Redis.from_url(
        settings.redis_url,
        # The engine tries again itself, and says so meanwhile.
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        health_check_interval=0,
    )
    alertmanagers = [Alertmanager(address) for address in settings.alertmanagers]
    try:
        host, port = sock.getsockname()[:2]
        say(f"http://{f'[{host}]' if ':' in host else host}:{port}/metrics")
        await _run(settings, redis, alertmanagers, sock)
    finally:
        sock.close()
        for each in alertmanagers:
            with suppress(Exception):
                await each.close()
        with suppress(Exception):
            await redis.aclose()


async def _run(settings: EngineSettings, redis: Redis, alertmanagers: list[Alertmanager], sock: Any) -> None:
    metrics = AlertMetrics(settings.revision)
    engine = Engine(
        redis,
        settings.namespace,
        secrets.token_hex(8),
        settings.config,
        partial(_texts, settings),
        metrics,
        wall_clock_ms,
        alertmanagers,
    )
    server = make_server(page_app({"/metrics": partial(_metrics, metrics), "/livez": partial(_livez, engine)}))
    running: list[Coroutine[Any, Any, None]] = [server.serve(sockets=[sock]), engine.run()]
    for each in alertmanagers:
        delivery = Delivery(each, engine.bulletin, engine.voice, engine.beat, metrics, wall_clock_ms)
        running.append(delivery.run())
    if not alertmanagers:
        log.warning("FLOORPULSE_ALERTMANAGER is not set: alerts stand in Redis and on the board, and nobody is told")
    if settings.prometheus is not None and settings.namespace == LIVE:
        runbook = settings.links.runbook
        running.append(Watch(settings.prometheus, engine.tell, wall_clock_ms, runbook, alertmanagers).run())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, settings.config.reload)
    tasks = [_start(part, stop) for part in running]
    await stop.wait()
    # Nothing of ours may hang for longer: whoever stops us waits for it.
    watchdog = loop.call_later(STOP_SECONDS, os._exit, 70)
    server.should_exit = True
    await end(tasks[1:], CANCEL_SECONDS)
    with suppress(*REDIS_ERRORS):
        async with asyncio.timeout(LEAVE_SECONDS):
            await engine.leave()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    watchdog.cancel()
    for result in results:
        if isinstance(result, Exception):
            raise result


def _start(part: Coroutine[Any, Any, None], stop: asyncio.Event) -> asyncio.Task[None]:
    """A part of the engine as a task. None of them ever ends by itself, so one that does takes the others along."""
    task = asyncio.create_task(part)
    task.add_done_callback(lambda _: stop.set())
    return task


def _texts(settings: EngineSettings, held: Held, snapshot: QueueSnapshot | None, config: QueueConfig) -> dict[str, str]:
    return message.annotations(held, snapshot, config, settings.links, default=settings.config.floor.language)


def _metrics(metrics: AlertMetrics) -> Answer:
    return 200, CONTENT_TYPE, metrics.page()


def _livez(engine: Engine) -> Answer:
    if time.monotonic() - engine.turned > TURN_SECONDS:
        return 503, "text/plain", b"it does not turn\n"
    return 200, "text/plain", b"ok\n"
