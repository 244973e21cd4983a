"""Abandonment: every rate of the worked hour, and when customers give up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.abandonment import abandon_hazard
from kpi.measures import Group, counted, summary, summary_of, with_waiting
from kpi.ordered import Ordered
from kpi.tally import Tally
from tests.kpi.worked_hour import hour, tally_of, told
from tests.laws import WIDE


@pytest.mark.parametrize(
    ("rate", "numerator", "denominator"),
    [
        ("offered", 15, 100), ("decided", 15, 98), ("net_short", 10, 95), ("answered", 15, 80), ("within_15", 5, 100),
        ("within_20", 10, 100), ("within_30", 10, 100),
    ],
)  # fmt: skip
def test_the_worked_hour_gives_every_rate(rate: str, numerator: int, denominator: int) -> None:
    found = told()["abandonment_rates"][rate]

    assert found == {"numerator": numerator, "denominator": denominator, "value": numerator / denominator}


def test_the_worked_hour_tells_how_long_customers_are_patient() -> None:
    found = told()

    assert found["wait_seconds"]["abandoned"]["mean"] == pytest.approx((5 * 4.2 + 5 * 19 + 5 * 70) / 15)
    assert found["abandon_hazard"] == [
        {"from_seconds": 0, "abandoned": 10, "at_risk": 98, "value": 10 / 98},
        {"from_seconds": 20, "abandoned": 0, "at_risk": 27, "value": 0.0},
        {"from_seconds": 40, "abandoned": 0, "at_risk": 27, "value": 0.0},
        {"from_seconds": 60, "abandoned": 5, "at_risk": 7, "value": 5 / 7},
        {"from_seconds": 80, "abandoned": 0, "at_risk": 2, "value": 0.0},
    ]


def test_without_traffic_there_is_no_rate_and_no_step() -> None:
    found = summary(Tally())

    assert {rate["value"] for rate in found["abandonment_rates"].values()} == {None}
    assert found["abandon_hazard"] == []


def test_a_rate_within_some_seconds_does_not_ask_what_else_is_told() -> None:
    one, other = summary(tally_of(hour()), within=()), summary(tally_of(hour()), within=(15,))

    assert one["abandonment_rates"] == other["abandonment_rates"]


def test_a_wait_on_the_edge_of_a_step_belongs_to_the_one_before_and_none_at_all_to_the_first() -> None:
    waits = Ordered({0: 1, 20: 1, 21: 1, 40: 1})

    assert [(row["from_seconds"], row["abandoned"], row["at_risk"]) for row in abandon_hazard(waits, waits)] == [
        (0, 2, 4), (20, 2, 2)
    ]  # fmt: skip


WAITS = st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=40)


@given(WAITS)
@WIDE
def test_the_hazard_is_what_a_walk_over_the_waits_finds(waits: list[tuple[int, bool]]) -> None:
    """`waits`: (whole seconds, gave up)."""
    abandoned, everybody = ({}, {})  # type: tuple[dict[int, int], dict[int, int]]
    for seconds, gave_up in waits:
        everybody[seconds] = everybody.get(seconds, 0) + 1
        if gave_up:
            abandoned[seconds] = abandoned.get(seconds, 0) + 1

    found = abandon_hazard(Ordered(abandoned), Ordered(everybody))

    wanted = []
    for at in range(0, 300, 20):
        there = [wait for wait in waits if wait[0] > at or at == 0]
        gone = sum(gave_up and seconds <= at + 20 for seconds, gave_up in there)
        if there:
            wanted.append({"from_seconds": at, "abandoned": gone, "at_risk": len(there), "value": gone / len(there)})
    assert found == wanted


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
@WIDE
def test_who_waits_belongs_to_the_offered(answered: int, abandoned: int, waiting: int) -> None:
    tally = Tally({"answered": answered, "abandoned": abandoned, "wait.abandoned.4": abandoned})
    counts = counted([Group(tally)], within_seconds=())

    found = with_waiting(counts, open_legs=waiting, max_waiting=None, waiting_over_target=0)

    offered = answered + abandoned + waiting
    rates = {name: rate["denominator"] for name, rate in found["abandonment_rates"].items()}
    assert rates == {
        "offered": offered, "decided": answered + abandoned, "net_short": offered - abandoned, "answered": answered,
        "within_15": offered, "within_20": offered, "within_30": offered,
    }  # fmt: skip
    assert found["access_rate"]["denominator"] == offered


def test_short_abandons_of_two_queues_are_each_queues_own() -> None:
    gone = Tally({"abandoned": 1, "wait.abandoned.8": 1})

    found = summary_of([Group(gone, 20, 5), Group(gone, 20, 10)], within_seconds=(), open_legs=0, max_waiting=None)

    assert found["abandonment_rates"]["net_short"] == {"numerator": 1, "denominator": 1, "value": 1.0}
