"""The board as a process: view, publisher and web server in one loop. Stateless; two may run side by side."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from board.alerts_manager import Alertmanager
from board.alerts_watch import watch_alerts
from board.config import FloorFile
from board.door.access import Access
from board.door.auth import Auth
from board.door.security import security_headers
from board.garbage import Garbage
from board.gauges import MAX_QUEUES
from board.health import Health
from board.history import Baselines
from board.load import Loader
from board.publish import Publisher
from board.stream.sse import Clients
from board.view import FloorView
from board.web.api import make_app
from board.web.parts import Parts, wall_clock_ms
from board.web.reports import ReportMaker
from board.web.server import Limits, allow_connections, listen, make_server
from kpi.keys import LIVE

log = logging.getLogger("floorpulse.board")

STOP_SECONDS = 2.5
CANCEL_SECONDS = 0.2
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """How one board runs. `port` 0 takes a free one; `max_queues` caps the metrics pages only.

    `alertmanager`: the addresses of every replica; they may hold a password.
    """

    redis_url: str
    namespace: str = LIVE
    host: str = "127.0.0.1"
    port: int = 8080
    config: Path | None = None
    demo: bool = False
    max_queues: int = MAX_QUEUES
    revision: str = ""
    report: ReportMaker | None = None
    access: Access = field(default_factory=Access)
    alertmanager: tuple[str, ...] = field(default=(), repr=False)


def connect(url: str) -> Redis:
    """A client that fails at once instead of trying again: the board tries again itself, and says so meanwhile."""
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        health_check_interval=0,
    )


async def run_board(settings: BoardSettings, say: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT. `say` gets the address once it is there.

    Raises FloorError for a bad configuration and OSError when the port is in use.
    """
    config = FloorFile(settings.config)
    sock = listen(settings.host, settings.port)
    redis = connect(settings.redis_url)
    try:
        await _run(settings, config, redis, sock, say)
    finally:
        sock.close()
        with suppress(Exception):
            await redis.aclose()


async def _run(
    settings: BoardSettings, config: FloorFile, redis: Redis, sock: socket.socket, say: Callable[[str], None]
) -> None:
    access = settings.access
    view, health = FloorView(), Health(is_replay=settings.namespace != LIVE)
    clients = Clients(access.max_listeners, access.listeners_per_address)
    garbage = Garbage()
    garbage.take_over()
    loader = Loader(redis, settings.namespace, view, health, wall_clock_ms)
    baselines = Baselines(redis, settings.namespace, view, config, lambda: publisher.latest.verdict.now_ms)
    publisher = Publisher(redis, settings.namespace, view, health, config, wall_clock_ms, garbage, baselines)
    manager = Alertmanager(settings.alertmanager) if settings.alertmanager else None
    parts = Parts(
        settings.namespace,
        redis,
        publisher,
        loader,
        health,
        config,
        clients,
        wall_clock_ms,
        settings.demo,
        settings.max_queues,
        settings.revision,
        report=settings.report,
        auth=Auth(access),
        alertmanager=manager,
    )
    allow_connections(access.max_connections)
    headers = security_headers(access.frame_ancestors, is_https=access.is_https)
    server = make_server(make_app(parts), Limits(connections=access.max_connections), headers)
    stop = asyncio.Event()
    _handle_signals(stop, config)
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    await publisher.tick()
    say(f"http://{shown}:{port}/")
    written = (kept.run(redis, settings.namespace) for kept in (parts.notes, parts.quiets))
    alerts = watch_alerts(parts.alerts, redis, settings.namespace, manager, wall_clock_ms)
    running = (loader.run(), publisher.run(), baselines.run(), *written, alerts, server.serve(sockets=[sock]))
    tasks = [_start(part, stop) for part in running]
    await stop.wait()
    clients.closing.set()
    server.should_exit = True
    await _finish(tasks[-1], tasks[:-1])
    if manager is not None:
        await manager.aclose()


def _handle_signals(stop: asyncio.Event, config: FloorFile) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, config.reload)


def _start(part: Coroutine[Any, Any, None], stop: asyncio.Event) -> asyncio.Task[None]:
    """A part of the board as a task. None of them ever ends by itself, so one that does takes the others along."""
    task = asyncio.create_task(part)
    task.add_done_callback(lambda _: stop.set())
    return task


async def _finish(server: asyncio.Task[None], others: list[asyncio.Task[None]]) -> None:
    # A hanging connection must not keep the process: what could be said to clients has been said.
    watchdog = asyncio.get_running_loop().call_later(STOP_SECONDS, os._exit, 70)
    for task in others:
        # A Redis call that fails at this very moment swallows the cancellation, so one is not always enough.
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=CANCEL_SECONDS)
    results = await asyncio.gather(server, *others, return_exceptions=True)
    watchdog.cancel()
    for result in results:
        if isinstance(result, Exception):
            raise result
