"""One agent: one state of all that is declared and done, the same however it is told."""

from itertools import pairwise
from typing import Any

import pytest

from kpi.agent import Agent, is_open, memberships
from kpi.agent_state import STATES
from tests.builders import T0
from tests.kpi.agent_facts import after, card_of, copied, run, state_of, told

# --- The exclusive state ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), list(pairwise(STATES)))
def test_of_what_two_sources_say_the_state_with_precedence_counts(first: str, second: str) -> None:
    for one, other in ((first, second), (second, first)):
        assert (
            state_of(told("state_changed", 0, "a", state=one), told("state_changed", 0, "b", state=other))[0] == first
        )


def test_talking_in_one_system_is_busy_though_another_says_available() -> None:
    facts = [told("logged_in", 0, "a"), told("state_changed", 1, "b", state="has_capacity"), copied("answered", 2)]

    assert state_of(*facts) == ("busy", "")
    assert state_of(*facts, copied("ended", 9)) == ("has_capacity", "")


def test_a_declared_state_gives_the_reason_and_an_engagement_gives_none() -> None:
    lunch = told("state_changed", 0, state="break", reason="lunch")

    assert state_of(lunch) == ("break", "lunch")
    assert state_of(lunch, copied("answered", 2)) == ("busy", "")
    assert state_of(lunch, copied("answered", 2), copied("ended", 3)) == ("break", "lunch")


def test_of_two_sources_that_say_the_same_the_first_by_name_gives_the_reason() -> None:
    by_b = told("state_changed", 0, "b", state="break", reason="lunch")
    by_a = told("state_changed", 1, "a", state="break", reason="coaching")

    assert state_of(by_b, by_a) == ("break", "coaching")


def test_since_moves_with_state_or_reason_only() -> None:
    facts = [
        told("state_changed", 0, state="break", reason="lunch"),
        told("state_changed", 5, state="break", reason="lunch"),
        told("state_changed", 7, state="break", reason="coaching"),
        told("heartbeat", 9),
    ]

    assert [after(*facts[: n + 1]).since - T0 for n in range(4)] == [0, 0, 7_000, 7_000]


def test_who_was_never_heard_of_is_offline_and_has_no_card() -> None:
    assert card_of() is None
    assert not is_open(Agent())


# --- Logged in ---------------------------------------------------------------------------------------------------


def test_a_login_is_idle_until_something_is_declared() -> None:
    assert state_of(told("logged_in", 0)) == ("idle", "")
    assert state_of(told("state_changed", 0, state="break"), told("logged_in", 1)) == ("break", "")


def test_a_logout_ends_it_and_a_state_begins_it_anew() -> None:
    home = [told("logged_in", 0), told("logged_out", 5)]

    assert state_of(*home) == ("offline", "")
    assert state_of(*home, told("logged_in", 9)) == ("idle", "")
    assert state_of(*home, told("state_changed", 9, state="acw")) == ("acw", "")
    assert state_of(told("logged_in", 0), told("state_changed", 5, state="offline")) == ("offline", "")


def test_logged_out_of_one_system_he_is_still_in_the_other() -> None:
    facts = [told("logged_in", 0, "a"), told("logged_in", 0, "b"), told("logged_out", 5, "a")]

    assert state_of(*facts) == ("idle", "")


def test_without_logins_members_are_logged_in_as_long_as_they_have_a_queue() -> None:
    joins = [told("membership_changed", 0, queue=queue, member=True) for queue in ("sales", "support")]
    leaves = [told("membership_changed", 9, queue=queue, member=False) for queue in ("sales", "support")]

    assert state_of(*joins) == ("idle", "")
    assert state_of(*joins, leaves[0]) == ("idle", "")
    assert state_of(*joins, *leaves) == ("offline", "")


def test_whoever_went_home_on_a_break_comes_back_without_it() -> None:
    facts = [
        told("membership_changed", 0, queue="support", member=True, paused=False),
        told("state_changed", 1, state="break", reason="lunch"),
        told("membership_changed", 2, queue="support", member=False),
        told("membership_changed", 3, queue="support", member=True, paused=False),
    ]

    assert state_of(*facts) == ("idle", "")


def test_a_login_outlasts_the_last_queue_and_so_does_a_break() -> None:
    facts = [told("logged_in", 0), told("membership_changed", 1, queue="support", member=True)]
    leaves, lunch = (
        told("membership_changed", 3, queue="support", member=False),
        told("state_changed", 2, state="break", reason="lunch"),
    )

    assert state_of(*facts, leaves) == ("idle", "")
    assert state_of(*facts, lunch, leaves) == ("break", "lunch")


