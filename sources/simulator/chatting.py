"""What is written in a chat: the bot before the queue, the waiting customer, and turns between customer and agent."""

from typing import Any

from sources.simulator.world import AgentState, Contact, World


class Chatting:
    """Writes the messages of chats; nothing here moves a contact."""

    def __init__(self, world: World) -> None:
        self.world = world

    def before_queue(self, contact: Contact) -> None:
        """A bot talks first, or the customer writes at once, or opens the window and waits to be greeted."""
        side = contact.queue.side
        luck = side.random()
        contact.by_bot = luck < 0.55
        if contact.by_bot:
            authors = ["bot", "customer", *(["bot", "customer"] if side.random() < 0.5 else [])]
        elif luck < 0.9:
            authors = ["customer", "system"]
        else:
            authors = ["system"]
        for author in authors:
            self.say(contact, author)

    def in_queue(self, contact: Contact) -> None:
        """An automatic word about the place in the queue; some customers write once more while they wait."""
        if contact.queue.profile.channel != "chat":
            return
        side = contact.queue.side
        if contact.leg == 1:
            self.say(contact, side.choice(("system", "bot")))
        if side.random() < 0.25:
            self.world.agenda.after(side.uniform(2.0, 20.0), self._waits_and_writes, contact, contact.leg)

    def begin(self, contact: Contact, leg: int) -> None:
        """The agent's first word in this leg comes within seconds; now and then a colleague leaves a note first."""
        side = contact.queue.side
        if side.random() < 0.06:
            self.say(contact, "agent", contact.agent, visibility="private")
        self.world.agenda.after(contact.queue.rng.uniform(3.0, 18.0), self._turn, contact, leg, "agent")

    def say(self, contact: Contact, author: str, agent: AgentState | None = None, **more: Any) -> None:
        """Write one message down, in the present leg, or in none before the queue."""
        contact.messages += 1
        said = {"message_id": f"{contact.id}-m{contact.messages}", "author": author, **more}
        if contact.leg:
            self.world.tell("message", contact, agent, **said)
            return
        start = {"contact_id": contact.id, "channel": contact.queue.profile.channel, "direction": contact.direction}
        self.world.emit(
            "contact.message", contact.queue.profile.source, contact.id, {**start, "queue_id": contact.queue.id, **said}
        )

    def _waits_and_writes(self, contact: Contact, leg: int) -> None:
        if contact.leg == leg and contact.where in ("waiting", "offered"):
            self.say(contact, "customer")

    def _turn(self, contact: Contact, leg: int, author: str) -> None:
        if contact.leg != leg or contact.where != "in_service":
            return
        self.say(contact, author, contact.agent if author == "agent" else None)
        rng, side = contact.queue.rng, contact.queue.side
        if author == "agent" and side.random() < 0.04:
            self.say(contact, "agent", contact.agent, visibility="private")
        if author == "customer" and side.random() < 0.03:
            self.say(contact, "bot")
        # Now and then somebody writes twice before the other answers.
        other = "customer" if author == "agent" else "agent"
        following = author if rng.random() < 0.15 else other
        gap = rng.uniform(8.0, 32.0) if following == "agent" else rng.uniform(8.0, 45.0)
        self.world.agenda.after(gap, self._turn, contact, leg, following)
