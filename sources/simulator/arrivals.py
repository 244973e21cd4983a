"""Customers arrive: at the rate of the hour, in a spike, and again when they gave up."""

from collections.abc import Callable

from sources.simulator.chatting import Chatting
from sources.simulator.profile import QUARTER_MS
from sources.simulator.world import Contact, QueueState, World

Seconds = tuple[float, float]
MENU: Seconds = (2.0, 8.0)
# Who knows the menu, or was in the queue a moment ago, is through it at once.
NO_MENU: Seconds = (0.0, 0.3)


class Arrivals:
    """A Poisson process per queue; `admit` receives contacts at the queue's door, `open_case` deferred work."""

    def __init__(
        self,
        world: World,
        chatting: Chatting,
        admit: Callable[[Contact], None],
        open_case: Callable[[QueueState], None],
    ) -> None:
        self.world = world
        self._chatting = chatting
        self._admit = admit
        self._open_case = open_case

    def plan(self, queue: QueueState) -> None:
        """Draw the next arrival anew; the one planned before is forgotten. Called whenever the rate changes."""
        queue.arrival_plan += 1
        self.world.agenda.at(self._next_ms(queue), self._arrive, queue, queue.arrival_plan)

    def arrive(self, queue: QueueState, customer_key: str | None = None, menu: Seconds = MENU) -> None:
        """One customer reaches the centre now; a menu or a bot comes before the queue, and takes some seconds."""
        profile, rng = queue.profile, queue.rng
        contact = Contact(
            self.world.new_id("chat" if profile.channel == "chat" else "call"),
            customer_key or self.world.customer(rng),
            queue,
        )
        contact.entry = rng.choice(("app", "web", "mini-program") if profile.channel == "chat" else ("400-line", "app"))
        about = {
            "contact_id": contact.id, "channel": profile.channel, "direction": "inbound", "initiation": "inbound",
            "native_id": contact.id, "language": "zh-CN", "entry_point": contact.entry,
        }  # fmt: skip
        self.world.emit("contact.created", profile.source, contact.id, about)
        if profile.channel == "chat":
            self._chatting.before_queue(contact)
        self.world.agenda.after(rng.uniform(*menu), self._admit, contact)

    def come_again(self, contact: Contact, reason: str) -> None:
        """Some who gave up or were refused try again within minutes, as a new contact of the same customer."""
        rng = contact.queue.rng
        if rng.random() < (0.5 if reason == "blocked" else 0.25):
            self.world.agenda.after(rng.uniform(60.0, 600.0), self.arrive, contact.queue, contact.customer_key)

    def _arrive(self, queue: QueueState, plan: int) -> None:
        if plan != queue.arrival_plan:
            return
        if queue.profile.deferred:
            self._open_case(queue)
        else:
            self.arrive(queue)
        self.plan(queue)

    def _next_ms(self, queue: QueueState) -> int:
        """The process has no memory, so a draw that passes the end of a quarter-hour starts anew there."""
        at_ms = self.world.now_ms
        while True:
            rate = queue.profile.per_minute / 60_000 * self.world.profile.demand(at_ms) * queue.factor
            end_ms = (at_ms // QUARTER_MS + 1) * QUARTER_MS
            due_ms = at_ms + max(1, round(queue.rng.expovariate(rate)))
            if due_ms < end_ms:
                return due_ms
            at_ms = end_ms
