"""`floorpulse replay`: a recorded history through Kafka, worker and Redis, and the report of it."""

import json
import logging
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import redis
import typer

from floorpulse.comparison import Poll, read_polls
from floorpulse.embedded import Servers, servers
from floorpulse.errors import WRONG_USE, UserError, for_people
from floorpulse.loading import KINDS, History, load, load_floor
from floorpulse.options import check_zone, namespace_of, within_seconds
from floorpulse.processes import Children, stopping_on_signals
from floorpulse.replaying import Outcome, Request, run
from floorpulse.report import build_report
from floorpulse.starting import settings_of_command
from kpi.floor import Floor
from kpi.keys import LIVE
from sources.replay import Plan, make_plan

PARTS = ("queue", "hour", "day", "agent", "minute")
_REMARKS = 5


def replay(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Plain, .gz or .xz; several are one history.")],
    kind: Annotated[str, typer.Option("--as", metavar="|".join(KINDS), help="What the files are.")],
    report: Annotated[Path, typer.Option(metavar="OUT.json", help="Where the report goes; - is standard output.")],
    mapping: Annotated[
        Path | None, typer.Option(help="For a table: which column is what (TOML); technion and simulated are shipped.")
    ] = None,
    date: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="For a table without dates.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone of local times; default: mapping's or UTC.")] = None,
    config: Annotated[Path | None, typer.Option(help="floor.toml: short limits, ids.")] = None,
    namespace: Annotated[str | None, typer.Option(help="Name of the replay; default: a new one.")] = None,
    speed: Annotated[str, typer.Option(metavar="max|N", help="N seconds of the history per second.")] = "max",
    shuffle_seconds: Annotated[float, typer.Option(min=0, help="Put off every event by up to so many seconds.")] = 0.0,
    duplicate: Annotated[float, typer.Option(min=0, max=1, help="Send this share of the events twice.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    kill_worker: Annotated[int, typer.Option(min=0, metavar="N", help="Kill the worker N times, with SIGKILL.")] = 0,
    basis: Annotated[str, typer.Option(metavar="event|arrival", help="Where a leg's counts stand in time.")] = "event",
    by: Annotated[str | None, typer.Option(metavar=",".join(PARTS), help="Default: all; minute up to 48 h.")] = None,
    within: Annotated[str, typer.Option(help="Seconds for answered_within and abandoned_within.")] = "5,10,15,20,30,60",
    compare_snapshots: Annotated[Path | None, typer.Option(metavar="FILE", help="The source's own polls.")] = None,
    retention: Annotated[
        str, typer.Option(metavar="replay|live", help="Keep all panes, or let them expire as live ones do.")
    ] = "replay",
) -> None:
    """Send a recorded history through Kafka, worker and Redis, and write the report read from Redis alone.

    Kafka and Redis are started for it, unless FLOORPULSE_KAFKA and FLOORPULSE_REDIS name some.

    Example: `floorpulse replay queue_log --as asterisk --zone Europe/Berlin --report report.json`
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong there is said in one line by us
    with for_people(), stopping_on_signals():
        settings = settings_of_command()
        wanted = _Report(basis, _parts(by), within_seconds(within), _zone(zone), report)
        pace = _speed(speed)
        name = _namespace(namespace)
        _check_choice("--retention", retention, ("replay", "live"))
        path = config or settings.config
        floor = load_floor(path)
        history = load(files, kind, mapping=mapping, date=date, zone=zone)
        _say_remarks(history)
        request = Request(
            ns=name,
            plan=_plan(history, floor, shuffle_seconds, duplicate, seed),
            speed=pace,
            kills=kill_worker,
            seed=seed,
            partitions=settings.partitions,
            retention=retention,
            config=path.resolve() if path else None,
            floor=floor,
            polls=_polls(compare_snapshots, history, floor),
        )
        with servers(settings) as at:
            _replay(request, at, wanted, history.zone)


def _plan(history: History, floor: Floor, shuffle_seconds: float, duplicate: float, seed: int) -> Plan:
    return make_plan(
        history.items,
        shuffle_ms=round(shuffle_seconds * 1000),
        duplicate=duplicate,
        seed=seed,
        earliest_ms=floor.earliest_ms,
    )


class _Report:
    """What the report is to hold, and where it goes."""

    def __init__(
        self, basis: str, by: Sequence[str] | None, within: Sequence[int], zone: str | None, out: Path
    ) -> None:
        _check_choice("--basis", basis, ("event", "arrival"))
        self.basis, self.by, self.within, self.zone, self.out = basis, by, within, zone, out
        if str(out) != "-" and not out.absolute().parent.is_dir():
            raise UserError(f"--report {out}: there is no folder {out.parent}", WRONG_USE)
        if out.is_dir():
            raise UserError(f"--report {out}: this is a folder; name a file in it", WRONG_USE)

    def write(self, store: redis.Redis, request: Request, outcome: Outcome, zone: str | None) -> None:
        """Build the report from Redis and write it."""
        found = build_report(
            store,
            request.ns,
            span_from_ms=request.plan.from_ms,
            span_to_ms=request.plan.to_ms,
            basis=self.basis,
            by=self.by,
            zone=self.zone or zone or "UTC",
            within=self.within,
            floor=request.floor,
            sent=outcome.sent,
        )
        if outcome.comparison is not None:
            found["comparison"] = outcome.comparison
        text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
        if str(self.out) == "-":
            typer.echo(text, nl=False)
        else:
            self.out.write_text(text, encoding="utf-8")


def _replay(request: Request, at: Servers, wanted: _Report, zone: str | None) -> None:
    store = redis.Redis.from_url(at.redis)
    try:
        store.ping()
        with Children() as children:
            outcome = run(request, at, store, children)
            wanted.write(store, request, outcome, zone)
    finally:
        store.close()
    said = f"{outcome.sent} events sent, {outcome.acknowledged} records acknowledged, namespace {request.ns}"
    if request.kills:
        said += f"; {outcome.kills} of {request.kills} kills with work left"
    typer.echo(said, err=True)


def _polls(path: Path | None, history: History, floor: Floor) -> Sequence[Poll]:
    return read_polls(path, source=history.source, floor=floor) if path else ()


def _say_remarks(history: History) -> None:
    for remark in history.remarks[:_REMARKS]:
        typer.echo(f"note: {remark}", err=True)
    if len(history.remarks) > _REMARKS:
        typer.echo(f"note: and {len(history.remarks) - _REMARKS} more of this kind", err=True)


def _namespace(text: str | None) -> str:
    name = namespace_of(text, f"replay-{secrets.token_hex(4)}")
    if name == LIVE:
        raise UserError("--namespace live: a replay never goes into the live numbers; choose another name", WRONG_USE)
    return name


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise UserError(f"--speed {text}: wanted max, or a number above 0, e.g. 4", WRONG_USE)
    return speed


def _parts(text: str | None) -> list[str] | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        _check_choice("--by", part, PARTS)
    return parts


def _zone(text: str | None) -> str | None:
    if text:
        check_zone(text)
    return text


def _check_choice(option: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UserError(f"{option} {value}: wanted one of {', '.join(choices)}", WRONG_USE)
