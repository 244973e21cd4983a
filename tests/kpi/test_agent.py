"""One agent: one state of all that is declared and done, the same however it is told."""

import json
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.agent import Agent, is_open, memberships, step
from kpi.agent_state import STATES
from kpi.facts import Fact
from tests.builders import T0, fact, summed
from tests.kpi.agent_facts import after, card_of, coarse_panes, copied, fine_panes, run, state_of, team_of, told
from tests.kpi.agent_stories import place_at, stories
from tests.laws import LAW

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


# --- Heartbeats, team and site -----------------------------------------------------------------------------------


def beat_of(*facts: Fact) -> int | None:
    found = memberships("ana", after(*facts))
    return found.get(("agent_heartbeat", "", "", "ana"))


def test_the_newest_heartbeat_stands_while_he_is_logged_in() -> None:
    facts = [told("logged_in", 0), told("heartbeat", 5), told("heartbeat", 65, "other")]

    assert beat_of(facts[0]) is None
    assert beat_of(*facts) == T0 + 65_000
    assert beat_of(*facts, told("logged_out", 70)) is None


def test_yesterdays_heartbeat_does_not_make_a_phantom_of_todays_login() -> None:
    facts = [told("logged_in", 0), told("heartbeat", 5), told("logged_out", 6), told("heartbeat", 66)]

    assert beat_of(*facts, told("logged_in", 50_000)) is None
    assert beat_of(*facts, told("logged_in", 50_000), told("heartbeat", 50_001)) == T0 + 50_001_000


def test_team_and_site_are_the_latest_told() -> None:
    facts = [told("logged_in", 0, team="north", site="Porto"), told("heartbeat", 1, team="south")]
    card = card_of(*facts, told("state_changed", 2, state="break"))

    assert card is not None
    assert (card.team, card.site) == ("south", "Porto")


def test_his_team_stays_known_when_he_goes_home() -> None:
    facts = [told("logged_in", 0, team="north", site="Porto"), told("logged_out", 9)]

    assert card_of(*facts) is None
    assert team_of(*facts) == (["ana", "north", "Porto"], 0.0)
    assert team_of(*facts, told("logged_in", 20, team="north")) == (["ana", "north", "Porto"], 0.0)


def test_who_was_told_neither_team_nor_site_is_in_no_team() -> None:
    assert team_of(told("logged_in", 0), copied("answered", 1)) is None
    assert team_of(told("logged_in", 0, team="")) is None
    assert team_of(told("logged_in", 0, site="Porto")) == (["ana", "", "Porto"], 0.0)


def test_a_team_is_known_since_team_or_site_last_changed() -> None:
    facts = [
        told("heartbeat", 1, team="north"), told("heartbeat", 2, team="north", site="Porto"),
        told("heartbeat", 3, team="", site="Porto"), told("logged_in", 4, team="south"), told("heartbeat", 5),
    ]  # fmt: skip

    assert [team_of(*facts[:n]) for n in range(1, 6)] == [
        (["ana", "north", ""], 1.0), (["ana", "north", "Porto"], 2.0), (["ana", "north", "Porto"], 2.0),
        (["ana", "south", "Porto"], 4.0), (["ana", "south", "Porto"], 4.0),
    ]  # fmt: skip


# --- How it is counted and kept ----------------------------------------------------------------------------------


def test_a_break_of_two_weeks_costs_two_step_writes() -> None:
    weeks = 14 * 86_400
    _, counts = run([told("logged_in", 0), told("state_changed", 60, state="break"), copied("answered", weeks)])
    steps = [(field, n) for *_, field, n in counts if "break" in field and field.startswith("step.")]
    panes = fine_panes(counts)

    assert steps == [("step.break.ana", 1), ("step.break.ana", -1)]
    assert (len(panes), len(coarse_panes(panes))) == (3, 2)


def test_a_fact_that_changes_nothing_counts_nothing() -> None:
    facts = [told("logged_in", 0), copied("answered", 1), copied("offered", 2), copied("held", 3), told("heartbeat", 4)]

    assert run(facts)[1] == run(facts[:2])[1]


