"""Conversations: talk, holds, transfers, the end, and the work after it."""

from collections.abc import Callable

from sources.simulator import chance
from sources.simulator.chatting import Chatting
from sources.simulator.offers import contact_slots
from sources.simulator.world import AgentState, Contact, World

MAX_TRANSFERS = 2


class Service:
    """Runs a contact from its answer to its end. `release` frees agents, `enqueue` opens the next leg."""

    def __init__(
        self,
        world: World,
        chatting: Chatting,
        release: Callable[[AgentState, int], None],
        enqueue: Callable[[Contact, str], None],
    ) -> None:
        self.world = world
        self._chatting = chatting
        self._release = release
        self._enqueue = enqueue

    def begin(self, contact: Contact) -> None:
        """Plan the conversation of a contact that was just answered."""
        rng, agenda, leg = contact.queue.rng, self.world.agenda, contact.leg
        contact.hold_ms, contact.held_since_ms = 0, None
        seconds = chance.handle(rng, contact.queue.profile.handle_seconds)
        if contact.queue.profile.channel == "chat":
            if self._ends_unheard(contact, leg):
                return
            self._chatting.begin(contact, leg)
        elif rng.random() < 0.13:
            hold = rng.uniform(8.0, 70.0)
            agenda.after(seconds * rng.uniform(0.2, 0.7), self._hold, contact, leg, hold)
            seconds += hold
        elif contact.queue.side.random() < 0.015:
            seconds = contact.queue.side.uniform(2.0, 9.0)
        if contact.queue.side.random() < 0.2:
            agenda.after(seconds * 0.4, self._update, contact, leg)
        ending = self._conclude if contact.transfers >= MAX_TRANSFERS or rng.random() > 0.06 else self._hand_on
        agenda.after(seconds, ending, contact, leg)

    def talk(self, contact: Contact, seconds: float) -> None:
        """Plan a conversation that an agent began: nobody hands it on."""
        contact.hold_ms, contact.held_since_ms = 0, None
        if contact.queue.profile.channel == "chat":
            self._chatting.begin(contact, contact.leg)
        self.world.agenda.after(seconds, self._conclude, contact, contact.leg)

    def _ends_unheard(self, contact: Contact, leg: int) -> bool:
        """A few chats are over before the agent wrote a word: handed on as they are, or the customer has gone."""
        side, agenda = contact.queue.side, self.world.agenda
        luck = side.random()
        if luck < 0.015 and contact.transfers < MAX_TRANSFERS:
            agenda.after(side.uniform(4.0, 20.0), self._move, contact, leg, "blind")
        elif luck < 0.025:
            agenda.after(side.uniform(2.0, 30.0), self._conclude, contact, leg, side.choice(("customer", "inactivity")))
        return luck < 0.025 and not (luck < 0.015 and contact.transfers >= MAX_TRANSFERS)

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
            if contact.queue.side.random() < 0.03:
                # Some hang up while the music plays.
                self.world.agenda.after(seconds * 0.8, self._conclude, contact, leg, "customer")
            self.world.agenda.after(seconds, self._resume, contact, leg)

    def _resume(self, contact: Contact, leg: int) -> None:
        if self._open(contact, leg) and contact.held_since_ms is not None:
            contact.hold_ms += self.world.now_ms - contact.held_since_ms
            contact.held_since_ms = None
            self.world.tell("resumed", contact, contact.agent)

    def _update(self, contact: Contact, leg: int) -> None:
        if self._open(contact, leg):
            side = contact.queue.side
            name = "reason" if side.random() < 0.8 else "topic"
            about = side.choice(
                ("delivery", "delivery", "delivery", "invoice", "invoice", "defect", "account", "other")
            )
            self.world.tell("updated", contact, contact.agent, attrs={name: about})

    def _conclude(self, contact: Contact, leg: int, ended_by: str | None = None) -> None:
        if not self._open(contact, leg):
            return
        rng, luck = contact.queue.rng, contact.queue.rng.random()
        if ended_by is None:
            ended_by = "customer" if luck < 0.6 else "agent"
            if contact.queue.profile.channel == "chat" and luck > 0.92:
                ended_by = "inactivity"
        agent = self._close(contact, ended_by)
        if rng.random() < 0.15 and contact.direction == "inbound":
            score = rng.choices((1, 2, 3, 4, 5), (6, 6, 13, 35, 40))[0]
            self.world.agenda.after(rng.uniform(15.0, 120.0), self._rate, contact, score)
        self._wrap_up(contact, agent)

    def _rate(self, contact: Contact, score: int) -> None:
        """Most are asked how it was, some whether they would recommend us, some whether it is solved."""
        luck = contact.queue.side.random()
        if luck < 0.1:
            self.world.tell("rated", contact, score=score)
        elif luck < 0.7:
            self.world.tell("rated", contact, score=score, scale=5, kind="csat")
        elif luck < 0.9:
            self.world.tell("rated", contact, score=score * 2 - contact.queue.side.randint(0, 1), scale=10, kind="nps")
        else:
            self.world.tell("rated", contact, score=int(score >= 4), scale=1, kind="resolved")

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
        how = {"kind": kind} if queue.side.random() < 0.9 else {}
        self.world.tell(
            "transferred", contact, None, from_agent=_name(contact.agent), to_type="queue", to_id=target, **how
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
        # Now and then a system does not say who it was.
        who = {} if contact.queue.side.random() < 0.01 and ended_by != "transfer" else {"ended_by": ended_by}
        self.world.tell("ended", contact, agent, customer_key=contact.customer_key, **who, **extra)
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
        leg = {"leg_id": contact.leg_id, "queue_id": contact.queue.id, "channel": contact.queue.profile.channel}
        self.world.tell("wrapup_started", contact, agent, **leg)
        self.world.agenda.after(seconds, self._wrapped_up, contact, agent, slots, leg, self.world.now_ms)

    def _wrapped_up(self, contact: Contact, agent: AgentState, slots: int, leg: dict[str, str], since_ms: int) -> None:
        # The chat desk tells when, and leaves the arithmetic to others.
        told = {} if leg["channel"] == "chat" else {"reported": {"acw_ms": self.world.now_ms - since_ms}}
        self.world.tell("wrapup_ended", contact, agent, **leg, **told)
        self._release(agent, slots)


def _name(agent: AgentState | None) -> str | None:
    return None if agent is None else agent.id
