"""How often a robot may speak."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from alerts.relay.budget import SPACING_MS, Budget, Spent
from tests.laws import LAW


@LAW
@given(
    per_minute=st.integers(1, 100),
    pauses=st.lists(st.one_of(st.just(0), st.integers(0, 5_000), st.integers(0, 200_000)), max_size=150),
)
@example(per_minute=20, pauses=[0] * 60)
@example(per_minute=1, pauses=[0] * 5)
@example(per_minute=100, pauses=[0] * 250)
def test_no_window_of_a_minute_ever_holds_more_than_is_allowed(per_minute: int, pauses: list[int]) -> None:
    budget, spent, now, sent = Budget(per_minute), Spent(), 0, []
    for pause in pauses:
        now = budget.ready_ms(spent, now + pause)
        spent = budget.spend(spent, now)
        sent.append(now)

    for at in sent:  # both ends counted
        assert sum(at <= other <= at + 60_000 for other in sent) <= per_minute
        assert sum(at <= other <= at + 1_000 for other in sent) <= 5


@LAW
@given(per_minute=st.integers(1, 100), pauses=st.lists(st.integers(0, 10_000), max_size=80))
def test_what_is_free_may_leave_at_once_but_for_the_spacing(per_minute: int, pauses: list[int]) -> None:
    budget, spent, now = Budget(per_minute), Spent(), 0
    for pause in pauses:
        now += pause
        free = budget.free(spent, now)
        assert 0 <= free <= budget.at_once
        assert free == 0 or budget.ready_ms(spent, now) <= now + SPACING_MS
        now = budget.ready_ms(spent, now)
        spent = budget.spend(spent, now)


def test_after_silence_five_leave_within_two_seconds_and_then_one_every_few() -> None:
    budget, spent, now, sent = Budget(20), Spent(), 1_000_000, []
    for _ in range(8):
        now = budget.ready_ms(spent, now)
        spent = budget.spend(spent, now)
        sent.append(now - 1_000_000)

    assert sent[:5] == [0, 250, 500, 750, 1_000]
    assert all(4_000 <= later - earlier <= 4_100 for earlier, later in pairwise(sent[5:]))


@LAW
@given(back=st.integers(0, 10**10))
def test_a_clock_that_was_set_back_silences_nobody_for_longer_than_a_full_bucket(back: int) -> None:
    budget, spent, now = Budget(20), Spent(), 10**12
    for _ in range(5):
        spent = budget.spend(spent, now)

    assert budget.ready_ms(spent, now - back) <= now - back + 5_000
