"""`floorpulse backtest`: which alerts would have fired, of recorded files or of what Kafka still holds."""

import asyncio
import json
import logging
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import redis
import typer
from rich.console import Console

from floorpulse.backtest.as_json import compared_json, outcome_json
from floorpulse.backtest.comparison import compared
from floorpulse.backtest.history import LATEST_MS, History, span_of
from floorpulse.backtest.log import BEFORE_MS, Progress, fill_from_log
from floorpulse.backtest.notes import history_notes, outcome_notes, unknown_queue_notes, week_notes
from floorpulse.backtest.outcome import Outcome
from floorpulse.backtest.runner import backtest as run_backtest
from floorpulse.backtest.sources import fill_from_files
from floorpulse.backtest.table import as_table, compared_table
from floorpulse.backtest.volume import WEEK_MS, rules_of_week
from floorpulse.errors import WRONG_USE, UserError, for_people
from floorpulse.loading import KINDS, load_floor
from floorpulse.options import check_zone, instant, namespace_of
from floorpulse.progress import counting, progress
from floorpulse.settings import Settings
from floorpulse.starting import note, settings_of_command
from kpi.floor import Floor, FloorError

_ROWS = 40
# Where nobody's terminal says how wide it is, nothing is cut.
_WIDTH = 400
Times = tuple[int | None, int | None]


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
    with for_people():
        settings = settings_of_command()
        _check(files, kind, start, mapping, date, zone)
        floor = _rules(rules or settings.config)
        other = None if compare is None else _rules(compare)
        local = zone or floor.defaults.zone
        times = _times(start, end, local)  # what is no time is told before anything is read
        if files:
            read = partial(_read_files, files, kind or "", mapping=mapping, date=date, zone=zone)
            history = read(floor)
            local = zone or history.zone or local
            times = _times(start, end, local)
        else:
            history = _read_log(settings, namespace, floor, times, before_ms=_before_ms(floor, other))
        _check_order(times)
        _say(history_notes(history))
        if rules or settings.config:
            _say(unknown_queue_notes(history, floor, "--rules" if rules else str(settings.config)))
        outcome, notes = _run(history, floor, times, keeps=other is not None and not files)
        _say((*notes, *outcome_notes(outcome)))
        after = None
        if other is not None:
            history = read(other) if files else history  # its ids may be others
            _say(unknown_queue_notes(history, other, "--compare"))
            after, _ = _run(history, other, times, keeps=False)
            _say(each for each in week_notes(after) if each not in week_notes(outcome))
        _print(outcome, after, local, rows, as_json=as_json)


def _rules(path: Path | None) -> Floor:
    """The floor of rules to be tried; a mistake in them is one of whoever tries them."""
    try:
        return load_floor(path)
    except FloorError as error:
        raise UserError(str(error), WRONG_USE) from error


def _times(start: str | None, end: str | None, zone: str) -> Times:
    """The instants of --from and --to; what has no offset is of the zone that the answer is told in."""
    return _time("--from", start, zone), _time("--to", end, zone)


def _time(option: str, text: str | None, zone: str) -> int | None:
    if text is None:
        return None
    found = instant(option, text, zone)
    if not 0 <= found <= LATEST_MS:
        raise UserError(f"{option} {text}: wanted a time from 1970 to 2200", WRONG_USE)
    return found


def _check_order(times: Times) -> None:
    if times[0] is not None and times[1] is not None and times[0] >= times[1]:
        raise UserError("--from and --to: the span is empty; wanted a time and a later one", WRONG_USE)


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


def _before_ms(floor: Floor, other: Floor | None) -> int:
    """How much of the time before a span is needed: one week more, where volumes are compared with it."""
    floors = [floor] if other is None else [floor, other]
    return BEFORE_MS + (WEEK_MS if any(rules_of_week(each) for each in floors) else 0)


def _read_log(
    settings: Settings, namespace: str | None, floor: Floor, times: Times, *, before_ms: int = BEFORE_MS
) -> History:
    _check_order(times)
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
            before_ms=before_ms, security=settings.kafka_client(), progress=show,
        )  # fmt: skip
        return asyncio.run(reading)


def _run(history: History, floor: Floor, times: Times, *, keeps: bool) -> tuple[Outcome, Sequence[str]]:
    """What the rules of a floor come to, and what there is to say of the span."""
    span = span_of(history, *times)
    with progress(history.spool.count, "events gone over") as show:
        outcome = run_backtest(
            history.spool, floor, known_from_ms=span.known_from_ms, looks_from_ms=span.looks_from_ms,
            from_ms=span.from_ms, to_ms=span.to_ms, keeps=keeps, progress=show,
        )  # fmt: skip
    return outcome, span.notes


def _say(notes: Iterable[str]) -> None:
    for each in notes:
        note(each)


def _print(outcome: Outcome, after: Outcome | None, zone: str, rows: int, *, as_json: bool) -> None:
    difference = None if after is None else compared(outcome, after)
    if as_json:
        found = outcome_json(outcome)
        if after is not None and difference is not None:
            found["compared"] = compared_json(difference, after)
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    console.print(as_table(outcome, zone, most=rows))
    if after is not None and difference is not None:
        console.print(compared_table(difference, outcome, after, zone, most=rows))
