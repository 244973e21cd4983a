"""A running tally is a tally."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from board.running import RunningTally
from kpi.measures import Group, counted, summary
from kpi.tally import Tally

FIELDS = (
    *("offered", "answered", "abandoned", "unknown", "transfers", "unanswered", "case_opened", "talk_ms", "hold_ms"),
    *(f"wait.{outcome}.{seconds}" for outcome in ("answered", "abandoned", "other") for seconds in (0, 5, 20, 21)),
    *("wait_ms.answered", "wait_ms.abandoned", "wait_ms.other", "exit.timeout", "exit.key_exit"),
    *("talk.7", "talk.90", "hold.3", "@answered", "@wait.answered.4", "~answered.ana", "net.3", "something_new"),
    *("contacts", "orphan", "join.transfer", "join.requeue", "transfer_in.blind", "transfer_out.blind", "entry.web"),
    *("callback_wait.4", "ended_by.agent", "ended_by.customer", "hold_abandoned", "wrapup.5", "wrapup.6", "wrapup_ms"),
    *("out_attempted", "out_talk_ms", "blocked.full", "rating.csat/5/4", "rating.nps/10/9", "reason.billing"),
    *("callback_requested", "callback_reached", "response.3", "response_ms", "first_response.9", "first_response_ms"),
    *("handoff.2", "handoff_ms", "missed", "reassigned_silent", "case_replied", "case_reply_ms", "case_met.resolution"),
    *("case_missed.resolution", "case_contacts", "cust_arrived", "cust_abandoned", "repeat.1h", "recovered.7"),
    *("returned.3", "step.idle.ana", "into.idle.ana", "wait.moon.3", "talk.long"),
)


@given(seed=st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_after_any_changes_it_reads_as_a_tally_of_the_same_fields_does(seed: int) -> None:
    chance = random.Random(seed)
    running = RunningTally()
    for _ in range(40):
        change = {field: chance.randrange(1, 4) for field in chance.sample(FIELDS, chance.randrange(1, 15))}
        running.add(change, chance.choice((1, 1, -1)))
        whole = Tally(running.fields)
        assert running.reading == whole.reading
    assert summary(running) == summary(whole)
    assert counted([Group(running)], within_seconds=(20,)) == counted([Group(whole)], within_seconds=(20,))
