"""`floorpulse top`: the floor as a table in a terminal, worst first, from the snapshots in Redis."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import redis
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from floorpulse.errors import WRONG_USE, UserError
from floorpulse.loading import load_floor
from floorpulse.starting import settings_of_command
from floorpulse.top_feed import Feed, Key
from kpi.alert_state import Held
from kpi.floor import Floor
from kpi.floor_snapshot import FloorSnapshot
from kpi.instants import format_time
from kpi.keys import LIVE, check_namespace
from kpi.snapshot import JUDGED_VARIANT, JUDGED_WINDOW, QueueSnapshot
from kpi.staff import LOGGED_IN_STATES

LISTEN_SECONDS = 0.6
SHOWN_SECONDS = 15
SILENT_SECONDS = 3

SIGNS = {0: Text("OK", "green"), 1: Text("WARN ▲", "bold yellow"), 2: Text("CRITICAL ‼", "bold red")}
STYLES = {0: "", 1: "bold yellow", 2: "bold red"}
DASH = "–"
# Beside a queue of which people are told.
ALERT_SIGN = "⚑"
MOST_ALERTS = 3
# Narrower than this, and the numbers that matter least leave their room to the names.
WIDE = 100

console = Console()


def top(
    once: Annotated[bool, typer.Option("--once", help="Print the table once and end.")] = False,
    namespace: Annotated[str | None, typer.Option(help="Default: FLOORPULSE_NAMESPACE, else live.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="floor.toml, to name queues missing in it. Default: FLOORPULSE_CONFIG.")
    ] = None,
) -> None:
    """Show the floor as a live table, worst queue first; Ctrl-C ends it.

    Alerts are those of `floorpulse alerts`; what Prometheus' rules tell stands on the board's page.

    Example: floorpulse top --once
    """
    settings = settings_of_command()
    try:
        ns = check_namespace(namespace or settings.namespace)
    except ValueError as error:
        raise UserError(str(error), WRONG_USE) from None
    floor = load_floor(config or settings.config)
    with redis.Redis.from_url(settings.redis_url, socket_timeout=5) as client:
        feed = Feed(client, ns)
        feed.listen(LISTEN_SECONDS)
        if once:
            console.print(screen(feed, floor, _wall_ms(), console.width))
            return
        with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
            while True:
                live.update(screen(feed, floor, _wall_ms(), console.width), refresh=True)
                feed.listen(LISTEN_SECONDS)


def screen(feed: Feed, floor: Floor, now_ms: int, width: int) -> Group:
    """The whole screen at `now_ms` (wall clock), in so many columns."""
    recent = [each for each in feed.snapshots.values() if now_ms - each.published_at_ms <= SHOWN_SECONDS * 1000]
    lines: list[Text | Table] = [_headline(feed.namespace, recent, now_ms)]
    if recent:
        if feed.floor is not None and feed.floor.agents:
            lines.append(_agents(feed.floor, now_ms))
        if feed.alerts:
            lines.append(_alerts(feed.alerts, {(each.queue, each.channel): each.display_name for each in recent}))
        loud = {(each.queue, each.channel) for each in feed.alerts}
        lines.append(_table(sorted(recent, key=_worst_first), width, loud, silent=_silent(recent, now_ms)))
    unconfigured = sorted({queue for queue, channel in feed.seen if not floor.queue(queue, channel).configured})
    if unconfigured:
        lines.append(Text(f"not in floor.toml, shown with defaults: {', '.join(unconfigured)}", "dim"))
    return Group(*lines)


def _headline(namespace: str, recent: list[QueueSnapshot], now_ms: int) -> Text:
    clock = format_time(now_ms)[11:19]
    head = Text(f"floorpulse  {namespace}  {clock} UTC  ", "bold")
    if not recent:
        return head.append("no snapshot in the last 15 s: does a board run? Start one with: floorpulse board", "red")
    if _silent(recent, now_ms):
        since = format_time(max(each.published_at_ms for each in recent))
        return head.append(f"STALE the board has published nothing since {since}", "bold black on yellow")
    worst = min(recent, key=lambda each: ("stale", "rebuilding", "fresh").index(each.state))
    if worst.state == "fresh":
        age = max(0, worst.published_at_ms - worst.true_at_ms) / 1000
        return head.append(f"fresh, data {age:.1f} s old", "green")
    return head.append(f"{worst.state.upper()} {worst.reason or ''}", "bold black on yellow")


def _agents(floor: FloorSnapshot, now_ms: int) -> Text:
    """How many agents are in each state, and for how long somebody has been on a break; dim when that is not fresh."""
    total = floor.total
    parts = [f"{total.states[state]} {state}" for state in LOGGED_IN_STATES if state in total.states]
    text = f"agents  {total.logged_in} logged in: {', '.join(parts)}; {total.available} available"
    if "break" in total.longest:
        # On the log's clock: in a replay the wall clock is another one.
        at_ms = floor.true_at_ms if floor.namespace != LIVE else now_ms
        text += f"; longest break {_clock(max(0, at_ms - total.longest['break'].since_ms) / 1000)}"
    if total.phantoms:
        text += f"; {total.phantoms} without a sign of life"
    return Text(text, "" if floor.state == "fresh" else "dim")


def _alerts(alerts: list[Held], names: dict[Key, str]) -> Text:
    """How many alerts of the engine fire, and the worst of them: which rule, where, since when (UTC).

    Not those of Prometheus' rules: these stand in no Redis, so the line says whose they are.
    """
    told = [
        f"{each.rule} {each.severity} {names.get((each.queue, each.channel), each.queue)} · {each.channel}"
        f" since {format_time(each.since_ms)[11:16]}"
        for each in alerts[:MOST_ALERTS]
    ]
    more = [f"{len(alerts) - MOST_ALERTS} more"] if len(alerts) > MOST_ALERTS else []
    return Text(f"alerts of the engine  {ALERT_SIGN} {len(alerts)}: {'; '.join(told + more)}", "bold red")


def _silent(recent: list[QueueSnapshot], now_ms: int) -> bool:
    """Whether the board itself has stopped: its last word may well have been "fresh"."""
    return now_ms - max(each.published_at_ms for each in recent) > SILENT_SECONDS * 1000


def _worst_first(snapshot: QueueSnapshot) -> tuple[int, int, float, str]:
    faults = sum(snapshot.severity_by.values())
    return -snapshot.severity, -faults, -(snapshot.now.oldest_wait_seconds or 0), snapshot.display_name


def _table(snapshots: list[QueueSnapshot], width: int, loud: set[Key], *, silent: bool) -> Table:
    columns = [column for column in COLUMNS if width >= WIDE or column.in_narrow]
    table = Table(box=SIMPLE_HEAD, expand=False, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("queue")  # the one that gives way: a long name takes two lines
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(column.name, justify="right", no_wrap=True)
    for snapshot in snapshots:
        trusted = snapshot.state == "fresh" and not silent
        name = Text(f"{snapshot.display_name} · {snapshot.channel}")
        state = snapshot.state if snapshot.state != "fresh" else "stale"
        verdict = SIGNS[snapshot.severity] if trusted else Text(state.upper(), "yellow")
        if (snapshot.queue, snapshot.channel) in loud:
            verdict = Text.assemble(verdict, f" {ALERT_SIGN}")
        cells = (Text(column.text(snapshot), STYLES[_severity(snapshot, column)]) for column in columns)
        table.add_row(name, verdict, *cells, style="" if trusted else "dim")
    return table


@dataclass(frozen=True, slots=True)
class Column:
    """A number of a queue. `measure` names its severity; a narrow terminal leaves out what is not `in_narrow`."""

    name: str
    text: Callable[[QueueSnapshot], str]
    measure: str = ""
    in_narrow: bool = True


def _severity(snapshot: QueueSnapshot, column: Column) -> int:
    return snapshot.severity_by.get(column.measure, 0)


def _level(snapshot: QueueSnapshot) -> str:
    value = snapshot.windows[JUDGED_WINDOW]["service_level"][JUDGED_VARIANT]["value"]
    # Rounded down, as on the page: 79.9 % of a target of 80 is not reached.
    return DASH if value is None else f"{math.floor(value * 100 + 1e-9)}%"


def _lost(snapshot: QueueSnapshot) -> str:
    value = snapshot.windows[JUDGED_WINDOW]["abandonment"]["value"]
    return DASH if value is None else f"{value:.1%}"


def _free(snapshot: QueueSnapshot) -> str:
    return f"{snapshot.now.available}/{snapshot.now.staffed}" if snapshot.now.agents else DASH


def _unanswered(snapshot: QueueSnapshot) -> str:
    now = snapshot.now
    return f"{now.unanswered} {_clock(now.oldest_unanswered_seconds)}" if now.unanswered else DASH


def _cases(snapshot: QueueSnapshot) -> str:
    late = f" ({snapshot.backlog.overdue} late)" if snapshot.backlog.overdue else ""
    return f"{snapshot.backlog.open}{late}" if snapshot.backlog.open else DASH


COLUMNS = (
    Column("wait", lambda snapshot: str(snapshot.now.waiting), "waiting"),
    Column("longest", lambda snapshot: _clock(snapshot.now.oldest_wait_seconds), "longest_wait_seconds"),
    Column("busy", lambda snapshot: str(snapshot.now.in_service), in_narrow=False),
    Column("SL 30m", _level, "service_level_ratio"),
    Column(
        "target",
        lambda snapshot: f"{snapshot.target.percent:g}/{snapshot.target.seconds} s",
        in_narrow=False,
    ),
    Column("lost 30m", _lost, "abandonment_ratio"),
    Column("free", _free),
    Column("break", lambda snapshot: str(snapshot.now.agents.get("break", 0) or DASH), in_narrow=False),
    Column("no reply", _unanswered, in_narrow=False),
    Column("cases", _cases),
    Column("no owner", lambda snapshot: str(snapshot.backlog.unassigned or DASH), in_narrow=False),
)


def _clock(seconds: float | None) -> str:
    """1:05 or 1:02:05; a dash when nobody waits."""
    if seconds is None:
        return DASH
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
