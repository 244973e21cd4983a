"""`floorpulse source asterisk`: a live queue_log into Kafka, across its rotation and our restarts."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Protocol

import typer

from floorpulse.errors import for_people
from floorpulse.loading import load_floor
from floorpulse.options import namespace_of
from floorpulse.starting import settings_of_command
from kpi.events import Event, event_id, make_event
from sources.asterisk import SOURCE
from sources.asterisk_follow import QueueLogFollower
from sources.errors import SourceError
from sources.publish import Publisher

POLL_SECONDS = 0.2
HEARTBEAT_SECONDS = 10.0
RETRY_SECONDS = 2.0

log = logging.getLogger("floorpulse.source")


class Sink(Protocol):
    """Where events go; `flush` returns when all of them are acknowledged, and raises SourceError otherwise."""

    async def send(self, event: Event) -> None:
        """Hand one event over."""

    async def flush(self) -> None:
        """Wait for the acknowledgements."""


def source_asterisk(
    path: Annotated[Path, typer.Argument(metavar="QUEUE_LOG", help="The live log, e.g. /var/log/asterisk/queue_log.")],
    source: Annotated[str, typer.Option(help="Names this Asterisk in events and in floor.toml's [[ids]].")] = SOURCE,
    state: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where its position is kept; default: QUEUE_LOG.floorpulse.")
    ] = None,
    from_start: Annotated[
        bool,
        typer.Option("--from-start", help="Without a stored position, send the whole file, not only what follows."),
    ] = False,
    namespace: Annotated[str | None, typer.Option(help="Default: FLOORPULSE_NAMESPACE, else live.")] = None,
    config: Annotated[Path | None, typer.Option(help="floor.toml with [[ids]]; default: FLOORPULSE_CONFIG.")] = None,
) -> None:
    """Follow the queue_log of a running Asterisk until told to stop (SIGTERM, Ctrl-C).

    It survives log rotation (rename, copytruncate, compression) and its own restarts: nothing is lost or repeated.

    Example: `floorpulse source asterisk /var/log/asterisk/queue_log --source /acd/asterisk/berlin`
    """
    settings = settings_of_command("source-asterisk")
    ns = namespace_of(namespace, settings.namespace)
    with for_people():
        floor = load_floor(config or settings.config, log.warning)
        position = state or path.with_name(f"{path.name}.floorpulse")
        with QueueLogFollower(path, position, source=source, from_start=from_start) as follower:
            first = follower.poll()  # a log that cannot be used is said before Kafka is asked
            publisher = Publisher(settings.kafka_servers, ns, floor=floor, client=settings.kafka_client())
            asyncio.run(_run(follower, first, publisher, settings.partitions))


async def _run(follower: QueueLogFollower, first: list[Event], publisher: Publisher, partitions: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with publisher:
        await publisher.ensure_topics(partitions)
        log.info(
            "following", extra={"path": str(follower.path), "source": follower.source, "open": follower.open_calls}
        )
        await follow(follower, first, publisher, stopped, lambda: time.time_ns() // 1_000_000)
    log.info("stopped", extra={"path": str(follower.path)})


async def follow(
    follower: QueueLogFollower, events: list[Event], sink: Sink, stopped: asyncio.Event, clock_ms: Callable[[], int]
) -> None:
    """Send `events` and everything that follows until `stopped`; the position moves behind acknowledgements only.

    While Kafka does not answer, the same events are sent again and again; repeats change nothing.
    """
    beat_ms = 0
    while True:
        for problem in follower.problems():
            log.warning("problem", extra={"problem": problem})
        if clock_ms() - beat_ms >= HEARTBEAT_SECONDS * 1000:
            beat_ms = clock_ms()
            events = [*events, _heartbeat(follower.source, beat_ms)]
        if await _acknowledged(events, sink):
            follower.commit()
            events = []
        elif await _wait(stopped, RETRY_SECONDS):
            return
        else:
            continue
        events = follower.poll()
        if not events and await _wait(stopped, POLL_SECONDS):
            return
        if stopped.is_set():
            return


async def _acknowledged(events: list[Event], sink: Sink) -> bool:
    try:
        for event in events:
            await sink.send(event)
        await sink.flush()
    except SourceError as error:
        log.warning("not_acknowledged", extra={"events": len(events), "why": str(error)})
        return False
    return True


def _heartbeat(source: str, now_ms: int) -> Event:
    id = event_id(source, source, "heartbeat", now_ms)
    return make_event("source.heartbeat", source=source, id=id, time_ms=now_ms, data={"sequence": 0})


async def _wait(stopped: asyncio.Event, seconds: float) -> bool:
    """Wait so long, or until told to stop; True when told."""
    try:
        await asyncio.wait_for(stopped.wait(), seconds)
    except TimeoutError:
        return False
    return True
