"""`floorpulse backtest`: which alerts would have fired, of recorded files or of what Kafka still holds."""

import asyncio
import json
import logging
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import redis
import typer
from rich.console import Console

from floorpulse.backtest.as_json import compared_json, outcome_json
from floorpulse.backtest.comparison import compared
from floorpulse.backtest.history import History, span_of
from floorpulse.backtest.log import Progress, fill_from_log
from floorpulse.backtest.outcome import Outcome
from floorpulse.backtest.runner import backtest as run_backtest
from floorpulse.backtest.sources import fill_from_files
from floorpulse.backtest.table import as_table, compared_table
from floorpulse.errors import WRONG_USE, UserError
from floorpulse.loading import KINDS, load_floor
from floorpulse.options import check_zone, instant, namespace_of
from floorpulse.progress import counting, progress
from floorpulse.settings import Settings
from floorpulse.starting import settings_of_command
from kpi.floor import Floor

_REMARKS = 5
_ROWS = 40


def backtest(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE...]", help="Plain, .gz or .xz; several are one history.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--as", metavar="|".join(KINDS), help="What the files are.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="For a table: which column is what (TOML); technion and simulated are shipped.")
    ] = None,
    date: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="For a table without dates.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone of times without an offset, and of the table.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="ISO 8601; without files: of what Kafka still holds.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="ISO 8601; default: the newest.")] = None,
    rules: Annotated[
        Path | None, typer.Option(metavar="floor.toml", help="The limits. Default: FLOORPULSE_CONFIG, else built-in.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="other.toml", help="Say what these limits would change.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every alert, as JSON.")] = False,
    rows: Annotated[int, typer.Option(min=1, help="Show no more alerts than so many; --json has all.")] = _ROWS,
    namespace: Annotated[
        str | None, typer.Option(help="Without files: default FLOORPULSE_NAMESPACE, else live.")
    ] = None,
) -> None:
    """Say which alerts would have fired, when, for how long, and how many a day: to try limits before they wake people.

    Second by second, with the same view, rules and policy as the live alerts; nothing is sent and nothing is written.

    Example: `floorpulse backtest queue_log --as asterisk --zone Europe/Berlin --rules floor.toml --compare new.toml`

    Of what was counted here: `floorpulse backtest --from 2026-11-20T08:00+01:00 --to 2026-11-20T18:00+01:00`
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong there is said in one line by us
    settings = settings_of_command()
    _check(files, kind, start, mapping, date, zone)
    floor = load_floor(rules or settings.config)
    other = None if compare is None else load_floor(compare)
    written_in = zone or floor.queue("", "").zone
    times = tuple(
        None if text is None else instant(option, text, written_in)
        for option, text in (("--from", start), ("--to", end))
    )
    if times[0] is not None and times[1] is not None and times[0] >= times[1]:
        raise UserError("--from and --to: the span is empty; wanted a time and a later one", WRONG_USE)
    if files:
        read = partial(_read_files, files, kind or "", mapping=mapping, date=date, zone=zone)
        history = read(floor)
    else:
        history = _read_log(settings, namespace, floor, times)
    keeps = other is not None and not files
    outcome = _run(history, floor, times, keeps=keeps, is_first=True)
    after = None
    if other is not None:
        if files:
            history = read(other)  # its ids may be others
        after = _run(history, other, times, keeps=False)
    _print(outcome, after, zone or history.zone or written_in, rows, as_json=as_json)


def _check(
    files: list[Path] | None,
    kind: str | None,
    start: str | None,
    mapping: Path | None,
    date: str | None,
    zone: str | None,
) -> None:
    if files and kind is None:
        raise UserError(f"--as is missing: what are the files? wanted one of {', '.join(KINDS)}", WRONG_USE)
    if not files and kind is not None:
        raise UserError(f"--as {kind}: there is no file; name one or several", WRONG_USE)
    if not files and (mapping or date):
        raise UserError("--mapping and --date are for files; name one with --as table", WRONG_USE)
    if not files and start is None:
        raise UserError(
            "nothing to look at: name files with --as, or a time with --from for what Kafka holds", WRONG_USE
        )
    if zone is not None:
        check_zone(zone)


def _read_files(
    files: list[Path], kind: str, floor: Floor, *, mapping: Path | None, date: str | None, zone: str | None
) -> History:
    with counting("events read") as show:
        return fill_from_files(files, kind, floor, mapping=mapping, date=date, zone=zone, progress=show)


def _read_log(settings: Settings, namespace: str | None, floor: Floor, times: tuple[int | None, ...]) -> History:
    ns = namespace_of(namespace, settings.namespace)
    with redis.Redis.from_url(settings.redis_url, socket_timeout=60) as client, ExitStack() as bars:
        bar: list[Progress] = []

        def show(done: int, total: int) -> None:
            # The total is known only once Redis was read.
            if not bar:
                step = bars.enter_context(progress(total, "records read"))
                bar.append(lambda so_far, _: step(so_far))
            bar[0](done, total)

        reading = fill_from_log(
            client, settings.kafka_servers, ns, earliest_ms=floor.earliest_ms, from_ms=times[0], to_ms=times[1],
            security=settings.kafka_client(), progress=show,
        )  # fmt: skip
        return asyncio.run(reading)


def _run(
    history: History, floor: Floor, times: tuple[int | None, ...], *, keeps: bool, is_first: bool = False
) -> Outcome:
    span = span_of(history, *times)
    with progress(history.spool.count, "events gone over") as show:
        outcome = run_backtest(
            history.spool, floor, looks_from_ms=span.looks_from_ms, from_ms=span.from_ms, to_ms=span.to_ms,
            keeps=keeps, progress=show,
        )  # fmt: skip
    if is_first:
        for note in (*_remarks(history), *span.notes, *_notes(outcome)):
            typer.echo(f"note: {note}", err=True)
    return outcome


def _remarks(history: History) -> list[str]:
    found = list(history.remarks[:_REMARKS])
    if len(history.remarks) > _REMARKS:
        found.append(f"and {len(history.remarks) - _REMARKS} more of this kind")
    if history.refused:
        found.append(f"{history.refused} lines are no event, or older than any can be; passed over")
    return found


def _notes(outcome: Outcome) -> list[str]:
    found = []
    if refused := outcome.ledger.get("dead_lettered"):
        found.append(f"{refused} records are no event of the contract; passed over, as workers do")
    if outcome.on_before:
        found.append(f"{outcome.on_before} alerts were on already when the span begins; they are not in the list")
    if outcome.left_out:
        found.append(f"{', '.join(outcome.left_out)}: left out, Prometheus alone can tell (last week, whole teams)")
    return found


def _print(outcome: Outcome, after: Outcome | None, zone: str, rows: int, *, as_json: bool) -> None:
    difference = None if after is None else compared(outcome, after)
    if as_json:
        found = outcome_json(outcome)
        if after is not None and difference is not None:
            found["compared"] = compared_json(difference, after)
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    console = Console(highlight=False)
    console.print(as_table(outcome, zone, most=rows))
    if after is not None and difference is not None:
        console.print(compared_table(difference, outcome, after, zone, most=rows))
