"""What only some queues have: chats, ratings, cases, known customers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.measures import DEFAULT_WITHIN, Group, brief_of, counted, summary, summary_of
from kpi.quality_measures import is_positive
from kpi.ratios import Measures
from kpi.tally import Tally
from tests.laws import WIDE

THEMES = {
    "first_response_seconds", "response_seconds", "handoff_seconds", "first_response_level", "missed_chats",
    "reassigned_silent", "ratings", "rating_response", "entry_points", "reasons", "outbound", "callbacks", "cases",
    "customers",
}  # fmt: skip
CHATS = Tally({
    "first_response.20": 3, "first_response.21": 1, "first_response_ms": 80_000, "response.5": 2, "response_ms": 9_100,
    "handoff.20": 1, "handoff_ms": 19_200, "missed": 1, "reassigned_silent": 2,
})  # fmt: skip
EVERYTHING = CHATS.fields | {
    "rating.csat/5/5": 1, "entry.web": 1, "reason.billing": 2, "out_ended": 1, "callback_failed": 1,
    "case_met.resolution": 1, "cust_arrived": 1, "offered": 1, "ended_by.agent": 2, "wrapup.3": 1, "join.resumed": 1,
}  # fmt: skip


def test_a_chat_is_answered_when_its_first_response_is_within_the_target() -> None:
    found = summary(CHATS, target_seconds=20)

    assert found["first_response_level"] == {"numerator": 3, "denominator": 5, "value": 0.6}
    assert found["first_response_seconds"]["mean"] == 20.0
    assert found["response_seconds"] == {
        "count": 2, "sum": 9.1, "mean": pytest.approx(4.55), "p50": 5, "p90": 5, "p95": 5, "max": 5
    }  # fmt: skip
    assert found["handoff_seconds"]["sum"] == 19.2
    assert (found["missed_chats"], found["reassigned_silent"]) == (1, 2)


def test_first_responses_of_two_queues_are_each_under_its_own_target() -> None:
    found = summary_of([Group(CHATS, 20), Group(CHATS, 60)], within_seconds=(), open_legs=0, max_waiting=None)

    assert found["first_response_level"] == {"numerator": 7, "denominator": 10, "value": 0.7}


@pytest.mark.parametrize(
    ("kind", "scale", "score", "positive"),
    [
        pytest.param("csat", 5, 4, True, id="4 of 5"),
        pytest.param("csat", 5, 3, False, id="3 of 5"),
        pytest.param("csat", 0, 4, True, id="an unknown scale is one of 5"),
        pytest.param("csat", 1, 1, True, id="a thumb up"),
        pytest.param("csat", 10, 7, False, id="7 of 10"),
        pytest.param("nps", 10, 9, True, id="a promoter"),
        pytest.param("nps", 10, 8, False, id="a passive"),
        pytest.param("resolved", 1, 1, True, id="resolved"),
        pytest.param("resolved", 1, 0, False, id="not resolved"),
    ],
)
def test_a_rating_is_positive_by_its_kind(kind: str, scale: float, score: float, positive: bool) -> None:
    assert is_positive(kind, scale, score) is positive


def test_ratings_keep_their_kind_their_scale_and_how_many_answered_at_all() -> None:
    found = summary(Tally({
        "rating.csat/5/5": 2, "rating.csat/5/2": 1, "rating.csat/0/4.5": 1, "rating.nps/10/9": 1,
        "ended_by.customer": 8, "ended_by.agent": 2,
    }))  # fmt: skip

    assert found["ratings"] == {
        "csat": {"rated": 4, "positive": 3, "scores": {"0/4.5": 1, "5/2": 1, "5/5": 2}},
        "nps": {"rated": 1, "positive": 1, "scores": {"10/9": 1}},
    }
    assert found["rating_response"] == {"numerator": 5, "denominator": 10, "value": 0.5}


def test_cases_are_told_with_what_it_took_to_resolve_them() -> None:
    found = summary(Tally({
        "case_opened": 4, "case_resolved": 2, "case_reopened": 1, "case_replied": 3, "case_reply_ms": 90_000,
        "case_resolve_ms": 7_200_000, "case_contacts": 5, "case_agents": 3, "case_met.resolution": 1,
        "case_missed.resolution": 1, "case_missed.first_response": 2,
    }))["cases"]  # fmt: skip

    assert (found["opened"], found["resolved"], found["reopened"], found["first_replies"]) == (4, 2, 1, 3)
    assert (found["first_reply_seconds"], found["resolve_seconds"]) == (90.0, 7_200.0)
    assert found["reopen_rate"]["value"] == 0.5
    assert found["contacts_to_resolve"] == {"numerator": 5, "denominator": 2, "value": 2.5}
    assert found["agents_to_resolve"]["value"] == 1.5
    assert found["clocks"] == {"first_response": {"met": 0, "missed": 2}, "resolution": {"met": 1, "missed": 1}}


def test_who_gave_up_is_lost_unless_recovered_within_the_hour() -> None:
    found = summary(Tally({
        "cust_arrived": 20, "cust_abandoned": 10, "recovered.60": 3, "recovered.61": 2, "returned.1": 4,
        "returned.30": 2, "repeat.1h": 1, "repeat.24h": 3, "repeat.7d": 5,
    }))["customers"]  # fmt: skip

    assert (found["recovered"], found["lost"], found["returned"]) == (3, 7, 6)
    assert found["lost_rate"] == {"numerator": 7, "denominator": 10, "value": 0.7}
    assert found["never_returned"] == {"numerator": 4, "denominator": 10, "value": 0.4}
    assert {name: ratio["value"] for name, ratio in found["repeat"].items()} == {"1h": 0.05, "24h": 0.15, "7d": 0.25}


def values_of(measures: Measures) -> list[object]:
    """Every quotient and every mean in M."""
    found: list[object] = []
    for name, part in measures.items():
        if isinstance(part, dict):
            found += values_of(part)
        elif name in ("value", "mean", "p50", "p90", "p95", "max"):
            found.append(part)
    return found


def test_no_traffic_is_no_value_anywhere() -> None:
    found = summary(Tally(), waiting_over_target=0, target_percent=80)

    assert set(values_of(found)) == {None}
    assert len(values_of(found)) > 40
    assert found.keys() >= THEMES


def test_for_a_board_what_was_never_counted_is_left_out_and_the_rest_is_the_same() -> None:
    calls = Tally({"offered": 1, "answered": 1, "wait.answered.3": 1, "ended_by.agent": 1})
    board, whole = (
        counted([Group(calls)], within_seconds=(5,)),
        counted([Group(calls)], within_seconds=(5,), whole=True),
    )

    assert whole.keys() - board.keys() == THEMES
    assert board == {name: whole[name] for name in board}


def test_for_a_board_what_was_counted_is_there() -> None:
    found = counted([Group(Tally(EVERYTHING))], within_seconds=(5,))

    assert found == counted([Group(Tally(EVERYTHING))], within_seconds=(5,), whole=True)
    assert found.keys() >= THEMES


@pytest.mark.parametrize(
    ("field", "themes"),
    [
        ("missed", {"first_response_seconds", "missed_chats"}), ("response.3", {"response_seconds"}),
        ("rating.nps/10/9", {"ratings", "rating_response"}), ("entry.web", {"entry_points"}), ("reason.x", {"reasons"}),
        ("out_attempted", {"outbound"}), ("callback_requested", {"callbacks"}), ("case_opened", {"cases"}),
        ("case_agents", {"cases"}), ("case_missed.resolution", {"cases"}), ("cust_abandoned", {"customers"}),
        ("recovered.5", {"customers"}), ("repeat.1h", {"customers"}),
    ],
)  # fmt: skip
def test_one_count_brings_its_theme(field: str, themes: set[str]) -> None:
    assert themes <= counted([Group(Tally({field: 1}))], within_seconds=()).keys()


def test_nothing_at_all_is_made_once_and_says_the_same() -> None:
    """The shortcut for empty tallies against a tally whose only field is passed over."""
    for whole in (True, False):
        empty = counted([Group(Tally(), target_percent=80)], within_seconds=DEFAULT_WITHIN, whole=whole)
        other = counted([Group(Tally({"net.3": 1}), target_percent=80)], within_seconds=DEFAULT_WITHIN, whole=whole)
        assert empty == other


def test_a_minute_is_told_in_brief() -> None:
    found = brief_of([Group(Tally(EVERYTHING))], within_seconds=(5,), open_legs=2, max_waiting=3)

    assert list(found) == [
        "offered", "decided", "answered", "abandoned", "short_abandoned", "exits", "open", "waits_unknown",
        "answered_within", "abandoned_within", "wait_seconds", "talk_seconds", "hold_seconds", "transfers",
        "offers_unanswered", "service_level", "max_waiting",
    ]  # fmt: skip
    assert list(found["service_level"]) == ["answered_only", "short_excluded", "sl_event"]
    whole = summary(Tally(EVERYTHING), within=(5,), open=2, max_waiting=3)
    assert {name: part for name, part in found.items() if name != "service_level"} == {
        name: whole[name] for name in found if name != "service_level"
    }


FIELDS = st.dictionaries(st.sampled_from(sorted(EVERYTHING)), st.integers(1, 5), max_size=12)
ADDED = ("transfer_rate", "access_rate", "first_response_level", "rating_response")


@given(st.lists(FIELDS, min_size=1, max_size=4))
@WIDE
def test_a_ratio_over_several_queues_is_a_sum_over_a_sum(queues: list[dict[str, int]]) -> None:
    groups = [Group(Tally(fields)) for fields in queues]
    alone = [summary_of([group], within_seconds=(), open_legs=0, max_waiting=None) for group in groups]

    together = summary_of(groups, within_seconds=(), open_legs=0, max_waiting=None)

    def parts(measures: Measures) -> dict[str, Measures]:
        cases, customers = measures["cases"], measures["customers"]
        return {
            **{name: measures[name] for name in ADDED}, **customers["repeat"],
            "reopen": cases["reopen_rate"], "contacts": cases["contacts_to_resolve"],
            "agents": cases["agents_to_resolve"], "lost": customers["lost_rate"], "never": customers["never_returned"],
        }  # fmt: skip

    for name, ratio in parts(together).items():
        for side in ("numerator", "denominator"):
            assert ratio[side] == sum(parts(one)[name][side] for one in alone), name
