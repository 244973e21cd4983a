"""A running tally is a tally."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from board.running import RunningTally
from kpi.measures import summary
from kpi.tally import Tally

FIELDS = (
    *("offered", "answered", "abandoned", "unknown", "transfers", "unanswered", "case_opened", "talk_ms", "hold_ms"),
    *(f"wait.{outcome}.{seconds}" for outcome in ("answered", "abandoned", "other") for seconds in (0, 5, 20, 21)),
    *("wait_ms.answered", "wait_ms.abandoned", "wait_ms.other", "exit.timeout", "exit.key_exit"),
    *("talk.7", "talk.90", "hold.3", "@answered", "@wait.answered.4", "~answered.ana", "net.3", "something_new"),
)


@given(seed=st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_after_any_changes_it_reads_as_a_tally_of_the_same_fields_does(seed: int) -> None:
    chance = random.Random(seed)
    running = RunningTally()
    for _ in range(40):
        change = {field: chance.randrange(1, 4) for field in chance.sample(FIELDS, chance.randrange(1, 9))}
        running.add(change, chance.choice((1, 1, -1)))
        whole = Tally(running.fields)
        assert running.reading == whole.reading
    assert summary(running) == summary(whole)
