"""`floorpulse import`: recorded files into a Kafka that is there, every record acknowledged."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from floorpulse.errors import for_people
from floorpulse.loading import KINDS, History, load, load_floor
from floorpulse.options import namespace_of
from floorpulse.progress import progress
from floorpulse.settings import Settings
from floorpulse.starting import settings_of_command
from kpi.events import Event, format_time
from kpi.floor import Floor
from kpi.keys import LIVE
from sources.cloudevents import RawLine
from sources.publish import Counts, Publisher
from sources.replay import RAW_TOPIC, make_plan

_REMARKS = 5
_BETWEEN_FLUSHES = 2000


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Plain, .gz or .xz; several are one history.")],
    kind: Annotated[str, typer.Option("--as", metavar="|".join(KINDS), help="What the files are.")],
    mapping: Annotated[
        Path | None, typer.Option(help="For a table: which column is what (TOML); technion and simulated are shipped.")
    ] = None,
    date: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="For a table without dates.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone of local times; default: mapping's or UTC.")] = None,
    namespace: Annotated[str | None, typer.Option(help="Default: FLOORPULSE_NAMESPACE, else live.")] = None,
    config: Annotated[Path | None, typer.Option(help="floor.toml with [[ids]]; default: FLOORPULSE_CONFIG.")] = None,
) -> None:
    """Send recorded files to Kafka, for example the hours that a live source missed. Doing it twice changes nothing.

    Older than a week? Live numbers refuse that; look at it with `floorpulse replay`.

    Example: `floorpulse import queue_log.1 queue_log --as asterisk`
    """
    settings = settings_of_command()
    ns = namespace_of(namespace, settings.namespace)
    with for_people():
        floor = load_floor(config or settings.config)
        history = load(files, kind, mapping=mapping, date=date, zone=zone)
        _say_all(_remarks(history, ns, floor.lateness_ms, time.time_ns() // 1_000_000))
        counts = asyncio.run(_send(history, ns, floor, settings))
    typer.echo(
        f"{counts.sent} events and {counts.copies} copies sent, {counts.acknowledged} records acknowledged, "
        f"namespace {ns}"
    )


async def _send(history: History, ns: str, floor: Floor, settings: Settings) -> Counts:
    # By time, whatever the order of the rows: what comes a week after a later event is refused as late.
    items = [due.item for due in make_plan(history.items).due]
    async with Publisher(settings.kafka_servers, ns, floor=floor, client=settings.kafka_client()) as publisher:
        await publisher.ensure_topics(settings.partitions)
        with progress(len(items), "events acknowledged") as show:
            for start in range(0, len(items), _BETWEEN_FLUSHES):
                part = items[start : start + _BETWEEN_FLUSHES]
                await _send_part(publisher, part)
                show(start + len(part))
        return publisher.counts


async def _send_part(publisher: Publisher, items: Sequence[Event | RawLine]) -> None:
    for item in items:
        if isinstance(item, RawLine):
            await publisher.send_raw(RAW_TOPIC, item.raw, item.raw)
        else:
            await publisher.send(item)
    await publisher.flush()


def _remarks(history: History, ns: str, lateness_ms: int, now_ms: int) -> list[str]:
    """What a person should know before the events are sent."""
    remarks = list(history.remarks)
    times = [item.time_ms for item in history.items]
    late = sum(time_ms < now_ms - lateness_ms for time_ms in times)
    if ns == LIVE and late:
        remarks.insert(0, (
            f"{late} of {len(times)} events are older than {format_time(now_ms - lateness_ms)}: live workers refuse "
            "them as late; floorpulse replay takes any age"
        ))  # fmt: skip
    return remarks


def _say_all(remarks: Sequence[str]) -> None:
    for remark in remarks[:_REMARKS]:
        typer.echo(f"note: {remark}", err=True)
    if len(remarks) > _REMARKS:
        typer.echo(f"note: and {len(remarks) - _REMARKS} more like these", err=True)