def test_what_comes_and_goes_in_one_instant_cancels_out() -> None:
    facts = [told("logged_in", 0), copied("answered", 5), copied("ended", 5)]
    counted = {field: n for (*_, field), n in summed(run(facts)[1]).items()}

    assert counted == {"step.idle.ana": 1, "into.idle.ana": 10_000}


def test_a_step_stands_in_its_pane_with_what_it_is_worth_to_the_panes_end() -> None:
    _, counts = run([told("logged_in", 12.5), copied("answered", 29.999)])

    assert counts == [
        (T0 + 10_000, "", "agents", "step.idle.ana", 1), (T0 + 10_000, "", "agents", "into.idle.ana", 7_500),
        (T0 + 20_000, "", "agents", "step.idle.ana", -1), (T0 + 20_000, "", "agents", "into.idle.ana", -1),
        (T0 + 20_000, "", "agents", "step.busy.ana", 1), (T0 + 20_000, "", "agents", "into.busy.ana", 1),
    ]  # fmt: skip


def test_the_state_keeps_nothing_of_a_fact_that_may_change() -> None:
    capacity = {"chat": 3}
    state = after(told("state_changed", 0, state="idle", capacity=capacity))
    capacity["chat"] = 99

    assert state.capacity() == {"chat": 3}


@LAW
@given(stories(), st.integers(0, 30))
def test_a_state_that_was_stored_and_read_back_goes_on_as_if_it_never_was(story: list[Fact], cut: int) -> None:
    whole, counts = run(story)
    early, first = run(sorted(story)[:cut])
    read_back = msgspec.msgpack.decode(msgspec.msgpack.encode(early), type=Agent)
    assert read_back == early
    late, second = run(sorted(story)[cut:], read_back)

    assert (late, first + second) == (whole, counts)
    assert memberships("ana", late) == memberships("ana", whole)


@LAW
@given(stories())
def test_his_team_is_what_was_told_last_since_it_was_another(story: list[Fact]) -> None:
    known = place_at(story)

    assert team_of(*story) == (None if known is None else (["ana", *known[:2]], (known[2] - T0) / 1000))


@LAW
@given(stories())
def test_levels_never_go_below_zero_and_one_state_stands_at_a_time(story: list[Fact]) -> None:
    state, height = Agent(), dict.fromkeys((*STATES, "chats", "chatting", "slots"), 0)
    for one in sorted(story):
        state, counts = step(state, one)
        for *_, field, n in counts:
            kind, level, agent = field.split(".")
            assert agent == "ana"
            height[level] += n if kind == "step" else 0
        assert min(height.values()) >= 0
        assert {level for level in STATES if height[level]} == {state.state} - {"offline"}
        assert height["chatting"] == min(1, height["chats"])
        assert is_open(state) == (state.state != "offline")
        assert is_open(state) == ("agents" in {name for name, *_ in memberships("ana", state)})


@given(st.text(max_size=20), st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_a_card_is_json_as_anybody_writes_it(reason: str, team: str, queue: str) -> None:
    state = after(
        told("membership_changed", 0, queue=queue, member=True),
        told("state_changed", 1, state="break", reason=reason, team=team, capacity={"voice": 1, "chat": 2}),
        copied("offered", 2, queue=queue),
    )
    card = next(member for name, *_, member in memberships("ana", state) if name == "agents")
    wanted = ["ana", "ringing", "", team, "", [[queue, reason]], {"chat": 2, "voice": 1},
              [[queue, "voice", "ringing", T0 + 2_000]]]  # fmt: skip

    assert json.loads(card) == wanted
    assert card == json.dumps(wanted, separators=(",", ":"), ensure_ascii=False)
    teams = [member for name, *_, member in memberships("ana", state) if name == "agent_team"]
    assert teams == [json.dumps(["ana", team, ""], separators=(",", ":"), ensure_ascii=False)] * bool(team)
