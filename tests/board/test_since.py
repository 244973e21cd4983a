"""Since when a queue has been so long: counted back over the panes in memory."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from board.queue_view import QueueView
from board.view import window_ranges
from kpi.panes import FINE_MS, pane_start
from kpi.since import above_since

NOON = 1_795_176_000_000


@given(st.integers(0, 10**9))
def test_the_board_counts_back_as_the_plain_function_does(seed: int) -> None:
    """Contacts come and go in two partitions; panes without news lie between, some changes cancel out."""
    chance = random.Random(seed)
    view = QueueView("q", "voice")
    net: dict[int, int] = {}
    waiting: dict[str, int] = {}

    def change(at_ms: int, by: int) -> None:
        start = pane_start(at_ms, FINE_MS)
        view.add(chance.choice("pq"), FINE_MS, start, {f"net.{(at_ms - start) // 1000}": by})
        net[at_ms // 1000] = net.get(at_ms // 1000, 0) + by

    at_ms = NOON - 200_000
    for number in range(chance.randrange(40)):
        at_ms += chance.choice((0, 300, 1_000, 4_000, 25_000))
        if waiting and chance.random() < 0.4:
            gone = chance.choice(sorted(waiting))
            del waiting[gone]
            view.change_live("p", "waiting", {gone: None})
            change(at_ms, -1)
        else:
            waiting[str(number)] = at_ms
            view.change_live("p", "waiting", {str(number): at_ms})
            change(at_ms, 1)
    view.advance(window_ranges(at_ms, "UTC", 0))
    joined = sorted(waiting.values())

    for limit in range(1, len(joined) + 1):
        found = view.above_since(at_ms, limit)
        assert found == above_since(net, joined, at_ms, limit)
        assert found <= at_ms
