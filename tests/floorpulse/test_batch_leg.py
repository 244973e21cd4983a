"""What the plain batch program makes of a leg: how it joined and left, who served it, what came after."""

from typing import Any

from kpi.envelope import Event
from tests.builders import event
from tests.floorpulse.told import counts, live, pane, told

QUEUED = event("contact.queued", 0)


def answered(at: float = 10, **data: Any) -> Event:
    return event("contact.answered", at, **{"agent_id": "ana", **data})


def ended(at: float = 60, **data: Any) -> Event:
    return event("contact.ended", at, **data)


# --- Joining ---------------------------------------------------------------------------------------------------------


def test_an_exit_without_a_join_joins_by_its_reported_wait_and_is_an_orphan() -> None:
    found = told(event("contact.left_queue", 40, reason="abandoned", reported={"wait_ms": 30_001}))

    assert pane(found, 9.999) == {
        "offered": 1, "contacts": 1, "orphan": 1, "net.9": 1, "@abandoned": 1, "@wait.abandoned.31": 1,
        "@wait_ms.abandoned": 30_001,
    }  # fmt: skip
    assert pane(found, 40)["wait.abandoned.31"] == 1


def test_joining_again_tells_that_the_contact_left_before() -> None:
    again = event("contact.queued", 30, leg_id="c1/2", queue_id="sales", reason="requeue")

    found = told(QUEUED, again)

    assert pane(found, 30)["exit.unknown_exit"] == 1
    assert live(found) == {"waiting:sales:voice": {"c1|c1/2": 30.0}}
    assert counts(found, queue="sales") == {"join.requeue": 1, "offered": 1}


def test_only_the_first_leg_is_a_contact_and_tells_where_it_came_in() -> None:
    first = event("contact.queued", 0, entry_point="x" * 70, reason="initial")
    again = event("contact.queued", 30, leg_id="c1/2", entry_point="400")

    assert counts(told(first, again), "contacts", "entry", "join", "offered") == {
        "contacts": 1, f"entry.{'x' * 64}": 1, "offered": 2,
    }  # fmt: skip


def test_a_transfer_in_is_of_the_kind_of_the_latest_transfer_out() -> None:
    moves = [
        event("contact.transferred", at, leg_id=leg, **kind)
        for at, leg, kind in ((20, "c1/2", {"kind": "blind"}), (21, "c1/1", {"kind": "consult"}), (50, "c1/1", {}))
    ]
    into = event("contact.queued", 30, leg_id="c1/3", queue_id="sales", reason="transfer")
    alone = event("contact.queued", 30, leg_id="c9/1", contact_id="c9", queue_id="other", reason="transfer")

    found = told(QUEUED, answered(), *moves, into, alone)

    assert counts(found, "transfer_in", "join", queue="sales") == {"join.transfer": 1, "transfer_in.consult": 1}
    assert counts(found, "transfer_in", queue="other") == {"transfer_in.unknown": 1}
    assert counts(found, "transfer") == {"transfer_out.blind": 1, "transfer_out.consult": 1, "transfers": 2}


# --- Leaving ---------------------------------------------------------------------------------------------------------


def test_the_better_known_of_two_contradicting_ends_stands() -> None:
    lost = event("contact.left_queue", 50, reason="lost_unknown")
    gone = event("contact.left_queue", 30, reason="abandoned")

    found = told(QUEUED, gone, lost)

    assert pane(found, 30)["abandoned"] == 1
    assert pane(found, 50) == {}


def test_a_callback_request_tells_its_wait_beside_the_other_exits() -> None:
    found = told(QUEUED, event("contact.left_queue", 12.3, reason="callback_requested"))

    assert counts(found, "callback_wait", "wait", "@callback_wait") == {
        "@callback_wait.13": 1, "callback_wait.13": 1, "wait.other.13": 1, "wait_ms.other": 12_300,
    }  # fmt: skip
    assert pane(found, 0)["@callback_wait.13"] == 1


def test_an_end_without_an_answer_was_answered_by_its_reported_talk() -> None:
    found = told(QUEUED, ended(60, agent_id="ana", reported={"talk_ms": 20_000}))

    assert pane(found, 40)["~answered.ana"] == 1
    assert pane(found, 60)["~talk.20.ana"] == 1


# --- Service ---------------------------------------------------------------------------------------------------------


