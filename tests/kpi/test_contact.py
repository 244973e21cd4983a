"""What the facts of a contact say, one rule a test; then the laws, for any facts."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.contact import memberships, step
from kpi.facts import Fact
from kpi.kinds import KINDS
from tests.builders import T0, any_facts, fact, summed, totals

fold = partial(KINDS["c"].fold, None)

# What goes with every leg of these stories; test_contact_more.py is about it.
ON_BOTH_BASES = (
    "offered", "net.", "contacts", "orphan", "join.", "transfer_in.", "entry.", "out_", "first_response", "handoff",
    "response", "~response", "missed", "reassigned_silent", "blocked.", "rating.", "reason.", "callback_r",
    "callback_attempted", "callback_failed",
)  # fmt: skip
BESIDE = ("contacts", "orphan", "join.", "ended_by.", "transfer_out.", "hold_abandoned")


def told(*facts: Fact) -> dict[str, int]:
    _, counts = fold(sorted(facts))
    return {field: n for field, n in totals(counts).items() if not field.startswith(BESIDE)}


def live(*facts: Fact) -> dict[str, int]:
    state, _ = fold(sorted(facts))
    return {kind: score - T0 for (kind, *_), score in memberships("c1", state).items()}


def test_an_answered_leg_counts_wait_talk_and_agent() -> None:
    assert told(
        fact("queued", 0), fact("answered", 12, agent="ana"), fact("ended", 192, agent="ana", what="customer")
    ) == {
        "offered": 1, "answered": 1, "~answered.ana": 1, "wait.answered.12": 1, "wait_ms.answered": 12_000,
        "talk.180": 1, "talk_ms": 180_000, "~talk.180.ana": 1, "~talk_ms.ana": 180_000,
    }  # fmt: skip


@pytest.mark.parametrize(("seconds", "bin_"), [(0.0, 0), (0.001, 1), (19.999, 20), (20.0, 20), (20.001, 21)], ids=str)
def test_a_wait_goes_into_the_second_it_rounds_up_to(seconds: float, bin_: int) -> None:
    assert f"wait.abandoned.{bin_}" in told(fact("queued", 0), fact("left_queue", seconds, what="abandoned"))


def test_only_the_customer_giving_up_is_abandoned() -> None:
    found = told(fact("queued", 0), fact("left_queue", 60, what="timeout"))
    assert found == {"offered": 1, "exit.timeout": 1, "wait.other.60": 1, "wait_ms.other": 60_000}


def test_a_reported_wait_wins_over_the_timestamps() -> None:
    assert "wait.answered.11" in told(fact("queued", 0), fact("answered", 12, wait=11))


def test_a_negative_reported_wait_counts_as_zero() -> None:
    assert "wait.answered.0" in told(fact("queued", 0), fact("answered", 12, wait=-3))


class TestWhenSomethingNeverCame:
    def test_without_queued_the_leg_joins_at_its_exit_minus_the_reported_wait(self) -> None:
        _, counts = fold([fact("left_queue", 270, what="abandoned", wait=30)])
        assert (T0 + 240_000, "support", "voice", "offered", 1) in counts
        assert totals(counts)["wait.abandoned.30"] == 1

    def test_without_queued_and_reported_wait_the_wait_is_unknown(self) -> None:
        assert told(fact("answered", 240, agent="ana")) == {
            "offered": 1,
            "answered": 1,
            "~answered.ana": 1,
            "unknown": 1,
        }

    def test_a_leg_first_heard_of_by_an_offer_moves_to_where_its_reported_wait_says(self) -> None:
        _, counts = fold([fact("offered", 20, offer="o1"), fact("answered", 25, wait=25)])
        assert summed(counts)[T0, "support", "voice", "offered"] == 1
        assert totals(counts) == {
            "offered": 1, "contacts": 1, "orphan": 1, "answered": 1, "wait.answered.25": 1, "wait_ms.answered": 25_000,
        }  # fmt: skip

    def test_without_answered_it_was_answered_at_its_end_minus_the_reported_talk(self) -> None:
        found = told(fact("queued", 0), fact("ended", 100, talk=80, agent="ana"))
        assert found["wait.answered.20"] == found["talk.80"] == found["~answered.ana"] == 1

    def test_only_a_transfer_before_the_end_does_not_move_the_answer_that_the_end_reports(self) -> None:
        state, counts = fold([fact("transferred", 100), fact("ended", 100, sequence=1, talk=80, wait=15)])
        assert (state.legs["c1/1"].joined, state.legs["c1/1"].left) == (T0 + 5_000, T0 + 20_000)
        assert totals(counts)["wait.answered.15"] == 1

    def test_a_join_nobody_told_is_never_later_than_the_answer_that_the_end_reports(self) -> None:
        state, counts = fold([fact("held", 50), fact("ended", 100, talk=80)])
        assert (state.legs["c1/1"].joined, state.legs["c1/1"].left) == (T0 + 20_000, T0 + 20_000)
        assert (totals(counts)["unknown"], totals(counts)["talk.80"]) == (1, 1)

    def test_a_reported_talk_longer_than_the_visit_does_not_answer_before_the_join(self) -> None:
        state, _ = fold([fact("queued", 30), fact("transferred", 100), fact("ended", 100, sequence=1, talk=80)])
        assert state.legs["c1/1"].left == T0 + 30_000

    def test_without_answered_and_talk_both_wait_and_talk_are_unknown(self) -> None:
        assert told(fact("queued", 0), fact("ended", 100)) == {"offered": 1, "answered": 1, "unknown": 1}

    def test_without_ended_it_stays_in_service(self) -> None:
        assert live(fact("queued", 0), fact("answered", 12)) == {"in_service": 12_000}

    def test_a_second_join_ends_the_first_wait_with_an_unknown_exit(self) -> None:
        found = told(fact("queued", 0), fact("queued", 50, leg="c1/2"))
        assert found == {"offered": 2, "exit.unknown_exit": 1, "wait.other.50": 1, "wait_ms.other": 50_000}

    def test_the_end_of_the_whole_contact_ends_a_wait_with_an_unknown_exit(self) -> None:
        assert told(fact("queued", 0), fact("ended", 30, leg=None))["exit.unknown_exit"] == 1

    def test_the_end_of_an_earlier_leg_leaves_a_waiting_leg_alone(self) -> None:
        facts = [fact("queued", 0), fact("answered", 5), fact("queued", 9, leg="c1/2"), fact("ended", 10, leg="c1/1")]
        assert live(*facts) == {"waiting": 9_000}


class TestContradictingEnds:
    def test_the_last_of_equals_wins_and_takes_the_answer_back(self) -> None:
        found = told(fact("queued", 0), fact("answered", 10, agent="ana"), fact("left_queue", 11, what="abandoned"))
        assert found == {"offered": 1, "abandoned": 1, "wait.abandoned.11": 1, "wait_ms.abandoned": 11_000}

    def test_a_real_end_corrects_lost_unknown(self) -> None:
        found = told(fact("queued", 0), fact("left_queue", 900, what="lost_unknown"), fact("answered", 901))
        assert "exit.lost_unknown" not in found
        assert found["answered"] == 1

    def test_lost_unknown_never_corrects_a_real_end(self) -> None:
        found = told(fact("queued", 0), fact("answered", 10), fact("left_queue", 900, what="lost_unknown"))
        assert "exit.lost_unknown" not in found
        assert found["answered"] == 1

    def test_unknown_exit_knows_more_than_lost_unknown_and_less_than_a_timeout(self) -> None:
        lost, unknown, real = (
            fact("left_queue", at, what=what) for at, what in ((9, "lost_unknown"), (8, "unknown_exit"), (7, "timeout"))
        )
        assert told(fact("queued", 0), unknown, lost)["exit.unknown_exit"] == 1
        assert told(fact("queued", 0), real, unknown, lost)["exit.timeout"] == 1

    def test_a_lost_end_of_service_gives_no_talk_and_a_real_one_corrects_it(self) -> None:
        facts = [fact("queued", 0), fact("answered", 10), fact("ended", 4000, what="lost_unknown")]
        assert "talk_ms" not in told(*facts)
        assert told(*facts, fact("ended", 4001, what="agent"))["talk_ms"] == 3_991_000


def test_a_hold_still_open_at_the_end_lasts_until_then() -> None:
    facts = [fact("queued", 0), fact("answered", 10), fact("held", 20), fact("resumed", 30), fact("held", 50)]
    assert told(*facts, fact("ended", 60))["hold.20"] == 1


def test_only_offers_not_taken_count_and_the_last_word_on_an_offer_wins() -> None:
    first, second = (fact("offer_ended", at, offer="o1", agent="bo", what=what)
                     for at, what in ((5, "no_answer"), (6, "lost_race")))  # fmt: skip
    assert told(fact("queued", 0), first) == {"offered": 1, "unanswered": 1, "~unanswered.bo": 1}
    assert told(fact("queued", 0), first, second) == {"offered": 1}


def test_a_leg_being_offered_is_ringing_and_still_waiting() -> None:
    facts = [fact("queued", 0), fact("offered", 4, offer="o1"), fact("offered", 5, offer="o2")]
    assert live(*facts) == {"waiting": 0, "ringing": 4_000}
    assert live(*facts, fact("offer_ended", 6, offer="o1", what="no_answer")) == {"waiting": 0, "ringing": 5_000}
    assert live(*facts, fact("answered", 7)) == {"in_service": 7_000}


def test_a_transfer_told_by_two_sources_counts_once() -> None:
    facts = [fact("queued", 0), fact("answered", 5, agent="bo"), fact("ended", 90)]
    twice = [fact("transferred", at, what="blind", agent="bo") for at in (90, 90.2)]
    assert told(*facts, *twice)["transfers"] == told(*facts, *twice)["~transfers.bo"] == 1


def test_the_arrival_basis_stands_at_the_join_whatever_happened_later() -> None:
    _, counts = fold([fact("queued", 0), fact("answered", 25, agent="bo"), fact("ended", 100, agent="bo")])
    arrival = {field for pane, _, _, field, _ in counts if field.startswith("@") and pane == T0}
    assert arrival == {"@answered", "@~answered.bo", "@ended_by.unknown", "@wait.answered.25",
                       "@wait_ms.answered", "@talk.75", "@talk_ms",
                       "@~talk.75.bo", "@~talk_ms.bo"}  # fmt: skip


@given(any_facts())
def test_both_bases_count_the_same_things(facts: list[Fact]) -> None:
    _, counts = fold(sorted(facts))
    event: dict[str, int] = {}
    for (_, _, _, field), n in summed(counts).items():
        if not field.startswith(ON_BOTH_BASES):
            event[field.removeprefix("@")] = event.get(field.removeprefix("@"), 0) + (n if field[0] == "@" else -n)
    assert not any(event.values())


@given(any_facts())
def test_who_joined_has_left_or_still_waits(facts: list[Fact]) -> None:
    state, counts = fold(sorted(facts))
    waiting = sum(1 for kind, *_ in memberships("c1", state) if kind == "waiting")
    sums = {"offered": 0, "net": 0, "decided": 0}
    for _, _, _, field, n in counts:
        name = field.partition(".")[0]
        sums[{"answered": "decided", "abandoned": "decided", "exit": "decided"}.get(name, name)] = (
            sums.get({"answered": "decided", "abandoned": "decided", "exit": "decided"}.get(name, name), 0) + n
        )
    assert sums["net"] == waiting == sums["offered"] - sums["decided"]


@given(any_facts())
def test_nothing_is_ever_negative(facts: list[Fact]) -> None:
    _, counts = fold(sorted(facts))
    assert all(n > 0 for (*_, field), n in summed(counts).items() if not field.startswith("net."))


@given(any_facts(), st.randoms(use_true_random=False))
def test_the_fold_is_the_sum_of_its_steps(facts: list[Fact], random: object) -> None:
    ordered = sorted(facts)
    state, all_counts = fold(ordered)
    again, parts = fold([]), []
    told_state = again[0]
    for one in ordered:
        told_state, counts = step(told_state, one)
        parts += counts
    assert summed(parts) == summed(all_counts)
    assert memberships("c1", told_state) == memberships("c1", state)
