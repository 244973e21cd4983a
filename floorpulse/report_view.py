"""The measures of a report's parts: which slices belong to a part, who waited when, under which targets."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from floorpulse.report_agents import AgentTimes
from floorpulse.report_history import History, QueueChannel, Slice
from floorpulse.report_now import backlogs_now, queues_now
from floorpulse.report_span import Cover
from kpi.floor import Floor
from kpi.lengths import span_seconds
from kpi.measures import Group, Measures, agent_summary, brief_of, group_of, summary_of
from kpi.panes import MINUTE_MS, Part, local_minutes, pane_start
from kpi.tally import Tally

Tallies = dict[QueueChannel, Tally]


@dataclass(slots=True)
class View:
    """One report's span over the history. `arrival`: count on the arrival basis. `ends_at_newest`: nothing is newer.

    `from_nothing`: the span is the whole history, and all of its panes are there.
    """

    history: History
    span: Cover
    arrival: bool
    within: tuple[int, ...]
    floor: Floor
    ends_at_newest: bool
    from_nothing: bool = False
    _slices: list[Slice] = field(init=False)
    _zeros: Measures = field(init=False)
    _times: AgentTimes = field(init=False)
    _doings: dict[str, Tally] = field(init=False)
    _agents: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self._slices = [piece for piece in self.history.slices if self.span.is_counted(piece.res_ms, piece.start_ms)]
        self._zeros = brief_of([Group(_NOTHING)], within_seconds=self.within, open_legs=0, max_waiting=0)
        self._times = AgentTimes(self.history, self.span, self.floor, self.from_nothing)
        self._doings = self._what_agents_did()
        self._agents = sorted(self._doings.keys() | self._times.spent.keys())

    def total(self) -> Measures:
        """M of everything in the span, with what agents did, and which channels were offered."""
        tallies, whole = self._tallies(self._slices), self._whole()
        offered: defaultdict[str, int] = defaultdict(int)
        for (_, channel), tally in tallies.items():
            offered[channel] += tally.offered
        return {
            **self._measures(tallies, [whole], self.history.queues),
            "channel_mix": {channel: count for channel, count in sorted(offered.items()) if count},
            "agents": self._times.of_all(len(self._agents), self._times.sum_of(self._agents), _length([whole])),
        }

    def per_queue(self) -> dict[str, Measures]:
        """M of each queue, its channels together."""
        tallies, whole = self._tallies(self._slices), [self._whole()]
        return {name: self._measures(_of(tallies, keys), whole, keys) for name, keys in self._active().items()}

    def per_part(self, parts: Iterable[Part]) -> dict[str, Measures]:
        """M of each hour or day, with what agents did; stretches of one name (a repeated hour) are summed."""
        grid = list(parts)
        slices, levels, agents = _spread(self._slices, grid), self._times.of_parts(grid), len(self._agents)
        return {
            key: {
                **self._measures(self._tallies(slices[key]), some, self.history.queues),
                "agents": self._times.of_all(agents, levels[key], _length(some)),
            }
            for key, some in _stretches(grid).items()
        }

    def per_agent(self) -> dict[str, Measures]:
        """M' of each agent who did anything, or was there."""
        return {
            agent: {**agent_summary(self._doings.get(agent, _NOTHING)), **self._times.of_agent(agent)}
            for agent in self._agents
        }

    def per_team(self) -> dict[str, Measures]:
        """What the agents of each team did, added up."""
        return self._times.per_team(self._agents)

    def at_end(self) -> Measures:
        """What is true where the span ends; nothing, unless it ends at the newest event."""
        if not self.ends_at_newest:
            return {}
        now_ms = self.span.to_ms
        return {
            "floor": {**self._times.now(), **queues_now(self.history, now_ms)},
            "backlog": backlogs_now(self.history, now_ms, self.floor),
        }

    def _what_agents_did(self) -> dict[str, Tally]:
        agents: defaultdict[str, Tally] = defaultdict(Tally)
        for tally in self._tallies(self._slices).values():
            for agent, mine in tally.agents().items():
                agents[agent].add(mine.fields)
        return dict(agents)

    def per_minute(self, zone: str) -> dict[str, dict[str, Measures]]:
        """Per minute M of every queue, and how many waited at the minute's first second, its events counted."""
        grid = list(local_minutes(self.span.from_ms, self.span.to_ms, zone))
        fine = (piece for piece in self.history.fine if self.span.from_ms < piece.end_ms)
        slices = _spread((piece for piece in fine if piece.start_ms < self.span.to_ms), grid)
        active = {name: tuple(keys) for name, keys in self._active().items()}
        lengths = {name: self.history.lengths(keys) for name, keys in active.items()}
        found: dict[str, dict[str, Measures]] = {}
        for minute, some in _stretches(grid).items():
            tallies = self._tallies(slices[minute])
            first = pane_start(some[0].start_ms, MINUTE_MS) // 1000
            found[minute] = {
                name: {**self._brief(_of(tallies, keys), some, keys), "waiting": lengths[name].at(first)}
                for name, keys in active.items()
            }
        return found

    def _active(self) -> dict[str, list[QueueChannel]]:
        """Per queue its (queue, channel) pairs, where anything was counted in the span or anybody waited."""
        counted = {piece.queue for piece in self._slices}
        seconds = span_seconds(self.span.from_ms, self.span.to_ms)
        names: defaultdict[str, list[QueueChannel]] = defaultdict(list)
        for key in self.history.queues:
            if key in counted or self.history.lengths([key]).maximum(*seconds):
                names[key[0]].append(key)
        return dict(names)

    def _whole(self) -> Part:
        return Part("", self.span.from_ms, self.span.to_ms)

    def _tallies(self, slices: Iterable[Slice]) -> Tallies:
        tallies: defaultdict[QueueChannel, Tally] = defaultdict(Tally)
        for piece in slices:
            tallies[piece.queue].add(piece.fields)
        return {key: tally.arrival() for key, tally in tallies.items()} if self.arrival else dict(tallies)

    def _measures(self, tallies: Tallies, parts: Sequence[Part], queues: Sequence[QueueChannel]) -> Measures:
        """M of the tallies; how many waited is told of `queues` over `parts`."""
        open_legs, most = self._lengths(parts, queues)
        groups = self._groups(tallies, parts, queues)
        return summary_of(groups, within_seconds=self.within, open_legs=open_legs, max_waiting=most)

    def _brief(self, tallies: Tallies, parts: Sequence[Part], queues: Sequence[QueueChannel]) -> Measures:
        """As much of M as is told of every minute."""
        open_legs, most = self._lengths(parts, queues)
        if not tallies and not self._is_at_end(parts):
            # Most minutes of most queues are empty: their zeros are made once.
            return {**self._zeros, "open": open_legs, "max_waiting": most}
        groups = self._groups(tallies, parts, queues)
        return brief_of(groups, within_seconds=self.within, open_legs=open_legs, max_waiting=most)

    def _lengths(self, parts: Sequence[Part], queues: Sequence[QueueChannel]) -> tuple[int, int]:
        """How many wait at the end of the parts, after their last second, and the most who waited at once in them."""
        lengths, spans = self.history.lengths(queues), [span_seconds(part.start_ms, part.end_ms) for part in parts]
        return lengths.at(spans[-1][1]), max(lengths.maximum(*span) for span in spans)

    def _is_at_end(self, parts: Sequence[Part]) -> bool:
        return self.ends_at_newest and parts[-1].end_ms >= self.span.to_ms

    def _groups(self, tallies: Tallies, parts: Sequence[Part], queues: Sequence[QueueChannel]) -> list[Group]:
        """Every queue with its own targets; who waits past them is known where the parts end with the newest event."""
        found, at_end = [], self._is_at_end(parts)
        for key in queues:
            config = self.floor.queue(*key)
            over = self._over_target(key, config.target_seconds, parts) if at_end else None
            found.append(group_of(tallies.get(key, _NOTHING), config, queue=key[0], waiting_over_target=over))
        return found

    def _over_target(self, key: QueueChannel, target_seconds: int, parts: Sequence[Part]) -> int:
        """Legs still waiting past target; on the arrival basis only those that joined in the parts."""
        joined: Sequence[int] = self.history.waiting.get(key, ())
        if self.arrival:
            joined = [at for at in joined if any(part.start_ms <= at < part.end_ms for part in parts)]
        return sum(self.span.to_ms - at > target_seconds * 1000 for at in joined)


_NOTHING = Tally()


def _of(tallies: Tallies, keys: Iterable[QueueChannel]) -> Tallies:
    return {key: tallies[key] for key in keys if key in tallies}


def _length(parts: Iterable[Part]) -> int:
    return sum(part.end_ms - part.start_ms for part in parts)


def _stretches(parts: Iterable[Part]) -> dict[str, list[Part]]:
    found: defaultdict[str, list[Part]] = defaultdict(list)
    for part in parts:
        found[part.key].append(part)
    return found


def _spread(slices: Iterable[Slice], parts: Sequence[Part]) -> defaultdict[str, list[Slice]]:
    """The slices by the key of the part in which they begin; one that begins before the first belongs to it."""
    found: defaultdict[str, list[Slice]] = defaultdict(list)
    current = 0
    for piece in sorted(slices, key=lambda piece: piece.start_ms):
        while current < len(parts) - 1 and parts[current].end_ms <= piece.start_ms:
            current += 1
        found[parts[current].key].append(piece)
    return found
