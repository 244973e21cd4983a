"""Every number of the floor at 200 random moments of a day, against a program that shares nothing with the product."""

import pytest

from tests.brute.comparison import Comparison
from tests.brute.day import events_of, lines, moments_of


@pytest.mark.slow
def test_every_number_at_200_moments_of_a_day_is_what_brute_force_counts() -> None:
    compared = Comparison(9)
    compared.run(lines(events_of(9, 0.12), moments_of(9, 200)), reports=25)
    assert compared.wrong[:20] == []
    assert compared.never() == []
