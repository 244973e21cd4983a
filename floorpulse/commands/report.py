"""`floorpulse report`: every measure of a span, from Redis alone."""

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import redis
import typer
from rich.console import Console

from floorpulse.errors import WRONG_USE, UserError
from floorpulse.loading import load_floor
from floorpulse.options import check_zone, instant, namespace_of, within_seconds
from floorpulse.report import BASES, PARTS, build_report, whole_span
from floorpulse.report_csv import as_csv, as_json
from floorpulse.report_table import as_table
from floorpulse.starting import settings_of_command
from kpi.keys import LIVE

FORMATS = ("table", "csv", "json")


def report(
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="ISO 8601; default: midnight, or a replay's start.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="ISO 8601, not included; default: now, or its end.")
    ] = None,
    basis: Annotated[str, typer.Option(metavar="event|arrival", help="Where a leg's counts stand in time.")] = "event",
    by: Annotated[
        str | None, typer.Option(metavar=",".join(PARTS), help="Default: all; minute up to 48 h; none: the total.")
    ] = None,
    zone: Annotated[str, typer.Option(help="IANA zone of hours, days and of times without an offset.")] = "UTC",
    within: Annotated[str, typer.Option(help="Seconds for answered_within and abandoned_within.")] = "5,10,15,20,30,60",
    form: Annotated[str, typer.Option("--format", metavar="|".join(FORMATS), help="How it is written.")] = "table",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where it is written; default: here.")] = None,
    namespace: Annotated[str | None, typer.Option(help="Default: FLOORPULSE_NAMESPACE, else live.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="floor.toml: targets, short limits. Default: FLOORPULSE_CONFIG.")
    ] = None,
) -> None:
    """Report offered, answered, abandoned, waits, service level, talk ... of a span.

    A live system keeps 10 s slices for two hours: of older spans the edges are rounded outward to 15 minutes.

    Example: `floorpulse report --from 2026-11-20T08:00+01:00 --to 2026-11-20T18:00+01:00 --by queue,hour --format csv`
    """
    settings = settings_of_command()
    ns = namespace_of(namespace, settings.namespace)
    check_zone(zone)
    parts = None if by is None else _choices("--by", by, (*PARTS, "none"))
    _choices("--basis", basis, BASES)
    _choices("--format", form, FORMATS)
    seconds = within_seconds(within)
    floor = load_floor(config or settings.config)
    with redis.Redis.from_url(settings.redis_url, socket_timeout=60) as client:
        from_ms, to_ms = _span(client, ns, start, end, zone)
        found = build_report(
            client,
            ns,
            span_from_ms=from_ms,
            span_to_ms=to_ms,
            basis=basis,
            by=parts,
            zone=zone,
            within=seconds,
            floor=floor,
            until_newest=end is None and ns == LIVE,
        )
    if "minute" in (parts or ()) and "per_minute" not in found:
        typer.echo("note: minutes are left out, the 10 s slices of this span are gone", err=True)
    _write(found, form, out)


def _span(client: redis.Redis, ns: str, start: str | None, end: str | None, zone: str) -> tuple[int, int]:
    known_from, known_to = whole_span(client, ns, zone, time.time_ns() // 1_000_000)
    from_ms = known_from if start is None else instant("--from", start, zone)
    to_ms = known_to if end is None else instant("--to", end, zone)
    if from_ms >= to_ms:
        raise UserError("--from and --to: the span is empty; wanted a time and a later one", WRONG_USE)
    return from_ms, to_ms


def _choices(option: str, text: str, choices: tuple[str, ...]) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [part for part in parts if part not in choices]
    if wrong or not parts:
        raise UserError(f"{option} {text}: wanted one of {', '.join(choices)}", WRONG_USE)
    return parts


def _write(found: dict[str, Any], form: str, out: Path | None) -> None:
    if form == "table":
        with out.open("w", encoding="utf-8") if out else _Here() as file:
            Console(file=file, width=None if out is None else 160).print(as_table(found))
        return
    text = as_json(found) if form == "json" else as_csv(found)
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")


class _Here:
    """Standard output as a file that is not closed."""

    def __enter__(self) -> Any:
        return sys.stdout

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()
