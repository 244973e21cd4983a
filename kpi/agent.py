"""One agent: an exclusive state from what sources declare and what he is engaged in, told by `step` fact by fact.

Agents are in one state at a time, however many systems, queues and contacts they have: of all that is true at once
the first of `kpi.agent_state.STATES` counts. Time in state is kept in steps: a level (one per state, 1 while it
lasts, besides `chats`, `chatting`, `slots`) that changes by d at instant t counts d as `step.<level>.<agent>` and
d * (pane's end - t) as `into.<level>.<agent>`. Readers integrate them (`kpi.levels`), so that a state that lasts
for weeks costs nothing while it lasts.
"""

import msgspec

from kpi.agent_state import OFFLINE, PRECEDENCE, Agent
from kpi.agent_told import TELL
from kpi.facts import PANE_MS, Count, Fact, Memberships
from kpi.keys import AGENTS_CHANNEL, NO_QUEUE

__all__ = ["Agent", "is_open", "memberships", "step"]

# While in these nobody gives him a chat.
_WITHOUT_SLOTS = frozenset({"break", "error", OFFLINE})


def step(state: Agent, fact: Fact) -> tuple[Agent, list[Count]]:
    """The state after `fact`, and what it adds to the panes. The given state is used up.

    `fact` must sort after every fact the state has seen and name the agent; of copies of contact events `leg` is
    ``<contact>|<leg>``. Facts of other types change nothing.
    """
    tell = TELL.get(fact.rank)
    if tell is None or not tell(state, fact):
        return state, []
    return state, _changes(state, fact)


def memberships(agent_id: str, state: Agent) -> Memberships:
    """The live sets an agent is in, under no queue: agents (card; since when in this state), agent_heartbeat (newest).

    The card is JSON: [agent, state, reason, team, site, [[queue, pause or null], ...], {channel: max},
    [[queue, channel, phase, since ms], ...]], lists and keys sorted. `kpi.staff.parse_card` reads it.
    And agent_team (JSON [agent, team, site]; since when), where either was told: it stays when the agent goes home.
    """
    found: Memberships = {}
    if state.team or state.site:
        found["agent_team", NO_QUEUE, NO_QUEUE, _encode((agent_id, state.team, state.site)).decode()] = state.moved
    if state.state == OFFLINE:
        return found
    queues, capacity = state.queues(), state.capacity()
    card = (
        agent_id, state.state, state.reason, state.team, state.site, sorted(queues.items()),
        dict(sorted(capacity.items())),
        sorted((one.queue, one.channel, *one.phase) for one in state.engaged.values()),
    )  # fmt: skip
    found["agents", NO_QUEUE, NO_QUEUE, _encode(card).decode()] = state.since
    if state.heartbeat:
        found["agent_heartbeat", NO_QUEUE, NO_QUEUE, agent_id] = state.heartbeat
    return found


def is_open(state: Agent) -> bool:
    """True while the agent is logged in somewhere, or engaged."""
    return state.state != OFFLINE


_encode = msgspec.json.Encoder().encode


def _changes(state: Agent, fact: Fact) -> list[Count]:
    """Work out the exclusive state and the levels anew; what differs from before are the counts."""
    doing, chats = state.doing()
    now, reason = state.declared, state.declared_reason
    if PRECEDENCE[doing] < PRECEDENCE[now]:
        now, reason = doing, ""
    slots = 0 if now in _WITHOUT_SLOTS else state.declared_slots
    counts: list[Count] = []
    if now != state.state:
        if state.state != OFFLINE:
            _count(counts, fact, state.state, -1)
        if now != OFFLINE:
            _count(counts, fact, now, 1)
    if now != state.state or reason != state.reason:
        state.state, state.reason, state.since = now, reason, fact.time
    if chats != state.chats:
        _count(counts, fact, "chats", chats - state.chats)
        if not chats or not state.chats:
            _count(counts, fact, "chatting", 1 if chats else -1)
        state.chats = chats
    if slots != state.slots:
        _count(counts, fact, "slots", slots - state.slots)
        state.slots = slots
    return counts


def _count(counts: list[Count], fact: Fact, level: str, change: int) -> None:
    into = fact.time % PANE_MS
    pane, name = fact.time - into, f"{level}.{fact.agent}"
    counts.append((pane, NO_QUEUE, AGENTS_CHANNEL, f"step.{name}", change))
    counts.append((pane, NO_QUEUE, AGENTS_CHANNEL, f"into.{name}", change * (PANE_MS - into)))
