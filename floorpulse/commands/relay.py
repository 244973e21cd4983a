"""`floorpulse relay`: Alertmanager's webhooks into the groups of WeCom, DingTalk and Feishu."""

import asyncio
import os
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from floorpulse.errors import WRONG_USE, UserError
from floorpulse.starting import settings_of_command

if TYPE_CHECKING:
    from alerts.relay.spool import Spool

console = Console(highlight=False, soft_wrap=True)
SPOOL = "relay.sqlite"


def relay(
    config: Annotated[Path | None, typer.Option(help="relay.toml. Default: FLOORPULSE_RELAY_CONFIG.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="0: a free one. Default: FLOORPULSE_RELAY_PORT, else 9098.")
    ] = None,
    drop: Annotated[
        str | None, typer.Option(metavar="NAME", help="Drop what waits for a robot that is gone for good, and end.")
    ] = None,
) -> None:
    """Hand alerts on to group robots: signed, never more than they allow, nothing lost.

    Alertmanager posts to /robots/NAME, once for each robot that relay.toml names; docs/robots.md says how. SIGHUP reads
    relay.toml and the files that it names again.

    Example: floorpulse relay --config relay.toml
    """
    from alerts.relay.app import Relay
    from alerts.relay.config import RelayConfigError, load_robots
    from alerts.relay.door import token_problem
    from floorpulse.serving import serve, steady_clock, wall_ms

    settings = settings_of_command("relay")
    token = settings.relay_token or ""
    problem = token_problem(settings.bind, token) if drop is None else ""
    if problem:
        raise UserError(problem, WRONG_USE)
    path, file = config or settings.relay_config, spool_path(settings.relay_spool)
    if path is None:
        raise UserError("no robots: name relay.toml with --config or FLOORPULSE_RELAY_CONFIG", WRONG_USE)
    try:
        robots = load_robots(path)
    except RelayConfigError as error:
        raise UserError(str(error), WRONG_USE) from None
    if drop is not None:
        if drop in robots:
            raise UserError(f"--drop: {path} still has [robot.{drop}]; take it out first", WRONG_USE)
        _drop(drop, file)
        return
    spool = _spool(file)

    async def run() -> None:
        made = Relay(robots, spool, token=token, clock_ms=steady_clock(), wall_ms=wall_ms)
        async with made.running():
            again = partial(made.reload, partial(load_robots, path))
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, again)
            await serve(made.app, settings.bind, settings.relay_port if port is None else port, _say)

    def _say(url: str) -> None:
        console.print(f"relay: {url}/robots/ {' '.join(robots)}", markup=False)

    try:
        asyncio.run(run())
    finally:
        spool.close()


def _spool(file: Path) -> "Spool":
    from alerts.relay.spool import Spool, SpoolError

    try:
        return Spool(file)
    except SpoolError as error:
        raise UserError(f"the spool {error}; see FLOORPULSE_RELAY_SPOOL") from None


def _drop(name: str, file: Path) -> None:
    """Drop what waits for the robot `name`, and say how much it was. A relay that runs keeps its spool to itself."""
    from alerts.relay.spool import SpoolError

    if not file.exists():
        raise UserError(f"the spool {file}: no such file; see FLOORPULSE_RELAY_SPOOL")
    spool = _spool(file)
    try:
        names = spool.robots()
        if name not in names:
            raise UserError(f"--drop: nothing waits for {name!r}; something waits for: {', '.join(names) or 'none'}")
        console.print(f"relay: {spool.drop(name)} alerts of {name} dropped", markup=False)
    except SpoolError as error:
        raise UserError(f"the spool {error}; see FLOORPULSE_RELAY_SPOOL") from None
    finally:
        spool.close()


def spool_path(named: Path | None) -> Path:
    """The file of the spool: the one that is named, or in the folder that is, else in the user's state folder."""
    if named is not None:
        return named / SPOOL if named.is_dir() or not named.suffix else named
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "floorpulse" / SPOOL
