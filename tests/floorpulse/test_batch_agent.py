"""What the plain batch program makes of one agent: the exclusive state, its levels over time, and the card."""

import json
from typing import Any

from floorpulse.batch import Expected
from kpi.envelope import Event
from tests.builders import T0, event
from tests.floorpulse.told import COARSE_MS, agent, live, pane, told

IN = agent("logged_in", 0)
CRM = "/crm/two"


def tell(*events: Event) -> Expected:
    return told(*events, topic="agents.events")


def copied(verb: str, at: float, leg: str | None = "c1/1", **data: Any) -> Event:
    """A copy of a contact's event that names ana."""
    return event(f"contact.{verb}", at, agent_id="ana", leg_id=leg, **data)


def card(expected: Expected) -> list[Any]:
    """The card, and since when."""
    ((text, since),) = live(expected)["agents::"].items()
    found: list[Any] = json.loads(text)
    return [*found, since]


def state(*events: Event) -> tuple[str, str]:
    """(state, reason) on the card, or offline."""
    found = tell(*events)
    return (card(found)[1], card(found)[2]) if "agents::" in live(found) else ("offline", "")


def at(*events: Event, **where: Any) -> Any:
    return pane(tell(*events), where.pop("at", 0), "", "agents", **where)


# --- Levels over time ------------------------------------------------------------------------------------------------


def test_a_change_counts_a_step_and_what_is_left_of_either_pane() -> None:
    found = tell(agent("logged_in", 12.3), agent("state_changed", 15, state="break"), agent("logged_out", 1_000))

    assert pane(found, 12, "", "agents") == {
        "step.break.ana": 1, "into.break.ana": 5_000, "into.idle.ana": 7_700 - 5_000,
    }  # fmt: skip
    assert pane(found, 12, "", "agents", COARSE_MS) == {
        "step.break.ana": 1, "into.break.ana": 885_000, "into.idle.ana": 2_700,
    }  # fmt: skip
    assert pane(found, 1_000, "", "agents") == {"step.break.ana": -1, "into.break.ana": -10_000}
    assert live(found) == {}


def test_states_of_no_length_leave_no_trace() -> None:
    found = at(
        IN, agent("state_changed", 0, state="busy", sequence=1), agent("state_changed", 0, state="idle", sequence=2)
    )

    assert found == {"step.idle.ana": 1, "into.idle.ana": 10_000}


def test_chats_are_counted_and_whether_there_are_any() -> None:
    chats = [copied("answered", n, f"k/{n}", channel="chat") for n in (1, 2)]

    assert at(*chats, copied("answered", 3)) == {
        "step.busy.ana": 1, "into.busy.ana": 9_000, "step.chats.ana": 2, "into.chats.ana": 17_000,
        "step.chatting.ana": 1, "into.chatting.ana": 9_000,
    }  # fmt: skip


def test_slots_are_what_sources_have_room_for_but_not_in_a_break() -> None:
    room = [{"channel": "chat", "max": 3}, {"channel": "voice", "max": 1}, {"channel": "social", "max": 2}, {"max": 9}]
    first = agent("state_changed", 0, state="idle", capacity=room)
    second = agent("state_changed", 1, state="idle", capacity=[{"channel": "chat", "max": 1}], source=CRM)
    pause = agent("state_changed", 20, state="break", source=CRM)
    resume = agent("state_changed", 30, state="idle", source=CRM)

    found = tell(first, second, pause, resume, agent("logged_out", 40, source=CRM))

    steps = [pane(found, at_, "", "agents").get("step.slots.ana") for at_ in (0, 20, 30, 40)]
    assert steps == [6, -6, 6, -1]
    assert card(found)[6] == {"chat": 3, "social": 2, "voice": 1}


# --- What sources say ------------------------------------------------------------------------------------------------


def test_a_login_makes_idle_and_a_logout_ends_everything() -> None:
    out = agent("logged_out", 9)

    assert state(IN) == ("idle", "")
    assert state(IN, agent("state_changed", 5, state="busy", reason="mail")) == ("busy", "mail")
    assert state(IN, agent("state_changed", 5, state="busy"), out) == ("offline", "")
    assert state(IN, agent("state_changed", 5, state="busy"), out, agent("logged_in", 10)) == ("idle", "")
    assert state(out, agent("state_changed", 10, state="has_capacity")) == ("has_capacity", "")
    assert state(agent("state_changed", 1, state="busy"), agent("state_changed", 2, state="offline")) == ("offline", "")
    assert state(agent("heartbeat", 1)) == ("offline", "")


