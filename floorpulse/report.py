"""A report: every measure of a span, as a whole and by queue, hour, day, agent and minute, from Redis alone."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import redis

from floorpulse.report_history import History
from floorpulse.report_now import LIVE_SETS
from floorpulse.report_read import Fields, PartitionState, only_queue, read_partitions, sum_ledgers
from floorpulse.report_span import Cover, cover, is_needed
from floorpulse.report_view import View
from kpi import keys
from kpi.floor import Floor
from kpi.instants import parse_time
from kpi.measures import DEFAULT_WITHIN, Measures
from kpi.panes import FINE_KEEP_MS, business_day_start, local_days, local_hours, local_time

PARTS = ("queue", "hour", "day", "agent", "team", "minute")
#: What can be told of one queue: an agent's time belongs to none.
QUEUE_PARTS = ("queue", "hour", "day", "minute")
BASES = ("event", "arrival")
AHEAD_MS = 60_000
MINUTES_UP_TO_MS = 48 * 3_600_000
LEDGER = ("applied", "duplicate", "conflict", "late_dropped", "dead_lettered")


def default_parts(from_ms: int, to_ms: int) -> tuple[str, ...]:
    """All parts; minutes only for spans of up to 48 h."""
    return PARTS if to_ms - from_ms <= MINUTES_UP_TO_MS else PARTS[:-1]


def build_report(
    client: redis.Redis,
    ns: str,
    *,
    span_from_ms: int,
    span_to_ms: int,
    basis: str = "event",
    by: Sequence[str] | None = None,
    zone: str = "UTC",
    within: Sequence[int] = DEFAULT_WITHIN,
    floor: Floor,
    sent: int | None = None,
    queue: str | None = None,
    until_newest: bool = False,
) -> dict[str, Any]:
    """The report of [from, to) ms UTC, in the shape of `docs/contracts.md`.

    `client` returns bytes. `sent` is what a replay's driver sent: the span is then the replay's whole history. `queue`:
    only that one, all its channels; what agents did is left out then, and `by` may only hold QUEUE_PARTS.
    `until_newest`: the span goes on to the newest event, should one have come after `span_to_ms` was asked for.
    Minutes are left out when their 10 s panes are gone. Raises UserError when the namespace is empty or being rebuilt.
    """
    parts = default_parts(span_from_ms, span_to_ms) if by is None else tuple(by)
    by_minute = "minute" in parts
    kinds = ("waiting", "agents", "agent_team", *LIVE_SETS)
    # No time is accepted that lies further ahead of the clock.
    last_ms = span_to_ms + AHEAD_MS if until_newest else span_to_ms

    def wanted(pane: keys.PaneName) -> bool:
        return queue in (None, pane.queue) and is_needed(pane, span_from_ms, last_ms, by_minute)

    states = read_partitions(client, ns, wanted, kinds)
    if queue is not None:
        parts = tuple(part for part in parts if part in QUEUE_PARTS)
        states = [only_queue(state, queue) for state in states]
    newest = _newest(states, span_to_ms)
    span_to_ms = max(span_to_ms, newest + 1) if until_newest else span_to_ms
    replay = _replay(client, ns)
    whole = sent is not None or _covers(replay, span_from_ms, span_to_ms)
    keeps_fine = _keeps_fine(ns, replay)
    span = cover(
        span_from_ms,
        span_to_ms,
        fine_from_ms=span_from_ms if keeps_fine else newest - FINE_KEEP_MS,
        newest_ms=newest,
        whole=whole,
    )
    ends_at_newest = whole or span_to_ms >= newest
    view = View(History(states), span, basis == "arrival", tuple(within), floor, ends_at_newest, whole and keeps_fine)
    report = {"span": _span(span, basis, zone), "events": _events(sum_ledgers(states), sent), "total": view.total()}
    found = {**report, **_parts(view, parts, span, zone), **view.at_end()}
    return found if queue is None else _without_agents(found)


def _parts(view: View, parts: Sequence[str], span: Cover, zone: str) -> dict[str, Any]:
    makers: dict[str, Callable[[], dict[str, Measures]]] = {
        "queue": view.per_queue,
        "hour": lambda: view.per_part(local_hours(span.from_ms, span.to_ms, zone)),
        "day": lambda: view.per_part(local_days(span.from_ms, span.to_ms, zone)),
        "agent": view.per_agent,
        "team": view.per_team,
        "minute": lambda: view.per_minute(zone),
    }
    return {f"per_{part}": makers[part]() for part in PARTS if part in parts and (part != "minute" or span.minutes)}


def _without_agents(report: dict[str, Any]) -> dict[str, Any]:
    """A report of one queue: nothing of what is only known of the floor as a whole."""
    for measures in (report["total"], *report.get("per_hour", {}).values(), *report.get("per_day", {}).values()):
        del measures["agents"]
    for name in ("agents", "teams"):
        report.get("floor", {}).pop(name, None)
    return report


def _newest(states: Iterable[PartitionState], default: int) -> int:
    """The largest time any partition has accepted, ticks included."""
    marks = [state.position.watermark for state in states if state.position.watermark is not None]
    return max(marks, default=default)


def whole_span(client: redis.Redis, ns: str, zone: str, now_ms: int, reset_minutes: int = 0) -> tuple[int, int]:
    """The span that is meant when none is given: a replay's own, else the business day so far in `zone`; ms UTC."""
    if span := _replay(client, ns).get("span"):
        return parse_time(span["from"]), parse_time(span["to"])
    return business_day_start(now_ms, zone, reset_minutes), now_ms


def keeps_fine_panes(client: redis.Redis, ns: str) -> bool:
    """Whether 10 s panes stay: in a replay they do, unless it was told to expire them as live data does."""
    return _keeps_fine(ns, _replay(client, ns))


def _replay(client: redis.Redis, ns: str) -> dict[str, Any]:
    """What the driver of a replay wrote down about it; empty for live."""
    raw: Any = None if ns == keys.LIVE else client.get(keys.replay_key(ns))
    return json.loads(raw) if raw else {}


def _keeps_fine(ns: str, replay: dict[str, Any]) -> bool:
    return ns != keys.LIVE and replay.get("retention") != "live"


def _covers(replay: dict[str, Any], from_ms: int, to_ms: int) -> bool:
    """Whether a span holds a whole replay, outside of which nothing was counted."""
    span: dict[str, str] | None = replay.get("span")
    return span is not None and from_ms <= parse_time(span["from"]) and parse_time(span["to"]) <= to_ms


def _span(span: Cover, basis: str, zone: str) -> dict[str, Any]:
    ends = {"from": span.from_ms, "to": span.to_ms}
    shown: dict[str, Any] = {name: local_time(ms, zone).isoformat(timespec="milliseconds") for name, ms in ends.items()}
    return {**shown, "basis": basis, **({"snapped": True} if span.snapped else {})}


def _events(ledger: Fields, sent: int | None) -> dict[str, Any]:
    """Records of a contact's own topic and native agent and floor events; copies and ticks are counted apart."""
    reasons = {name[7:]: count for name, count in sorted(ledger.items()) if name.startswith("reason:") and count}
    return {"sent": sent, **{name: ledger.get(name, 0) for name in LEDGER}, "by_reason": reasons}
