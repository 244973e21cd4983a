"""Offers: a waiting contact rings with one agent, or with several at once where the queue rings all."""

from collections.abc import Callable
from random import Random

from sources.simulator.world import AgentState, Contact, QueueState, World

RING_LIMIT_SECONDS = 18.0
RING_ALL = 2


class Offers:
    """Makes offers and ends them. `answer` is told who won, `refused` who did not take it and how."""

    def __init__(
        self,
        world: World,
        answer: Callable[[Contact, AgentState, str], None],
        refused: Callable[[Contact, AgentState, str], None],
        release: Callable[[AgentState, int], None],
    ) -> None:
        self.world = world
        self._answer = answer
        self._refused = refused
        self._release = release

    def make(self, contact: Contact, agents: list[AgentState]) -> None:
        """Let the contact ring with these agents; at most `RING_ALL` of them, and one where the queue rings one."""
        chosen = agents[: RING_ALL if contact.queue.profile.ring_all else 1]
        mode = "parallel" if contact.queue.profile.ring_all else "single"
        contact.where, contact.offered_ms = "offered", self.world.now_ms
        for agent in chosen:
            contact.offers += 1
            offer_id = f"{contact.leg_id}-o{contact.offers}"
            contact.ringing[offer_id] = agent
            agent.load += contact_slots(contact, agent)
            self.world.tell("offered", contact, agent, offer_id=offer_id, mode=mode)
            seconds, result = _ring(contact.queue, agent.rng)
            self.world.agenda.after(seconds, self._over, contact, offer_id, result)

    def end(self, contact: Contact, offer_id: str, result: str) -> AgentState:
        """Say that an offer is over; the agent's hands are still full of it."""
        agent = contact.ringing.pop(offer_id)
        ring_ms = self.world.now_ms - contact.offered_ms
        self.world.tell("offer_ended", contact, agent, offer_id=offer_id, result=result, ring_ms=ring_ms)
        return agent

    def end_all(self, contact: Contact, result: str) -> list[AgentState]:
        """Say that every offer of the contact is over; whoever calls releases the agents."""
        return [self.end(contact, offer_id, result) for offer_id in list(contact.ringing)]

    def _over(self, contact: Contact, offer_id: str, result: str) -> None:
        if offer_id not in contact.ringing:
            return
        if result != "answered":
            agent = self.end(contact, offer_id, result)
            self._refused(contact, agent, result)
            return
        winner = contact.ringing.pop(offer_id)
        losers = self.end_all(contact, "lost_race")
        self._answer(contact, winner, offer_id)
        for agent in losers:
            self._release(agent, contact_slots(contact, agent))


def contact_slots(contact: Contact, agent: AgentState) -> int:
    """Slots of the agent that the contact occupies: a chat one, anything else all."""
    return 1 if contact.queue.profile.channel == "chat" else agent.team.slots


def _ring(queue: QueueState, rng: Random) -> tuple[float, str]:
    luck = rng.random()
    if luck < 0.020:
        return RING_LIMIT_SECONDS, "no_answer"
    if luck < 0.026:
        return rng.uniform(1.0, 4.0), "rejected"
    if luck < 0.030:
        return rng.uniform(0.2, 0.6), "busy"
    return rng.uniform(1.5, 6.0), "answered"
