"""How long agents were in states that are over, from the steps in panes as they are counted.

A state that begins at t counts 1 at t, one that ends -1 (`kpi.agent`). When it is over, -(sum of d * t) is its length,
whatever came in between, so of each agent and state only its height and that sum are remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kpi.facts import PANE_MS, Count
from kpi.keys import AGENTS_CHANNEL, NO_QUEUE, live_suffix
from kpi.staff import LOGGED_IN_STATES, parse_card

_CARDS = live_suffix("agents", NO_QUEUE, NO_QUEUE)
# States that run at a time. Who is beyond is not measured: names come from outside, and memory must not.
MOST = 50_000


class AgentTime:
    """The states that run now in the partitions of one worker."""

    def __init__(self) -> None:
        # partition -> (next offset, (agent, state) -> [height, -(sum of d * t) in ms])
        self._partitions: dict[str, tuple[int, dict[tuple[str, str], list[int]]]] = {}

    def over(self, place: str, base: int, end: int, counts: Iterable[Count]) -> Iterator[tuple[str, str, float]]:
        """(agent, state, seconds) of the states that are over with a chunk, whose offsets are [base, end) of `place`.

        After a gap nothing is known of what began before it: such states are not measured, rather than wrongly.
        """
        expected, running = self._partitions.get(place, (base, {}))
        if expected != base:
            running = {}
        self._partitions[place] = end, running
        touched = {key for count in counts if (key := self._take(running, count)) is not None}
        for key in touched:
            height, ms = running[key]
            if height <= 0:
                # Below 0 it ended without having begun here; a state that was over and is corrected has no height.
                del running[key]
                if height == 0 and ms > 0:
                    yield *key, ms / 1000

    @staticmethod
    def _take(running: dict[tuple[str, str], list[int]], count: Count) -> tuple[str, str] | None:
        pane, queue, channel, field, n = count
        if channel != AGENTS_CHANNEL or queue != NO_QUEUE:
            return None
        kind, _, rest = field.partition(".")
        state, _, agent = rest.partition(".")
        key = agent, state
        if kind not in ("step", "into") or state not in LOGGED_IN_STATES:
            return None
        sums = running.get(key)
        if sums is None:
            if len(running) >= MOST:
                return None
            sums = running[key] = [0, 0]
        if kind == "step":
            sums[0] += n
            sums[1] -= n * (pane + PANE_MS)
        else:
            sums[1] += n
        return key


def teams_told(lives: Mapping[str, Mapping[str, int | bool]]) -> dict[str, str]:
    """agent -> team, by the cards that a chunk put up or took down: of everybody whose state changed."""
    found = {}
    for text in lives.get(_CARDS, {}):
        try:
            card = parse_card(text)
        except msgspec.DecodeError:
            continue
        found[card.agent] = card.team
    return found
