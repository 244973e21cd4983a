"""Customers who press a key to be called back, and the agents who do it when they are free."""

from collections.abc import Callable

from kpi.events import format_time
from sources.simulator.world import AgentState, Contact, World

MAX_ATTEMPTS = 3


class Callbacks:
    """Promises a call, tries it when it is due and somebody is idle, and again when nobody answers."""

    def __init__(self, world: World, release: Callable[[AgentState, int], None]) -> None:
        self.world = world
        self._release = release

    def request(self, contact: Contact) -> None:
        """The customer left the queue with the promise of a call."""
        seconds = contact.queue.rng.uniform(300.0, 1200.0)
        self._promise(contact, seconds)
        # One in three slips through: nobody looks at the list for a long time.
        slip = contact.queue.side.uniform(1200.0, 5400.0) if contact.queue.side.random() < 0.33 else 0.0
        self.world.agenda.after(seconds + slip, self._try, contact, 1)

    def _promise(self, contact: Contact, seconds: float) -> None:
        due_at = format_time(self.world.now_ms + round(seconds * 1000))
        self.world.tell("callback_requested", contact, due_at=due_at)

    def _try(self, contact: Contact, attempt: int) -> None:
        queue, agenda = contact.queue, self.world.agenda
        able = [agent for agent in queue.agents if agent.load == 0 and agent.can_take(queue)]
        if not able or queue.waiting:
            agenda.after(45.0, self._try, contact, attempt)
            return
        agent = min(able, key=lambda agent: (agent.free_since_ms, agent.id))
        agent.load += agent.team.slots
        self.world.tell_agent("state_changed", agent, state="busy", reason="callback", routable=False)
        reached = queue.rng.random() < 0.6
        result = "reached" if reached else "no_answer"
        self.world.tell("callback_attempted", contact, agent, attempt=attempt, result=result)
        seconds = queue.rng.uniform(60.0, 240.0) if reached else queue.rng.uniform(20.0, 35.0)
        agenda.after(seconds, self._over, contact, agent, attempt, reached)

    def _over(self, contact: Contact, agent: AgentState, attempt: int, reached: bool) -> None:
        if reached or attempt == MAX_ATTEMPTS:
            result = "reached" if reached else "failed"
            self.world.tell("callback_completed", contact, agent, attempt=attempt, result=result)
        else:
            self._promise(contact, 600.0)
            self.world.agenda.after(600.0, self._try, contact, attempt + 1)
        self.world.tell_agent("state_changed", agent, state="idle", reason="callback_over", routable=True)
        self._release(agent, agent.team.slots)