def test_who_ended_the_conversation_is_counted_and_nobody_told_is_unknown() -> None:
    for told_by, who in (({"ended_by": "agent"}, "agent"), ({}, "unknown"), ({"ended_by": "lost_unknown"},) * 2):
        found = told(QUEUED, answered(), ended(**told_by))  # type: ignore[arg-type]

        name = who if isinstance(who, str) else "lost_unknown"
        assert counts(found, "ended_by", "@ended_by") == {f"@ended_by.{name}": 1, f"ended_by.{name}": 1}
        assert pane(found, 0)[f"@ended_by.{name}"] == 1


def test_a_hold_that_is_open_when_the_customer_ends_it_was_abandoned() -> None:
    held, resumed = event("contact.held", 20), event("contact.resumed", 30)

    def abandoned(*facts: Event) -> dict[str, int]:
        return counts(told(QUEUED, answered(), *facts), "hold_abandoned", "@hold_abandoned")

    both = {"hold_abandoned": 1, "@hold_abandoned": 1}
    assert abandoned(held, ended(ended_by="customer")) == both
    assert abandoned(held, ended()) == both
    assert abandoned(held, ended(ended_by="agent")) == {}
    assert abandoned(held, resumed, ended(ended_by="customer")) == {}
    assert abandoned(held, ended(25, ended_by="customer"), resumed) == both


# --- Wrap-up ---------------------------------------------------------------------------------------------------------


def test_wrap_up_lasts_as_reported_else_since_the_last_start_of_it() -> None:
    starts = [event("contact.wrapup_started", at) for at in (60, 62)]

    found = told(QUEUED, answered(), ended(), *starts, event("contact.wrapup_ended", 75.5))
    reported = told(QUEUED, answered(), ended(), *starts, event("contact.wrapup_ended", 75, reported={"acw_ms": 9_001}))

    assert counts(found, "wrapup", "~wrapup") == {
        "wrapup.14": 1, "wrapup_ms": 13_500, "~wrapup.ana": 1, "~wrapup_ms.ana": 13_500,
    }  # fmt: skip
    assert pane(found, 75.5)["wrapup.14"] == pane(found, 0)["@wrapup.14"] == 1
    assert pane(found, 0)["@~wrapup_ms.ana"] == 13_500
    assert counts(reported, "wrapup") == {"wrapup.10": 1, "wrapup_ms": 9_001}


def test_wrap_up_is_of_the_named_leg_else_of_the_last_that_was_answered() -> None:
    more = [event("contact.queued", 20, leg_id="c1/2"), answered(25, leg_id="c1/2", agent_id="bo")]
    more.append(event("contact.queued", 30, leg_id="c1/3"))
    length = {"acw_ms": 5_000}
    named = event("contact.wrapup_ended", 70, reported=length)
    unnamed = event("contact.wrapup_ended", 80, leg_id=None, reported=length)

    found = told(QUEUED, answered(), *more, named, unnamed)

    assert counts(found, "~wrapup.") == {"~wrapup.ana": 1, "~wrapup.bo": 1}


def test_the_last_end_of_a_wrap_up_stands_for_whom_it_names() -> None:
    first = event("contact.wrapup_ended", 70, reported={"acw_ms": 5_000})
    last = event("contact.wrapup_ended", 80, agent_id="zoe", reported={"acw_ms": 6_000})
    unknown = event("contact.wrapup_ended", 90)

    assert counts(told(QUEUED, answered(), first, last), "wrapup.", "~wrapup.") == {"wrapup.6": 1, "~wrapup.zoe": 1}
    assert counts(told(QUEUED, answered(), first, last, unknown), "wrapup", "~wrapup") == {}


# --- Outbound --------------------------------------------------------------------------------------------------------


def test_an_outbound_leg_counts_under_names_of_its_own_and_waits_nowhere() -> None:
    rung = event("contact.offered", 1, direction="outbound", agent_id="ana")
    lost = event("contact.offer_ended", 2, result="no_answer", agent_id="ana")
    wrapped = event("contact.wrapup_ended", 70, reported={"acw_ms": 5_000})

    under_way = told(rung, lost, answered(10))
    over = told(rung, lost, answered(10), event("contact.transferred", 50), ended(60), wrapped)

    assert live(under_way) == {"outbound:support:voice": {"c1|c1/1": 1.0}}
    assert live(over) == {}
    assert counts(over, "") == {"out_answered": 1, "out_attempted": 1, "out_ended": 1, "out_talk_ms": 50_000}
    assert pane(over, 1) == {"out_attempted": 1}
    assert pane(over, 10) == {"out_answered": 1}


def test_an_internal_leg_counts_as_one_that_came_in() -> None:
    found = told(event("contact.queued", 0, direction="internal"))

    assert counts(found) == {"contacts": 1, "offered": 1}
