"""Events in any order, with any field there or not: what they come to is what brute force counts."""

import pytest

from tests.brute.comparison import Comparison
from tests.brute.day import START, lines, moments_of
from tests.brute.wild import Wild

MORNING = START + 8 * 3_600_000


@pytest.mark.parametrize("seed", range(6))
def test_stories_that_make_no_sense_are_counted_as_brute_force_counts_them(seed: int) -> None:
    compared = Comparison(seed)
    moments = moments_of(seed, 8, MORNING, MORNING + 5 * 3_600_000)
    compared.run(lines(Wild(seed, MORNING).make(), moments), reports=4)
    assert compared.wrong[:20] == []
    ledger = compared.product.ledger()
    assert {word: ledger[word] for word in compared.brute.ledger()} == compared.brute.ledger()
    assert ledger["duplicate"] > 0
    assert ledger["copies"] > 0