def test_without_logins_who_has_a_queue_is_there() -> None:
    joins, leaves = (
        agent("membership_changed", n, queue_id="q", member=member) for n, member in ((1, True), (5, False))
    )

    assert state(joins) == ("idle", "")
    assert state(joins, leaves) == ("offline", "")
    assert state(joins, agent("state_changed", 3, state="busy"), leaves) == ("offline", "")
    assert state(joins, leaves, agent("membership_changed", 6, queue_id="q")) == ("idle", "")


def test_a_break_in_every_queue_is_a_break_for_the_latest_reason() -> None:
    queues = [agent("membership_changed", n, queue_id=f"q{n}", member=True) for n in (1, 2)]
    breaks = [
        agent("state_changed", 10 + n, state="break", reason=reason, queue_id=queue)
        for n, queue, reason in ((1, "q2", "lunch"), (2, "q1", "talk"))
    ]
    open_again = agent("state_changed", 20, state="idle", queue_id="q2")

    assert state(*queues, breaks[0]) == ("idle", "")
    assert state(*queues, *breaks) == ("break", "talk")
    assert state(*queues, *breaks, open_again) == ("idle", "")
    assert state(*queues, *breaks, agent("state_changed", 9, state="acw")) == ("acw", "")
    assert card(tell(*queues, *breaks, open_again))[5] == [["q1", "talk"], ["q2", None]]


def test_a_state_for_all_queues_pauses_them_or_ends_their_pauses() -> None:
    queue = agent("membership_changed", 1, queue_id="q", paused=True)
    all_of_them = agent("state_changed", 5, state="break", reason="lunch")

    assert card(tell(queue))[1:6] == ["break", "paused", "", "", [["q", "paused"]]]
    assert card(tell(queue, all_of_them))[1:6] == ["break", "lunch", "", "", [["q", "lunch"]]]
    assert card(tell(queue, all_of_them, agent("state_changed", 6, state="idle")))[1:6] == [
        "idle", "", "", "", [["q", None]]
    ]  # fmt: skip
    back = agent("membership_changed", 7, queue_id="q", paused=False)
    assert state(queue, all_of_them, back) == ("break", "lunch")
    assert state(queue, all_of_them, agent("state_changed", 7, state="busy", queue_id="q")) == ("idle", "")
    assert state(queue, agent("membership_changed", 8, queue_id="q", member=True)) == ("break", "paused")
    assert state(agent("membership_changed", 1, queue_id="q", paused=True, reason="lunch")) == ("break", "lunch")


def test_of_two_sources_the_first_state_goes_before_and_each_queue_counts_once() -> None:
    here = [agent("membership_changed", 1, queue_id=queue, paused=True, reason="x") for queue in ("q1", "q2")]
    there = agent("membership_changed", 2, queue_id="q1", source=CRM)

    found = card(tell(*here, there))

    assert found[1:6] == ["break", "x", "", "", [["q1", None], ["q2", "x"]]]
    same = [agent("state_changed", 5, state="busy", reason=name, source=name) for name in ("/b", "/a")]
    assert state(*same) == ("busy", "/a")


def test_team_and_site_are_the_latest_told() -> None:
    told_ = [agent("logged_in", 0, team="day", site="Berlin"), agent("heartbeat", 5, team="night", site="")]

    assert card(tell(*told_))[3:5] == ["night", "Berlin"]


def test_the_heartbeat_stands_while_logged_in_somewhere() -> None:
    beats = [agent("heartbeat", n, source=source) for n, source in ((-1, CRM), (5, CRM), (3, "/x"))]

    found = live(tell(IN, *beats))

    assert found["agent_heartbeat::"] == {"ana": 5.0}
    assert "agent_heartbeat::" not in live(tell(IN, *beats, agent("logged_out", 6), agent("logged_in", 7)))
    assert "agent_heartbeat::" not in live(tell(*beats, copied("answered", 8)))


def test_team_and_site_stay_known_at_home_since_they_changed_last() -> None:
    there = [agent("logged_in", 0, team="day"), agent("heartbeat", 4, site="Berlin"), agent("heartbeat", 5, team="day")]
    home = agent("logged_out", 9, team="")

    assert live(tell(*there, home)) == {"agent_team::": {'["ana","day","Berlin"]': 4.0}}
    assert live(tell(*there, home, agent("logged_in", 20, team="night")))["agent_team::"] == {
        '["ana","night","Berlin"]': 20.0
    }
    assert "agent_team::" not in live(tell(IN, home))


# --- What contacts keep busy -----------------------------------------------------------------------------------------


