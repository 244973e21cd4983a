"""`floorpulse simulate`: a simulated contact centre, into a file or live into Kafka, with spikes on demand."""

import asyncio
import gzip
import json
import signal
import time
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import IO, Annotated, Literal, cast
from zoneinfo import ZoneInfo

import redis
import typer
from rich.console import Console

from floorpulse.errors import WRONG_USE, UserError
from floorpulse.loading import load_floor
from floorpulse.options import namespace_of
from floorpulse.settings import Settings
from floorpulse.starting import settings_of_command
from kpi.events import parse_time
from kpi.keys import simulator_channel
from sources.publish import Publisher
from sources.simulator import Simulation, default_profile
from sources.simulator.answer import Deliveries, Key, Targets
from sources.simulator.control import SpikeOrder, listen, make_order
from sources.simulator.faults import Faults
from sources.simulator.live import Live

FILE_START = "2026-01-05T00:00:00+08:00"
FLUSH_SECONDS = 5.0
HOUR_MS = 3_600_000

Shape = Literal["day", "busy"]

console = Console(stderr=True, highlight=False)


def simulate(
    out: Annotated[Path | None, typer.Option(help="Write JSON lines here (.gz: compressed) instead of Kafka.")] = None,
    days: Annotated[float, typer.Option(min=0.0, help="With --out: how many days.")] = 0.0,
    hours: Annotated[float, typer.Option(min=0.0, help="With --out: how many hours (default: one day).")] = 0.0,
    start: Annotated[str, typer.Option(help="With --out: the first instant, RFC 3339.")] = FILE_START,
    seed: Annotated[int, typer.Option(help="The same seed and options give the same events.")] = 1,
    shape: Annotated[
        Shape | None, typer.Option(help="day: by the hour (default of --out); busy: the busiest hour, always.")
    ] = None,
    loss: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of events that get lost.")] = 0.0,
    duplicate: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of events that come twice.")] = 0.0,
    disorder: Annotated[float, typer.Option(min=0.0, help="Deliver up to so many seconds late, out of order.")] = 0.0,
    answer_key: Annotated[
        Path | None,
        typer.Option(metavar="KEY.json", help="With --out: also write the report that a replay of it must give."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="floor.toml of the answer key; default: FLOORPULSE_CONFIG.")
    ] = None,
    zone: Annotated[str, typer.Option(help="IANA zone of the answer key's hours and days.")] = "UTC",
    warm_up: Annotated[float, typer.Option(min=0.0, help="Start so many seconds in the past.")] = 1800.0,
    speed: Annotated[
        float | None, typer.Option(min=1.01, help="Come from the past so many times real time, and end at now.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.0, help="End after so many seconds.")] = None,
    namespace: Annotated[str | None, typer.Option(help="Default: FLOORPULSE_NAMESPACE, else live.")] = None,
    spike: Annotated[
        str | None, typer.Option(help="Do not simulate: order a spike of a running simulator (a queue, or default).")
    ] = None,
    cause: Annotated[str, typer.Option(help="Of --spike: volume (more customers) or staff (agents leave).")] = "volume",
    factor: Annotated[float, typer.Option(help="Of --spike: how many times the usual.")] = 8.0,
    lasting: Annotated[float, typer.Option(help="Of --spike: for how many seconds.")] = 300.0,
) -> None:
    """Simulate a contact centre: six voice, three chat and two case queues with a hundred agents.

    Example: floorpulse simulate --out day.jsonl.gz --seed 7 --loss 0.01 --duplicate 0.02 --disorder 60

    With what is true of it: floorpulse simulate --days 1 --loss 0.02 --out day.jsonl --answer-key key.json

    Live, into FLOORPULSE_KAFKA: floorpulse simulate --warm-up 1800

    Trouble in the one that runs: floorpulse simulate --spike support --cause staff
    """
    settings = settings_of_command()
    ns = namespace_of(namespace, settings.namespace)
    faults = Faults(seed, loss=loss, duplicate=duplicate, disorder_ms=round(disorder * 1000))
    if spike is not None:
        _order(settings, ns, spike, factor, lasting, cause)
    elif out is not None:
        simulation = Simulation(default_profile(shape or "day"), seed, _instant(start))
        span_ms = round((days * 24 + hours) * HOUR_MS) or 24 * HOUR_MS
        key = None if answer_key is None else _AnswerKey(answer_key, config or settings.config, zone)
        _to_file(simulation, faults, out, _instant(start) + span_ms, key)
    elif answer_key is not None:
        raise UserError("--answer-key is for events in a file; name one with --out", WRONG_USE)
    else:
        start_ms = _wall_ms() - round(warm_up * 1000)
        simulation = Simulation(default_profile(shape or "busy"), seed, start_ms)
        asyncio.run(_to_kafka(simulation, faults, settings, ns, start_ms, speed, seconds))


class _AnswerKey:
    """Where the key goes, and what it is worked out from. Wrong options are found before the simulation begins."""

    def __init__(self, path: Path, config: Path | None, zone: str) -> None:
        self.path, self.config, self.zone = path, config, zone
        load_floor(config)
        try:
            self._targets = Targets("" if config is None else config.read_text(encoding="utf-8"))
            ZoneInfo(zone)
        except (ValueError, OSError, LookupError) as error:
            raise UserError(f"--answer-key: {error}", WRONG_USE) from None
        self._deliveries = Deliveries()

    def take(self, line: bytes) -> None:
        """Note one delivery."""
        self._deliveries.take(line)

    def write(self) -> None:
        """Work the key out and write it."""
        key = {
            "targets": "defaults" if self.config is None else str(self.config),
            **Key(self._deliveries, self._targets, self.zone).report(),
        }
        self.path.write_text(json.dumps(key, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        console.print(f"the answer key in {self.path}, under the targets of {key['targets']}")


def _to_file(simulation: Simulation, faults: Faults, out: Path, end_ms: int, key: _AnswerKey | None) -> None:
    """Write the deliveries of [start, `end_ms`) as JSON lines; what is under way at the end is written, too."""
    written = 0
    # No time and no name in the gzip header: the same options give the same bytes.
    with out.open("wb") as raw, _packed(raw) if out.suffix == ".gz" else raw as file:
        for event in chain(faults.deliver(simulation.run_until(end_ms), end_ms), faults.drain()):
            line = event.to_json()
            file.write(line + b"\n")
            written += 1
            if key is not None:
                key.take(line)
    console.print(f"{written:,} events in {out}{_damage(faults)}")
    if key is not None:
        key.write()


def _packed(raw: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6))


async def _to_kafka(
    simulation: Simulation,
    faults: Faults,
    settings: Settings,
    ns: str,
    start_ms: int,
    speed: float | None,
    seconds: float | None,
) -> None:
    async with Publisher(settings.kafka_servers, ns, client=settings.kafka_client()) as publisher:
        await publisher.ensure_topics(settings.partitions)
        live = Live(simulation, faults, publisher.send, _wall_ms, speed=speed, on_spike=_say_spike, on_error=_say)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, live.stop)
        loop.add_signal_handler(signal.SIGUSR1, live.order, SpikeOrder())
        _say(f"simulating into {settings.kafka_servers}, namespace {ns}; a spike: floorpulse simulate --spike support")
        helpers = [asyncio.create_task(_keep_flushing(publisher, live))]
        if settings.redis:
            helpers.append(asyncio.create_task(listen(settings.redis_url, ns, live.order)))
        try:
            await live.run(start_ms, seconds)
        finally:
            for helper in helpers:
                helper.cancel()
        await publisher.flush()
        for helper in helpers:
            # What went wrong with Kafka under way must not end as a success.
            with suppress(asyncio.CancelledError):
                await helper
        counts = publisher.counts
    _say(
        f"{counts.sent:,} events and {counts.copies:,} copies sent, "
        f"{counts.acknowledged:,} records acknowledged{_damage(faults)}"
    )


async def _keep_flushing(publisher: Publisher, live: Live) -> None:
    """Notice within seconds that Kafka acknowledges nothing any more, and end then."""
    try:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await publisher.flush()
    finally:
        live.stop()


def _order(settings: Settings, ns: str, queue: str, factor: float, seconds: float, cause: str) -> None:
    if not settings.redis:
        raise UserError("--spike needs the Redis of the running simulator; set FLOORPULSE_REDIS", WRONG_USE)
    try:
        order = make_order(None if queue == "default" else queue, factor, seconds, cause)
        known = default_profile()
        known.queue(order.spike or known.default_spike)
    except (ValueError, KeyError) as error:
        raise UserError(f"--spike: {error.args[0]}", WRONG_USE) from None
    with redis.Redis.from_url(settings.redis_url) as client:
        heard = client.publish(simulator_channel(ns), order.to_json())
    if not heard:
        raise UserError(f"no simulator listens in namespace {ns}; start one with: floorpulse simulate")
    _say(f"ordered: {cause} spike in {order.spike or known.default_spike}, {factor:g} times, for {seconds:g} s")


def _say_spike(queue: str, order: SpikeOrder) -> None:
    _say(f"spike in {queue}: {order.cause}, {order.factor:g} times, for {order.seconds:g} s")


def _say(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def _damage(faults: Faults) -> str:
    return f" ({faults.lost:,} lost, {faults.duplicated:,} repeated)" if faults.lost or faults.duplicated else ""


def _instant(text: str) -> int:
    try:
        return parse_time(text)
    except ValueError as error:
        raise UserError(f"--start: {error}", WRONG_USE) from None


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
