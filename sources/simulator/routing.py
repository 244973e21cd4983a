"""Queueing: a contact joins, is offered to agents, and is answered or leaves."""

from collections.abc import Callable
from random import Random
from typing import Any

from sources.simulator import chance
from sources.simulator.offers import Offers, contact_slots
from sources.simulator.world import AgentState, Contact, QueueState, World

REFUSED_SECONDS = 15.0
_KEYS = {"callback_requested": "1", "key_exit": "0"}


class Routing:
    """Matches waiting contacts with agents. The hooks connect it with the other parts of the simulation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.offers = Offers(world, self._answer, self._refuse, self.release)
        self.on_queued: Callable[[Contact], None] = _nothing
        self.on_answered: Callable[[Contact], None] = _nothing
        self.on_left: Callable[[Contact, str], None] = _nothing
        self.on_refused: Callable[[AgentState], None] = _nothing
        self.on_unloaded: Callable[[AgentState], None] = _nothing
        self.on_spare: Callable[[AgentState], None] = _nothing

    def admit(self, contact: Contact) -> None:
        """A new contact reaches its queue, or is refused at the door."""
        queue = contact.queue
        why = self._refusal(queue)
        if why is not None:
            data = {
                "contact_id": contact.id, "channel": queue.profile.channel, "direction": "inbound",
                "queue_id": queue.id, "reason": why, "customer_key": contact.customer_key,
            }  # fmt: skip
            self.world.emit("contact.blocked", queue.profile.source, contact.id, data)
            contact.where = "gone"
            self.on_left(contact, "blocked")
            return
        self.enqueue(contact, "bot_handoff" if contact.by_bot else "initial")

    def _refusal(self, queue: QueueState) -> str | None:
        """Why nobody can join the queue now; a line of the centre fails now and then, too."""
        if len(queue.waiting) >= queue.profile.limit:
            return "full"
        if not any(agent.on_duty for agent in queue.agents):
            return "empty"
        return "limit" if queue.side.random() < 0.004 else None

    def enqueue(self, contact: Contact, reason: str) -> None:
        """Open a leg of the contact in `contact.queue`."""
        queue, now_ms = contact.queue, self.world.now_ms
        contact.leg += 1
        contact.where, contact.reason, contact.queued_ms = "waiting", reason, now_ms
        contact.offers, contact.agent, contact.refused_by = 0, None, None
        queue.waiting[contact.id] = contact
        first: dict[str, Any] = {"entry_point": contact.entry} if contact.leg == 1 and contact.entry else {}
        self.world.tell(
            "queued", contact, reason=reason, position=len(queue.waiting),
            customer_key=contact.customer_key, native_id=contact.id, **first,
        )  # fmt: skip
        self._plan_exit(contact, queue.rng)
        self.on_queued(contact)
        self.find_agent(contact)

    def find_agent(self, contact: Contact) -> None:
        """Offer a waiting contact to the least loaded, longest idle agent who can take it."""
        queue = contact.queue
        able = [agent for agent in queue.agents if agent is not contact.refused_by and agent.can_take(queue)]
        if able:
            self.offers.make(contact, sorted(able, key=lambda agent: (agent.load, agent.free_since_ms, agent.id)))

    def find_work(self, agent: AgentState) -> None:
        """Offer the agent waiting contacts, most pressing first, until his hands are full."""
        while True:
            heads = [head for queue in agent.queues if agent.can_take(queue) for head in _head(queue, agent)]
            if not heads:
                break
            now_ms = self.world.now_ms
            self.offers.make(
                max(heads, key=lambda head: (now_ms - head.queued_ms + 1) * head.queue.profile.weight), [agent]
            )
        if agent.load == 0:
            self.on_spare(agent)

    def release(self, agent: AgentState, slots: int) -> None:
        """The agent has finished something that took `slots`; break or home comes before new work."""
        agent.load -= slots
        agent.free_since_ms = self.world.now_ms
        if agent.load == 0:
            self.on_unloaded(agent)
        self.find_work(agent)

    def _refuse(self, contact: Contact, agent: AgentState, result: str) -> None:
        """An agent did not take it; when nobody else is being rung, somebody else is looked for."""
        contact.refused_by = agent
        if not contact.ringing:
            contact.where = "waiting"
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

    def _answer(self, contact: Contact, agent: AgentState, offer_id: str) -> None:
        queue, now_ms = contact.queue, self.world.now_ms
        del queue.waiting[contact.id]
        queue.in_service[contact.id] = contact
        contact.where, contact.answered_ms, contact.agent = "in_service", now_ms, agent
        if queue.profile.channel == "voice":
            agent.voice = contact
            reported = {"wait_ms": now_ms - contact.queued_ms, "ring_ms": now_ms - contact.offered_ms}
            extra: dict[str, Any] = {"reported": reported}
        else:
            # The chat desk reports the end of every offer, telephone systems only those that failed.
            contact.ringing[offer_id] = agent
            self.offers.end(contact, offer_id, "answered")
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
        elif luck < 0.104 and profile.channel == "voice":
            exits.append((when / 12, "callback_requested"))
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
        queue = contact.queue
        rung = self.offers.end_all(contact, "customer_left" if reason == "abandoned" else "rescinded")
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
        for agent in rung:
            self.release(agent, contact_slots(contact, agent))


def _head(queue: QueueState, agent: AgentState) -> list[Contact]:
    for contact in queue.waiting.values():
        if contact.where == "waiting" and contact.refused_by is not agent:
            return [contact]
    return []


def _nothing(*_: object) -> None:
    """The hook of a part that is not connected."""
