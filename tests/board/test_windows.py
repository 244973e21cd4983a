"""The running sums of a queue's windows against sums made anew, whatever the order of panes, deltas and ticks."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.queue_view import QueueView
from board.view import window_ranges
from kpi.lengths import Lengths, net_seconds, span_seconds
from kpi.panes import COARSE_MS, FINE_MS, WINDOWS, pane_start
from kpi.tally import Tally

NOON = 1_795_176_000_000  # 2026-11-20T12:00:00Z
FIELDS = ("offered", "answered", "wait.answered.7", "wait_ms.answered", "@answered", "~answered.ana")


class Reference:
    """All counts ever given, by second; windows are summed up anew each time."""

    def __init__(self) -> None:
        self.counts: list[tuple[int, str, int]] = []

    def window(self, name: str, now_ms: int) -> dict[str, int]:
        ranges = window_ranges(now_ms, "UTC", 0)[name]
        tally = Tally()
        for at_ms, field, count in self.counts:
            fine = pane_start(at_ms, FINE_MS) in ranges.fine
            coarse = pane_start(at_ms, COARSE_MS) in ranges.coarse
            if (fine or coarse) and field[0] not in "@~":
                tally.add({field: count})
        return tally.fields


def give(view: QueueView, reference: Reference, at_ms: int, field: str, count: int, partition: str) -> None:
    for res_ms in (FINE_MS, COARSE_MS):
        view.add(partition, res_ms, pane_start(at_ms, res_ms), {field: count})
    reference.counts.append((at_ms, field, count))


@given(seed=st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_every_window_is_the_sum_of_its_panes_at_every_tick(seed: int) -> None:
    chance = random.Random(seed)
    view, reference, now_ms = QueueView("q", "voice"), Reference(), NOON - chance.randrange(86_400_000)
    for _ in range(60):
        back = chance.choice((10_000, 400_000, 2_000_000, 4_000_000))
        at_ms = now_ms - chance.randrange(back) + chance.choice((0, 0, 30_000))
        give(view, reference, at_ms, chance.choice(FIELDS), chance.choice((1, 1, 5, -1)), chance.choice("ab"))
        if chance.random() < 0.5:
            now_ms += chance.choice((250, 10_000, 60_000, 900_000, 5_000_000, -20_000))
            view.advance(window_ranges(now_ms, "UTC", 0))
            for name in WINDOWS:
                assert view.windows[name].tally.fields == reference.window(name, now_ms), name
            view.forget(now_ms)


@given(seed=st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_the_longest_queue_of_a_window_is_the_largest_length_after_any_of_its_seconds(seed: int) -> None:
    chance = random.Random(seed)
    view, now_ms = QueueView("q", "voice"), NOON + chance.randrange(86_400_000)
    fine: dict[int, dict[str, int]] = {}
    stays = []
    for number in range(chance.randrange(1, 40)):
        joined = now_ms - chance.randrange(5_000_000)
        left = joined + chance.randrange(600_000)
        stays.append((joined, left if left <= now_ms else None))
        for at_ms, change in ((joined, 1), (left, -1)):
            if at_ms > now_ms:
                continue
            for res_ms in (FINE_MS, COARSE_MS):
                start = pane_start(at_ms, res_ms)
                field = f"net.{(at_ms - start) // 1000}"
                view.add(chance.choice("ab"), res_ms, start, {field: change})
                if res_ms == FINE_MS:
                    pane = fine.setdefault(start, {})
                    pane[field] = pane.get(field, 0) + change
        if left > now_ms:
            view.change_live("a", "waiting", {str(number): joined})
    view.advance(window_ranges(now_ms, "UTC", 0))
    lengths = Lengths.backwards(net_seconds(fine.items()), len(view.live["waiting"]))
    peaks = view.max_waiting()
    for name, panes in window_ranges(now_ms, "UTC", 0).items():
        first_ms = (panes.coarse or panes.fine).start
        assert peaks[name] == lengths.maximum(*span_seconds(first_ms, panes.fine.stop)), name


def test_a_partition_that_is_dropped_takes_only_its_own_counts_along() -> None:
    view, reference = QueueView("q", "voice"), Reference()
    give(view, reference, NOON, "offered", 3, "a")
    view.add("b", FINE_MS, NOON, {"offered": 4})
    view.change_live("a", "waiting", {"one": NOON})
    view.change_live("b", "waiting", {"two": NOON - 5_000})
    view.advance(window_ranges(NOON, "UTC", 0))
    assert view.windows["5m"].tally.offered == 7
    view.drop_partition("a")
    view.advance(window_ranges(NOON, "UTC", 0))
    assert view.windows["5m"].tally.offered == 4
    assert view.live["waiting"].oldest() == NOON - 5_000
    assert len(view.live["waiting"]) == 1


def test_panes_that_no_window_can_reach_are_forgotten() -> None:
    view = QueueView("q", "voice")
    for minutes in range(60 * 30):
        for res_ms in (FINE_MS, COARSE_MS):
            at_ms = NOON + minutes * 60_000
            view.add("a", res_ms, pane_start(at_ms, res_ms), {"offered": 1, "net.0": 1})
    now_ms = NOON + 30 * 3_600_000
    view.forget(now_ms)
    assert len(view.panes[FINE_MS]) <= 2 * 60 + 1
    assert len(view.panes[COARSE_MS]) <= 26 * 4 + 1
    view.advance(window_ranges(now_ms, "UTC", 0))
    assert view.windows["day"].tally.offered == 18 * 60  # since midnight, 06:00 two days after noon is 18 h later


@pytest.mark.parametrize(("moves", "oldest", "before"), [({"x": 5, "y": 3}, 3, 1), ({"x": 5, "y": None}, 5, 0)])
def test_a_live_set_knows_its_oldest_member_and_how_many_are_older(
    moves: dict[str, int | None], oldest: int, before: int
) -> None:
    view = QueueView("q", "voice")
    view.change_live("a", "waiting", {"y": 9})
    view.change_live("a", "waiting", moves)
    waiting = view.live["waiting"]
    assert (waiting.oldest(), waiting.before(4)) == (oldest, before)
