"""`floorpulse demo`: a whole contact centre on this machine with one command, gone without a trace when it ends."""

import asyncio
import importlib.resources
import json
import logging
import os
import subprocess
import sys
import time
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import redis
import typer

from floorpulse.embedded import HOST, Servers, free_port, servers
from floorpulse.errors import UserError, for_people
from floorpulse.processes import Children, floorpulse_command, stopping_on_signals
from floorpulse.settings import Settings
from floorpulse.starting import settings_of_command
from kpi.keys import LIVE
from kpi.snapshot import QueueSnapshot
from sources.topics import ensure_topics

#: The simulator starts this far in the past, so that queues, windows and backlog are filled at once.
WARM_UP_SECONDS = 1800
APART_SECONDS = 10.0
_START_SECONDS = 120.0
_LOOK_SECONDS = 0.1

Snapshots = dict[str, dict[str, Any]]


def demo(
    seconds: Annotated[float | None, typer.Option(min=0, help="End by itself after so many seconds.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end, nothing else.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the board in a browser.")] = False,
) -> None:
    """Start everything with a simulated contact centre: Kafka, Redis, simulator, worker, board, alerts. Ctrl-C ends it.

    Kafka and Redis are started for it, unless FLOORPULSE_KAFKA and FLOORPULSE_REDIS name some. Alerts stand on the
    board; people are told where FLOORPULSE_ALERTMANAGER names one. With --json two sets of snapshots, taken 10 s apart,
    are printed; without --seconds it then ends.

    Example: `floorpulse demo`
    """
    began = time.monotonic()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong there is said in one line by us
    try:
        with for_people(), stopping_on_signals():
            settings = settings_of_command()
            with servers(settings) as at, Children() as children:
                _Demo(settings, at, children, began).run(seconds, as_json=as_json, browser=not no_browser)
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


class _Demo:
    def __init__(self, settings: Settings, at: Servers, children: Children, began: float) -> None:
        self._at, self._children, self._began = at, children, began
        self._store = redis.Redis.from_url(at.redis)
        self.url = f"http://{HOST}:{self._start_all(settings)}/"

    def run(self, seconds: float | None, *, as_json: bool, browser: bool) -> None:
        """Wait until numbers move, show them, and end after `seconds` since the command began (never: on Ctrl-C)."""
        first = self._wait_for_numbers()
        moved = time.monotonic()
        typer.echo(f"numbers moved {moved - self._began:.1f} s after the start", err=True)
        typer.echo(f"board {self.url}   redis {self._at.redis_shown}   kafka {self._at.kafka}", err=True)
        end = None if seconds is None else self._began + seconds
        if as_json:
            self._watch_until(moved + APART_SECONDS)
            sets = [first, self._snapshots()]
            self._watch_until(end or 0)
            typer.echo(
                json.dumps({"board": self.url, "redis": self._at.redis_shown, "snapshots": sets}, ensure_ascii=False)
            )
            return
        typer.echo("a spike: floorpulse simulate --spike support      Ctrl-C stops everything", err=True)
        shown = browser and _open_browser(self.url)
        if not shown and sys.stdout.isatty():
            self._top(end)
        else:
            self._watch_until(end)

    def _start_all(self, settings: Settings) -> int:
        """Start worker, board, alerts and simulator; returns the board's port."""
        self._store.ping()
        asyncio.run(ensure_topics(self._at.kafka, LIVE, settings.partitions, self._at.client))
        board_port, worker_port, alerts_port = free_port(), free_port(), free_port()
        env = self._at.env(
            FLOORPULSE_NAMESPACE=LIVE,
            FLOORPULSE_CONFIG=str((settings.config or simulated_floor()).resolve()),
            FLOORPULSE_PARTITIONS=str(settings.partitions),
            FLOORPULSE_BIND=HOST,
            FLOORPULSE_BOARD_PORT=str(board_port),
            FLOORPULSE_WORKER_PORT=str(worker_port),
            FLOORPULSE_ALERTS_PORT=str(alerts_port),
        )
        self._env = env
        self._children.start("the worker", floorpulse_command("worker"), env)
        self._children.start("the board", floorpulse_command("board", "--demo"), env)
        # The links in its messages lead to this very board.
        told = {**env, "FLOORPULSE_PUBLIC_URL": f"http://{HOST}:{board_port}"}
        self._children.start("the alerts", floorpulse_command("alerts"), told)
        simulate = floorpulse_command("simulate", "--warm-up", str(WARM_UP_SECONDS))
        self._children.start("the simulator", simulate, env)
        return board_port

    def _wait_for_numbers(self) -> Snapshots:
        """The first set of snapshots that is fresh and has traffic in it."""
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            self._children.check()
            found = self._snapshots()
            if any(shot["state"] == "fresh" and shot["windows"]["5m"]["offered"] for shot in found.values()):
                return found
            time.sleep(_LOOK_SECONDS)
        raise UserError(f"no numbers moved within {_START_SECONDS:g} s; try again with FLOORPULSE_LOG_LEVEL=debug")

    def _snapshots(self) -> Snapshots:
        keys = sorted(self._store.scan_iter(match=f"fp:{LIVE}:snapshot:*", count=1000))
        return by_queue([text for text in self._store.mget(keys) if text] if keys else [])

    def _watch_until(self, end: float | None) -> None:
        while end is None or time.monotonic() < end:
            self._children.check()
            time.sleep(_LOOK_SECONDS)

    def _top(self, end: float | None) -> None:
        """Show the terminal table in the foreground; it reads the keyboard and Ctrl-C with us."""
        top = subprocess.Popen(floorpulse_command("top"), env=self._env)
        try:
            while top.poll() is None and (end is None or time.monotonic() < end):
                self._children.check()
                time.sleep(_LOOK_SECONDS)
        finally:
            top.terminate()
            top.wait()


def by_queue(texts: Sequence[bytes | str]) -> Snapshots:
    """Snapshots (JSON) by queue id; by queue:channel where a queue has several channels."""
    shots = [QueueSnapshot.from_json(text) for text in texts]
    queues = [shot.queue for shot in shots]
    return {
        shot.queue if queues.count(shot.queue) == 1 else f"{shot.queue}:{shot.channel}": json.loads(text)
        for shot, text in zip(shots, texts, strict=True)
    }


def simulated_floor() -> Path:
    """The floor.toml of the simulated contact centre."""
    return Path(str(importlib.resources.files("sources.simulator"))) / "floor.toml"


def _open_browser(url: str) -> bool:
    """Open the board where there is a screen; False when there is none."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    return webbrowser.open(url)
