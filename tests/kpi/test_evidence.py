"""The contacts behind a number: their parts add up to it, whatever the log."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.evidence.lines import customer_key, line_of, link_of, native_id
from kpi.evidence.pieces import mentions, pieces, tell, total_of
from kpi.evidence.share import RANKS, measures_of, part_of, peak, share_of, shown, terms_of
from kpi.evidence.terms import term_values
from kpi.formulas.table import FORMULAS, resolve
from kpi.kinds import KINDS
from kpi.lengths import Lengths, span_seconds, waiting_over
from kpi.panes import window_panes
from kpi.record import Record
from kpi.service_level import VARIANTS
from tests.builders import T0, fact
from tests.kpi.evidence_logs import counted_log, leaves
from tests.laws import WIDE

TOPICS = st.sampled_from(["calls.events", "calls.events", "chats.events", "cases.events", "customers.events"])
MADE_OF_WINDOWS = (
    "cases.first_reply", "flow.in_per_minute", "flow.out_per_minute", "flow.net_per_minute", "flow.drain_seconds",
    "backlog.net_per_hour", "sl_needed",
)  # fmt: skip
# Without a sum: percentiles and maxima have lengths instead, the others stand for themselves.
NOT_ADDITIVE = ("max_waiting", "target_percent")


@given(seed=st.integers(0, 2**40), topic=TOPICS)
@WIDE
def test_the_parts_of_all_records_are_the_window(seed: int, topic: str) -> None:
    counted = counted_log(seed, topic)

    assert total_of(counted.pieces) == counted.total


@given(seed=st.integers(0, 2**40), topic=TOPICS)
@WIDE
def test_every_additive_number_is_the_sum_of_the_parts_of_its_contacts(seed: int, topic: str) -> None:
    counted = counted_log(seed, topic)
    measures = counted.measures
    paths = {path for path in leaves(measures) if path.rpartition(".")[2] not in RANKS}
    paths -= {path for path in paths if path in NOT_ADDITIVE or path.endswith(".p50")}
    parts = [measures_of(piece, counted.frame, whole=True) for piece in counted.pieces]
    for path in sorted({*paths, *MADE_OF_WINDOWS}):
        whole, shares = shown(measures, path), [share_of(part, path) for part in parts]
        assert isclose(sum(each.numerator or 0 for each in shares), whole.numerator or 0, abs_tol=1e-6), path
        if path not in ("flow.in_per_minute", "flow.out_per_minute", "flow.net_per_minute"):
            assert isclose(sum(each.denominator or 0 for each in shares), whole.denominator or 0, abs_tol=1e-6), path


@given(seed=st.integers(0, 2**40))
@WIDE
def test_the_short_way_to_the_service_level_gives_what_the_long_one_gives(seed: int) -> None:
    counted = counted_log(seed, "calls.events")
    for piece in counted.pieces:
        measures = measures_of(piece, counted.frame)
        for path in (f"service_level.{variant}" for variant in VARIANTS):
            assert part_of(piece, counted.frame, path) == share_of(measures, path), path


@given(seed=st.integers(0, 2**40))
@WIDE
def test_the_terms_of_a_formula_make_its_numerator_and_denominator(seed: int) -> None:
    counted = counted_log(seed, "calls.events")
    measures = counted.measures
    over = None if counted.is_over else waiting_over(sorted(counted.waiting.values()), counted.now_ms, 20)
    of = terms_of(counted.total, counted.config, measures["open"], over)
    for formula in FORMULAS.values():
        measure = resolve(formula.key) if "*" not in formula.key else None
        if measure is None or not formula.denominator or formula.about in ("live", "agents"):
            continue
        found = shown(measures, measure.path)
        for terms, part in ((formula.numerator, found.numerator), (formula.denominator, found.denominator)):
            if terms and part is not None and measure.section != "backlog":
                signs = [-1 if name.startswith("-") else 1 for name in terms]
                values = term_values(terms, measures, of, found)
                assert isclose(sum(s * v for s, v in zip(signs, values, strict=True)), part, abs_tol=1e-6), measure


@given(seed=st.integers(0, 2**40))
@WIDE
def test_those_who_waited_when_the_queue_was_longest_are_as_many_as_its_length(seed: int) -> None:
    counted = counted_log(seed, "calls.events")
    found = counted.pieces
    begin, end = (
        (counted.panes.coarse.start if counted.panes.coarse else counted.panes.fine.start),
        counted.panes.fine.stop,
    )
    most, who = peak(found, begin, end)
    net: dict[int, int] = {}
    for piece in found:
        if piece.leg is not None and not piece.leg.is_outbound:
            net[piece.leg.joined // 1000] = net.get(piece.leg.joined // 1000, 0) + 1
            if piece.leg.outcome is not None:
                net[piece.leg.left // 1000] = net.get(piece.leg.left // 1000, 0) - 1

    assert most == sum(there for _, there in who)
    assert most == max(0, Lengths.forward(net).maximum(*span_seconds(begin, end)))


@given(seed=st.integers(0, 2**40), topic=TOPICS)
@WIDE
def test_a_record_that_does_not_name_a_queue_has_no_part_in_it(seed: int, topic: str) -> None:
    counted = counted_log(seed, topic)
    for key, blob in counted.streamed.blobs.items():
        if not mentions(blob, counted.place[0]):
            assert pieces(tell(key, blob), counted.place, counted.panes) == []


def test_every_variant_is_explained_by_name() -> None:
    for variant in VARIANTS:
        found = resolve(variant)
        assert found == resolve("service_level", variant)
        assert found is not None
        assert found.path == f"service_level.{variant}"


def story(*facts: object, kind: str = "c", id: str = "c1") -> Record:
    record = Record(f"{kind}:{id}")
    for each in facts:
        record.add(each)  # type: ignore[arg-type]
    record.settle()
    return record


def test_each_leg_of_a_contact_is_a_line_of_its_own() -> None:
    record = story(
        fact("queued", 0, what="initial"),
        fact("left_queue", 30, what="timeout"),
        fact("queued", 31, "c1/2", what="requeue"),
        fact("answered", 40, "c1/2", agent="ana"),
        fact("ended", 100, "c1/2", what="customer"),
        fact("rated", 120, None, what="csat", more={"score": 5.0, "scale": 5.0}),
    )
    panes = window_panes("5m", T0 + 150_000)
    first, second = pieces(tell(record.key, record.pack()), ("support", "voice"), panes)

    assert first.leg is not None and first.leg.id == "c1/1"
    assert first.fields["exit.timeout"] == first.fields["offered"] == first.fields["contacts"] == 1
    assert second.fields["answered"] == second.fields["offered"] == second.fields["rating.csat/5/5"] == 1
    assert "contacts" not in second.fields


def test_who_waits_is_a_line_though_nothing_was_counted_in_the_window() -> None:
    record = story(fact("queued", 0))
    panes = window_panes("5m", T0 + 3_600_000)
    (piece,) = pieces(tell(record.key, record.pack()), ("support", "voice"), panes)

    assert piece.fields == {}
    assert piece.waits


def test_what_folded_cannot_be_told_again_and_the_record_says_so() -> None:
    record = Record("c:c1")
    record.add(fact("queued", 0, channel="chat"))
    for n in range(100):
        record.add(fact("message", 10 + 20 * n, channel="chat", what="customer"))
        record.add(fact("message", 15 + 20 * n, channel="chat", what="agent", agent="ana"))
    counts, _, _ = record.settle()
    told = tell(record.key, record.pack())
    panes = window_panes("1h", T0 + 2_100_000)
    (piece,) = pieces(told, ("support", "chat"), panes)

    assert told.is_folded
    assert sum(n for *_, field, n in counts if field == "response.5") == 100
    assert 0 < piece.fields["response.5"] < 100
    assert piece.fields["first_response.5"] == 1


def test_the_lost_of_a_customer_stand_under_their_contacts_and_never_under_the_customer() -> None:
    record = story(
        fact("queued", 0, "c7|c7/1"), fact("left_queue", 20, "c7|c7/1", what="abandoned"),
        fact("queued", 600, "c8|c8/1"), fact("answered", 620, "c8|c8/1", agent="ana"),
        kind="u", id="+49 170 1234567",
    )  # fmt: skip
    panes = window_panes("1h", T0 + 700_000)
    found = {
        piece.contact: piece.fields for piece in pieces(tell(record.key, record.pack()), ("support", "voice"), panes)
    }

    assert found == {
        "c7": {"cust_arrived": 1, "cust_abandoned": 1, "recovered.10": 1, "returned.1": 1},
        "c8": {"cust_arrived": 1, "repeat.1h": 1, "repeat.24h": 1, "repeat.7d": 1},
    }


def test_a_line_says_what_became_of_a_leg_and_nothing_of_its_customer() -> None:
    record = story(
        fact("queued", 0, more={"native_id": "1700.5", "customer_key": "+49170"}),
        fact("answered", 12.5, agent="ana"),
        fact("ended", 72.5, what="customer"),
    )
    told = tell(record.key, record.pack())
    line = line_of("c1", told.state.legs["c1/1"], T0 + 100_000, native_id(told.facts))

    assert (line.native_id, line.outcome, line.wait_seconds, line.talk_seconds) == ("1700.5", "answered", 12.5, 60)
    assert (line.answered_ms, line.ended_ms, line.agent, line.ended_by) == (T0 + 12_500, T0 + 72_500, "ana", "customer")
    assert customer_key(told.facts) == "+49170"
    assert "+49170" not in repr(line)


@pytest.mark.parametrize(
    ("native", "address"),
    [
        ("17.4", "https://crm.example/17.4?q=support"),
        ("a/../b?x=1&y#z", "https://crm.example/a%2F..%2Fb%3Fx%3D1%26y%23z?q=support"),
        ("客户 1", "https://crm.example/%E5%AE%A2%E6%88%B7%201?q=support"),
    ],
)
def test_a_link_carries_the_native_id_and_nothing_else_of_it(native: str, address: str) -> None:
    record = story(fact("queued", 0, more={"native_id": native}))
    told = tell(record.key, record.pack())
    line = line_of("c1", told.state.legs["c1/1"], T0, native_id(told.facts))

    links = {"contact": "https://crm.example/{native_id}?q={queue_id}"}
    assert link_of(links, line, "support") == address
    assert link_of({"contact": "javascript:alert({native_id})"}, line, "support") is None
    assert link_of({}, line, "support") is None


def test_the_kinds_of_records_that_can_be_told_are_those_of_contacts_cases_and_customers() -> None:
    for prefix in "cku":
        assert tell(f"{prefix}:x", Record(f"{prefix}:x").pack()).counts == []
        assert prefix in KINDS