def test_an_engagement_rings_talks_holds_is_worked_up_and_ends() -> None:
    story = [
        copied("offered", 1), copied("answered", 4), copied("held", 10), copied("resumed", 12),
        copied("wrapup_started", 20), copied("wrapup_ended", 30),
    ]  # fmt: skip

    found = [card(tell(IN, *story[:n])) for n in range(7)]

    assert [(one[1], one[7], one[8]) for one in found] == [
        ("idle", [], 0.0),
        ("ringing", [["support", "voice", "ringing", T0 + 1_000]], 1.0),
        ("busy", [["support", "voice", "talking", T0 + 4_000]], 4.0),
        ("busy", [["support", "voice", "hold", T0 + 10_000]], 4.0),
        ("busy", [["support", "voice", "talking", T0 + 4_000]], 4.0),
        ("acw", [["support", "voice", "acw", T0 + 20_000]], 20.0),
        ("idle", [], 30.0),
    ]


def test_an_offer_that_ends_rings_no_more() -> None:
    offers = [copied("offered", 1), copied("offered", 2)]

    assert card(tell(IN, *offers))[7] == [["support", "voice", "ringing", T0 + 1_000]]
    assert state(IN, *offers, copied("offer_ended", 3, result="no_answer")) == ("idle", "")
    assert state(IN, *offers, copied("left_queue", 3, reason="abandoned")) == ("idle", "")
    assert state(IN, *offers, copied("offer_ended", 3, "other", result="no_answer")) == ("ringing", "")


def test_an_end_without_a_leg_ends_every_engagement_of_the_contact() -> None:
    legs = [copied("answered", 1), copied("offered", 2, "c1/2"), copied("answered", 3, "c2/1", contact_id="c2")]

    found = tell(*legs, copied("ended", 9, None))

    assert card(found)[7] == [["support", "voice", "talking", T0 + 3_000]]
    assert state(*legs, copied("ended", 9, None), copied("ended", 9, "c2/1", contact_id="c2")) == ("offline", "")


def test_wrap_up_without_a_leg_is_of_what_is_talked_on_else_of_the_contact() -> None:
    talk, start, end = copied("answered", 1), copied("wrapup_started", 5, None), copied("wrapup_ended", 9, None)

    assert card(tell(talk, copied("offered", 2, "c1/2"), start))[7] == [
        ["support", "voice", "acw", T0 + 5_000], ["support", "voice", "ringing", T0 + 2_000]
    ]  # fmt: skip
    assert card(tell(start))[7] == [["support", "voice", "acw", T0 + 5_000]]
    assert state(talk, start, end) == state(start, end) == ("offline", "")


def test_talking_in_one_system_while_free_in_another_is_busy() -> None:
    free = agent("state_changed", 0, state="idle", source=CRM)
    error = agent("state_changed", 9, state="error", reason="line", source=CRM)

    assert state(free, copied("answered", 5)) == ("busy", "")
    assert state(free, copied("answered", 5), error) == ("error", "line")
    assert state(agent("state_changed", 0, state="busy", reason="mail"), copied("answered", 5)) == ("busy", "mail")
    assert state(copied("answered", 5)) == ("busy", "")


def test_the_next_call_ends_the_work_after_all_others_and_a_chat_does_not() -> None:
    work = [copied("wrapup_started", n, f"w/{n}", contact_id="w") for n in (1, 2)]
    call = copied("answered", 9, "c2/1", contact_id="c2")
    chat = copied("answered", 9, "k/1", contact_id="k", channel="chat")

    assert card(tell(IN, *work, copied("offered", 3), call))[7] == [
        ["support", "voice", "ringing", T0 + 3_000], ["support", "voice", "talking", T0 + 9_000]
    ]  # fmt: skip
    assert [one[2] for one in card(tell(IN, *work, chat))[7]] == ["talking", "acw", "acw"]
    assert state(IN, *work, call, copied("ended", 10, "c2/1", contact_id="c2")) == ("idle", "")


def test_who_has_logged_out_everywhere_only_talks_on() -> None:
    hands = [
        copied("wrapup_started", 1), copied("offered", 2, "c1/2"), copied("answered", 3, "k/1", channel="chat"),
        copied("offered", 4, "k/2", channel="chat"),
    ]  # fmt: skip

    assert card(tell(IN, *hands, agent("logged_out", 9)))[7] == [["support", "chat", "talking", T0 + 3_000]]
    assert len(card(tell(IN, *hands, agent("state_changed", 9, state="offline")))[7]) == 4
    assert len(card(tell(IN, *hands, agent("logged_in", 5, source=CRM), agent("logged_out", 9)))[7]) == 4
