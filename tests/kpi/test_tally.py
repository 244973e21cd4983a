"""Tallies: sums of panes, read on either basis and per agent."""

from hypothesis import given
from hypothesis import strategies as st

from kpi.tally import Tally

PANE = {
    "offered": 3, "net.4": 1, "answered": 2, "abandoned": 1, "exit.timeout": 1, "exit.overflow": 2, "unknown": 1,
    "wait.answered.7": 1, "wait.abandoned.4": 1, "wait.other.60": 2, "wait_ms.answered": 6_500,
    "wait_ms.abandoned": 3_500, "wait_ms.other": 119_000, "talk.30": 1, "talk_ms": 29_500, "hold.5": 1,
    "hold_ms": 5_000, "transfers": 1, "unanswered": 2, "@answered": 9, "@wait.answered.3": 9, "@talk_ms": 4,
    "~answered.ana": 1, "~answered.b.o": 1, "~talk.30.b.o": 1, "~talk_ms.b.o": 29_500, "@~answered.ana": 5,
    "case_opened": 4, "from_a_later_version.7": 1, "later": 2,
}  # fmt: skip
fields = st.dictionaries(st.sampled_from(sorted(PANE)), st.integers(-5, 5).filter(bool), max_size=8)


def test_a_tally_reads_the_event_basis() -> None:
    tally = Tally(PANE)

    assert (tally.offered, tally.answered, tally.abandoned, tally.other_exits, tally.decided) == (3, 2, 1, 3, 6)
    assert tally.exits == {"timeout": 1, "overflow": 2}
    assert (tally.waits_unknown, tally.transfers, tally.unanswered) == (1, 1, 2)
    assert tally.wait_histogram() == {7: 1, 4: 1, 60: 2}
    assert tally.wait_histogram("other") == {60: 2}
    assert tally.wait_sum_ms() == 129_000
    assert (tally.talk_histogram, tally.hold_histogram) == ({30: 1}, {5: 1})
    assert (tally.reading.talk_ms, tally.reading.hold_ms, tally.reading.case_opened) == (29_500, 5_000, 4)


def test_the_arrival_view_takes_twins_and_what_has_none() -> None:
    view = Tally(PANE).arrival()

    assert view.fields == {
        "offered": 3, "net.4": 1, "case_opened": 4, "answered": 9, "wait.answered.3": 9, "talk_ms": 4,
        "~answered.ana": 5,
    }  # fmt: skip


def test_an_agents_name_may_hold_dots() -> None:
    agents = Tally(PANE).agents()

    assert agents["ana"].fields == {"answered": 1}
    assert agents["b.o"].fields == {"answered": 1, "talk.30": 1, "talk_ms": 29_500}


def test_equal_waits_of_two_outcomes_are_summed() -> None:
    assert Tally({"wait.answered.5": 2, "wait.other.5": 3}).wait_histogram() == {5: 5}


@given(st.lists(fields, max_size=6))
def test_panes_in_any_order_give_the_same_tally(panes: list[dict[str, int]]) -> None:
    forwards, backwards = Tally(), Tally()
    for pane in panes:
        forwards.add(pane)
    for pane in reversed(panes):
        backwards.add(pane)

    assert forwards.fields == backwards.fields


@given(fields, fields)
def test_taking_a_pane_away_leaves_no_trace_of_it(one: dict[str, int], other: dict[str, int]) -> None:
    tally = Tally(one)

    tally.add(other).add(other, -1)

    assert tally.fields == one


def test_a_reading_follows_what_is_added_later() -> None:
    tally = Tally({"exit.timeout": 1})
    assert tally.other_exits == 1

    tally.add({"exit.timeout": 2})

    assert tally.other_exits == 3


def test_a_tally_in_which_all_was_taken_back_is_empty() -> None:
    assert not Tally({"answered": 1}).add({"answered": -1})
