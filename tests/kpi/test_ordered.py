"""Ranks and limits of a histogram, against the list of its values."""

import math

from hypothesis import given
from hypothesis import strategies as st

from kpi.ordered import Ordered

VALUES = st.lists(st.integers(0, 400), min_size=1, max_size=60)


@given(VALUES, st.integers(1, 100))
def test_a_percentile_is_the_element_number_ceil_of_p_times_n(values: list[int], percent: int) -> None:
    histogram = {value: values.count(value) for value in values}

    rank = math.ceil(percent * len(values) / 100 - 1e-9)

    assert Ordered(histogram).nearest_ranks(percent, 100) == [sorted(values)[rank - 1], max(values)]


@given(VALUES, st.integers(-1, 401))
def test_within_counts_the_values_up_to_the_limit_and_the_limit_itself(values: list[int], most: int) -> None:
    histogram = {value: values.count(value) for value in values}

    assert Ordered(histogram).within(most) == sum(value <= most for value in values)


def test_no_float_error_moves_a_rank() -> None:
    assert math.ceil(0.07 * 100) == 8, "0.07 * 100 is 7.000000000000001"

    assert Ordered(dict.fromkeys(range(1, 101), 1)).nearest_ranks(7) == [7]


def test_of_no_values_there_is_no_rank_and_none_is_within() -> None:
    nothing = Ordered({})

    assert (nothing.count, nothing.within(1_000), nothing.nearest_ranks(50, 90)) == (0, 0, [None, None])
