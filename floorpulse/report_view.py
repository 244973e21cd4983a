"""The measures of a report's parts: which slices belong to a part, who waited when, under which targets."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from floorpulse.report_history import History, QueueChannel, Slice
from floorpulse.report_span import Cover
from kpi.floor import Floor
from kpi.lengths import Lengths, span_seconds
from kpi.measures import Group, Measures, agent_summary, summary_of
from kpi.panes import MINUTE_MS, Part, local_minutes, pane_start
from kpi.tally import Tally

Tallies = dict[QueueChannel, Tally]


@dataclass(slots=True)
class View:
    """One report's span over the history. `arrival`: count on the arrival basis. `ends_at_newest`: nothing is newer."""

    history: History
    span: Cover
    arrival: bool
    within: tuple[int, ...]
    floor: Floor
    ends_at_newest: bool
    _slices: list[Slice] = field(init=False)
    _zeros: Measures = field(init=False)

    def __post_init__(self) -> None:
        self._slices = [piece for piece in self.history.slices if self.span.is_counted(piece.res_ms, piece.start_ms)]
        self._zeros = summary_of([Group(_NOTHING)], within_seconds=self.within, open_legs=0, max_waiting=0)

    def total(self) -> Measures:
        """M of everything in the span."""
        return self._measures(self._tallies(self._slices), [self._whole()], self.history.queues)

    def per_queue(self) -> dict[str, Measures]:
        """M of each queue, its channels together."""
        tallies, whole = self._tallies(self._slices), [self._whole()]
        return {name: self._measures(_of(tallies, keys), whole, keys) for name, keys in self._active().items()}

    def per_part(self, parts: Iterable[Part]) -> dict[str, Measures]:
        """M of each hour or day; stretches of one name (a repeated hour) are summed."""
        grid = list(parts)
        slices = _spread(self._slices, grid)
        return {
            key: self._measures(self._tallies(slices[key]), some, self.history.queues)
            for key, some in _stretches(grid).items()
        }

    def per_agent(self) -> dict[str, Measures]:
        """M' of each agent."""
        agents: defaultdict[str, Tally] = defaultdict(Tally)
        for tally in self._tallies(self._slices).values():
            for agent, mine in tally.agents().items():
                agents[agent].add(mine.fields)
        return {agent: agent_summary(tally) for agent, tally in sorted(agents.items())}

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
                name: {**self._measures(_of(tallies, keys), some, keys), "waiting": lengths[name].at(first)}
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
        lengths = self.history.lengths(queues)
        most = max(lengths.maximum(*span_seconds(part.start_ms, part.end_ms)) for part in parts)
        at_end = self.ends_at_newest and parts[-1].end_ms >= self.span.to_ms
        if not tallies and not at_end:
            # Most minutes of most queues are empty: their zeros are made once.
            return {**self._zeros, "open": _open(lengths, parts), "max_waiting": most}
        groups = [self._group(key, tallies, parts, at_end) for key in queues]
        return summary_of(groups, within_seconds=self.within, open_legs=_open(lengths, parts), max_waiting=most)

    def _group(self, key: QueueChannel, tallies: Tallies, parts: Sequence[Part], at_end: bool) -> Group:
        config = self.floor.queue(*key)
        over = self._over_target(key, config.target_seconds, parts) if at_end else None
        return Group(tallies.get(key, _NOTHING), config.target_seconds, config.short_abandon_seconds, over)

    def _over_target(self, key: QueueChannel, target_seconds: int, parts: Sequence[Part]) -> int:
        """Legs still waiting past target; on the arrival basis only those that joined in the parts."""
        joined: Sequence[int] = self.history.waiting.get(key, ())
        if self.arrival:
            joined = [at for at in joined if any(part.start_ms <= at < part.end_ms for part in parts)]
        return sum(self.span.to_ms - at > target_seconds * 1000 for at in joined)


_NOTHING = Tally()


def _of(tallies: Tallies, keys: Iterable[QueueChannel]) -> Tallies:
    return {key: tallies[key] for key in keys if key in tallies}


def _open(lengths: Lengths, parts: Sequence[Part]) -> int:
    """Legs waiting at the end of the last part: after its last second."""
    return lengths.at(span_seconds(parts[-1].start_ms, parts[-1].end_ms)[1])


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
