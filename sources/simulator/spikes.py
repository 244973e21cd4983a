"""Trouble on demand: more customers than usual, or agents who leave a queue."""

from collections.abc import Callable
from typing import Literal

from sources.simulator.arrivals import NO_MENU, Arrivals
from sources.simulator.service import Service
from sources.simulator.world import AgentState, QueueState, World

Cause = Literal["volume", "staff"]

MAX_CUT = 9
FRONT = 9


class Spikes:
    """Begins and ends spikes; both kinds may overlap and repeat."""

    def __init__(
        self, world: World, arrivals: Arrivals, service: Service, find_work: Callable[[AgentState], None]
    ) -> None:
        self.world = world
        self._arrivals = arrivals
        self._service = service
        self._find_work = find_work

    def plan(self, queue: QueueState, factor: float, at_ms: int, duration_ms: int, cause: Cause) -> None:
        """Plan a spike; `at_ms` before now counts as now."""
        agenda = self.world.agenda
        begins = max(at_ms, agenda.now_ms)
        if cause == "volume":
            agenda.at(begins, self._crowd_comes, queue, factor)
            agenda.at(begins + duration_ms, self._crowd_goes, queue, factor)
        else:
            agenda.at(begins, self._agents_leave, queue, factor, begins + duration_ms)

    def _crowd_comes(self, queue: QueueState, factor: float) -> None:
        queue.factors.append(factor)
        self._arrivals.plan(queue)
        # Such crowds have a front: an outage, a broadcast, a mailing. A quarter-minute's worth comes at once, and of a
        # small queue as many as nobody would take for chance.
        front = max(round(queue.profile.per_minute * factor / 4), FRONT)
        for _ in range(0 if queue.profile.deferred else front):
            self.world.agenda.after(queue.rng.uniform(0.0, 1.2), self._arrivals.arrive, queue, None, NO_MENU)

    def _crowd_goes(self, queue: QueueState, factor: float) -> None:
        queue.factors.remove(factor)
        self._arrivals.plan(queue)

    def _agents_leave(self, queue: QueueState, factor: float, until_ms: int) -> None:
        """A site loses its line: agents are gone, some conversations are cut, and those people try again at once."""
        staying = int(len(queue.agents) / (2 * factor))
        gone = queue.agents[: len(queue.agents) - staying]
        for agent in gone:
            self._pause(agent, queue, 1)
        cut = [contact for contact in queue.in_service.values() if contact.agent in gone][:MAX_CUT]
        for contact in cut:
            customer = contact.customer_key
            self._service.cut(contact)
            self.world.agenda.after(queue.rng.uniform(0.2, 1.2), self._arrivals.arrive, queue, customer, NO_MENU)
        self.world.agenda.at(until_ms, self._agents_return, queue, gone)

    def _agents_return(self, queue: QueueState, gone: list[AgentState]) -> None:
        for agent in gone:
            self._pause(agent, queue, -1)
        for agent in gone:
            if agent.on_duty:
                self._find_work(agent)

    def _pause(self, agent: AgentState, queue: QueueState, step: int) -> None:
        before = agent.paused.get(queue.id, 0)
        agent.paused[queue.id] = before + step
        if agent.on_duty and bool(before) != bool(before + step):
            paused = before + step > 0
            reason = "site_outage" if paused else "site_back"
            self.world.tell_agent(
                "membership_changed", agent, queue.profile.source,
                queue_id=queue.id, member=True, paused=paused, reason=reason,
            )  # fmt: skip
