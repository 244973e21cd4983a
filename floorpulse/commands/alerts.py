"""`floorpulse alerts`: the alert engine: snapshots in, alerts to every Alertmanager out."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from floorpulse.errors import WRONG_USE, UserError, for_people
from floorpulse.options import listening_on, namespace_of
from floorpulse.settings import Settings
from floorpulse.starting import settings_of_command

console = Console(highlight=False, soft_wrap=True)
# Where the Prometheus of docker-compose.yml shows it.
DEFAULT_RUNBOOK = "http://127.0.0.1:9090/user/runbook.md"


def alerts(
    namespace: Annotated[str | None, typer.Option(help="live, or the name of a replay.")] = None,
    config: Annotated[Path | None, typer.Option(help="floor.toml. Default: FLOORPULSE_CONFIG.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Of its page. 0: a free one. Default: FLOORPULSE_ALERTS_PORT.")
    ] = None,
) -> None:
    """Watch every snapshot and tell Alertmanager when a limit of floor.toml is passed, and when that is over.

    FLOORPULSE_ALERTMANAGER names every Alertmanager, with commas between. Start two: one works, the other takes over.

    Example: `FLOORPULSE_ALERTMANAGER=http://127.0.0.1:9093 floorpulse alerts --config floor.toml`
    """
    from alerts.alertmanager import addresses
    from alerts.service import EngineSettings, run_alerts
    from alerts.text.links import Links
    from board.config import FloorFile

    settings = settings_of_command("alerts")
    ns = namespace_of(namespace, settings.namespace)
    found = {}
    for name in ("alertmanager", "prometheus"):
        try:
            found[name] = addresses(getattr(settings, name))
        except ValueError as error:
            raise UserError(f"FLOORPULSE_{name.upper()}: {error}", WRONG_USE) from None
    if len(found["prometheus"]) > 1:
        raise UserError("FLOORPULSE_PROMETHEUS: only one Prometheus is watched; wanted one address", WRONG_USE)
    with for_people():
        wanted = EngineSettings(
            redis_url=settings.redis_url,
            config=FloorFile(config or settings.config),
            namespace=ns,
            host=settings.bind,
            port=settings.alerts_port if port is None else port,
            alertmanagers=found["alertmanager"],
            prometheus=next(iter(found["prometheus"]), None),
            links=Links(settings.public_url.rstrip("/"), runbook_of(settings)),
        )
    with listening_on(wanted.host, wanted.port):
        asyncio.run(run_alerts(wanted, _say))


def runbook_of(settings: Settings) -> str:
    """Where people read the runbook: beside the board, where that has a name."""
    if settings.runbook_url:
        return settings.runbook_url
    return f"{settings.public_url.rstrip('/')}/runbook.md" if settings.public_url else DEFAULT_RUNBOOK


def _say(url: str) -> None:
    console.print(f"alerts: {url}", markup=False)
