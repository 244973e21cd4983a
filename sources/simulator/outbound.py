"""Agents who have time turn to customers by themselves: calls that ring at the customer's, chats the desk begins."""

from sources.simulator import chance
from sources.simulator.chatting import Chatting
from sources.simulator.offers import contact_slots
from sources.simulator.routing import Routing
from sources.simulator.service import Service
from sources.simulator.world import AgentState, Contact, QueueState, World

SPARE = 4


class Outbound:
    """One attempt after another, as often as the queue's profile says, and only while enough agents have room."""

    def __init__(self, world: World, routing: Routing, service: Service, chatting: Chatting) -> None:
        self.world = world
        self._routing = routing
        self._service = service
        self._chatting = chatting

    def start(self) -> None:
        """Plan the first attempt of every queue that has any."""
        for queue in self.world.queues.values():
            if queue.profile.outbound_per_minute:
                self._plan(queue)

    def _plan(self, queue: QueueState) -> None:
        rate = queue.profile.outbound_per_minute * self.world.profile.demand(self.world.now_ms) / 60
        self.world.agenda.after(queue.side.expovariate(rate), self._attempt, queue)

    def _attempt(self, queue: QueueState) -> None:
        self._plan(queue)
        able = [agent for agent in queue.agents if agent.can_take(queue)]
        if queue.waiting or len(able) <= SPARE:
            return
        agent = min(able, key=lambda agent: (agent.load, agent.free_since_ms, agent.id))
        chat = queue.profile.channel == "chat"
        contact = Contact(self.world.new_id("chat" if chat else "call"), self.world.customer(queue.side), queue)
        contact.direction, contact.leg, contact.where = "outbound", 1, "dialling"
        contact.queued_ms = contact.offered_ms = self.world.now_ms
        agent.load += contact_slots(contact, agent)
        self.world.tell("created", contact, agent, initiation="campaign", native_id=contact.id)
        offer_id = f"{contact.leg_id}-o1"
        self.world.tell("offered", contact, agent, offer_id=offer_id, mode="single")
        if chat:
            self._chatting.say(contact, "agent", agent)
        seconds = queue.side.uniform(4.0, 20.0)
        taken = queue.side.random() < 0.6
        self.world.agenda.after(seconds, self._taken if taken else self._not_reached, contact, agent, offer_id)

    def _taken(self, contact: Contact, agent: AgentState, offer_id: str) -> None:
        self.world.tell("answered", contact, agent, offer_id=offer_id, customer_key=contact.customer_key)
        contact.where, contact.agent, contact.answered_ms = "in_service", agent, self.world.now_ms
        contact.queue.in_service[contact.id] = contact
        if contact.queue.profile.channel == "chat":
            agent.chats[contact.id] = contact
        else:
            agent.voice = contact
        self._service.talk(contact, chance.handle(contact.queue.side, contact.queue.profile.handle_seconds * 0.5))

    def _not_reached(self, contact: Contact, agent: AgentState, offer_id: str) -> None:
        contact.where = "gone"
        self.world.tell("offer_ended", contact, agent, offer_id=offer_id, result="customer_left")
        self.world.tell("left_queue", contact, agent, reason="timeout", customer_key=contact.customer_key)
        self._routing.release(agent, contact_slots(contact, agent))
