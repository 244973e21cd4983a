"""`floorpulse deadman`: on another machine, says when no alert comes any more, not even the one that always does."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from floorpulse.errors import WRONG_USE, UserError
from floorpulse.settings import Settings
from floorpulse.starting import settings_of_command

if TYPE_CHECKING:
    import httpx

    from alerts.deadman_app import Voice
    from alerts.relay.config import Robot

console = Console(highlight=False, soft_wrap=True)
ROBOT = "robot:"


def deadman(
    notify: Annotated[
        str | None,
        typer.Option(metavar="URL|robot:NAME", help="Who is told: a webhook as Alertmanager calls it, or a robot."),
    ] = None,
    notify_file: Annotated[
        Path | None, typer.Option(help="A file with that URL, for one that holds a secret: others see arguments.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one.")] = 9097,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds without a call until people are told.")] = 45,
    expect: Annotated[str, typer.Option(help="The alerts that always fire.")] = "Watchdog,StreamWatchdog",
    config: Annotated[
        Path | None, typer.Option(help="relay.toml, for a robot. Default: FLOORPULSE_RELAY_CONFIG.")
    ] = None,
) -> None:
    """Wait for the alerts that always fire, and speak when they stop; again every five minutes, and when they are back.

    Run it on another machine than what it watches. Alertmanager's deadman route posts to it.

    Example: floorpulse deadman --notify robot:floor --config relay.toml
    """
    from alerts.deadman import DeadMan
    from alerts.deadman_app import Switch
    from alerts.relay.door import token_problem
    from alerts.relay.senders import make_client
    from floorpulse.serving import serve, steady_clock

    settings = settings_of_command("deadman")
    token = settings.relay_token or ""
    problem = token_problem(settings.bind, token)
    if problem:
        raise UserError(problem, WRONG_USE)
    names = [name.strip() for name in expect.split(",") if name.strip()]
    if not names:
        raise UserError(
            "--expect: no name; wanted the alerts that always fire, like Watchdog,StreamWatchdog", WRONG_USE
        )
    target = _target(notify, notify_file)
    robot = _robot(target.removeprefix(ROBOT), config, settings) if target.startswith(ROBOT) else None

    async def run() -> None:
        clock = steady_clock()
        man = DeadMan(names, timeout * 1000, clock(), settings.runbook_url)
        async with make_client() as client:
            switch = Switch(man, _voice(target, robot, client), clock, token)
            await serve(switch.app, settings.bind, port, _say, switch.watch())

    def _say(url: str) -> None:
        console.print(f"deadman: {url}/deadman, {' '.join(names)} within {timeout} s", markup=False)

    asyncio.run(run())


def _target(notify: str | None, notify_file: Path | None) -> str:
    if (notify is None) == (notify_file is None):
        raise UserError("one of --notify and --notify-file is wanted: whom to tell, URL or robot:NAME", WRONG_USE)
    text = notify or ""
    if notify_file is not None:
        try:
            text = notify_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise UserError(f"--notify-file: {notify_file} cannot be read: {why}", WRONG_USE) from None
    if text.startswith(ROBOT):
        return text
    try:
        url = urlsplit(text)
        right = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        right = False
    if not right or not text.isprintable() or " " in text:
        raise UserError("--notify: wanted an address that begins with https:// or http://, or robot:NAME", WRONG_USE)
    return text


def _robot(name: str, config: Path | None, settings: Settings) -> "Robot":
    from alerts.relay.config import RelayConfigError, load_robots

    path = config or settings.relay_config
    if path is None:
        raise UserError("--notify robot:NAME: name relay.toml with --config or FLOORPULSE_RELAY_CONFIG", WRONG_USE)
    try:
        robots = load_robots(path)
    except RelayConfigError as error:
        raise UserError(str(error), WRONG_USE) from None
    if name not in robots:
        raise UserError(f"--notify: no [robot.{name}] in {path}; it has {', '.join(robots)}", WRONG_USE)
    return robots[name]


def _voice(target: str, robot: "Robot | None", client: "httpx.AsyncClient") -> "Voice":
    from alerts.deadman_app import RobotVoice, WebhookVoice
    from alerts.relay.app import sender_for
    from floorpulse.serving import wall_ms

    return WebhookVoice(target, client) if robot is None else RobotVoice(robot, sender_for(robot, client, wall_ms))
