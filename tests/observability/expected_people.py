"""What the dashboards of agents and of the backlog must show."""

from collections.abc import Callable, Mapping
from typing import Any

from grafana.parts import STATES
from kpi.backlog import STATUSES
from kpi.floor_snapshot import Team, Worked
from kpi.snapshot import QueueSnapshot
from kpi.staff import LOGGED_IN_STATES
from tests.observability.expected import Expect, Panel, Seen, between, each_of, per_queue, per_queue_at, total
from tests.observability.expected_floor import FREE, PER_MINUTE, age, agents_in, free

# Seconds in a state grow while they are read: every 5 s, by recording rules 5 s later, of half an hour.
GROWING = 0.02


def of_teams(number: Callable[[Team], float | None], within: float = 1e-6) -> Expect:
    """One result for each team, also for agents without a team."""
    return each_of(("team",), lambda seen: {(name,): number(team) for name, team in seen.people.teams.items()}, within)


def team_states(seen: Seen) -> Mapping[Any, float]:
    """Agents by team and state."""
    return {(name, state): count for name, team in seen.people.teams.items() for state, count in team.states.items()}


def slots(seen: Seen) -> Mapping[Any, float]:
    """What agents may have at once, by team and channel."""
    return {
        (name, channel, state): count
        for name, team in seen.people.teams.items()
        for channel, has in team.slots.items()
        for state, count in (("busy", has["busy"]), ("free", has["total"] - has["busy"]))
    }


def occupancy(worked: Worked) -> float | None:
    """Of the last 30 minutes."""
    return worked.occupancy["value"] if worked.occupancy["denominator"] else None


def at_work(each: QueueSnapshot) -> float | None:
    """Members who have something in hand; none at all is no number."""
    known = [each.now.agents[state] for state in ("busy", "acw", "ringing") if state in each.now.agents]
    return sum(known) if known else None


AGENTS: dict[str, Panel] = {
    "Data age": age(),
    "Logged in": {"A": total(lambda seen: seen.people.total.logged_in)},
    "Agents free": {"A": agents_in(*FREE)},
    "Busy": {"A": agents_in("busy", "ringing")},
    "Wrapping up": {"A": agents_in("acw")},
    "On break": {"A": agents_in("break")},
    "Phantoms": {"A": total(lambda seen: seen.people.total.phantoms)},
    "Teams": {
        **{
            chr(ord("A") + place): of_teams(lambda team, state=state: team.states.get(state, 0))  # type: ignore[misc]
            for place, state in enumerate(STATES)
        },
        "H": of_teams(lambda team: None if (value := occupancy(team.windows["30m"])) is None else 100 * value, 2.0),
        "I": of_teams(lambda team: team.phantoms),
    },
    "Agents by team and state": {"A": each_of(("team", "state"), team_states)},
    "Occupancy, 30 min": {"A": of_teams(lambda team: occupancy(team.windows["30m"]), GROWING)},
    "Slots": {"A": each_of(("team", "channel", "state"), slots)},
    "Agents by time spent": {
        "A": between(0, 60, "a counter's rate; the trickle's agent was idle and on a break for seconds", least=2)
    },
    "Offers unanswered a minute": {"A": between(0, 60, PER_MINUTE, labels=("queue", "channel"))},
    "Who covers which queue": {
        "A": per_queue(lambda each: each.now.waiting),
        "B": per_queue(lambda each: sum(each.now.agents.values()) if each.now.agents else None),
        "C": per_queue(free),
        "D": per_queue(at_work),
    },
}
assert set(STATES) == set(LOGGED_IN_STATES)


def cases(number: Callable[[QueueSnapshot], float | None]) -> Expect:
    """A number of the queues that have open cases."""
    return per_queue(lambda each: number(each) if each.backlog.open else None)


def summed(name: str) -> Panel:
    """One count of cases, of all queues together."""
    return {"A": total(lambda seen: sum(getattr(each.backlog, name) for each in seen.snapshots.values()))}


def oldest(each: QueueSnapshot, at: float) -> float | None:
    """Seconds since the oldest open case arrived."""
    opened = each.backlog.oldest_opened_at_ms
    return None if opened is None else at - opened / 1000


def oldest_hours(each: QueueSnapshot, at: float) -> float | None:
    """The same in hours."""
    seconds = oldest(each, at)
    return None if seconds is None else seconds / 3600


def oldest_of_all(seen: Seen) -> float:
    """The largest of them."""
    return max(age for each in seen.snapshots.values() if (age := oldest(each, seen.at)) is not None)


def by_status(seen: Seen) -> Mapping[Any, float]:
    """Open cases of all queues by status."""
    return {
        (status,): sum(each.backlog.status.get(status, 0) for each in seen.snapshots.values()) for status in STATUSES
    }


def by_clock(due: str) -> Expect:
    """Cases by queue and clock, where there are any."""
    return each_of(
        ("queue", "channel", "clock"),
        lambda seen: {
            (*queue, clock): counts[due]
            for queue, each in seen.snapshots.items()
            for clock, counts in each.backlog.clocks.items()
            if counts[due]
        },
    )


BACKLOG: dict[str, Panel] = {
    "Data age": age(),
    "Open cases": summed("open"),
    "Overdue": summed("overdue"),
    "Due within the hour": summed("due_within_1h"),
    "Without owner": summed("unassigned"),
    "Oldest open case": {"A": total(oldest_of_all, within=0.002)},
    "Cases by queue": {
        "A": cases(lambda each: each.backlog.open),
        **{
            chr(ord("B") + place): cases(lambda each, status=status: each.backlog.status.get(status, 0))  # type: ignore[misc]
            for place, status in enumerate(STATUSES)
        },
        "F": cases(lambda each: each.backlog.overdue),
        "G": cases(lambda each: each.backlog.due_within_1h),
        "H": cases(lambda each: each.backlog.unassigned),
        "I": per_queue_at(oldest_hours),
    },
    "Open cases by status": {"A": each_of(("state",), by_status)},
    "Open cases by queue": {"A": cases(lambda each: each.backlog.open)},
    "Overdue by queue": {"A": cases(lambda each: each.backlog.overdue or None)},
    "Age of the oldest case": {"A": per_queue_at(oldest)},
    "Overdue, by clock": {"A": by_clock("overdue")},
    "Due within the hour, by clock": {"A": by_clock("1h")},
}
