"""How legs come and go, how conversations end, what handling takes; outbound calls and callbacks apart."""

import pytest

from kpi.measures import Group, agent_summary, summary, summary_of
from kpi.tally import Tally
from tests.builders import fact
from tests.kpi.worked_hour import tally_of


def test_joins_transfers_and_refused_entries_are_told_by_name() -> None:
    found = summary(Tally({
        "contacts": 5, "offered": 9, "answered": 4, "transfers": 1, "join.transfer": 2, "join.requeue": 1,
        "transfer_in.consult": 1, "transfer_in.blind": 2, "transfer_out.blind": 1, "orphan": 1, "blocked.full": 3,
        "abandoned": 4,
    }))  # fmt: skip

    assert (found["contacts"], found["orphans"]) == (5, 1)
    assert list(found["joined"].items()) == [("requeue", 1), ("transfer", 2)]
    assert list(found["transfers_in"].items()) == [("blind", 2), ("consult", 1)]
    assert found["transfers_out"] == {"blind": 1}
    assert found["blocked"] == {"full": 3}
    assert found["transfer_rate"] == {"numerator": 1, "denominator": 4, "value": 0.25}
    assert found["access_rate"] == {"numerator": 4, "denominator": 8, "value": 0.5}


def test_short_and_long_go_by_each_queues_own_limit_and_the_limit_is_short_and_not_long() -> None:
    talks = Tally({"talk.10": 1, "talk.11": 1, "talk.300": 1, "talk.301": 1, "talk.480": 1})
    chats = Group(talks, short_call_seconds=11, long_seconds=480)

    alone = summary(talks)
    both = summary_of([Group(talks), chats], within_seconds=(), open_legs=0, max_waiting=None)

    assert (alone["short_calls"], alone["long_contacts"]) == (1, 2)
    assert (both["short_calls"], both["long_contacts"]) == (3, 2)


def test_handling_is_talk_and_wrap_up_over_the_legs_whose_talk_is_known() -> None:
    found = summary(Tally({"talk.60": 2, "talk_ms": 119_000, "wrapup.30": 1, "wrapup_ms": 29_500}))

    assert found["handle_seconds"] == {"count": 2, "sum": 148.5, "mean": pytest.approx(74.25)}
    assert found["wrapup_seconds"]["p90"] == 30


def test_who_ended_it_and_who_hung_up_on_hold() -> None:
    tally = tally_of([[
        fact("queued", 0, what="initial"), fact("answered", 5, agent="ana"), fact("held", 20, agent="ana"),
        fact("ended", 50, what="customer"),
    ]])  # fmt: skip

    found = summary(tally)

    assert (found["ended_by"], found["hold_abandoned"]) == ({"customer": 1}, 1)


def test_calls_that_the_centre_made_stand_apart() -> None:
    found = summary(Tally({"out_attempted": 4, "out_answered": 3, "out_ended": 2, "out_talk_ms": 90_500}))

    assert found["outbound"] == {"attempted": 4, "answered": 3, "ended": 2, "talk_seconds": 90.5}
    assert (found["offered"], found["decided"], found["talk_seconds"]["count"]) == (0, 0, 0)


def test_callbacks_are_counted_as_they_go() -> None:
    found = summary(Tally({"callback_requested": 5, "callback_attempted": 7, "callback_reached": 3}))

    assert found["callbacks"] == {"requested": 5, "attempted": 7, "reached": 3, "failed": 0}


def test_an_agents_summary_tells_wrap_up_replies_and_what_was_not_taken() -> None:
    mine = Tally({
        "~answered.a.na": 3, "~talk.20.a.na": 1, "~talk_ms.a.na": 20_000, "~wrapup.a.na": 2, "~wrapup_ms.a.na": 30_000,
        "~response.a.na": 4, "~response_ms.a.na": 10_000, "~unanswered.a.na": 1,
    }).agents()["a.na"]  # fmt: skip

    found = agent_summary(mine)

    assert found["wrapup_seconds"] == {"count": 2, "sum": 30.0, "mean": 15.0}
    assert found["handle_seconds"] == {"count": 1, "sum": 50.0, "mean": 50.0}
    assert found["responses"] == {"count": 4, "sum": 10.0, "mean": 2.5}
    assert found["unanswered_rate"] == {"numerator": 1, "denominator": 4, "value": 0.25}


def test_an_agent_who_did_nothing_has_no_mean_and_no_rate() -> None:
    found = agent_summary(Tally())

    assert found["handle_seconds"] == found["responses"] == {"count": 0, "sum": 0, "mean": None}
    assert found["unanswered_rate"]["value"] is None
