"""`floorpulse verify`: recompute everything from Kafka by a separate program and compare with Redis."""

import asyncio
import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import redis
import typer

from floorpulse.errors import FAILED, UserError
from floorpulse.loading import load_floor
from floorpulse.options import namespace_of
from floorpulse.progress import progress
from floorpulse.settings import Settings
from floorpulse.starting import settings_of_command
from floorpulse.verify import Progress, Verdict
from floorpulse.verify import verify as run_verify
from kpi.floor import Floor

SHOWN = 20


def verify(
    namespace: Annotated[str | None, typer.Option(help="Default: FLOORPULSE_NAMESPACE, else live.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="The workers' floor.toml, for lateness. Default: FLOORPULSE_CONFIG.")
    ] = None,
) -> None:
    """Recompute every number from Kafka with a plain batch program, and compare with Redis.

    Contact by contact and count by count; ends with 1 and the first differences when anything differs.

    Example: `floorpulse verify --namespace live`
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong there is said in one line by us
    settings = settings_of_command()
    ns = namespace_of(namespace, settings.namespace)
    floor = load_floor(config or settings.config)
    with redis.Redis.from_url(settings.redis_url, socket_timeout=60) as client:
        verdict = _run(client, settings, ns, floor)
    for note in verdict.notes:
        typer.echo(f"note: {note}", err=True)
    said = f"{verdict.events} events, {verdict.contacts} records and {verdict.counts} counts compared"
    if verdict.apart:
        said += f"; {verdict.apart} records with facts from before the log's start are counted apart"
    typer.echo(said)
    for line in verdict.differences[:SHOWN]:
        typer.echo(line)
    if verdict.differences:
        raise UserError(f"{len(verdict.differences)} differences between Kafka and Redis", FAILED)
    typer.echo("no difference")


def _run(client: redis.Redis, settings: Settings, ns: str, floor: Floor) -> Verdict:
    with ExitStack() as bars:
        bar: list[Progress] = []

        def show(done: int, total: int) -> None:
            # The total is known only once Redis was read.
            if not bar:
                step = bars.enter_context(progress(total, "records recomputed"))
                bar.append(lambda so_far, _: step(so_far))
            bar[0](done, total)

        return asyncio.run(
            run_verify(client, settings.kafka_servers, ns, floor, security=settings.kafka_client(), progress=show)
        )
