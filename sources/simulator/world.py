"""What the parts of the simulation share: queues, agents, contacts, the agenda and the journal."""

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from kpi.events import Event, event_id, make_event
from sources.simulator.agenda import Agenda
from sources.simulator.profile import Profile, QueueProfile, TeamProfile

CUSTOMERS = 200_000
# How many customers are remembered as having been here, and the share of contacts that are theirs.
KNOWN_CUSTOMERS = 30_000
COMES_AGAIN = 0.12

_GIVEN = (
    "fang", "wei", "na", "min", "jing", "qiang", "lei", "yang", "yan", "jie",
    "juan", "tao", "ming", "chao", "xia", "ping", "gang", "ana", "bo",
)  # fmt: skip
_FAMILY = (
    "wang", "li", "zhang", "liu", "chen", "yang", "zhao", "huang", "zhou", "wu", "xu", "sun",
    "hu", "zhu", "gao", "lin", "he", "guo", "ma", "luo", "liang", "song", "tang",
)  # fmt: skip


@dataclass(slots=True, eq=False)
class Contact:
    """One customer in the system. `leg` counts its stays in queues; `where` is waiting, offered, in_service or gone.

    `ringing`: the agents it is offered to now, by offer id; several where everybody's telephone rings. `by_bot`: a bot
    hands it over.
    """

    id: str
    customer_key: str
    queue: "QueueState"
    leg: int = 0
    where: str = "arriving"
    queued_ms: int = 0
    answered_ms: int = 0
    offered_ms: int = 0
    offers: int = 0
    agent: "AgentState | None" = None
    refused_by: "AgentState | None" = None
    held_since_ms: int | None = None
    hold_ms: int = 0
    messages: int = 0
    transfers: int = 0
    reason: str = "initial"
    direction: str = "inbound"
    entry: str | None = None
    by_bot: bool = False
    ringing: dict[str, "AgentState"] = field(default_factory=dict)

    @property
    def leg_id(self) -> str:
        """The id of the present (or last) stay in a queue."""
        return f"{self.id}/{self.leg}"


@dataclass(slots=True, eq=False)
class QueueState:
    """One queue: who waits (in order of arrival), who serves it, and what spikes it has now.

    `rng` decides what moves contacts and agents, `side` what is only told of them: notes, reasons, who the customer is.
    """

    profile: QueueProfile
    rng: Random
    side: Random
    waiting: dict[str, Contact] = field(default_factory=dict)
    in_service: dict[str, Contact] = field(default_factory=dict)
    agents: list["AgentState"] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)
    arrival_plan: int = 0

    @property
    def id(self) -> str:
        return self.profile.id

    @property
    def factor(self) -> float:
        """How many times the usual number arrive now."""
        return max(self.factors, default=1.0)


@dataclass(slots=True, eq=False)
class AgentState:
    """One person. `load` counts occupied slots: a call or a case takes all of them, a chat one."""

    id: str
    team: TeamProfile
    rng: Random
    queues: list[QueueState]
    rank: float
    on_duty: bool = False
    away: str | None = None
    load: int = 0
    voice: Contact | None = None
    chats: dict[str, Contact] = field(default_factory=dict)
    free_since_ms: int = 0
    paused: dict[str, int] = field(default_factory=dict)
    wants_break: bool = False
    wants_home: bool = False
    shift: int = 0

    @property
    def sources(self) -> list[str]:
        """The systems he logs in at; his first is the one that tells of his breaks."""
        return list(dict.fromkeys(queue.profile.source for queue in self.queues))

    def can_take(self, queue: QueueState) -> bool:
        """Whether a contact of this queue could be offered to the agent now."""
        if not self.on_duty or self.away is not None or self.wants_break or self.wants_home:
            return False
        if self.paused.get(queue.id):
            return False
        return self.load < self.team.slots and (queue.profile.channel == "chat" or self.load == 0)


class World:
    """The shared state, and the one place where events are made."""

    def __init__(self, profile: Profile, seed: int, start_ms: int) -> None:
        self.profile = profile
        self.seed = seed
        self.agenda = Agenda(start_ms)
        self.queues = {
            queue.id: QueueState(queue, Random(f"{seed}/queue/{queue.id}"), Random(f"{seed}/side/{queue.id}"))
            for queue in profile.queues
        }
        self.agents = list(self._people(profile, seed))
        self._prefix = _base36(start_ms // 1000)
        self._numbers = 0
        self._sequences: dict[str, int] = {}
        self._made: list[Event] = []
        self._seen: deque[str] = deque(maxlen=KNOWN_CUSTOMERS)

    def _people(self, profile: Profile, seed: int) -> Iterator[AgentState]:
        number = 0
        for team in profile.teams:
            for place in range(team.size):
                name, number = person(number), number + 1
                queues = [self.queues[queue] for queue in team.queues]
                agent = AgentState(name, team, Random(f"{seed}/agent/{name}"), queues, (place + 0.5) / team.size)
                for queue in queues:
                    queue.agents.append(agent)
                yield agent

    @property
    def now_ms(self) -> int:
        return self.agenda.now_ms

    def new_id(self, kind: str) -> str:
        """An id no other run shares (unless it starts in the same second): kind, start, number."""
        self._numbers += 1
        return f"{kind}-{self._prefix}-{self._numbers}"

    def customer(self, rng: Random) -> str:
        """The salted hash of some customer; some have been here before, most of those lately."""
        if self._seen and rng.random() < COMES_AGAIN:
            return self._seen[-1 - int(len(self._seen) * rng.random() ** 3)]
        number = rng.randrange(CUSTOMERS)
        key = hashlib.blake2b(f"floorpulse/{number}".encode(), digest_size=8).hexdigest()
        self._seen.append(key)
        return key

    def emit(self, noun_verb: str, source: str, native_id: str, data: dict[str, Any]) -> None:
        """Write down that something happened now; `data` gains the source's own order."""
        sequence = self._sequences.get(source, 0) + 1
        self._sequences[source] = sequence
        data["sequence"] = sequence
        now_ms = self.agenda.now_ms
        ident = event_id(source, native_id, noun_verb, now_ms, sequence)
        self._made.append(make_event(noun_verb, source=source, id=ident, time_ms=now_ms, data=data))

    def tell(self, verb: str, contact: Contact, agent: AgentState | None = None, **fields: Any) -> None:
        """Write down a fact of a contact's present leg."""
        profile = contact.queue.profile
        data: dict[str, Any] = {
            "contact_id": contact.id,
            "leg_id": contact.leg_id,
            "channel": profile.channel,
            "direction": contact.direction,
            "queue_id": profile.id,
        }
        if agent is not None:
            data["agent_id"] = agent.id
        data.update(fields)
        self.emit(f"contact.{verb}", profile.source, contact.id, data)

    def tell_agent(self, verb: str, agent: AgentState, source: str | None = None, **fields: Any) -> None:
        """Write down a fact of an agent, told by the given one of his systems, or by the first."""
        about = {"agent_id": agent.id, "team": agent.team.name, "site": agent.team.site}
        self.emit(f"agent.{verb}", source or agent.sources[0], agent.id, {**about, **fields})

    def take(self) -> list[Event]:
        """The events written since the last call, in order."""
        made, self._made = self._made, []
        return made


def person(number: int) -> str:
    """The native name of the agent with this number; the first 437 differ, for 19 and 23 have no common factor."""
    name = f"{_GIVEN[number % len(_GIVEN)]}.{_FAMILY[number % len(_FAMILY)]}"
    again = number // (len(_GIVEN) * len(_FAMILY))
    return f"{name}{again + 1}" if again else name


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
