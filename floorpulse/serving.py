"""A small server of a service: an application on one port beside tasks of its own, until SIGTERM or Ctrl-C."""

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from starlette.types import ASGIApp

from board.web.server import Limits, listen, make_server
from floorpulse.options import listening_on

STOP_SECONDS = 3.0


def steady_clock() -> Callable[[], int]:
    """A clock of ms UTC that follows the wall clock of its making and never steps back."""
    started_ms, started = time.time_ns() // 1_000_000, time.monotonic_ns()
    return lambda: started_ms + (time.monotonic_ns() - started) // 1_000_000


def wall_ms() -> int:
    """The wall clock, ms UTC."""
    return time.time_ns() // 1_000_000


async def serve(
    app: ASGIApp, host: str, port: int, say: Callable[[str], None], *beside: Coroutine[Any, Any, None]
) -> None:
    """Serve until told to stop, or until one of `beside` ends; its error is raised. `say` gets the address."""
    with listening_on(host, port):
        try:
            sock = listen(host, port)
        except OSError:
            for work in beside:
                work.close()
            raise
    server = make_server(app, Limits(connections=100))
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    tasks = [asyncio.create_task(work) for work in (server.serve(sockets=[sock]), stopped.wait(), *beside)]
    shown = f"[{host}]" if ":" in host else host
    say(f"http://{shown}:{sock.getsockname()[1]}")
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(tasks[0]), STOP_SECONDS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
