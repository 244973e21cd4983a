"""The simulation as one pure value: profile, seed and start in; events in order of time out.

Time is an argument. The same profile, seed, start and spikes give the same events, however the time is cut into calls.
"""

from collections.abc import Iterator

from kpi.events import Event
from sources.simulator.arrivals import Arrivals
from sources.simulator.callbacks import Callbacks
from sources.simulator.cases import Cases
from sources.simulator.chatting import Chatting
from sources.simulator.outbound import Outbound
from sources.simulator.profile import Profile
from sources.simulator.routing import Routing
from sources.simulator.service import Service
from sources.simulator.shifts import Shifts
from sources.simulator.spikes import Cause, Spikes
from sources.simulator.upkeep import Upkeep
from sources.simulator.world import AgentState, Contact, World


class Simulation:
    """A contact centre from `start_ms` on (milliseconds UTC)."""

    def __init__(self, profile: Profile, seed: int, start_ms: int) -> None:
        self.world = World(profile, seed, start_ms)
        self._routing = Routing(self.world)
        chatting = Chatting(self.world)
        service = Service(self.world, chatting, self._routing.release, self._routing.enqueue)
        self.cases = Cases(self.world, self._routing.release)
        self._callbacks = Callbacks(self.world, self._routing.release)
        self._shifts = Shifts(self.world, self._routing.find_work)
        self._arrivals = Arrivals(self.world, chatting, self._routing.admit, self.cases.open)
        self._outbound = Outbound(self.world, self._routing, service, chatting)
        self._spikes = Spikes(self.world, self._arrivals, service, self._routing.find_work)
        self._routing.on_queued = chatting.in_queue
        self._routing.on_answered = service.begin
        self._routing.on_left = self._left
        self._routing.on_refused = self._shifts.not_responding
        self._routing.on_unloaded = self._shifts.settle
        self._routing.on_spare = self._spare
        self.world.agenda.at(start_ms, self._begin)

    @property
    def now_ms(self) -> int:
        """Virtual time of the last thing that happened."""
        return self.world.now_ms

    def run_until(self, ms: int) -> Iterator[Event]:
        """The events with a time before `ms` that were not given yet, in order of time. Lazy: it runs as it is read."""
        yield from self.world.take()
        while self.world.agenda.run_next(ms):
            yield from self.world.take()

    def spike(self, queue: str | None, factor: float, at_ms: int, duration_ms: int, cause: Cause = "volume") -> str:
        """Trouble in a queue (None: the profile's default): `factor` times the customers, or agents who leave.

        A time that has passed counts as now. Returns the queue's id; raises KeyError, which names the known queues.
        """
        profile = self.world.profile.queue(queue or self.world.profile.default_spike)
        self._spikes.plan(self.world.queues[profile.id], factor, at_ms, duration_ms, cause)
        return profile.id

    def _begin(self) -> None:
        Upkeep(self.world).start()
        self._shifts.start()
        self.cases.start()
        self._outbound.start()
        for queue in self.world.queues.values():
            self._arrivals.plan(queue)

    def _left(self, contact: Contact, reason: str) -> None:
        if reason in ("abandoned", "blocked"):
            self._arrivals.come_again(contact, reason)
        elif reason == "callback_requested":
            self._callbacks.request(contact)
        elif reason == "overflow" and contact.queue.profile.overflow_to is not None:
            contact.queue = self.world.queues[contact.queue.profile.overflow_to]
            self._routing.enqueue(contact, "overflow")

    def _spare(self, agent: AgentState) -> None:
        if any(queue.profile.deferred for queue in agent.queues):
            self.cases.find_case(agent)