def test_a_contact_keeps_him_busy_though_he_is_logged_in_nowhere() -> None:
    facts = [told("logged_in", 0), copied("answered", 1), told("logged_out", 2)]

    assert state_of(*facts) == ("busy", "")
    assert is_open(after(*facts))
    assert not is_open(after(*facts, copied("ended", 3)))


# --- Queues and pauses -------------------------------------------------------------------------------------------

MEMBER = [told("membership_changed", 0, queue=queue, member=True) for queue in ("billing", "sales", "support", "vip")]


def test_an_agent_in_four_queues_counts_once() -> None:
    state, counts = run(MEMBER)

    assert [(field, n) for *_, field, n in counts if field.startswith("step.")] == [("step.idle.ana", 1)]
    assert [name for name, *_ in memberships("ana", state)] == ["agents"]


def test_a_pause_of_some_queues_is_no_break() -> None:
    pauses = [told("state_changed", n, queue=queue, state="break") for n, queue in enumerate(("billing", "sales"), 1)]
    card = card_of(*MEMBER, *pauses)

    assert card is not None
    assert card.state == "idle"
    assert card.queues == (("billing", ""), ("sales", ""), ("support", None), ("vip", None))


def test_a_pause_of_every_queue_is_a_break_for_the_reason_of_the_latest() -> None:
    order = (("vip", "notes"), ("billing", "lunch"), ("support", "coaching"), ("sales", "notes"), ("vip", "tea"))
    pauses = [
        told("state_changed", n, queue=queue, state="break", reason=why) for n, (queue, why) in enumerate(order, 1)
    ]

    assert [state_of(*MEMBER, *pauses[:n])[0] for n in range(1, 6)] == ["idle", "idle", "idle", "break", "break"]
    assert state_of(*MEMBER, *pauses) == ("break", "tea")
    assert state_of(*MEMBER, *pauses, told("state_changed", 9, queue="sales", state="idle")) == ("idle", "")
    assert state_of(*MEMBER, *pauses, told("membership_changed", 9, queue="vip", member=False)) == ("break", "notes")


def test_a_break_without_a_queue_pauses_all_and_anything_else_ends_all_pauses() -> None:
    paused = [
        *MEMBER,
        told("state_changed", 1, queue="vip", state="break", reason="notes"),
        told("state_changed", 2, state="break", reason="lunch"),
    ]
    one, other = card_of(*paused), card_of(*paused, told("state_changed", 3, state="idle"))

    assert one is not None and other is not None
    assert {pause for _, pause in one.queues} == {"lunch"}
    assert {pause for _, pause in other.queues} == {None}


def test_a_declared_break_keeps_its_reason_when_a_queue_is_paused_beside_it() -> None:
    lunch = [*MEMBER, told("state_changed", 1, state="break", reason="lunch")]
    state = after(*lunch, told("state_changed", 2, queue="vip", state="break", reason="outage"))

    assert (state.state, state.reason, state.since) == ("break", "lunch", T0 + 1_000)


def test_who_is_unpaused_in_one_queue_has_ended_the_break() -> None:
    facts = [*MEMBER, told("state_changed", 1, state="break", reason="lunch")]
    card = card_of(*facts, told("state_changed", 2, queue="sales", state="idle", reason="back"))

    assert card is not None
    assert (card.state, card.reason) == ("idle", "")
    assert dict(card.queues) == {"billing": "lunch", "sales": None, "support": "lunch", "vip": "lunch"}


def test_a_call_that_a_source_declares_goes_before_the_pause_of_every_queue() -> None:
    talking = [told("membership_changed", 0, queue="support", member=True), told("state_changed", 1, state="busy")]

    assert state_of(*talking, told("state_changed", 2, queue="support", state="break"))[0] == "busy"


def test_membership_keeps_a_pause_unless_it_says_otherwise() -> None:
    paused = [
        told("membership_changed", 0, queue="support", member=True),
        told("state_changed", 1, queue="support", state="break", reason="lunch"),
    ]
    changes: list[tuple[dict[str, Any], str | None]] = [
        ({"level": 2}, "lunch"), ({"member": True}, "lunch"), ({"paused": True}, "paused"),
        ({"paused": True, "reason": "outage"}, "outage"), ({"paused": False}, None),
    ]  # fmt: skip

    for more, pause in changes:
        card = card_of(*paused, told("membership_changed", 2, queue="support", **more))
        assert card is not None
        assert card.queues == (("support", pause),)


def test_a_queue_that_one_source_keeps_open_is_open() -> None:
    facts = [
        told("membership_changed", 0, source, queue="support", member=True, paused=source == paused)
        for paused in ("a", "b")
        for source in ("a", "b")
    ]

    for two in (facts[:2], facts[2:]):
        card = card_of(*two)
        assert card is not None
        assert card.queues == (("support", None),)
