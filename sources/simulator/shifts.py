"""Agents as people with working days: they log in, take breaks, show signs of life and go home."""

from collections.abc import Callable

from sources.simulator.profile import QUARTER_MS
from sources.simulator.world import AgentState, World

HEARTBEAT_SECONDS = 300.0
SMALLEST_SHIFT = 3


class Shifts:
    """Keeps as many agents on duty as the profile wants. `find_work` is called when one becomes free."""

    def __init__(self, world: World, find_work: Callable[[AgentState], None]) -> None:
        self.world = world
        self._find_work = find_work
        self._silent: dict[str, bool] = {}

    def start(self) -> None:
        """The first shift logs in within two seconds; then staffing is looked at every quarter-hour."""
        for agent in self.world.agents:
            if self._wanted(agent):
                self.world.agenda.after(agent.rng.uniform(0.0, 2.0), self._log_in, agent)
        self._plan_look()

    def settle(self, agent: AgentState) -> None:
        """The agent has nothing in hand: now he may go home or on the break he was waiting for."""
        if agent.away is not None:
            return
        if agent.wants_home:
            self._log_out(agent)
        elif agent.wants_break:
            reason = agent.rng.choice(("rest", "rest", "rest", "training", "coaching"))
            self.step_away(agent, reason, agent.rng.uniform(7, 13) * 60)

    def step_away(self, agent: AgentState, reason: str, seconds: float, state: str = "break") -> None:
        """The agent cannot be offered anything for some time; an unanswered offer does that, too."""
        agent.away, agent.wants_break = reason, False
        self.world.tell_agent("state_changed", agent, state=state, reason=reason, routable=False)
        self.world.agenda.after(seconds, self._come_back, agent, agent.shift)

    def not_responding(self, agent: AgentState) -> None:
        """What a telephone system does with somebody who lets it ring; for some it is the headset that failed."""
        if agent.away is None:
            broken = agent.queues[0].side.random() < 0.1
            seconds = agent.rng.uniform(20.0, 60.0)
            self.step_away(agent, "device" if broken else "no_answer", seconds, "error" if broken else "break")

    def _plan_look(self) -> None:
        self.world.agenda.at((self.world.now_ms // QUARTER_MS + 1) * QUARTER_MS, self._look)

    def _look(self) -> None:
        for agent in self.world.agents:
            if self._wanted(agent) != (agent.on_duty and not agent.wants_home):
                self.world.agenda.after(agent.rng.uniform(0.0, 300.0), self._adjust, agent)
        self._plan_look()

    def _wanted(self, agent: AgentState) -> bool:
        # A team as small as that has no shift of its own at night; others look after its queues.
        smallest = SMALLEST_SHIFT / agent.team.size if agent.team.size > SMALLEST_SHIFT else 0.0
        return max(self.world.profile.staffing(self.world.now_ms), smallest) >= agent.rank

    def _adjust(self, agent: AgentState) -> None:
        if self._wanted(agent):
            agent.wants_home = False
            if not agent.on_duty:
                self._log_in(agent)
        elif agent.on_duty:
            agent.wants_home = True
            if agent.load == 0:
                self.settle(agent)

    def _log_in(self, agent: AgentState) -> None:
        agent.on_duty, agent.away, agent.wants_break = True, None, False
        agent.shift += 1
        agent.free_since_ms = self.world.now_ms
        for source in agent.sources:
            self._log_in_at(agent, source)
        # Of some the source hears nothing any more, though they work on.
        self._silent[agent.id] = agent.queues[0].side.random() < 0.03
        self.world.agenda.after(agent.rng.uniform(600, 7200), self._break_due, agent, agent.shift)
        self.world.agenda.after(HEARTBEAT_SECONDS * agent.rng.random(), self._beat, agent, agent.shift)
        self._find_work(agent)

    def _log_in_at(self, agent: AgentState, source: str) -> None:
        queues = [queue for queue in agent.queues if queue.profile.source == source]
        self.world.tell_agent("logged_in", agent, source)
        for level, queue in enumerate(queues, 1):
            paused = bool(agent.paused.get(queue.id))
            self.world.tell_agent(
                "membership_changed", agent, source, queue_id=queue.id, member=True, paused=paused, level=level
            )
        capacity = [{"channel": queues[0].profile.channel, "max": agent.team.slots, "used": agent.load}]
        # The chat desk says of its people that there is room, telephone systems that somebody is idle.
        state = "has_capacity" if agent.team.slots > 1 else "idle"
        self.world.tell_agent("state_changed", agent, source, state=state, routable=True, capacity=capacity)

    def _log_out(self, agent: AgentState) -> None:
        agent.on_duty, agent.wants_home, agent.wants_break = False, False, False
        for source in agent.sources:
            if source != agent.sources[0]:
                # The second desk forgets who leaves.
                for queue in agent.queues:
                    if queue.profile.source == source:
                        self.world.tell_agent("membership_changed", agent, source, queue_id=queue.id, member=False)
            self.world.tell_agent("logged_out", agent, source)

    def _break_due(self, agent: AgentState, shift: int) -> None:
        if agent.shift != shift or not agent.on_duty:
            return
        agent.wants_break = True
        self.world.agenda.after(agent.rng.uniform(5400, 9000), self._break_due, agent, shift)
        if agent.load == 0:
            self.settle(agent)

    def _come_back(self, agent: AgentState, shift: int) -> None:
        if agent.shift != shift or agent.away is None:
            return
        agent.away = None
        agent.free_since_ms = self.world.now_ms
        self.world.tell_agent("state_changed", agent, state="idle", reason="back", routable=True)
        if agent.load == 0:
            self.settle(agent)
        self._find_work(agent)

    def _beat(self, agent: AgentState, shift: int) -> None:
        if agent.shift == shift and agent.on_duty:
            for source in agent.sources:
                if not self._silent[agent.id]:
                    self.world.tell_agent("heartbeat", agent, source)
            self.world.agenda.after(HEARTBEAT_SECONDS, self._beat, agent, shift)
