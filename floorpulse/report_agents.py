"""What agents did for how long: time in each state, of each agent, of each team, of all, over any part of the span."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from floorpulse.report_history import History, Slice
from floorpulse.report_span import Cover
from kpi.floor import Floor
from kpi.levels import Heights, Levels, add_heights
from kpi.measures import Measures, ratio
from kpi.panes import COARSE_MS, Part, pane_start
from kpi.staff import (
    by_team,
    chat_concurrency,
    count_states,
    levels_of,
    occupancy,
    parse_cards,
    parse_teams,
    slot_occupancy,
    state_ms,
)


class AgentTimes:
    """The agents of one report. `whole`: the span is the whole history, so that before it nobody did anything."""

    def __init__(self, history: History, span: Cover, floor: Floor, whole: bool) -> None:
        self._span, self._floor = span, floor
        self._cards = parse_cards(history.cards.items())
        self._teams = parse_teams(history.teams.items())
        self._slices = sorted(
            (piece for piece in history.agent_slices if span.is_counted(piece.res_ms, piece.start_ms)),
            key=lambda piece: piece.start_ms,
        )
        self._before: Heights = {} if whole else self._heights_before(history.agent_slices)
        self.spent = _levels(self._slices).forward(span.from_ms, span.to_ms, self._before)

    def _heights_before(self, slices: Sequence[Slice]) -> Heights:
        """The heights at the span's start: what the cards say now, less all steps since."""
        start = self._span.from_ms
        quarter = pane_start(start, COARSE_MS)
        since = _levels(piece for piece in slices if piece.res_ms == COARSE_MS and piece.start_ms >= quarter)
        at_quarter = since.begins({agent: levels_of(card) for agent, card in self._cards.items()})
        until = (piece for piece in slices if piece.res_ms != COARSE_MS and quarter <= piece.start_ms < start)
        return _levels(until).ends(at_quarter)

    def of_parts(self, grid: Sequence[Part]) -> dict[str, dict[str, int]]:
        """By key of the part, the levels of all agents together; `grid` must tile the span in order."""
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        heights, rest = self._before, self._slices
        for number, part in enumerate(grid):
            last = number == len(grid) - 1
            mine = [piece for piece in rest if last or piece.start_ms < part.end_ms]
            rest = rest[len(mine) :]
            levels = _levels(mine)
            for spent in levels.forward(part.start_ms, part.end_ms, heights).values():
                add_heights(found[part.key], spent)
            heights = levels.ends(heights)
        return found

    def block(self, levels: Mapping[str, int], agents: int, length_ms: int) -> Measures:
        """Time per state in seconds, offline included, and the ratios made of it, of some agents over some time."""
        return {
            "state_seconds": {state: ms / 1000 for state, ms in state_ms(levels, agents * length_ms).items()},
            "occupancy": ratio(*occupancy(levels)),
            "slot_occupancy": ratio(*slot_occupancy(levels)),
            "chat_concurrency": ratio(*chat_concurrency(levels)),
        }

    def of_agent(self, agent: str) -> Measures:
        """The block of one agent over the span."""
        return self.block(self.spent.get(agent, {}), 1, self._span.to_ms - self._span.from_ms)

    def of_all(self, agents: int, levels: Mapping[str, int], length_ms: int) -> Measures:
        """The block of a part, with how many agents the report knows."""
        return {"agents": agents, **self.block(levels, agents, length_ms)}

    def per_team(self, agents: Iterable[str]) -> dict[str, Measures]:
        """The block of every team; agents of none stand under ""."""
        teams: defaultdict[str, list[str]] = defaultdict(list)
        for agent in agents:
            teams[self._team_of(agent)].append(agent)
        return {team: self.of_all(len(some), self.sum_of(some), self._length) for team, some in sorted(teams.items())}

    def _team_of(self, agent: str) -> str:
        """That of `floor.toml`, else the one his sources told, whether he is still there or not."""
        card = self._cards.get(agent)
        return self._floor.agent(agent).team or (card.team if card else "") or self._teams.get(agent, "")

    @property
    def _length(self) -> int:
        return self._span.to_ms - self._span.from_ms

    def sum_of(self, agents: Iterable[str]) -> dict[str, int]:
        """The levels of several agents together over the span; each agent is in it once."""
        total: dict[str, int] = {}
        for agent in agents:
            add_heights(total, self.spent.get(agent, {}))
        return total

    def now(self) -> Measures:
        """Who does what at the end: agents per state, and per team and state."""
        teams = by_team(self._cards.values(), lambda agent: self._floor.agent(agent).team)
        return {
            "agents": count_states(self._cards.values()),
            "teams": {team: count_states(cards) for team, cards in teams.items()},
        }


def _levels(slices: Iterable[Slice]) -> Levels:
    return Levels((piece.start_ms, piece.res_ms, piece.fields) for piece in slices)
