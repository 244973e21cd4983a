"""Ends that never came: which legs and which engagements of agents last implausibly long, and the event that ends each.

An end is lost when a source dies, or an event does on its way. Who is affected would wait, or be busy, for ever. So the
end is said by an event of our own, `lost_unknown`, at start + limit: never an abandonment, never a talk time, and taken
back by the real end whenever that comes. Whoever decides this from the same facts makes the same event.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from kpi.agent_state import Agent
from kpi.contact import Contact
from kpi.envelope import Event, event_id, make_event
from kpi.facts import MESSAGE, OFFER_ENDED, OFFERED, Fact
from kpi.keys import live_member
from kpi.leg import Leg
from kpi.plausible import Plausible
from kpi.record import Record

REAPER = "/floorpulse/reaper"
LOST = "lost_unknown"
# Agents' facts older than an hour are refused; what ends an engagement must be younger than that.
AGENT_REACH_MS = 1_800_000

Limits = Callable[[str, str], Plausible]


def lost_legs(
    record: Record, now_ms: int, limits: Limits, listed: Collection[tuple[str, str]] | None, reach_ms: int
) -> list[Event]:
    """The events that end what is overdue of a contact at `now_ms`, which is the time of its partition.

    `limits`: by queue and channel. `listed`: (queue, contact) of whom the sources' newest lists say that they wait,
    None when those are not known; then whoever waits stays. `reach_ms`: older events might be refused as too late.
    """
    contact: Contact = record.state
    found = []
    for leg in contact.legs.values():
        if not leg.is_open or (leg.waiting and (listed is None or (leg.queue, record.name) in listed)):
            continue
        deadline, agent = _deadline(leg, record.facts, limits(leg.queue, leg.channel))
        if deadline <= now_ms:
            found.append(_end_of_leg(record, leg, agent, _within_reach(deadline, now_ms, reach_ms)))
    return found


def _deadline(leg: Leg, facts: Sequence[Fact], limits: Plausible) -> tuple[int, str | None]:
    """When the leg is overdue (ms), and the agent it leaves: who answered, else whom it rings."""
    told = [fact for fact in facts if fact.leg == leg.id or fact.rank == MESSAGE]
    newest = told[-1].time
    if leg.in_service:
        return _overdue_at(leg.left, limits.in_service, newest), leg.agent
    deadline, agent = _overdue_at(leg.joined, limits.waiting, newest), None
    offers = [fact for fact in told if fact.rank in (OFFERED, OFFER_ENDED)]
    ringing = [fact for fact in offers if fact.rank == OFFERED and leg.offer(fact).ended is None]
    if ringing:
        # One offer whose end was lost says nothing while others come and go.
        deadline = min(deadline, _overdue_at(offers[-1].time, limits.ringing, newest))
        agent = ringing[-1].agent
    return deadline, agent


def _overdue_at(start: int, limit_seconds: int, newest: int) -> int:
    """Start + limit; whoever told something after that was alive, so the limit counts from there."""
    deadline = start + limit_seconds * 1000
    return deadline if newest <= deadline else newest + limit_seconds * 1000


def _within_reach(deadline: int, now: int, reach: int) -> int:
    """The deadline; for one so long ago that it would be refused as too late, one of the later instants fixed by it."""
    return deadline + max(now - deadline, 0) // reach * reach


def _end_of_leg(record: Record, leg: Leg, agent: str | None, time: int) -> Event:
    data: dict[str, Any] = {
        "contact_id": record.name, "leg_id": leg.id, "queue_id": leg.queue, "channel": leg.channel,
        "agent_id": agent, "customer_key": _newest_told(record.facts, "customer_key"),
        "native_id": _newest_told(record.facts, "native_id"),
    }  # fmt: skip
    verb, why = ("contact.ended", "ended_by") if leg.in_service else ("contact.left_queue", "reason")
    # Without its time: of two that know different limits, both still name one event.
    id = event_id(REAPER, live_member(record.name, leg.id), verb, 0)
    return _event(verb, id, time, data | {why: LOST})


def _newest_told(facts: Sequence[Fact], name: str) -> object:
    return next((fact.more[name] for fact in reversed(facts) if fact.more is not None and name in fact.more), None)


class Engaged(NamedTuple):
    """An engagement that is overdue since `deadline` (ms): ringing, talking, hold or acw on `member` since `since`."""

    member: str
    queue: str
    channel: str
    phase: str
    since: int
    deadline: int


def overdue_engagements(state: Agent, now_ms: int, limits: Limits) -> list[Engaged]:
    """What an agent has had in hand for longer than plausible, by his own record."""
    found = []
    for member, one in state.engaged.items():
        phase, since = one.phase
        deadline = since + phase_seconds(phase, limits(one.queue, one.channel)) * 1000
        if deadline <= now_ms and not _means_others(member, state):
            found.append(Engaged(member, one.queue, one.channel, phase, since, deadline))
    return found


def phase_seconds(phase: str, limits: Plausible) -> int:
    """The limit of a phase of an engagement: ringing, talking, hold or acw."""
    if phase == "ringing":
        return limits.ringing
    return limits.wrapup if phase == "acw" else limits.in_service


def _means_others(member: str, state: Agent) -> bool:
    """A contact without a leg stands for all its legs: what ends it would end what he talks on in another."""
    return member.endswith("|") and any(other != member and other.startswith(member) for other in state.engaged)


def is_confirmed(agent: str, engaged: Engaged, contact_id: str, contact: Contact) -> bool:
    """Whether the contact's own record says the same: then its end is a matter of the contact, not of the agent."""
    if engaged.phase == "acw":
        return False
    for leg in contact.legs.values():
        if live_member(contact_id, leg.id) == engaged.member:
            if engaged.phase == "ringing":
                return leg.waiting and any(offer.ended is None for offer in leg.offers.values())
            return leg.in_service and leg.agent in (agent, None)
    return False


def end_of_engagement(agent: str, engaged: Engaged, now_ms: int) -> Event:
    """What frees the agent. For the agents' topic alone: the contact knows of its own end, or was never known.

    So no wrap-up gets a length that nobody measured, and no contact an end.
    """
    contact_id, _, leg_id = engaged.member.rpartition("|")
    data: dict[str, Any] = {
        "contact_id": contact_id, "leg_id": leg_id or None, "queue_id": engaged.queue or None,
        "channel": engaged.channel, "agent_id": agent,
    }  # fmt: skip
    time = _within_reach(engaged.deadline, now_ms, AGENT_REACH_MS)
    verb, why = ("contact.wrapup_ended", {}) if engaged.phase == "acw" else ("contact.ended", {"ended_by": LOST})
    id = event_id(REAPER, f"{agent}|{engaged.member}", verb, engaged.since)
    return _event(verb, id, time, data | why)


def _event(noun_verb: str, id: str, time: int, data: dict[str, Any]) -> Event:
    told = {name: value for name, value in data.items() if value is not None}
    return make_event(noun_verb, source=REAPER, id=id, time_ms=time, data=told)
