"""What an agent has in hand: offers, calls, holds, wrap-up, chats and their slots."""

import pytest

from kpi.facts import Fact
from tests.builders import T0, fact
from tests.kpi.agent_facts import after, card_of, copied, run, state_of, told

# --- Engagements -------------------------------------------------------------------------------------------------


def test_one_contact_rings_is_talked_on_held_and_worked_up() -> None:
    facts = [
        told("logged_in", 0), copied("offered", 1), copied("answered", 3), copied("held", 5), copied("resumed", 8),
        copied("wrapup_started", 9), copied("ended", 10), copied("wrapup_ended", 12),
    ]  # fmt: skip
    found = []
    for n in range(1, len(facts) + 1):
        card = card_of(*facts[:n])
        assert card is not None
        found.append((card.state, [(one.phase, (one.since - T0) // 1000) for one in card.engaged]))

    assert found == [
        ("idle", []), ("ringing", [("ringing", 1)]), ("busy", [("talking", 3)]), ("busy", [("hold", 5)]),
        ("busy", [("talking", 3)]), ("acw", [("acw", 9)]), ("acw", [("acw", 9)]), ("idle", []),
    ]  # fmt: skip


def test_who_loses_a_race_for_a_call_is_free_again_and_the_winner_is_busy() -> None:
    # ring-all: three telephones ring, one is answered; each agent's record hears of his own offer only
    offered = [told("logged_in", 0), copied("offered", 1)]
    loser = fact("offer_ended", 3, "c1|c1/1", what="lost_race", agent="ana")

    assert state_of(*offered)[0] == "ringing"
    assert state_of(*offered, loser)[0] == "idle"
    assert state_of(*offered, copied("answered", 3))[0] == "busy"


def test_a_second_offer_of_the_same_contact_rings_anew() -> None:
    facts = [copied("offered", 1), copied("offer_ended", 4), copied("offered", 9), copied("offered", 11)]
    card = card_of(*facts)

    assert card is not None
    assert [(one.phase, one.since - T0) for one in card.engaged] == [("ringing", 9_000)]


def test_a_caller_who_hangs_up_while_it_rings_frees_the_agent() -> None:
    assert state_of(told("logged_in", 0), copied("offered", 1), copied("left_queue", 2)) == ("idle", "")


def test_an_end_without_a_leg_ends_all_of_that_contact_and_no_other() -> None:
    facts = [copied("answered", 1, "c1/1"), copied("offered", 2, "c1/2"), copied("answered", 3, "c11/1")]
    card = card_of(*facts, copied("ended", 4, None))

    assert card is not None
    assert [one.since - T0 for one in card.engaged] == [3_000]


def test_an_end_leaves_the_work_after_the_call() -> None:
    assert state_of(copied("answered", 1), copied("wrapup_started", 2), copied("ended", 3))[0] == "acw"


def test_work_after_a_call_that_names_no_leg_is_about_what_he_talks_on() -> None:
    facts = [copied("answered", 1), copied("answered", 2, "c2/1"), copied("wrapup_started", 3, None)]

    assert state_of(*facts)[0] == "busy"
    assert state_of(*facts, copied("ended", 4, "c2/1"))[0] == "acw"
    assert state_of(*facts, copied("ended", 4, "c2/1"), copied("wrapup_ended", 5, None))[0] == "offline"


def test_work_after_a_call_begins_once_and_ends_the_hold() -> None:
    facts = [copied("offered", 1), copied("answered", 2), copied("held", 3), copied("wrapup_started", 4, None)]
    card = card_of(*facts, copied("wrapup_started", 5))

    assert card is not None
    assert [(one.phase, one.since - T0) for one in card.engaged] == [("acw", 4_000)]
    assert card_of(*facts, copied("wrapup_ended", 6)) is None
    again = card_of(*facts, copied("answered", 6))
    assert again is not None
    assert [(one.phase, one.since - T0) for one in again.engaged] == [("talking", 6_000)]


def test_work_after_a_call_begins_though_the_call_was_over_or_never_heard_of() -> None:
    for leg in ("c1/1", None):
        begun = [copied("answered", 1), copied("ended", 2), copied("wrapup_started", 3, leg)]
        assert state_of(*begun)[0] == state_of(begun[-1])[0] == "acw"
        assert state_of(*begun, copied("wrapup_ended", 4, leg))[0] == "offline"


def test_a_hold_without_a_conversation_is_none() -> None:
    assert card_of(copied("held", 1)) is None
    card = card_of(copied("offered", 1), copied("held", 2), copied("answered", 3))
    assert card is not None
    assert [one.phase for one in card.engaged] == ["talking"]


@pytest.mark.parametrize(
    "kind", ["queued", "message", "transferred", "rated", "updated", "case.assigned", "case.replied"]
)
def test_other_copies_change_nothing(kind: str) -> None:
    before, after_it = after(copied("answered", 1)), after(copied("answered", 1), fact(kind, 2, "c1|c1/1", agent="ana"))

    assert before == after_it


# --- Chats and slots ---------------------------------------------------------------------------------------------


def levels_of(*facts: Fact) -> dict[str, int]:
    """The height of each level after these facts, from the steps alone."""
    found: dict[str, int] = {}
    for *_, field, n in run(facts)[1]:
        if field.startswith("step."):
            level = field.split(".")[1]
            found[level] = found.get(level, 0) + n
    return {level: n for level, n in found.items() if n}


CHATTER = told("state_changed", 0, state="idle", capacity={"chat": 3, "voice": 1})


def test_chats_count_one_by_one_and_chatting_once() -> None:
    first, second = copied("answered", 1, channel="chat"), copied("answered", 2, "c2/1", channel="social")

    assert levels_of(CHATTER) == {"idle": 1, "slots": 3}
    assert levels_of(CHATTER, first) == {"busy": 1, "slots": 3, "chats": 1, "chatting": 1}
    assert levels_of(CHATTER, first, second) == {"busy": 1, "slots": 3, "chats": 2, "chatting": 1}
    assert levels_of(CHATTER, first, second, copied("ended", 3), copied("ended", 4, "c2/1")) == {"idle": 1, "slots": 3}


def test_a_call_is_no_chat() -> None:
    assert levels_of(copied("answered", 1)) == {"busy": 1}


@pytest.mark.parametrize("state", ["break", "error", "offline"])
def test_there_are_no_slots_while_nobody_gives_him_a_chat(state: str) -> None:
    assert "slots" not in levels_of(CHATTER, told("state_changed", 1, state=state))


def test_slots_are_summed_over_the_systems_he_is_logged_in_to_the_latest_told_each() -> None:
    more = told("state_changed", 1, "b", state="idle", capacity={"message": 4})

    assert levels_of(CHATTER, more)["slots"] == 7
    assert levels_of(CHATTER, more, told("state_changed", 2, state="idle", capacity={"chat": 5}))["slots"] == 9
    assert levels_of(CHATTER, more, told("state_changed", 2, "b", state="offline"))["slots"] == 3
