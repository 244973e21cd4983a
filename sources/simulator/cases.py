"""Deferred work: e-mails and tickets that wait for an answer, some of it overdue."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kpi.events import format_time
from sources.simulator import chance
from sources.simulator.world import AgentState, QueueState, World

# The whole case may take so many times as long as its first answer, and so may every further answer.
RESOLUTION_SHARE = 1.5
NEXT_SHARE = 0.25


@dataclass(slots=True, eq=False)
class Case:
    """One case; `due_ms` is when its present clock runs out, `turn` counts the answers it got."""

    id: str
    customer_key: str
    queue: QueueState
    due_ms: int
    turn: int = 0


class Cases:
    """Opens cases, hands the one due first to the next free agent, and keeps the clocks."""

    def __init__(self, world: World, release: Callable[[AgentState, int], None]) -> None:
        self.world = world
        self._release = release
        self._todo: dict[str, list[Case]] = {queue: [] for queue in world.queues}

    def start(self) -> None:
        """What the night left behind comes first, due sooner or later."""
        for queue in self.world.queues.values():
            for _ in range(queue.profile.carried_over):
                self.world.agenda.after(queue.rng.uniform(0.0, 20.0), self.open, queue, queue.rng.uniform(0.05, 1.0))

    def open(self, queue: QueueState, share: float = 1.0) -> None:
        """A new case arrives; its first answer is due in the queue's time, or a share of it."""
        due_ms = self.world.now_ms + round(queue.profile.due_seconds * share * 1000)
        case = Case(self.world.new_id("case"), self.world.customer(queue.rng), queue, due_ms)
        self._tell("opened", case, None, due_at=format_time(due_ms), clock="first_response", status="new",
                   customer_key=case.customer_key)  # fmt: skip
        resolve_ms = self.world.now_ms + round(queue.profile.due_seconds * share * RESOLUTION_SHARE * 1000)
        self._tell("sla_set", case, None, due_at=format_time(resolve_ms), clock="resolution")
        if queue.side.random() < 0.4:
            # "We have received your message": nobody's answer.
            self._tell("replied", case, None, author="system")
        self._wait(case)

    def waiting(self, queue_id: str) -> int:
        """How many cases of the queue wait for an agent now."""
        return len(self._todo[queue_id])

    def find_case(self, agent: AgentState) -> None:
        """Give a free agent the case that is due first."""
        todo = [self._todo[queue.id] for queue in agent.queues if queue.profile.deferred and agent.can_take(queue)]
        first = min((case for cases in todo for case in cases), key=lambda case: (case.due_ms, case.id), default=None)
        if first is not None:
            self._todo[first.queue.id].remove(first)
            self._assign(first, agent)

    def _wait(self, case: Case) -> None:
        self._todo[case.queue.id].append(case)
        able = [agent for agent in case.queue.agents if agent.can_take(case.queue)]
        if able:
            self.find_case(min(able, key=lambda agent: (agent.free_since_ms, agent.id)))

    def _assign(self, case: Case, agent: AgentState) -> None:
        agent.load += agent.team.slots
        self._tell("assigned", case, agent, status="open")
        self.world.tell_agent("state_changed", agent, state="busy", reason="case", routable=False)
        seconds = chance.handle(case.queue.rng, case.queue.profile.handle_seconds)
        parked = case.queue.side.random() < 0.06
        self.world.agenda.after(seconds * (0.3 if parked else 1.0), self._park if parked else self._reply, case, agent)

    def _park(self, case: Case, agent: AgentState) -> None:
        """Somebody else has to say something first: the case is put aside, its clocks go on."""
        self._tell("assigned", case, agent, status="on_hold")
        self.world.agenda.after(case.queue.side.uniform(300.0, 10_800.0), self._wait, case)
        self._put_away(agent)

    def _put_away(self, agent: AgentState) -> None:
        self.world.tell_agent("state_changed", agent, state="idle", reason="case_done", routable=True)
        self._release(agent, agent.team.slots)

    def _reply(self, case: Case, agent: AgentState) -> None:
        rng = case.queue.rng
        case.turn += 1
        self._tell("replied", case, agent, author="agent")
        if case.turn >= 3 or rng.random() < 0.6:
            self._resolve(case, agent)
        else:
            self._tell("waiting_customer", case, agent, status="pending")
            quiet = rng.random() < 0.2
            seconds = 4 * 3600.0 if quiet else 120 + rng.expovariate(1 / 2400)
            self.world.agenda.after(seconds, self._close_quiet if quiet else self._customer_replies, case, agent)
        self._put_away(agent)

    def _resolve(self, case: Case, agent: AgentState) -> None:
        self._tell("resolved", case, agent)
        if case.queue.rng.random() < 0.05:
            self.world.agenda.after(600 + case.queue.rng.expovariate(1 / 3600), self._reopen, case)

    def _close_quiet(self, case: Case, agent: AgentState) -> None:
        """The customer never came back: the system resolves the case in the name of who handled it last."""
        self._tell("resolved", case, agent, author="system")

    def _customer_replies(self, case: Case, _: AgentState) -> None:
        self._tell("replied", case, None, author="customer")
        self._new_clock(case)

    def _reopen(self, case: Case) -> None:
        self._tell("reopened", case, None, author="customer", status="open")
        self._new_clock(case)

    def _new_clock(self, case: Case) -> None:
        case.due_ms = self.world.now_ms + round(case.queue.profile.due_seconds * NEXT_SHARE * 1000)
        self._tell("sla_set", case, None, due_at=format_time(case.due_ms), clock="next_response")
        self._wait(case)

    def _tell(self, verb: str, case: Case, agent: AgentState | None, **fields: Any) -> None:
        profile = case.queue.profile
        data: dict[str, Any] = {"case_id": case.id, "channel": profile.channel, "queue_id": profile.id}
        if agent is not None:
            data["agent_id"] = agent.id
        self.world.emit(f"case.{verb}", profile.source, case.id, {**data, **fields})
