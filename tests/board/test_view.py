"""The reader's rule: which deltas are applied, which are known already, and when a partition is loaded again."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from board.view import Delta, FloorView, Loaded, Outcome
from kpi.keys import live_suffix, pane_suffix
from kpi.panes import FINE_MS

NOON = 1_795_176_000_000
PANE = pane_suffix(FINE_MS, NOON, "support", "voice")
WAITING = live_suffix("waiting", "support", "voice")
CALENDARS = {("support", "voice"): ("UTC", 0)}


def offered(view: FloorView) -> int:
    view.advance(NOON + 1_000, dict.fromkeys(view.queues, ("UTC", 0)))
    queue = view.queues.get(("support", "voice"))
    return queue.windows["5m"].tally.offered if queue else 0


def loaded_view(**more: object) -> FloorView:
    view = FloorView()
    view.expect(["calls.events/0"])
    view.replace("calls.events/0", Loaded(epoch=7, next=10, tick=NOON, **more))  # type: ignore[arg-type]
    return view


def delta(base: int, next_: int, epoch: int = 7, count: int = 1) -> Delta:
    return Delta(epoch, base, next_, {PANE: {"offered": count}}, {WAITING: {f"c{next_}": NOON}}, NOON, NOON + next_)


def test_a_delta_whose_base_is_the_position_is_applied_and_moves_it() -> None:
    view = loaded_view()
    assert view.apply_delta("calls.events/0", delta(10, 12)) is Outcome.APPLIED
    assert offered(view) == 1
    partition = view.partitions["calls.events/0"]
    assert (partition.next, partition.tick) == (12, NOON + 12)


def test_a_delta_that_was_in_the_load_already_changes_nothing() -> None:
    view = loaded_view(panes={PANE: {"offered": 5}})
    assert view.apply_delta("calls.events/0", delta(8, 10)) is Outcome.KNOWN
    assert offered(view) == 5


def test_a_gap_means_load_again() -> None:
    view = loaded_view()
    assert view.apply_delta("calls.events/0", delta(11, 12)) is Outcome.RELOAD
    assert not view.partitions["calls.events/0"].loaded
    assert offered(view) == 0


def test_a_new_epoch_means_load_again_even_when_the_offsets_fit() -> None:
    view = loaded_view()
    assert view.apply_delta("calls.events/0", delta(10, 12, epoch=8)) is Outcome.RELOAD


def test_a_delta_of_an_older_epoch_is_passed_over() -> None:
    view = loaded_view()
    assert view.apply_delta("calls.events/0", delta(10, 12, epoch=6)) is Outcome.KNOWN
    assert offered(view) == 0


def test_a_part_that_was_read_later_than_the_position_is_not_added_twice() -> None:
    view = loaded_view(panes={PANE: {"offered": 5}}, stamps={PANE: 14, WAITING: 12}, lives={WAITING: {"c12": NOON}})
    view.apply_delta("calls.events/0", delta(10, 12))
    view.apply_delta("calls.events/0", delta(12, 14))
    assert offered(view) == 5
    assert len(view.queues[("support", "voice")].live["waiting"]) == 2
    view.apply_delta("calls.events/0", delta(14, 15))
    assert offered(view) == 6


def test_a_partition_that_is_loaded_again_replaces_what_it_held() -> None:
    view = loaded_view(panes={PANE: {"offered": 5}}, lives={WAITING: {"old": NOON}})
    assert offered(view) == 5
    view.replace("calls.events/0", Loaded(epoch=8, next=2, tick=NOON, panes={PANE: {"offered": 2}}))
    assert offered(view) == 2
    assert len(view.queues[("support", "voice")].live["waiting"]) == 0


def test_a_partition_that_no_longer_exists_takes_its_counts_along() -> None:
    view = loaded_view(panes={PANE: {"offered": 5}})
    view.expect([])
    assert offered(view) == 0
    assert not view.partitions


@given(seed=st.integers(0, 10**9))
@settings(max_examples=100, deadline=None)
def test_a_load_in_pieces_while_commits_go_on_ends_where_a_load_in_one_instant_would(seed: int) -> None:
    """Each pane is read at a random moment between two commits; every delta is offered, some of them twice."""
    chance = random.Random(seed)
    suffixes = [pane_suffix(FINE_MS, NOON - number * FINE_MS, "support", "voice") for number in range(4)]
    history: list[dict[str, int]] = [dict.fromkeys(suffixes, 0)]
    stamps: list[dict[str, int]] = [dict.fromkeys(suffixes, 0)]
    deltas = []
    for number in range(12):
        some = chance.sample(suffixes, chance.randrange(1, 4))
        deltas.append(Delta(7, number, number + 1, {suffix: {"offered": 1} for suffix in some}, {}, NOON, NOON))
        history.append({suffix: history[-1][suffix] + (suffix in some) for suffix in suffixes})
        stamps.append({suffix: number + 1 if suffix in some else stamps[-1][suffix] for suffix in suffixes})
    start = chance.randrange(8)
    read_at = {suffix: chance.randrange(start, 12) for suffix in suffixes}
    view = FloorView()
    view.expect(["calls.events/0"])
    panes = {suffix: {"offered": history[at][suffix]} for suffix, at in read_at.items()}
    view.replace(
        "calls.events/0",
        Loaded(7, start, NOON, panes=panes, stamps={suffix: stamps[at][suffix] for suffix, at in read_at.items()}),
    )
    for each in deltas[max(0, start - 2) :]:
        view.apply_delta("calls.events/0", each)
        if chance.random() < 0.2:
            assert view.apply_delta("calls.events/0", each) is Outcome.KNOWN
    assert offered(view) == sum(history[-1].values())
