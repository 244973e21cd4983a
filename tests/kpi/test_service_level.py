"""The service level: every variant of the worked hour, told as events; targets read and never counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.groups import Group, group_of
from kpi.measures import counted, service_level, summary, summary_of, terms, with_waiting
from kpi.service_level import LIVE_VARIANTS, VARIANTS, answers_needed
from kpi.tally import Tally
from tests.kpi.worked_hour import told
from tests.laws import WIDE

LISTED = {
    "answered_only": (60, 80, 0.750), "abandon_positive": (70, 95, 0.737), "abandon_negative": (60, 95, 0.632),
    "abandon_ignored_within_T": (60, 85, 0.706), "short_excluded": (60, 90, 0.667), "with_flowouts": (60, 98, 0.612),
    "removed_within": (71, 100, 0.710), "offered_minus_failures": (65, 100, 0.650), "sl_event": (60, 98, 0.612),
    "sl_event_ignored": (60, 88, 0.682), "sl_event_positive": (70, 98, 0.714),
}  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_worked_hour_as_events_gives_exactly_the_listed_value(variant: str) -> None:
    numerator, denominator, listed = LISTED[variant]

    found = told()["service_level"][variant]

    assert found == {"numerator": numerator, "denominator": denominator, "value": numerator / denominator}
    assert found["value"] == pytest.approx(listed, abs=0.0005)


def test_a_changed_target_or_short_limit_changes_the_numbers_at_once() -> None:
    """The tally is the same; only what is asked of it differs."""
    before, strict, lenient = told(), told(target_seconds=12), told(target_seconds=11, short_seconds=19)

    assert before["service_level"]["answered_only"]["numerator"] == 60
    assert strict["service_level"]["abandon_positive"]["numerator"] == 65
    assert strict["service_level"]["sl_event"]["denominator"] == 80 + 15 + 3 + 1
    assert lenient["service_level"]["answered_only"]["numerator"] == 0
    assert (before["short_abandoned"], lenient["short_abandoned"]) == (5, 10)
    assert lenient["service_level"]["short_excluded"] == {"numerator": 0, "denominator": 85, "value": 0.0}


def test_no_traffic_has_no_level_in_any_variant() -> None:
    found = summary(Tally(), waiting_over_target=0, target_percent=80)

    assert found["service_level"].keys() == set(VARIANTS)
    assert {ratio["value"] for ratio in found["service_level"].values()} == {None}
    assert found["sl_needed"] is None


def test_a_requeue_is_a_failure_of_the_offered() -> None:
    tally = Tally({"offered": 4, "answered": 4, "wait.answered.3": 4, "join.requeue": 1})

    assert service_level("offered_minus_failures", [terms(Group(tally))]) == {
        "numerator": 3, "denominator": 4, "value": 0.75
    }  # fmt: skip


def test_a_callback_asked_for_after_the_target_is_not_removed_within_it() -> None:
    tally = Tally({
        "exit.callback_requested": 2, "callback_wait.20": 1, "callback_wait.21": 1, "wait.other.20": 1,
        "wait.other.21": 1,
    })  # fmt: skip

    assert service_level("removed_within", [terms(Group(tally, 20))]) == {
        "numerator": 1, "denominator": 2, "value": 0.5
    }  # fmt: skip


def test_where_a_part_does_not_end_now_only_the_live_variants_are_silent() -> None:
    found = summary(Tally({"answered": 1, "wait.answered.3": 1}), waiting_over_target=None, target_percent=80)

    assert {name for name, ratio in found["service_level"].items() if ratio is None} == LIVE_VARIANTS
    assert found["sl_needed"] is None


COUNTS = st.fixed_dictionaries({
    name: st.integers(0, 9)
    for name in (
        "wait.answered.3", "wait.answered.30", "wait.abandoned.2", "wait.abandoned.15", "wait.abandoned.50",
        "wait.other.9", "wait.other.40", "callback_wait.9", "join.requeue",
    )
})  # fmt: skip


def tally_of(counts: dict[str, int]) -> Tally:
    sums = {
        outcome: sum(n for name, n in counts.items() if name.startswith(f"wait.{outcome}."))
        for outcome in ("answered", "abandoned", "other")
    }
    return Tally({
        name: n
        for name, n in {
            **counts, "answered": sums["answered"], "abandoned": sums["abandoned"], "exit.timeout": sums["other"]
        }.items()
        if n
    })  # fmt: skip


@given(COUNTS, st.integers(0, 5), st.integers(0, 5))
@WIDE
def test_who_waits_may_be_put_in_afterwards(counts: dict[str, int], waiting: int, over: int) -> None:
    group = Group(tally_of(counts), 20, 5, over)

    found = with_waiting(
        counted([group], within_seconds=()), open_legs=waiting, max_waiting=None, waiting_over_target=over
    )

    of = terms(group)._replace(open=waiting)
    assert found["service_level"] == {variant: service_level(variant, [of]) for variant in VARIANTS}


@given(st.lists(st.tuples(COUNTS, st.integers(0, 3), st.sampled_from([5, 20, 45])), min_size=1, max_size=4))
@WIDE
def test_a_level_over_several_queues_is_the_sum_of_numerators_over_the_sum_of_denominators(
    queues: list[tuple[dict[str, int], int, int]],
) -> None:
    groups = [Group(tally_of(counts), target, 5, over) for counts, over, target in queues]
    alone = [
        summary_of([group], within_seconds=(), open_legs=group.waiting_over_target or 0, max_waiting=None)
        for group in groups
    ]

    together = summary_of(groups, within_seconds=(), open_legs=sum(over for _, over, _ in queues), max_waiting=None)[
        "service_level"
    ]

    for variant in VARIANTS:
        ratios = [one["service_level"][variant] for one in alone]
        assert together[variant]["numerator"] == sum(one["numerator"] for one in ratios)
        assert together[variant]["denominator"] == sum(one["denominator"] for one in ratios)


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0, 50, 80, 92.5, 99, 100]))
@WIDE
def test_the_answers_needed_are_the_fewest_that_reach_the_target(good: int, bad: int, percent: float) -> None:
    tally = Tally({"answered": good + bad, "wait.answered.3": good, "wait.answered.99": bad})
    found = summary(tally, waiting_over_target=0, target_percent=percent)["sl_needed"]

    enough = [n for n in range(6_001) if good + n >= (good + bad + n) * percent / 100]
    assert found == (None if good + bad == 0 else min(enough, default=None))


def test_answers_needed_want_a_level_and_a_target() -> None:
    level = {"numerator": 1, "denominator": 2, "value": 0.5}

    assert answers_needed(level, 80) == 3
    assert answers_needed(level, None) is None
    assert answers_needed(None, 80) is None


def test_the_target_of_several_channels_of_one_queue_holds_while_they_agree() -> None:
    late = Tally({"answered": 1, "wait.answered.99": 1})

    def needed(*groups: Group) -> int | None:
        found = summary_of(groups, within_seconds=(), open_legs=0, max_waiting=None)
        assert found["target_percent"] == (50 if found["sl_needed"] is not None else None)
        level: int | None = found["sl_needed"]
        return level

    voice = Group(late, waiting_over_target=0, target_percent=50, queue="a")
    assert needed(voice, voice) == 2
    assert needed(voice, voice._replace(target_percent=60)) is None
    assert needed(voice, voice._replace(queue="b")) is None


class Config:
    """What a queue is configured to."""

    target_percent, target_seconds, short_abandon_seconds, short_call_seconds, long_seconds = 70.0, 30, 6, 12, 400


def test_a_group_takes_every_limit_from_its_queue() -> None:
    tally = Tally()

    assert group_of(tally, Config(), queue="a", waiting_over_target=2) == Group(tally, 30, 6, 2, 70.0, 12, 400, "a")
