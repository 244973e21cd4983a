"""A board knows so many queues; what is counted in all others stands together, and nothing is lost or counted twice."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board import view as board_view
from board.view import Delta, FloorView, Loaded
from kpi.keys import live_suffix, pane_suffix
from kpi.label_names import OVERFLOW
from kpi.panes import FINE_MS, pane_start
from tests.laws import LAW

NOON = 1_795_176_000_000
CALLS = "calls.events/0"
Joins = list[tuple[str, str, int]]


def joined(joins: Joins, first: int = 0) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """Panes and live sets of contacts that joined (queue, channel, seconds before noon)."""
    panes: dict[str, dict[str, int]] = {}
    lives: dict[str, dict[str, int]] = {}
    for number, (queue, channel, ago) in enumerate(joins, first):
        at = NOON - ago * 1000
        pane = panes.setdefault(pane_suffix(FINE_MS, pane_start(at, FINE_MS), queue, channel), {})
        for field in ("offered", f"net.{at % FINE_MS // 1000}"):
            pane[field] = pane.get(field, 0) + 1
        lives.setdefault(live_suffix("waiting", queue, channel), {})[f"c{number}|1"] = at
    return panes, lives


def shown(view: FloorView) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(queue, channel) -> offered in an hour, waiting now, most that waited at a time."""
    view.advance(NOON + 1_000, dict.fromkeys(view.queues, ("UTC", 0)))
    return {
        key: (queue.windows["1h"].tally.offered, len(queue.live["waiting"]), queue.max_waiting()["1h"])
        for key, queue in view.queues.items()
    }


def loaded(joins: Joins, most: int, configured: tuple[str, ...] = ()) -> FloorView:
    view = FloorView()
    for name in configured:
        view.see(name, "voice")
    view.expect([CALLS])
    panes, lives = joined(joins)
    view.replace(CALLS, Loaded(1, len(joins), NOON, panes=panes, lives=lives))
    return view


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> int:
    """The cap."""
    monkeypatch.setattr(board_view, "MAX_KNOWN", 2)
    return 2


def test_queues_beyond_the_cap_stand_together_by_channel(two: int) -> None:
    joins = [("a", "voice", 9), ("b", "voice", 8), ("c", "voice", 7), ("d", "chat", 6), ("e", "chat", 5)]
    joins.append(("c", "voice", 4))
    assert shown(loaded(joins, two)) == {
        ("a", "voice"): (1, 1, 1),
        ("b", "voice"): (1, 1, 1),
        (OVERFLOW, "voice"): (2, 2, 2),
        (OVERFLOW, "chat"): (2, 2, 2),
    }


def test_what_is_configured_is_known_however_many_there_are(two: int) -> None:
    view = loaded([("a", "voice", 9), ("z", "voice", 8)], two, configured=("x", "y", "z"))
    assert shown(view) == {
        ("x", "voice"): (0, 0, 0),
        ("y", "voice"): (0, 0, 0),
        ("z", "voice"): (1, 1, 1),
        (OVERFLOW, "voice"): (1, 1, 1),
    }


def test_a_queue_that_is_configured_later_gets_back_what_stood_in_the_overflow(two: int) -> None:
    joins = [("a", "voice", 9), ("b", "voice", 8), ("c", "voice", 7), ("d", "voice", 6)]
    view = loaded(joins, two)
    view.see("d", "voice")
    assert not view.partitions[CALLS].loaded
    panes, lives = joined(joins)
    view.replace(CALLS, Loaded(1, len(joins), NOON, panes=panes, lives=lives))
    assert shown(view)["d", "voice"] == shown(view)[OVERFLOW, "voice"] == (1, 1, 1)
    view.see("d", "voice")
    assert view.partitions[CALLS].loaded, "a queue that is known needs no loading"


def test_whoever_leaves_a_queue_of_the_overflow_leaves_the_overflow(two: int) -> None:
    view = loaded([("a", "voice", 9), ("b", "voice", 8), ("c", "voice", 7)], two)
    gone: Mapping[str, Mapping[str, int | None]] = {live_suffix("waiting", "c", "voice"): {"c2|1": None}}
    view.apply_delta(CALLS, Delta(1, 3, 4, {}, gone, NOON, NOON))
    assert shown(view)[OVERFLOW, "voice"][:2] == (1, 0)


def test_the_list_of_one_queue_is_not_held_against_all_in_the_overflow(two: int) -> None:
    view = loaded([("a", "voice", 9), ("b", "voice", 8), ("c", "voice", 7)], two)
    listed: Mapping[str, Mapping[str, int | None]] = {
        live_suffix(kind, "c", "voice"): {"x": NOON} for kind in ("snapshot", "snapshot_at")
    }
    view.apply_delta(CALLS, Delta(1, 3, 4, {}, listed, NOON, NOON))
    assert not len(view.queues[OVERFLOW, "voice"].live["snapshot_at"])


def test_a_queue_that_calls_itself_the_overflow_is_in_it(two: int) -> None:
    view = loaded([("a", "voice", 9), ("b", "voice", 8), (OVERFLOW, "voice", 7), ("c", "voice", 6)], two)
    assert shown(view)[OVERFLOW, "voice"] == (2, 2, 2)


NAMES = st.sampled_from("abcdefgh")
CHANNELS = st.sampled_from(("voice", "chat"))


@LAW
@given(
    most=st.integers(1, 6),
    first=st.lists(st.tuples(NAMES, CHANNELS, st.integers(0, 3_000)), max_size=12),
    later=st.lists(st.tuples(NAMES, CHANNELS, st.integers(0, 60)), max_size=8),
)
def test_the_sum_over_all_queues_is_exact_whatever_the_cap(most: int, first: Joins, later: Joins) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(board_view, "MAX_KNOWN", most)
        view = loaded(first, most)
        panes, lives = joined(later, len(first))
        view.apply_delta(CALLS, Delta(1, len(first), len(first) + 1, panes, lives, NOON, NOON))
        found = shown(view)
    for channel in ("voice", "chat"):
        everyone = sum(beside == channel for _, beside, _ in first + later)
        assert sum(offered for (_, beside), (offered, _, _) in found.items() if beside == channel) == everyone
        assert sum(waiting for (_, beside), (_, waiting, _) in found.items() if beside == channel) == everyone
    assert len([key for key in found if key[0] != OVERFLOW]) <= most
