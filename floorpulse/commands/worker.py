"""`floorpulse worker`: Kafka to Redis, exactly; one process of as many as there are partitions."""

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from floorpulse.errors import UserError, for_people
from floorpulse.loading import load_floor
from floorpulse.options import namespace_of
from floorpulse.settings import Settings
from floorpulse.starting import settings_of_command
from kpi.floor import Floor, FloorError
from sources.topics import ensure_topics

log = logging.getLogger("floorpulse.worker")


def worker(
    namespace: Annotated[str | None, typer.Option(help="live, or the name of a replay.")] = None,
    config: Annotated[Path | None, typer.Option(help="floor.toml: targets of the counters, earliest time.")] = None,
    port: Annotated[int | None, typer.Option(help="Of its /metrics page; 0 is any free one.")] = None,
) -> None:
    """Read events from Kafka and keep every number in Redis, until told to stop (SIGTERM, Ctrl-C).

    Start as many as you like, up to the number of partitions: Kafka shares the work out.

    Example: `FLOORPULSE_KAFKA=kafka:9092 FLOORPULSE_REDIS=redis://redis:6379/0 floorpulse worker`
    """
    from streams.store import Refused
    from streams.worker import Worker, WorkerOptions

    settings = settings_of_command("worker")
    ns = namespace_of(namespace, settings.namespace)
    path = config or settings.config
    with for_people():
        floor = load_floor(path, log.warning)
        options = WorkerOptions(
            ns=ns,
            kafka=settings.kafka_servers,
            redis_url=settings.redis_url,
            floor=floor,
            client=settings.kafka_client(),
            bind=settings.bind,
            metrics_port=settings.worker_port if port is None else port,
            chunk_records=settings.chunk_records,
            session_timeout=float(settings.session_seconds),
            credentials=_credentials(settings),
            reload=partial(_reload, path),
        )
        try:
            code = asyncio.run(_run(options, settings.partitions, Worker))
        except Refused as refused:
            raise UserError(str(refused)) from None
    if code:
        raise typer.Exit(code)


async def _run(options: Any, partitions: int, make: Any) -> int:
    logging.getLogger("faust").setLevel(logging.WARNING)
    await ensure_topics(options.kafka, options.ns, partitions, options.client)
    return int(await make(options).run())


def _reload(path: Path | None) -> Floor:
    """floor.toml anew; raises FloorError, whatever is wrong with the file."""
    try:
        return load_floor(path, log.warning)
    except UserError as error:
        raise FloorError(error.message) from error


def _credentials(settings: Settings) -> Any:
    """The same security settings in Faust's own words; None for plain text."""
    if settings.kafka_security == "PLAINTEXT":
        return None
    import faust

    client = settings.kafka_client()
    if not settings.kafka_security.startswith("SASL"):
        return faust.SSLCredentials(client["ssl_context"])
    return faust.SASLCredentials(
        mechanism=client["sasl_mechanism"],
        username=client["sasl_plain_username"],
        password=client["sasl_plain_password"],
        ssl_context=client.get("ssl_context"),
    )
