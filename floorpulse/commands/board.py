"""`floorpulse board`: Redis -> page, JSON API, server-sent events and metrics."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from floorpulse.errors import WRONG_USE, UserError
from floorpulse.options import listening_on, namespace_of
from floorpulse.starting import settings_of_command

console = Console(highlight=False, soft_wrap=True)


def board(
    namespace: Annotated[str | None, typer.Option(help="Default: FLOORPULSE_NAMESPACE, else live.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="0: a free one. Default: FLOORPULSE_BOARD_PORT, else 8080.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Offer a button that makes the simulator busy.")] = False,
    config: Annotated[Path | None, typer.Option(help="floor.toml. Default: FLOORPULSE_CONFIG.")] = None,
    max_queues: Annotated[
        int, typer.Option(min=1, help="Queues with metrics of their own; the rest is summed up as __overflow__.")
    ] = 200,
) -> None:
    """Show the floor: a page, a JSON API and metrics, from what the workers keep in Redis.

    Example: floorpulse board --port 8080 --config floor.toml
    """
    from alerts.alertmanager import addresses
    from board.app import BoardSettings, run_board
    from floorpulse.board_access import access_of
    from floorpulse.board_report import report_maker

    settings = settings_of_command("board")
    ns = namespace_of(namespace, settings.namespace)
    try:
        alertmanager = addresses(settings.alertmanager)
    except ValueError as error:
        raise UserError(f"FLOORPULSE_ALERTMANAGER: {error}", WRONG_USE) from None
    wanted = BoardSettings(
        redis_url=settings.redis_url,
        namespace=ns,
        host=settings.bind,
        port=settings.board_port,
        config=config or settings.config,
        demo=demo,
        max_queues=max_queues,
        report=report_maker(settings.redis_url, ns),
        access=access_of(settings),
        alertmanager=alertmanager,
    )
    if port is not None:
        wanted = replace(wanted, port=port)
    with listening_on(wanted.host, wanted.port):
        asyncio.run(run_board(wanted, _say))


def _say(url: str) -> None:
    console.print(f"board: {url}", markup=False)
