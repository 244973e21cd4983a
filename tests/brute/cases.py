"""One deferred case: its status, its owner, its clocks, told from its events in order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.brute.contacts import Happening, Story
from tests.brute.log import Told, instant


@dataclass
class _Case:
    queue: str
    channel: str
    opened: int
    status: str = "new"
    resolved: bool = False
    owner: str | None = None
    due: dict[str, int] = field(default_factory=dict)
    due_set: dict[str, int] = field(default_factory=dict)
    pending_since: int | None = None
    replied: bool = False
    customer_replies: int = 0
    reopens: int = 0
    agents: set[str] = field(default_factory=set)


def case_story(name: str, events: Iterable[Told]) -> Story:
    """The story of the case `name` from its accepted events."""
    story, case = Story(), None
    for told in sorted(events):
        if case is None and told.data.get("queue_id"):
            case = _Case(told.data["queue_id"], told.data.get("channel") or "ticket", told.time)
            _count(story, case, told, "case", "opened")
        if case is not None:
            _go_on(story, case, told)
    if case is not None and not case.resolved:
        _now(name, case, story)
    return story


def _count(story: Story, case: _Case, told: Told, what: str, value: Any) -> None:
    story.happened.append(Happening(told.time, case.queue, case.channel, what, value))


def _go_on(story: Story, case: _Case, told: Told) -> None:
    data, verb = told.data, told.type.removeprefix("case.")
    agent = data.get("agent_id")
    author = data.get("author") or ("agent" if agent else "customer")
    by_agent = verb == "replied" and author == "agent"
    if verb == "resolved" and agent:
        case.agents.add(agent)
    if verb == "resolved" and not case.resolved:
        _resolve(story, case, told)
        return
    if verb == "reopened" and case.resolved:
        case.resolved, case.reopens = False, case.reopens + 1
        _count(story, case, told, "case", "reopened")
    if by_agent:
        _agent_replies(story, case, told)
    elif verb == "replied" and author == "customer":
        case.customer_replies += 1
    if agent and (verb == "assigned" or by_agent):
        case.agents.add(agent)
        case.owner = agent if verb == "assigned" else case.owner or agent
    if not case.resolved:  # what is over changes its status by being reopened, and by nothing else
        _move(case, _status(case, verb, author, data.get("status")), told.time)
    if data.get("due_at") and verb in ("opened", "sla_set", "reopened"):
        clock = data.get("clock") or "resolution"
        case.due[clock], case.due_set[clock] = instant(data["due_at"]), told.time


def _status(case: _Case, verb: str, author: str, told: str | None) -> str:
    if told is not None:
        return told
    if verb == "assigned" and case.status == "new":
        return "open"
    if verb == "waiting_customer":
        return "pending"
    if (verb == "replied" and author == "customer" and case.status == "pending") or verb == "reopened":
        return "open"
    return case.status


def _move(case: _Case, status: str, time: int) -> None:
    """Into another status; the clocks stand still while the case waits for its customer."""
    if status == "pending" and case.pending_since is None:
        case.pending_since = time
    elif status != "pending" and case.pending_since is not None:
        for clock in case.due:
            case.due[clock] = _reckoned(case, clock, time)
        case.pending_since = None
    case.status = status


def _reckoned(case: _Case, clock: str, time: int) -> int:
    """When a clock runs out, if the case stops waiting for its customer now."""
    if case.pending_since is None:
        return case.due[clock]
    return case.due[clock] + time - max(case.pending_since, case.due_set[clock])


def _end_clock(story: Story, case: _Case, told: Told, clock: str) -> None:
    if clock in case.due:
        met = told.time <= _reckoned(case, clock, told.time)
        _count(story, case, told, "clock", (clock, "met" if met else "missed"))
        del case.due[clock], case.due_set[clock]


def _agent_replies(story: Story, case: _Case, told: Told) -> None:
    for clock in ("first_response", "next_response"):
        _end_clock(story, case, told, clock)
    if not case.replied:
        case.replied = True
        _count(story, case, told, "first reply", told.time - case.opened)


def _resolve(story: Story, case: _Case, told: Told) -> None:
    for clock in ("first_response", "next_response", "resolution"):
        _end_clock(story, case, told, clock)
    case.resolved, case.pending_since = True, None
    case.status = told.data.get("status") or case.status
    _count(story, case, told, "case", "resolved")
    contacts = 1 + case.customer_replies + case.reopens
    _count(story, case, told, "solution", (told.time - case.opened, contacts, len(case.agents)))


def _now(name: str, case: _Case, story: Story) -> None:
    place = case.queue, case.channel
    story.now("open_cases", *place, name, case.opened)
    story.now(f"case_{case.status}", *place, name, case.opened)
    if case.status in ("new", "open") and case.owner is None:
        story.now("unassigned", *place, name, case.opened)
    if case.status != "pending" and case.due:
        story.now("due", *place, name, min(case.due.values()))
        for clock, due in case.due.items():
            story.now(f"due_{clock}", *place, name, due)
