"""The law of records: the set of facts alone decides, never their order, repetition or batching."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.facts import MESSAGE, Count, Fact, Memberships
from kpi.kinds import AGENT_FOLD_MS, KINDS, MESSAGE_FOLD_MS
from kpi.record import Record
from tests.builders import T0, any_facts, fact, summed, totals
from tests.laws import LAW, WIDE


def run(batches: list[list[Fact]], key: str = "c:c1") -> tuple[Record, list[Count], Memberships]:
    """A record after all batches, each stored and read back; every count, and the live sets as they add up."""
    record, counts = Record(key), []
    live: Memberships = {}
    for batch in batches:
        for one in batch:
            record.add(one)
        more, gained, lost = record.settle()
        counts += more
        live = {name: score for name, score in live.items() if name not in lost} | gained
        record = Record.unpack(key, record.pack())
    return record, counts, live


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Fact], list[list[Fact]]]:
    """Facts, and a delivery of them: in any order, some repeated, cut into any batches."""
    facts = draw(any_facts())
    sent = draw(st.permutations(facts + draw(st.lists(st.sampled_from(facts), max_size=5))))
    cuts = sorted(draw(st.lists(st.integers(0, len(sent)), max_size=4)))
    borders = [0, *cuts, len(sent)]
    return facts, [sent[a:b] for a, b in pairwise(borders)]


@given(deliveries())
@LAW
def test_any_order_repetition_and_batching_gives_the_same_state(delivery: tuple[list[Fact], list[list[Fact]]]) -> None:
    facts, batches = delivery
    plain, plain_counts, plain_live = run([sorted(facts)])
    record, counts, live = run(batches)
    assert record.facts == plain.facts
    assert summed(counts) == summed(plain_counts)
    assert live == plain_live


@st.composite
def conflicts(draw: st.DrawFn) -> tuple[list[Fact], list[Fact]]:
    """Facts of which some share an id but not a body, in two orders."""
    facts = draw(any_facts())
    bodies: dict[str, Any] = {"wait": 7, "agent": "zoe"}
    others = [_changed(one, bodies) for one in draw(st.lists(st.sampled_from(facts), max_size=3))]
    both = facts + others
    return draw(st.permutations(both)), draw(st.permutations(both))


def _changed(one: Fact, changes: dict[str, Any]) -> Fact:
    return Fact(**({name: getattr(one, name) for name in one.__struct_fields__} | changes))


@given(conflicts())
@WIDE
def test_of_two_bodies_of_one_id_the_same_one_wins_in_any_order(orders: tuple[list[Fact], list[Fact]]) -> None:
    first, second = run([orders[0]]), run([orders[1]])
    assert first[0].facts == second[0].facts
    assert summed(first[1]) == summed(second[1])


def test_the_verdicts_name_what_became_of_a_fact() -> None:
    record = Record("c:c1")
    joined = fact("queued", 0, id="e1")
    assert record.add(joined) == "applied"
    assert record.add(joined) == "duplicate"
    assert record.add(fact("queued", 1, id="e1")) == "conflict"


def test_messages_fold_ten_minutes_behind_the_newest_fact_and_are_refused_from_then_on() -> None:
    fold = MESSAGE_FOLD_MS / 1000
    record = Record("c:c1")
    record.add(fact("message", 0, id="m0", what="customer"))
    record.add(fact("message", fold, id="m1", what="agent"))
    assert record.add(fact("message", 0, id="m0", what="customer")) == "duplicate"
    assert record.add(fact("message", fold + 0.001, id="m2", what="agent")) == "applied"
    assert record.add(fact("message", 0, id="m0", what="customer")) == "late_dropped"


def test_facts_of_legs_never_fold() -> None:
    record = Record("c:c1")
    record.add(fact("answered", 4000, id="late"))
    assert record.add(fact("queued", 0, id="early")) == "applied"
    assert len(record.facts) == 2


def test_a_record_is_absent_past_its_horizon_unless_it_is_open() -> None:
    closed, waiting = Record("c:c1"), Record("c:c2")
    closed.add(fact("queued", 0))
    waiting.add(fact("queued", 0))
    closed.add(fact("left_queue", 5, what="abandoned"))
    horizon = 7 * 86_400_000
    assert not closed.is_absent(T0 + 5_000 + horizon)
    assert closed.is_absent(T0 + 5_001 + horizon)
    assert not waiting.is_absent(T0 + 2 * horizon)


def test_a_case_is_open_from_its_first_fact_until_it_is_resolved_and_due_at_its_earliest_clock() -> None:
    opened = fact("case.opened", 0, leg=None, channel="email", due=3600, what="resolution")
    first_reply = fact("case.sla_set", 5, leg=None, channel="email", due=900, what="first_response")
    resolved, reopened = (fact(f"case.{verb}", at, leg=None) for verb, at in (("resolved", 100), ("reopened", 200)))
    _, counts, live = run([[opened, first_reply]], "k:case-1")
    assert {("open_cases", 0), ("due", 900_000)} <= {(kind, score - T0) for (kind, *_), score in live.items()}
    _, counts, live = run([[resolved], [opened], [first_reply, reopened]], "k:case-1")
    kinds = {kind for kind, *_ in live}
    assert "open_cases" in kinds
    assert "due" not in kinds, "what was resolved has met its clocks; a reopened case needs a new one"
    assert {"case_opened", "case_reopened", "case_resolved"} <= {field for *_, field in summed(counts)}
    assert run([[opened, resolved]], "k:case-1")[2] == {}


@st.composite
def long_chats(draw: st.DrawFn) -> list[list[Fact]]:
    """Facts of one chat over an hour, delivered out of order by less than ten minutes, in batches."""
    kinds = [("message", "customer"), ("message", "agent"), ("queued", "bot_handoff"), ("answered", None),
             ("ended", "customer"), ("held", None)]  # fmt: skip
    sent: list[tuple[int, Fact]] = []
    for number in range(draw(st.integers(1, 40))):
        kind, what = draw(st.sampled_from(kinds))
        at, late = draw(st.integers(0, 3600)), draw(st.integers(0, 599))
        leg = draw(st.sampled_from(["c1/1", "c1/2"]))
        sent.append((at + late, fact(kind, at, leg, id=f"e{number}", what=what, channel="chat", agent="ana")))
    facts = [one for _, one in sorted(sent)]
    cuts = sorted(draw(st.lists(st.integers(0, len(facts)), max_size=6)))
    return [facts[a:b] for a, b in pairwise([0, *cuts, len(facts)])]


@given(long_chats())
@WIDE
def test_folding_changes_no_number(batches: list[list[Fact]]) -> None:
    facts = sorted(one for batch in batches for one in batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kpi.record.FOLD_AT_LEAST", 0)
        record, counts, live = run(batches)
    patched = [one for one in record.facts if one.rank == MESSAGE]
    assert all(one.time >= record.newest - MESSAGE_FOLD_MS for one in patched)
    state, whole = KINDS["c"].fold(None, facts)
    assert summed(counts) == summed(whole)
    assert live == KINDS["c"].memberships("c1", state)


def test_a_leg_told_after_its_messages_have_folded_changes_the_first_response() -> None:
    """The bot's hand-off is known late: the wait for the first answer begins there, though the answer has folded."""
    counts: list[Count] = []
    chat: dict[str, Any] = {"channel": "chat"}
    late = fact("queued", 20, id="handoff", what="bot_handoff", **chat)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kpi.record.FOLD_AT_LEAST", 0)
        record = Record("c:c1")
        for one in (fact("message", 0, id="ask", what="customer", **chat), fact("message", 30, id="reply", what="agent",
                    **chat), fact("message", 700, id="later", what="customer", **chat), late):  # fmt: skip
            record.add(one)
            counts += record.settle()[0]
    assert [one.id for one in record.facts] == ["handoff", "later"]
    found = totals(counts)
    assert {field: n for field, n in found.items() if "response" in field or "handoff" in field} == {
        "first_response.10": 1, "first_response_ms": 10_000, "handoff.10": 1, "handoff_ms": 10_000,
        "join.bot_handoff": 1, "response.30": 1, "response_ms": 30_000,
    }  # fmt: skip


def test_an_agents_facts_are_refused_an_hour_behind_the_newest_one() -> None:
    record = Record("a:ana")
    assert record.add(fact("agent.logged_in", AGENT_FOLD_MS / 1000, leg=None)) == "applied"
    assert record.add(fact("agent.state_changed", 0, leg=None, what="break")) == "applied"
    assert record.add(fact("agent.state_changed", -0.001, leg=None, what="break")) == "late_dropped"


def test_what_the_reaper_tells_makes_nothing_old() -> None:
    """It ends an engagement hours after its start; what the source has kept back meanwhile must still count."""
    record = Record("a:ana")
    record.add(fact("answered", 0, "c1|c1/1", agent="ana"))
    record.add(fact("ended", 4 * 3600, "c1|c1/1", agent="ana", what="lost_unknown"))
    assert record.newest == T0
    assert record.add(fact("ended", 200, "c1|c1/1", agent="ana", what="customer")) == "applied"
