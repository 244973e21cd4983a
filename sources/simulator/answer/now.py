"""What is true at the end of the span: agents, chats, callbacks, who was lost, and the backlog."""

from collections import defaultdict
from typing import Any

from sources.simulator.answer.bins import Ledger
from sources.simulator.answer.legs import CHATS
from sources.simulator.answer.people import Times
from sources.simulator.answer.targets import Targets, open_ms

HOUR_MS = 3_600_000
AGES = {"1h": 1, "4h": 4, "8h": 8, "24h": 24, "2d": 48, "3d": 72, "7d": 168}
SOON = {"15m": 900_000, "1h": HOUR_MS, "4h": 4 * HOUR_MS}


def floor_now(book: Ledger, times: Times, targets: Targets, now: int) -> dict[str, Any]:
    """Who does what, and who waits for what."""
    agents: dict[str, int] = defaultdict(int)
    teams: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for agent, (state, team) in times.last.items():
        if state != "offline":
            agents[state] += 1
            teams[targets.team(agent) or team][state] += 1
    due = _by_queue(book, "callback")
    lost = {queue: [at for at in gone if at >= now - HOUR_MS] for queue, gone in _by_queue(book, "lost").items()}
    return {
        "agents": dict(sorted(agents.items())),
        "teams": {team: dict(sorted(states.items())) for team, states in sorted(teams.items())},
        "unanswered": _counted(_by_queue(book, "unanswered")),
        "active_chats": _counted(_by_queue(book, "in_service", chats_only=True)),
        "callbacks": {
            queue: {
                "scheduled": sum(at > now for at in times_due), "due": sum(at <= now for at in times_due),
                "overdue": sum(at < now - 900_000 for at in times_due),
            }
            for queue, times_due in due.items()
        },
        "lost": _counted(lost),
    }  # fmt: skip


def backlog(book: Ledger, targets: Targets, now: int) -> dict[str, Any]:
    """Deferred work that is not resolved, per queue."""
    found: dict[str, dict[str, Any]] = {}
    for (what, place), instants in sorted(book.now.items()):
        if not instants or not what.startswith(("case.", "due.", "unassigned")):
            continue
        mine = found.setdefault(place[0], {
            "status": {}, "unassigned": 0, "actionable": 0, "oldest_age_seconds": None, "age": {}, "age_business": {},
            "clocks": {},
        })  # fmt: skip
        name = what.partition(".")[2]
        if what == "unassigned":
            mine["unassigned"] += len(instants)
        elif what.startswith("due."):
            clock = mine["clocks"].setdefault(name, {"overdue": 0, **dict.fromkeys(SOON, 0)})
            clock["overdue"] += sum(at < now for at in instants)
            for span, ms in SOON.items():
                clock[span] += sum(now <= at <= now + ms for at in instants)
        else:
            mine["status"][name] = mine["status"].get(name, 0) + len(instants)
            if name in ("new", "open"):
                _ages(mine, instants, place, targets, now)
    return found


def _ages(mine: dict[str, Any], opened: list[int], place: tuple[str, str], targets: Targets, now: int) -> None:
    target = targets.of(*place)
    mine["actionable"] += len(opened)
    mine["oldest_age_seconds"] = max(mine["oldest_age_seconds"] or 0, (now - min(opened)) / 1000)
    for at in opened:
        for name, age in (("age", now - at), ("age_business", open_ms(target, at, now))):
            bucket = next((key for key, hours in AGES.items() if age < hours * HOUR_MS), "more")
            mine[name][bucket] = mine[name].get(bucket, 0) + 1


def _by_queue(book: Ledger, what: str, chats_only: bool = False) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for (name, (queue, channel)), instants in sorted(book.now.items()):
        if name == what and instants and (not chats_only or channel in CHATS):
            found[queue] += instants
    return dict(found)


def _counted(instants: dict[str, list[int]]) -> dict[str, int]:
    return {queue: len(all_of) for queue, all_of in instants.items() if all_of}
