"""One deferred case: statuses, owners, clocks that stand still, and what it took."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.case import Case, memberships, step
from kpi.facts import Count, Fact, Memberships
from kpi.kinds import KINDS
from kpi.record import Record
from tests.builders import T0, fact, summed, totals
from tests.kpi.case_lists import CLOCKS, brute_force, stories
from tests.laws import WIDE

fold = partial(KINDS["k"].fold, None)

HOUR, DAY = 3600, 86_400


def case(verb: str, at: float, **more: Any) -> Fact:
    """A fact of the case `at` seconds after T0; `clock`, `status` and `author` as the event would tell them."""
    told = {name: more.pop(name) for name in ("status", "author") if name in more}
    if "clock" in more:
        more["what"] = more.pop("clock")
    return fact(f"case.{verb}", at, None, channel="email", more=told or None, **more)


def told(*facts: Fact) -> dict[str, int]:
    _, counts = fold(facts)
    return totals(counts)


def live(*facts: Fact) -> dict[str, float]:
    """Set -> score in seconds after T0."""
    state, _ = fold(facts)
    return {kind: (score - T0) / 1000 for (kind, *_), score in memberships("k1", state).items()}


def test_a_case_exists_from_its_first_fact_that_names_a_queue() -> None:
    facts = [case("replied", 0, queue=None, agent="ana"), case("assigned", 60, agent="ana")]
    assert told(*facts) == {"case_opened": 1}
    assert live(*facts) == {"open_cases": 60, "case_open": 60}


def test_a_case_stays_in_the_queue_it_was_opened_in() -> None:
    state, counts = fold([case("opened", 0), case("resolved", 5, queue="sales")])
    assert state.queue == "support"
    assert {queue for _, queue, *_ in counts} == {"support"}


class TestStatus:
    def test_it_is_new_and_without_an_owner_until_somebody_is_given_it(self) -> None:
        assert live(case("opened", 0)) == {"open_cases": 0, "case_new": 0, "unassigned": 0}
        assert live(case("opened", 0), case("assigned", 9, agent="ana")) == {"open_cases": 0, "case_open": 0}

    def test_waiting_for_the_customer_is_pending_and_the_customers_reply_opens_it(self) -> None:
        facts = [case("opened", 0), case("assigned", 1, agent="ana"), case("waiting_customer", 2)]
        assert "case_pending" in live(*facts)
        assert "case_pending" in live(*facts, case("replied", 3, author="agent"))
        assert "case_open" in live(*facts, case("replied", 3, author="customer"))

    def test_an_assignment_opens_only_what_is_new(self) -> None:
        assert "case_pending" in live(case("opened", 0, status="pending"), case("assigned", 1, agent="ana"))

    def test_a_customers_reply_opens_nothing_but_what_waits_for_it(self) -> None:
        assert "case_new" in live(case("opened", 0), case("replied", 1))
        held = [case("opened", 0, status="on_hold"), case("replied", 1)]
        assert live(*held) == {"open_cases": 0, "case_on_hold": 0}

    def test_what_a_fact_tells_wins_over_what_would_follow(self) -> None:
        assert "case_on_hold" in live(case("opened", 0), case("assigned", 1, agent="ana", status="on_hold"))
        assert "case_pending" in live(case("opened", 0), case("sla_set", 1, due=60, status="pending"))

    def test_an_agents_reply_owns_what_nobody_owns_and_an_assignment_takes_it_over(self) -> None:
        state, _ = fold([case("opened", 0), case("replied", 1, agent="ana"), case("replied", 2, agent="bo")])
        assert state.owner == "ana"
        state, _ = step(state, case("assigned", 3, agent="bo"))
        state, _ = step(state, case("assigned", 4))
        assert state.owner == "bo"

    def test_a_bots_reply_is_neither_an_answer_nor_a_contact(self) -> None:
        facts = [case("opened", 0, due=60, clock="first_response"), case("replied", 1, author="bot", agent="bot-1")]
        assert told(*facts) == {"case_opened": 1}
        assert live(*facts)["due_first_response"] == 60

    def test_resolved_it_is_in_no_set_and_only_reopening_changes_that(self) -> None:
        facts = [case("opened", 0), case("resolved", 5), case("replied", 6), case("assigned", 7, status="pending")]
        assert live(*facts) == {}
        assert live(*facts, case("reopened", 8)) == {"open_cases": 0, "case_open": 0, "unassigned": 0}
        assert "case_on_hold" in live(*facts, case("reopened", 8, status="on_hold"))

    def test_resolving_twice_and_reopening_what_is_open_count_once(self) -> None:
        found = told(case("opened", 0), case("reopened", 1), case("resolved", 2), case("resolved", 3))
        assert (found["case_resolved"], "case_reopened" in found) == (1, False)


class TestClocks:
    def test_each_clock_is_due_by_itself_and_the_case_at_its_earliest(self) -> None:
        facts = [case("opened", 0, due=8 * HOUR), case("sla_set", 0, due=HOUR, clock="first_response", sequence=1)]
        assert live(*facts) == {
            "open_cases": 0, "case_new": 0, "unassigned": 0,
            "due": HOUR, "due_first_response": HOUR, "due_resolution": 8 * HOUR,
        }  # fmt: skip

    @pytest.mark.parametrize(("at", "end"), [(HOUR, "met"), (HOUR + 0.001, "missed")], ids=["at due", "after due"])
    def test_an_agents_reply_ends_the_response_clocks(self, at: float, end: str) -> None:
        clocks = [case("sla_set", 0, due=HOUR, clock=clock) for clock in CLOCKS]
        facts = [case("opened", 0), *clocks, case("replied", at, agent="ana")]
        found = told(*facts)
        assert {field for field in found if field.startswith(("case_met", "case_missed"))} == {
            f"case_{end}.first_response", f"case_{end}.next_response",
        }  # fmt: skip
        assert "due_resolution" in live(*facts) and "due_first_response" not in live(*facts)

    def test_the_resolution_ends_every_clock_that_still_runs(self) -> None:
        clocks = [case("sla_set", 0, due=due, clock=clock) for clock, due in zip(CLOCKS, (60, 90, 30), strict=True)]
        found = told(case("opened", 0), *clocks, case("resolved", 60))
        assert (found["case_met.first_response"], found["case_met.next_response"]) == (1, 1)
        assert found["case_missed.resolution"] == 1

    def test_a_customers_reply_ends_no_clock(self) -> None:
        assert live(case("opened", 0, due=60, clock="first_response"), case("replied", 5))["due_first_response"] == 60

    def test_a_next_response_runs_once_per_time_it_is_set(self) -> None:
        turns = [case("sla_set", 10 * n, due=10 * n + 5, clock="next_response") for n in range(3)]
        replies = [case("replied", at, agent="ana") for at in (4, 16, 25)]
        found = told(case("opened", 0), *sorted([*turns, *replies]))
        assert (found["case_met.next_response"], found["case_missed.next_response"]) == (2, 1)


class TestWaitingForTheCustomer:
    """opened──open──waiting════════replied──open──: due moves by the length of ═══."""

    def test_overdue_does_not_run_while_it_waits_for_the_customer(self) -> None:
        facts = [case("opened", 0, due=4 * HOUR), case("waiting_customer", HOUR)]
        assert not {"due", "due_resolution"} & set(live(*facts))
        assert live(*facts, case("replied", 9 * HOUR))["due_resolution"] == 12 * HOUR

    def test_a_clock_set_in_a_pause_runs_from_its_end_on(self) -> None:
        facts = [case("opened", 0), case("waiting_customer", 10), case("sla_set", 20, due=50), case("replied", 60)]
        assert live(*facts)["due_resolution"] == 50 + (60 - 20)

    def test_a_second_waiting_does_not_begin_the_pause_anew(self) -> None:
        facts = [case("opened", 0, due=100), case("waiting_customer", 10), case("waiting_customer", 40)]
        assert live(*facts, case("replied", 60))["due_resolution"] == 150

    @pytest.mark.parametrize(("used", "end"), [(60, "met"), (61, "missed")])
    def test_resolved_in_a_pause_it_is_judged_by_the_time_that_ran(self, used: int, end: str) -> None:
        facts = [case("opened", 0, due=60), case("waiting_customer", used), case("resolved", 20 * DAY)]
        assert told(*facts)[f"case_{end}.resolution"] == 1

    def test_a_missed_clock_stays_missed_through_a_pause(self) -> None:
        facts = [case("opened", 0, due=60), case("waiting_customer", 90), case("replied", 500)]
        assert live(*facts)["due_resolution"] == 60 + 410 < 500
        assert told(*facts, case("resolved", 501))["case_missed.resolution"] == 1

    def test_resolving_ends_the_pause_too(self) -> None:
        facts = [case("opened", 0), case("waiting_customer", 10), case("resolved", 20), case("sla_set", 30, due=900)]
        assert live(*facts, case("reopened", 500))["due_resolution"] == 900


class TestWhatItTook:
    def test_the_first_reply_of_an_agent_is_timed_once(self) -> None:
        replies = [case("replied", 5), case("replied", 70, agent="ana"), case("replied", 99, agent="bo")]
        assert told(case("opened", 0), *replies) == {"case_opened": 1, "case_replied": 1, "case_reply_ms": 70_000}

    def test_contacts_are_the_case_the_customers_replies_and_the_reopenings(self) -> None:
        facts = [case("opened", 0), case("replied", 1), case("replied", 2, agent="ana"), case("resolved", 3)]
        assert told(*facts)["case_contacts"] == 2
        assert told(*facts, case("reopened", 4), case("replied", 5), case("resolved", 6))["case_contacts"] == 2 + 4

    def test_agents_are_counted_once_each_however_they_took_part(self) -> None:
        facts = [
            case("opened", 0, agent="nobody"), case("assigned", 1, agent="ana"), case("replied", 2, agent="bo"),
            case("replied", 3, agent="ana"), case("resolved", 4, agent="cy"),
        ]  # fmt: skip
        assert told(*facts)["case_agents"] == 3

    def test_a_case_resolved_by_nobody_counts_no_agents(self) -> None:
        assert told(case("opened", 0), case("resolved", 9)) == {
            "case_opened": 1, "case_resolved": 1, "case_resolve_ms": 9_000, "case_contacts": 1,
        }  # fmt: skip


def test_a_case_resolved_on_monday_and_reopened_twenty_days_later_is_the_same_case() -> None:
    opened, resolved, back = 2 * HOUR, 5 * HOUR, 5 * HOUR + 20 * DAY
    record = Record("k:k1")
    for one in (case("opened", opened, due=DAY), case("resolved", resolved, agent="ana")):
        record.add(one)
    record.settle()
    record = Record.unpack("k:k1", record.pack())
    assert not record.is_absent(T0 + back * 1000)

    record.add(case("reopened", back))
    counts, gained, _ = record.settle()
    assert totals(counts) == {"case_reopened": 1}
    # As old as it is, without an owner, and not late: its clock was met on Monday.
    assert {kind: (score - T0) / 1000 for (kind, *_), score in gained.items()} == {
        "open_cases": opened, "case_open": opened, "unassigned": opened,
    }  # fmt: skip
    record.add(case("resolved", back + HOUR, agent="bo"))
    counts, _, lost = record.settle()
    assert totals(counts) == {
        "case_resolved": 1, "case_resolve_ms": (back + HOUR - opened) * 1000, "case_contacts": 2, "case_agents": 2,
    }  # fmt: skip
    assert len(lost) == 3


@given(stories())
@WIDE
def test_a_story_told_in_order_is_what_the_whole_list_adds_up_to(facts: list[Fact]) -> None:
    state, counts = fold(sorted(facts))
    fields, sets = brute_force(facts)
    assert totals(counts) == fields
    assert {kind: score for (kind, *_), score in memberships("k1", state).items()} == sets


def deliver(sent: list[list[Fact]]) -> tuple[dict[tuple[int, str, str, str], int], Memberships]:
    """What a record of the case adds up to, batch by batch, stored and read back in between."""
    record, counts = Record("k:k1"), list[Count]()
    standing: Memberships = {}
    for batch in sent:
        for one in batch:
            record.add(one)
        more, gained, lost = record.settle()
        counts += more
        standing = {name: score for name, score in standing.items() if name not in lost} | gained
        record = Record.unpack("k:k1", record.pack())
    return summed(counts), standing


@given(stories(), st.data())
@WIDE
def test_order_and_repetition_change_nothing_of_a_case(facts: list[Fact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(facts + data.draw(st.lists(st.sampled_from(facts), max_size=4))))
    cut = data.draw(st.integers(0, len(shuffled)))
    assert deliver([shuffled[:cut], shuffled[cut:]]) == deliver([sorted(facts)])


def test_an_unheard_of_case_is_nowhere() -> None:
    assert memberships("k1", Case()) == {}
