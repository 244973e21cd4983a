"""Queueing: a contact joins, is offered to agents, and is answered or leaves."""

from collections.abc import Callable
from random import Random
from typing import Any

from sources.simulator import chance
from sources.simulator.world import AgentState, Contact, QueueState, World

RING_LIMIT_SECONDS = 18.0
REFUSED_SECONDS = 15.0
_KEYS = {"callback_requested": "1", "key_exit": "0"}


class Routing:
    """Matches waiting contacts with agents. The hooks connect it with the other parts of the simulation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.on_answered: Callable[[Contact], None] = _nothing
        self.on_left: Callable[[Contact, str], None] = _nothing
        self.on_refused: Callable[[AgentState], None] = _nothing
        self.on_unloaded: Callable[[AgentState], None] = _nothing
        self.on_spare: Callable[[AgentState], None] = _nothing

    def admit(self, contact: Contact) -> None:
        """A new contact reaches its queue, or is refused at the door."""
        queue = contact.queue
        full = len(queue.waiting) >= queue.profile.limit
        if full or not any(agent.on_duty for agent in queue.agents):
            data = {
                "contact_id": contact.id, "channel": queue.profile.channel, "direction": "inbound",
                "queue_id": queue.id, "reason": "full" if full else "empty", "customer_key": contact.customer_key,
            }  # fmt: skip
            self.world.emit("contact.blocked", queue.profile.source, contact.id, data)
            contact.where = "gone"
            self.on_left(contact, "blocked")
            return
        self.enqueue(contact, "initial")

    def enqueue(self, contact: Contact, reason: str) -> None:
        """Open a leg of the contact in `contact.queue`."""
        queue, now_ms = contact.queue, self.world.now_ms
        contact.leg += 1
        contact.where, contact.reason, contact.queued_ms = "waiting", reason, now_ms
        contact.offers, contact.agent, contact.refused_by = 0, None, None
        queue.waiting[contact.id] = contact
        self.world.tell(
            "queued", contact, reason=reason, position=len(queue.waiting),
            customer_key=contact.customer_key, native_id=contact.id,
        )  # fmt: skip
        self._plan_exit(contact, queue.rng)
        self.find_agent(contact)

    def find_agent(self, contact: Contact) -> None:
        """Offer a waiting contact to the least loaded, longest idle agent who can take it."""
        queue = contact.queue
        able = [agent for agent in queue.agents if agent is not contact.refused_by and agent.can_take(queue)]
        if able:
            self._offer(contact, min(able, key=lambda agent: (agent.load, agent.free_since_ms, agent.id)))

    def find_work(self, agent: AgentState) -> None:
        """Offer the agent waiting contacts, most pressing first, until his hands are full."""
        while True:
            heads = [head for queue in agent.queues if agent.can_take(queue) for head in _head(queue, agent)]
            if not heads:
                break
            now_ms = self.world.now_ms
            self._offer(max(heads, key=lambda head: (now_ms - head.queued_ms + 1) * head.queue.profile.weight), agent)
        if agent.load == 0:
            self.on_spare(agent)

    def release(self, agent: AgentState, slots: int) -> None:
        """The agent has finished something that took `slots`; break or home comes before new work."""
        agent.load -= slots
        agent.free_since_ms = self.world.now_ms
        if agent.load == 0:
            self.on_unloaded(agent)
        self.find_work(agent)

    def _offer(self, contact: Contact, agent: AgentState) -> None:
        contact.where, contact.agent, contact.offered_ms = "offered", agent, self.world.now_ms
        contact.offers += 1
        agent.load += contact_slots(contact, agent)
        offer_id = f"{contact.leg_id}-o{contact.offers}"
        self.world.tell("offered", contact, agent, offer_id=offer_id, mode="single")
        seconds, result = _ring(contact.queue, agent.rng)
        self.world.agenda.after(seconds, self._offer_over, contact, agent, offer_id, result)

    def _offer_over(self, contact: Contact, agent: AgentState, offer_id: str, result: str) -> None:
        if contact.where != "offered" or offer_id != f"{contact.leg_id}-o{contact.offers}":
            return
        if result == "answered":
            self._answer(contact, agent, offer_id)
            return
        contact.where, contact.agent, contact.refused_by = "waiting", None, agent
        self._end_offer(contact, agent, offer_id, result)
        if result == "no_answer":
            self.on_refused(agent)
        self.release(agent, contact_slots(contact, agent))
        self.world.agenda.after(REFUSED_SECONDS, self._offer_again, contact, contact.leg, agent)
        if contact.where == "waiting":
            self.find_agent(contact)

    def _offer_again(self, contact: Contact, leg: int, agent: AgentState) -> None:
        """Somebody who refused a contact may be offered it again after a while: at night he is the only one."""
        if contact.leg == leg and contact.refused_by is agent:
            contact.refused_by = None
            if contact.where == "waiting":
                self.find_agent(contact)

    def _end_offer(self, contact: Contact, agent: AgentState, offer_id: str, result: str) -> None:
        ring_ms = self.world.now_ms - contact.offered_ms
        self.world.tell("offer_ended", contact, agent, offer_id=offer_id, result=result, ring_ms=ring_ms)

    def _answer(self, contact: Contact, agent: AgentState, offer_id: str) -> None:
        queue, now_ms = contact.queue, self.world.now_ms
        del queue.waiting[contact.id]
        queue.in_service[contact.id] = contact
        contact.where, contact.answered_ms = "in_service", now_ms
        if queue.profile.channel == "voice":
            agent.voice = contact
            reported = {"wait_ms": now_ms - contact.queued_ms, "ring_ms": now_ms - contact.offered_ms}
            extra: dict[str, Any] = {"reported": reported}
        else:
            # The chat desk reports the end of every offer, telephone systems only those that failed.
            self._end_offer(contact, agent, offer_id, "answered")
            agent.chats[contact.id] = contact
            extra = {}
        self.world.tell("answered", contact, agent, offer_id=offer_id, customer_key=contact.customer_key, **extra)
        self.on_answered(contact)

    def _plan_exit(self, contact: Contact, rng: Random) -> None:
        """Draw how the leg would end if nobody answered: the earliest of all reasons happens."""
        profile = contact.queue.profile
        exits = [(chance.patience(rng, profile.patience_seconds), "abandoned"), (profile.timeout_seconds, "timeout")]
        luck, when = rng.random(), rng.uniform(30.0, 110.0)
        if luck < 0.10 and profile.channel == "voice":
            exits.append((when, "callback_requested"))
        elif luck < 0.13:
            exits.append((when / 3, "key_exit"))
        elif luck < 0.134:
            exits.append((when / 2, "withdrawn"))
        elif luck < 0.136:
            exits.append((when / 4, "system_error"))
        if profile.overflow_to is not None and rng.random() < 0.5:
            exits.append((profile.overflow_seconds, "overflow"))
        if not any(agent.on_duty for agent in contact.queue.agents):
            exits.append((2.0, "empty"))
        seconds, reason = min(exits)
        self.world.agenda.after(seconds, self._leave, contact, contact.leg, reason)

    def _leave(self, contact: Contact, leg: int, reason: str) -> None:
        if contact.leg != leg or contact.where not in ("waiting", "offered"):
            return
        agent, queue = contact.agent, contact.queue
        if contact.where == "offered" and agent is not None:
            result = "customer_left" if reason == "abandoned" else "rescinded"
            self._end_offer(contact, agent, f"{contact.leg_id}-o{contact.offers}", result)
        position = list(queue.waiting).index(contact.id) + 1
        del queue.waiting[contact.id]
        contact.where, contact.agent = "gone", None
        extra: dict[str, Any] = {"key": _KEYS[reason]} if reason in _KEYS else {}
        if queue.profile.channel == "voice":
            extra["reported"] = {"wait_ms": self.world.now_ms - contact.queued_ms}
        self.world.tell(
            "left_queue", contact, reason=reason, position=position, customer_key=contact.customer_key, **extra
        )
        self.on_left(contact, reason)
        if agent is not None:
            self.release(agent, contact_slots(contact, agent))


def contact_slots(contact: Contact, agent: AgentState) -> int:
    """Slots of the agent that the contact occupies: a chat one, anything else all."""
    return 1 if contact.queue.profile.channel == "chat" else agent.team.slots


def _head(queue: QueueState, agent: AgentState) -> list[Contact]:
    for contact in queue.waiting.values():
        if contact.where == "waiting" and contact.refused_by is not agent:
            return [contact]
    return []


def _ring(queue: QueueState, rng: Random) -> tuple[float, str]:
    luck = rng.random()
    if luck < 0.020:
        return RING_LIMIT_SECONDS, "no_answer"
    if luck < 0.026:
        return rng.uniform(1.0, 4.0), "rejected"
    if luck < 0.030:
        return rng.uniform(0.2, 0.6), "busy"
    return rng.uniform(1.5, 6.0), "answered"


def _nothing(*_: object) -> None:
    """The hook of a part that is not connected."""
