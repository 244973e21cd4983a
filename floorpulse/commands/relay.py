"""`floorpulse relay`: Alertmanager's webhooks into the groups of WeCom, DingTalk and Feishu."""

import asyncio
import os
import signal
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from floorpulse.errors import WRONG_USE, UserError
from floorpulse.starting import settings_of_command

console = Console(highlight=False, soft_wrap=True)
SPOOL = "relay.sqlite"


def relay(
    config: Annotated[Path | None, typer.Option(help="relay.toml. Default: FLOORPULSE_RELAY_CONFIG.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="0: a free one. Default: FLOORPULSE_RELAY_PORT, else 9098.")
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
    from alerts.relay.spool import Spool, SpoolError
    from floorpulse.serving import serve, steady_clock, wall_ms

    settings = settings_of_command("relay")
    token = settings.relay_token or ""
    problem = token_problem(settings.bind, token)
    if problem:
        raise UserError(problem, WRONG_USE)
    path = config or settings.relay_config
    if path is None:
        raise UserError("no robots: name relay.toml with --config or FLOORPULSE_RELAY_CONFIG", WRONG_USE)
    try:
        robots = load_robots(path)
        spool = Spool(spool_path(settings.relay_spool))
    except RelayConfigError as error:
        raise UserError(str(error), WRONG_USE) from None
    except SpoolError as error:
        raise UserError(f"the spool {error}; see FLOORPULSE_RELAY_SPOOL") from None

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


def spool_path(named: Path | None) -> Path:
    """The file of the spool: the one that is named, or in the folder that is, else in the user's state folder."""
    if named is not None:
        return named / SPOOL if named.is_dir() or not named.suffix else named
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "floorpulse" / SPOOL
