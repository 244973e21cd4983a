"""Who is on the floor at a moment, and who could take what, from the agents' stories; each agent once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tests.brute.agents import Agent
from tests.brute.chats import CHATS

FREE = ("idle", "has_capacity")
PHANTOM = 300_000


def card(agent: Agent) -> dict[str, Any]:
    """What there is to know of one agent now."""
    work = [(one.queue or "", one.channel, *one.phase) for one in agent.work.values() if one.phase is not None]
    return {
        "state": agent.state,
        "reason": agent.reason,
        "since": agent.since,
        "team": agent.team,
        "site": agent.site,
        "queues": dict(sorted(agent.queues.items())),
        "capacity": dict(sorted(agent.capacity.items())),
        "engaged": sorted(work),
        "heartbeat": agent.heartbeat,
    }


def team(agent: Agent) -> dict[str, Any]:
    """Where the agent belongs, at home too."""
    return {"team": agent.team, "site": agent.site, "since": agent.moved}


def here(agents: Mapping[str, Agent]) -> dict[str, Agent]:
    """Those who are not offline."""
    return {name: agent for name, agent in agents.items() if agent.state != "offline"}


def queue_staff(agents: Iterable[Agent], queue: str) -> dict[str, Any]:
    """The members of a queue and those who are engaged in it."""
    mine = [agent for agent in agents if queue in agent.queues or any(w.queue == queue for w in agent.work.values())]
    room = [agent for agent in mine if _has_room(agent, queue)]
    return {
        "agents": dict(sorted(Counter(agent.state for agent in mine).items())),
        "available": sum(agent.state in FREE and _open(agent, queue) for agent in mine),
        "staffed": sum(agent.state not in ("break", "error") for agent in mine),
        "with_capacity": len(room),
        "free_slots": sum(max(0, _slots(agent) - _chats(agent)) for agent in room),
    }


def _open(agent: Agent, queue: str) -> bool:
    queues = agent.queues
    return not queues or (queue in queues and queues[queue] is None)


def _slots(agent: Agent) -> int:
    return sum(most for channel, most in agent.capacity.items() if channel in CHATS)


def _chats(agent: Agent) -> int:
    return sum(work.channel in CHATS for work in agent.work.values())


def _has_room(agent: Agent, queue: str) -> bool:
    if not _open(agent, queue):
        return False
    if agent.state in FREE:
        return True
    only_chats = agent.state == "busy" and 0 < _chats(agent) == len(agent.work)
    return only_chats and _chats(agent) < _slots(agent)


def phantoms(agents: Iterable[Agent], now: int) -> list[str]:
    """Logged in, and no sign of life for longer than five minutes."""
    return sorted(agent.name for agent in agents if agent.heartbeat is not None and now - agent.heartbeat > PHANTOM)


def spent(agents: Mapping[str, Agent], begin: int, end: int) -> dict[str, dict[str, int]]:
    """By agent the milliseconds of [begin, end) in each state, and those of chats and slots; only what there is."""
    found = {}
    for name, agent in agents.items():
        levels = agent.spent(begin, end)
        mine = {what: ms for what, ms in levels.items() if ms and what != "offline"}
        if mine:
            found[name] = mine
    return found


def occupancy(levels: Mapping[str, int]) -> tuple[int, int]:
    """(busy + wrap-up, that and idle) in ms."""
    busy = levels.get("busy", 0) + levels.get("acw", 0)
    return busy, busy + sum(levels.get(state, 0) for state in FREE)
