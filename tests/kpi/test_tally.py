"""Tallies: sums of panes, read on either basis and per agent."""

import pytest
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
    assert (tally.talk_histogram, tally.reading.hold) == ({30: 1}, {5: 1})
    assert (tally.reading.talk_ms, tally.reading.hold_ms, tally.reading.case_opened) == (29_500, 5_000, 4)


def test_the_arrival_view_takes_twins_and_what_has_none() -> None:
    view = Tally(PANE).arrival()

    assert view.fields == {
        "offered": 3, "net.4": 1, "case_opened": 4, "answered": 9, "wait.answered.3": 9, "talk_ms": 4,
        "~answered.ana": 5,
    }  # fmt: skip


def test_the_arrival_view_keeps_every_count_that_has_no_second_instant() -> None:
    """One field of each kind, as it stands in panes; those with a twin are told by the twin alone."""
    alike = {
        "contacts": 1, "orphan": 1, "join.transfer": 1, "transfer_in.blind": 1, "entry.web": 1, "out_attempted": 1,
        "out_answered": 1, "out_ended": 1, "out_talk_ms": 1, "blocked.full": 1, "rating.csat/5/4": 1, "reason.x": 1,
        "callback_requested": 1, "callback_attempted": 1, "callback_reached": 1, "callback_failed": 1, "response.3": 1,
        "response_ms": 1, "~response.ana": 1, "~response_ms.ana": 1, "first_response.3": 1, "first_response_ms": 1,
        "handoff.3": 1, "handoff_ms": 1, "missed": 1, "reassigned_silent": 1, "case_opened": 1,
        "case_met.resolution": 1, "case_replied": 1, "case_reply_ms": 1, "case_resolve_ms": 1, "case_contacts": 1,
        "case_agents": 1, "case_missed.resolution": 1, "cust_arrived": 1, "cust_abandoned": 1, "repeat.1h": 1,
        "recovered.7": 1, "returned.3": 1, "offered": 1, "net.4": 1,
    }  # fmt: skip
    twins = dict.fromkeys(
        (
            "callback_wait.4", "ended_by.agent", "hold_abandoned", "transfer_out.blind", "wrapup.5", "wrapup_ms",
            "~wrapup.ana", "~wrapup_ms.ana", "transfers", "unanswered",
        ),
        1,
    )  # fmt: skip

    view = Tally(alike | twins | {f"@{name}": 2 for name in twins}).arrival()

    assert view.fields == alike | dict.fromkeys(twins, 2)


def test_kinds_that_were_not_counted_are_not_there() -> None:
    read = Tally({"join.transfer": 2, "wrapup.5": 1, "contacts": 3}).reading

    assert (read.named, read.lengths, read.numbers) == ({"join": {"transfer": 2}}, {"wrapup": {5: 1}}, {"contacts": 3})
    assert (read.names("join"), read.names("entry"), read.number("orphan")) == ({"transfer": 2}, {}, 0)


def test_what_an_agent_did_is_a_count_and_a_sum_where_no_single_length_is_kept() -> None:
    mine = Tally({"~wrapup.a.b": 2, "~wrapup_ms.a.b": 9, "~response.a.b": 1, "~response_ms.a.b": 7}).agents()["a.b"]

    assert mine.reading.numbers == {"wrapup": 2, "wrapup_ms": 9, "response": 1, "response_ms": 7}


@pytest.mark.parametrize(
    "field", ["wait.moon.3", "wait.answered.x", "talk.long", "wrapup.", "wait_ms.moon", "~talk.3.a"]
)
def test_a_field_of_a_later_version_is_passed_over(field: str) -> None:
    assert Tally({field: 1}).reading == Tally().reading


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
