"""Conversations: talk, holds, messages, transfers, the end, and the work after it."""

from collections.abc import Callable

from sources.simulator import chance
from sources.simulator.routing import contact_slots
from sources.simulator.world import AgentState, Contact, World

MAX_TRANSFERS = 2


class Service:
    """Runs a contact from its answer to its end. `release` frees agents, `enqueue` opens the next leg."""

    def __init__(
        self, world: World, release: Callable[[AgentState, int], None], enqueue: Callable[[Contact, str], None]
    ) -> None:
        self.world = world
        self._release = release
        self._enqueue = enqueue

    def begin(self, contact: Contact) -> None:
        """Plan the conversation of a contact that was just answered."""
        rng, agenda, leg = contact.queue.rng, self.world.agenda, contact.leg
        contact.hold_ms, contact.held_since_ms = 0, None
        seconds = chance.handle(rng, contact.queue.profile.handle_seconds)
        if contact.queue.profile.channel == "chat":
            agenda.after(rng.uniform(3.0, 18.0), self._message, contact, leg, "agent")
        elif rng.random() < 0.13:
            hold = rng.uniform(8.0, 70.0)
            agenda.after(seconds * rng.uniform(0.2, 0.7), self._hold, contact, leg, hold)
            seconds += hold
        if rng.random() < 0.03:
            agenda.after(seconds * 0.4, self._update, contact, leg)
        ending = self._conclude if contact.transfers >= MAX_TRANSFERS or rng.random() > 0.06 else self._hand_on
        agenda.after(seconds, ending, contact, leg)

    def cut(self, contact: Contact) -> None:
        """The system drops the conversation; there is no work after it."""
        agent = self._close(contact, "system")
        self._release(agent, contact_slots(contact, agent))

    def _open(self, contact: Contact, leg: int) -> bool:
        return contact.leg == leg and contact.where == "in_service"

    def _hold(self, contact: Contact, leg: int, seconds: float) -> None:
        if self._open(contact, leg) and contact.held_since_ms is None:
            contact.held_since_ms = self.world.now_ms
            self.world.tell("held", contact, contact.agent)
            self.world.agenda.after(seconds, self._resume, contact, leg)

    def _resume(self, contact: Contact, leg: int) -> None:
        if self._open(contact, leg) and contact.held_since_ms is not None:
            contact.hold_ms += self.world.now_ms - contact.held_since_ms
            contact.held_since_ms = None
            self.world.tell("resumed", contact, contact.agent)

    def _message(self, contact: Contact, leg: int, author: str) -> None:
        if not self._open(contact, leg):
            return
        contact.messages += 1
        who = contact.agent if author == "agent" else None
        self.world.tell("message", contact, who, message_id=f"{contact.id}-m{contact.messages}", author=author)
        rng = contact.queue.rng
        # Now and then somebody writes twice before the other answers.
        other = "customer" if author == "agent" else "agent"
        following = author if rng.random() < 0.15 else other
        gap = rng.uniform(8.0, 32.0) if following == "agent" else rng.uniform(8.0, 45.0)
        self.world.agenda.after(gap, self._message, contact, leg, following)

    def _update(self, contact: Contact, leg: int) -> None:
        if self._open(contact, leg):
            topic = contact.queue.rng.choice(("delivery", "invoice", "defect", "account", "other"))
            self.world.tell("updated", contact, contact.agent, attrs={"topic": topic})

    def _conclude(self, contact: Contact, leg: int) -> None:
        if not self._open(contact, leg):
            return
        rng, luck = contact.queue.rng, contact.queue.rng.random()
        ended_by = "customer" if luck < 0.6 else "agent"
        if contact.queue.profile.channel == "chat" and luck > 0.92:
            ended_by = "inactivity"
        agent = self._close(contact, ended_by)
        if rng.random() < 0.15:
            score = rng.choices((1, 2, 3, 4, 5), (6, 6, 13, 35, 40))[0]
            self.world.agenda.after(rng.uniform(15.0, 120.0), self._rate, contact, score)
        self._wrap_up(contact, agent)

    def _rate(self, contact: Contact, score: int) -> None:
        self.world.tell("rated", contact, score=score, scale=5, kind="csat")

    def _hand_on(self, contact: Contact, leg: int) -> None:
        """Pass the contact on: blind, after a consultation on hold, back to its own queue, or to an outside party."""
        if not self._open(contact, leg):
            return
        rng, luck = contact.queue.rng, contact.queue.rng.random()
        if contact.queue.profile.channel == "voice" and luck < 0.2 and contact.held_since_ms is None:
            seconds = rng.uniform(15.0, 60.0)
            self._hold(contact, leg, seconds - 1.0)
            self.world.agenda.after(seconds, self._move, contact, leg, "consult")
        elif luck < 0.3:
            self._leave_for_good(contact)
        else:
            self._move(contact, leg, "blind")

    def _leave_for_good(self, contact: Contact) -> None:
        agent = contact.agent
        self.world.tell("transferred", contact, None, kind="conference", from_agent=_name(agent), to_type="external")
        self._wrap_up(contact, self._close(contact, "transfer"))

    def _move(self, contact: Contact, leg: int, kind: str) -> None:
        if not self._open(contact, leg):
            return
        queue, rng = contact.queue, contact.queue.rng
        back = rng.random() < 0.12 or not queue.profile.transfer_to
        target = queue.id if back else rng.choice(queue.profile.transfer_to)
        self.world.tell(
            "transferred", contact, None, kind=kind, from_agent=_name(contact.agent), to_type="queue", to_id=target
        )
        agent = self._close(contact, "transfer")
        self._wrap_up(contact, agent)
        contact.transfers += 1
        contact.queue = self.world.queues[target]
        self._enqueue(contact, "requeue" if back else "transfer")

    def _close(self, contact: Contact, ended_by: str) -> AgentState:
        agent, now_ms = contact.agent, self.world.now_ms
        if agent is None:
            raise RuntimeError(f"{contact.id} is in service without an agent")
        extra: dict[str, object] = {}
        if contact.queue.profile.channel == "voice":
            hold_ms = contact.hold_ms + (now_ms - contact.held_since_ms if contact.held_since_ms is not None else 0)
            extra["reported"] = {"talk_ms": now_ms - contact.answered_ms, "hold_ms": hold_ms}
        self.world.tell("ended", contact, agent, ended_by=ended_by, customer_key=contact.customer_key, **extra)
        del contact.queue.in_service[contact.id]
        agent.chats.pop(contact.id, None)
        if agent.voice is contact:
            agent.voice = None
        contact.where, contact.agent = "gone", None
        return agent

    def _wrap_up(self, contact: Contact, agent: AgentState) -> None:
        rng, mean = agent.rng, contact.queue.profile.wrapup_seconds
        slots = contact_slots(contact, agent)
        seconds = max(2.0, rng.expovariate(1 / mean))
        # The contact may be in its next leg by then, so the leg of this work is kept by name.
        leg = {"leg_id": contact.leg_id, "queue_id": contact.queue.id}
        self.world.tell("wrapup_started", contact, agent, **leg)
        self.world.agenda.after(seconds, self._wrapped_up, contact, agent, slots, leg, self.world.now_ms)

    def _wrapped_up(self, contact: Contact, agent: AgentState, slots: int, leg: dict[str, str], since_ms: int) -> None:
        self.world.tell("wrapup_ended", contact, agent, reported={"acw_ms": self.world.now_ms - since_ms}, **leg)
        self._release(agent, slots)


def _name(agent: AgentState | None) -> str | None:
    return None if agent is None else agent.id
