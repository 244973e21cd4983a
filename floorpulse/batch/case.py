"""One case: deferred work with a status, an owner and clocks.

1. A case exists from its first fact that names a queue; what was said before says nothing. It is new at first. A told
   status stands; else assigned opens a new one, waiting_customer makes it pending, a customer's reply opens a pending
   one, reopened opens it. Resolved and reopened count when they change something; what is resolved has no status, and
   gets one by being reopened alone.
2. Its owner is whom `assigned` names last, else the first agent who replied while nobody owned it; `assigned` without
   an agent changes nothing. A reply without an author is the agent's if it names one, else the customer's.
3. A clock runs from opened, sla_set or reopened with `due_at` (no clock told: resolution), also while resolved. An
   agent's reply ends first_response and next_response, a resolve that counts ends all; a fact that sets a clock and
   ends it ends it first. It was met when the time was not after the due time.
4. While the status is pending no clock runs: a clock's due time moves by as long as it was pending since it was set,
   up to its end as well.
5. Live: the case under its status and as open since it was opened; unassigned while new or open without an owner; each
   running clock by its due time, and the earliest of them as `due`, neither while pending.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from floorpulse.batch.telling import Counts, Effect, Event, Live
from kpi.events import parse_time

CLOCKS = ("first_response", "next_response", "resolution")

Count = Callable[..., None]


def case_effect(case: str, facts: list[Event]) -> Effect:
    """What one case counts and where it stands, from its facts in order."""
    counts: Counts = defaultdict(int)
    first = next((number for number, event in enumerate(facts) if "queue_id" in event.fields), None)
    if first is None:
        return Effect(counts, {}, False)
    opening = facts[first]
    place = opening.fields["queue_id"], opening.fields["channel"]
    now: dict[str, Any] = {
        "status": "new", "owner": None, "opened": opening.time, "due": {}, "replied": False,
        "asked": 0, "reopened": 0, "agents": set(),
    }  # fmt: skip

    def count(time: int, name: str, amount: int = 1) -> None:
        counts[time, *place, name] += amount

    count(opening.time, "case_opened")
    for event in facts[first:]:
        _tell(now, event, count)
    if now["status"] == "resolved":
        return Effect(counts, {}, False)
    return Effect(counts, _live(case, place, now), True)


def _tell(now: dict[str, Any], event: Event, count: Count) -> None:
    """Take in the next fact of a case that exists."""
    author = _author(event)
    _note_people(now, event, author)
    if author == "agent":
        _reply(now, event, count)
    if event.verb == "resolved" and now["status"] != "resolved":
        _resolve(now, event, count)
    if event.verb == "reopened" and now["status"] == "resolved":
        now["reopened"] += 1
        count(event.time, "case_reopened")
    _change_status(now, event, author)
    if "due_at" in event.fields and event.verb in ("opened", "sla_set", "reopened"):
        stopped = event.time if now["status"] == "pending" else None
        now["due"][event.fields.get("clock", "resolution")] = [parse_time(event.fields["due_at"]), stopped]


def _author(event: Event) -> str | None:
    """Who replied; None when this is no reply."""
    if event.verb != "replied":
        return None
    otherwise = "agent" if "agent_id" in event.fields else "customer"
    return str(event.fields.get("author", otherwise))


def _note_people(now: dict[str, Any], event: Event, author: str | None) -> None:
    """Rule 2, and who worked on it."""
    agent = event.fields.get("agent_id")
    now["asked"] += author == "customer"
    if agent is None:
        return
    if event.verb == "assigned" or (author == "agent" and now["owner"] is None):
        now["owner"] = agent
    if event.verb in ("assigned", "resolved") or author == "agent":
        now["agents"].add(agent)


def _reply(now: dict[str, Any], event: Event, count: Count) -> None:
    """An agent answers the customer."""
    for clock in ("first_response", "next_response"):
        _end_clock(now, clock, event.time, count)
    if not now["replied"]:
        now["replied"] = True
        count(event.time, "case_replied")
        count(event.time, "case_reply_ms", event.time - now["opened"])


def _change_status(now: dict[str, Any], event: Event, author: str | None) -> None:
    """Rules 1 and 4: the status after this fact, and the clocks stopped or moved by it."""
    before = now["status"]
    if before == "resolved" and event.verb != "reopened":
        return
    after = "resolved" if event.verb == "resolved" else event.fields.get("status")
    if after is None:
        if event.verb == "assigned" and before == "new":
            after = "open"
        elif event.verb == "waiting_customer":
            after = "pending"
        elif event.verb == "reopened" or (author == "customer" and before == "pending"):
            after = "open"
    now["status"] = after or before
    for clock in now["due"].values():
        if now["status"] == "pending" and before != "pending":
            clock[1] = event.time
        elif before == "pending" and now["status"] != "pending":
            clock[0] += event.time - clock[1]
            clock[1] = None


def _end_clock(now: dict[str, Any], name: str, time: int, count: Count) -> None:
    """Rule 3."""
    if name not in now["due"]:
        return
    due, stopped = now["due"].pop(name)
    if stopped is not None:
        due += time - stopped
    count(time, f"case_met.{name}" if time <= due else f"case_missed.{name}")


def _resolve(now: dict[str, Any], event: Event, count: Count) -> None:
    for clock in CLOCKS:
        _end_clock(now, clock, event.time, count)
    count(event.time, "case_resolved")
    count(event.time, "case_resolve_ms", event.time - now["opened"])
    count(event.time, "case_contacts", 1 + now["asked"] + now["reopened"])
    count(event.time, "case_agents", len(now["agents"]))


def _live(case: str, place: tuple[str, str], now: dict[str, Any]) -> Live:
    """Rule 5."""
    live: Live = {("open_cases", *place, case): now["opened"], (f"case_{now['status']}", *place, case): now["opened"]}
    if now["status"] in ("new", "open") and now["owner"] is None:
        live["unassigned", *place, case] = now["opened"]
    if now["status"] != "pending" and now["due"]:
        live["due", *place, case] = min(due for due, _ in now["due"].values())
        for clock, (due, _) in now["due"].items():
            live[f"due_{clock}", *place, case] = due
    return live
