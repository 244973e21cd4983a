"""What is true of one queue and channel now, counted over the live sets as plain dictionaries of member -> ms."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tests.brute.days import Hours
from tests.brute.log import HOUR, MINUTE
from tests.brute.measures import Settings

Members = Mapping[str, Mapping[str, int]]
AGES = {"1h": 1, "4h": 4, "8h": 8, "24h": 24, "2d": 48, "3d": 72, "7d": 168}
CLOCKS = ("first_response", "next_response", "resolution")
SOON = {"15m": 15 * MINUTE, "1h": HOUR, "4h": 4 * HOUR}


def now_of(live: Members, now: int, settings: Settings) -> dict[str, Any]:
    """The state now; `live` by set."""
    waits = sorted(now - since for since in live.get("waiting", {}).values())
    target = settings.target * 1000
    unanswered = [now - since for since in live.get("unanswered", {}).values()]
    return {
        "waiting": len(waits),
        "ringing": len(live.get("ringing", {})),
        "in_service": len(live.get("in_service", {})),
        "outbound": len(live.get("outbound", {})),
        "oldest_wait_seconds": max(waits) / 1000 if waits else None,
        "waiting_over_target": {str(times): sum(wait > times * target for wait in waits) for times in (1, 2, 4)},
        "at_risk": sum(target - 10_000 < wait <= target for wait in waits),
        "unanswered": len(unanswered),
        "oldest_unanswered_seconds": max(unanswered) / 1000 if unanswered else None,
        "callbacks": callbacks(live.get("callbacks", {}).values(), now),
        "lost": sum(since > now - HOUR for since in live.get("lost", {}).values()),
    }


def callbacks(due: Collection[int], now: int) -> dict[str, int]:
    return {
        "scheduled": sum(time > now for time in due),
        "due": sum(time <= now for time in due),
        "overdue": sum(time < now - 15 * MINUTE for time in due),
    }


def backlog_of(live: Members, now: int, hours: Hours, last_hour: Mapping[str, Any]) -> dict[str, Any]:
    """Deferred work: by status, by age, by clock; `last_hour`: the measures of the cases over it."""
    by_status = {status: dict(live.get(f"case_{status}", {})) for status in ("new", "open", "pending", "on_hold")}
    actionable = {**by_status["new"], **by_status["open"]}
    opened, due = live.get("open_cases", {}).values(), _clock(live.get("due", {}), now)
    net = last_hour["opened"] + last_hour["reopened"] - last_hour["resolved"]
    return {
        "open": len(opened),
        "overdue": due["overdue"],
        "due_within_1h": due["1h"],
        "oldest_age_seconds": _oldest(opened, now),
        "status": {status: len(cases) for status, cases in by_status.items() if cases},
        "unassigned": len(live.get("unassigned", {})),
        "actionable": len(actionable),
        "oldest_actionable_seconds": _oldest(actionable.values(), now),
        "age": ages(now - since for since in actionable.values()),
        "age_business": ages(hours.between(since, now) for since in actionable.values()),
        "clocks": {clock: _clock(live.get(f"due_{clock}", {}), now) for clock in CLOCKS},
        "net_per_hour": net,
        "clear_seconds": len(opened) * 3600 / -net if net < 0 else None,
    }


def flow_of(window: Mapping[str, Any], waiting: int) -> dict[str, Any]:
    """How fast a queue grows, from the measures of five minutes."""
    joins, leaves = window["offered"], window["decided"]
    return {
        "in_per_minute": joins / 5,
        "out_per_minute": leaves / 5,
        "net_per_minute": (joins - leaves) / 5,
        "drain_seconds": waiting * 300 / (leaves - joins) if leaves > joins else None,
    }


def _oldest(times: Iterable[int], now: int) -> float | None:
    oldest = min(times, default=None)
    return None if oldest is None else (now - oldest) / 1000


def ages(lengths: Any) -> dict[str, int]:
    """How many of these ages (ms) are below each bound and not below the one before."""
    found: dict[str, int] = {}
    for length in lengths:
        bucket = next((name for name, hours in AGES.items() if length < hours * HOUR), "more")
        found[bucket] = found.get(bucket, 0) + 1
    return found


def _clock(due: Mapping[str, int], now: int) -> dict[str, int]:
    times = due.values()
    soon = {name: sum(now <= time <= now + length for time in times) for name, length in SOON.items()}
    return {"overdue": sum(time < now for time in times), **soon}
