"""What an agent still has in hand though nobody says its end: the next call or his way home ends what it ends."""

import pytest

from kpi.facts import Fact
from tests.kpi.agent_facts import after, card_of, copied, state_of, told

WORKING = [told("logged_in", 0), copied("answered", 1), copied("wrapup_started", 2), copied("ended", 2)]


def phases(*facts: Fact) -> list[tuple[str, str]]:
    """(channel, phase) of everything he has in hand after these facts."""
    card = card_of(*facts)
    return [] if card is None else [(one.channel, one.phase) for one in card.engaged]


@pytest.mark.parametrize("channel", ["voice", "video", "callback", "email"])
def test_who_takes_the_next_call_has_done_with_the_last_one(channel: str) -> None:
    facts = [*WORKING, copied("answered", 9, "c2/1", channel=channel)]

    assert (state_of(*WORKING)[0], state_of(*facts)[0]) == ("acw", "busy")
    assert phases(*facts) == [(channel, "talking")]
    assert state_of(*facts, copied("ended", 12, "c2/1")) == ("idle", "")


def test_a_call_ends_the_work_after_every_contact_and_nothing_else() -> None:
    chat = [copied("answered", 3, "c2/1", channel="chat"), copied("wrapup_started", 4, "c2/1"),
            copied("answered", 5, "c3/1", channel="chat"), copied("offered", 6, "c4/1")]  # fmt: skip

    assert phases(*WORKING, *chat) == [("chat", "acw"), ("chat", "talking"), ("voice", "acw"), ("voice", "ringing")]
    assert phases(*WORKING, *chat, copied("answered", 9, "c5/1")) == [
        ("chat", "talking"), ("voice", "ringing"), ("voice", "talking")
    ]  # fmt: skip


def test_a_call_that_is_answered_again_has_no_work_after_it_yet() -> None:
    again = [*WORKING, copied("answered", 9)]

    assert phases(*again) == [("voice", "talking")]
    assert state_of(*again, copied("ended", 12)) == ("idle", "")


@pytest.mark.parametrize("channel", ["chat", "message", "social"])
def test_a_chat_is_taken_beside_the_work_after_others(channel: str) -> None:
    facts = [*WORKING, copied("answered", 9, "c2/1", channel=channel)]

    assert phases(*facts) == [(channel, "talking"), ("voice", "acw")]
    assert state_of(*facts, copied("ended", 12, "c2/1"))[0] == "acw"


def test_an_offer_does_not_end_the_work_after_the_last_call() -> None:
    assert state_of(*WORKING, copied("offered", 9, "c2/1"))[0] == "acw"


def test_who_logs_out_everywhere_neither_rings_nor_works_any_more() -> None:
    facts = [*WORKING, copied("offered", 3, "c2/1", channel="chat"), told("logged_out", 9)]

    assert state_of(*facts) == ("offline", "")
    assert phases(*facts, told("logged_in", 20)) == []
    assert state_of(*facts, told("logged_in", 20)) == ("idle", "")


def test_a_conversation_goes_on_when_its_agent_logs_out() -> None:
    facts = [*WORKING, copied("answered", 5, "c2/1", channel="chat"), copied("held", 6, "c2/1"), told("logged_out", 9)]

    assert state_of(*facts) == ("busy", "")
    assert phases(*facts) == [("chat", "hold")]


def test_who_logs_out_of_one_of_two_systems_works_on() -> None:
    facts = [*WORKING, told("logged_in", 3, "b"), copied("offered", 4, "c2/1"), told("logged_out", 9)]

    assert phases(*facts) == [("voice", "acw"), ("voice", "ringing")]
    assert phases(*facts, told("logged_out", 10, "b")) == []


def test_a_state_of_offline_is_no_logout_and_ends_no_work() -> None:
    assert state_of(*WORKING, told("state_changed", 9, state="offline"))[0] == "acw"


def test_an_end_of_the_work_that_is_told_after_the_next_call_changes_nothing() -> None:
    facts = [*WORKING, copied("answered", 9, "c2/1")]

    assert after(*facts, copied("wrapup_ended", 10)) == after(*facts)
