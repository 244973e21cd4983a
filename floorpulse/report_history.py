"""What was read of all partitions, put together per queue and channel: slices of counts, lengths, who waits.

What agents did stands under no queue, and is kept apart.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from floorpulse.report_read import Fields, PartitionState
from kpi.keys import AGENTS_CHANNEL, NO_QUEUE, parse_live_suffix, parse_pane_suffix
from kpi.lengths import Lengths, add_net
from kpi.panes import COARSE_MS

QueueChannel = tuple[str, str]


class Slice(NamedTuple):
    """The fields of one pane of one partition."""

    res_ms: int
    start_ms: int
    queue: QueueChannel
    fields: Fields

    @property
    def end_ms(self) -> int:
        """The first instant after it."""
        return self.start_ms + self.res_ms


class History:
    """Slices of both resolutions; per queue and channel the net changes, and when its waiting legs joined.

    `live` holds, by kind of live set and then by queue and channel, the scores of its members in order; `cards` and
    `teams` what the sets of agents say, with since when. `agent_slices` are those of the agents.
    """

    def __init__(self, states: Iterable[PartitionState]) -> None:
        self.slices: list[Slice] = []
        self.agent_slices: list[Slice] = []
        self.live: defaultdict[str, dict[QueueChannel, list[int]]] = defaultdict(dict)
        self.cards: dict[str, int] = {}
        self.teams: dict[str, int] = {}
        self._net: defaultdict[QueueChannel, dict[int, int]] = defaultdict(dict)
        self._lengths: dict[tuple[QueueChannel, ...], Lengths] = {}
        for state in states:
            self._take_panes(state)
            self._take_live(state)
        for sets in self.live.values():
            for scores in sets.values():
                scores.sort()
        self.fine = [piece for piece in self.slices if piece.res_ms != COARSE_MS]
        self.queues: tuple[QueueChannel, ...] = tuple(
            sorted({piece.queue for piece in self.slices} | set(self.waiting))
        )

    @property
    def waiting(self) -> dict[QueueChannel, list[int]]:
        """When those who wait joined."""
        return self.live["waiting"]

    def _take_panes(self, state: PartitionState) -> None:
        for suffix, fields in state.panes.items():
            res_ms, start_ms, queue, channel = parse_pane_suffix(suffix)
            if queue == NO_QUEUE:
                if channel == AGENTS_CHANNEL:
                    self.agent_slices.append(Slice(res_ms, start_ms, (queue, channel), fields))
                continue
            self.slices.append(Slice(res_ms, start_ms, (queue, channel), fields))
            if res_ms == COARSE_MS:
                add_net(self._net[queue, channel], start_ms, fields)

    def _take_live(self, state: PartitionState) -> None:
        for suffix, members in state.live.items():
            kind, queue, channel = parse_live_suffix(suffix)
            if kind == "agents":
                self.cards.update(members)
            elif kind == "agent_team":
                self.teams.update(members)
            elif members:
                self.live[kind].setdefault((queue, channel), []).extend(members.values())

    def lengths(self, queues: Iterable[QueueChannel]) -> Lengths:
        """The length over time of several queues together, integrated backwards from who waits now."""
        members = tuple(queues)
        if members not in self._lengths:
            net: dict[int, int] = {}
            for key in members:
                for second, change in self._net.get(key, {}).items():
                    net[second] = net.get(second, 0) + change
            waiting = sum(len(self.waiting.get(key, ())) for key in members)
            self._lengths[members] = Lengths.backwards(net, waiting)
        return self._lengths[members]
