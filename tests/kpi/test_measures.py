"""The formulas, each against its definition or a published example."""

import pytest

from kpi.measures import (
    Group,
    abandonment,
    agent_summary,
    distribution,
    service_level,
    severity,
    summary,
    summary_of,
    terms,
)
from kpi.ordered import Ordered
from kpi.tally import Tally

# The worked hour of the domain research: Q 100, A 80 (60 within T), B 15 (10 within T, 5 short), O 3 (1 within T),
# 2 still waiting, 1 of them past T; T 20 s, S 5 s.
HOUR = Tally({
    "offered": 100, "answered": 80, "abandoned": 15, "exit.timeout": 2, "exit.callback_requested": 1,
    "wait.answered.20": 60, "wait.answered.21": 20, "wait.abandoned.5": 5, "wait.abandoned.6": 5,
    "wait.abandoned.40": 5, "wait.other.20": 1, "wait.other.90": 2,
})  # fmt: skip


@pytest.mark.parametrize(
    ("variant", "numerator", "denominator"),
    [("answered_only", 60, 80), ("short_excluded", 60, 90), ("sl_event", 60, 80 + 15 + 2 + 1)],
)
def test_the_worked_hour_gives_the_published_service_levels(variant: str, numerator: int, denominator: int) -> None:
    found = service_level(variant, [terms(Group(HOUR, 20, 5, waiting_over_target=1))])

    assert found == {"numerator": numerator, "denominator": denominator, "value": numerator / denominator}


def test_without_knowing_who_waits_there_is_no_live_service_level() -> None:
    assert service_level("sl_event", [terms(Group(HOUR, waiting_over_target=None))]) is None


def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(ValueError, match="wanted one of answered_only"):
        service_level("guess", [terms(Group(HOUR))])


def test_no_traffic_means_no_value() -> None:
    measures = summary(Tally(), waiting_over_target=0)

    assert {ratio["value"] for ratio in measures["service_level"].values()} == {None}
    assert measures["wait_seconds"]["all"] == {
        "count": 0, "sum": 0, "mean": None, "p50": None, "p90": None, "p95": None, "max": None
    }  # fmt: skip
    assert abandonment(Tally())["value"] is None


def test_abandonment_is_a_share_of_the_decided() -> None:
    assert abandonment(HOUR) == {"numerator": 15, "denominator": 98, "value": 15 / 98}


def test_a_wait_exactly_at_the_short_limit_is_short() -> None:
    assert terms(Group(HOUR, short_seconds=5)).short_abandoned == 5
    assert terms(Group(HOUR, short_seconds=4)).short_abandoned == 0


def test_waits_unknown_count_as_answered_but_never_within_a_target() -> None:
    tally = Tally({"answered": 2, "unknown": 1, "wait.answered.3": 1})

    found = service_level("answered_only", [terms(Group(tally))])

    assert found == {"numerator": 1, "denominator": 2, "value": 0.5}


def test_several_queues_are_summed_each_under_its_own_target() -> None:
    fast, slow = Tally({"answered": 1, "wait.answered.15": 1}), Tally({"answered": 1, "wait.answered.15": 1})

    found = service_level("answered_only", [terms(Group(fast, 10)), terms(Group(slow, 60))])

    assert found == {"numerator": 1, "denominator": 2, "value": 0.5}


def test_a_total_counts_short_abandons_by_each_queues_own_limit() -> None:
    gone = Tally({"abandoned": 1, "wait.abandoned.8": 1})

    found = summary_of([Group(gone, 20, 5), Group(gone, 20, 10)], within_seconds=(), open_legs=0, max_waiting=0)

    assert (found["abandoned"], found["short_abandoned"]) == (2, 1)


def test_mean_and_sum_come_from_milliseconds() -> None:
    found = distribution(Ordered({12: 1, 20: 1, 21: 1}), 52_001)

    assert found["sum"] == pytest.approx(52.001)
    assert found["mean"] == pytest.approx(52.001 / 3)
    assert found["max"] == 21


def test_a_summary_has_the_shape_of_a_report() -> None:
    found = summary(HOUR, within=(5, 20), open=2, max_waiting=7, waiting_over_target=1)

    assert list(found) == [
        "offered", "decided", "answered", "abandoned", "short_abandoned", "exits", "open", "waits_unknown",
        "answered_within", "abandoned_within", "wait_seconds", "talk_seconds", "hold_seconds", "transfers",
        "offers_unanswered", "service_level", "max_waiting", "target_percent", "sl_needed", "contacts", "joined",
        "transfers_in", "transfers_out", "transfer_rate", "orphans", "blocked", "access_rate", "abandonment_rates",
        "abandon_hazard", "ended_by", "hold_abandoned", "short_calls", "long_contacts", "wrapup_seconds",
        "handle_seconds", "first_response_seconds", "response_seconds", "handoff_seconds", "first_response_level",
        "missed_chats", "reassigned_silent", "ratings", "rating_response", "entry_points", "reasons", "outbound",
        "callbacks", "cases", "customers",
    ]  # fmt: skip
    assert found["decided"] == 98
    assert found["exits"] == {"callback_requested": 1, "timeout": 2}
    assert found["answered_within"] == {"5": 0, "20": 60}
    assert found["abandoned_within"] == {"5": 5, "20": 10}
    assert (found["open"], found["max_waiting"]) == (2, 7)


def test_an_agents_summary_tells_what_the_agent_did() -> None:
    found = agent_summary(Tally({"answered": 3, "talk.10": 2, "talk_ms": 19_500, "transfers": 1, "unanswered": 4}))

    assert found["answered"] == 3
    assert found["talk_seconds"]["mean"] == pytest.approx(9.75)
    assert (found["transfers"], found["offers_unanswered"]) == (1, 4)


LEVELS = {"longest_wait_seconds": {"warning": 60.0, "critical": 180.0}, "service_level_ratio": {"warning": 0.8}}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        pytest.param({"longest_wait_seconds": 59.9}, {"longest_wait_seconds": 0}, id="below"),
        pytest.param({"longest_wait_seconds": 60.0}, {"longest_wait_seconds": 1}, id="at the threshold it begins"),
        pytest.param({"longest_wait_seconds": 180.0}, {"longest_wait_seconds": 2}, id="the worse one counts"),
        pytest.param({"longest_wait_seconds": None}, {"longest_wait_seconds": 0}, id="nobody waits"),
        pytest.param({"service_level_ratio": 0.8}, {"service_level_ratio": 0}, id="a level at its threshold is fine"),
        pytest.param({"service_level_ratio": 0.79}, {"service_level_ratio": 1}, id="below it is bad"),
        pytest.param({"service_level_ratio": 0.0}, {"service_level_ratio": 1}, id="zero is a value"),
    ],
)
def test_severity_begins_at_the_threshold_and_for_a_service_level_below_it(
    values: dict[str, float | None], found: dict[str, int]
) -> None:
    assert severity(values, LEVELS) == {"longest_wait_seconds": 0, "service_level_ratio": 0, **found}
