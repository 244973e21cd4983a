"""What the kinds of line in a queue_log mean, one by one."""

import pytest

from kpi.floor import parse_floor
from sources.asterisk import QueueLogTranslator
from sources.asterisk_lines import LineError
from tests.sources.queue_lines import T, connect, events, join, told


@pytest.mark.parametrize(
    ("line", "reason", "wait_ms"),
    [
        ("ABANDON|2|2|7", "abandoned", 7000),
        ("EXITWITHTIMEOUT|1|1|30", "timeout", 30_000),
        ("EXITWITHKEY|9|1|2|8", "key_exit", 8000),
        ("EXITEMPTY|1|1|4", "empty", 4000),
        ("WITHDRAW|4|4|1|moved to callback list", "withdrawn", 1000),
        ("SYSCOMPAT", "system_error", None),
    ],
)
def test_only_the_customer_giving_up_is_abandoned(line: str, reason: str, wait_ms: int | None) -> None:
    left = events(join(), f"{T + 30}|c|support|NONE|{line}")[1]
    assert (left.noun_verb, left.data["reason"]) == ("contact.left_queue", reason)
    assert left.data.get("reported", {}).get("wait_ms") == wait_ms


def test_a_key_exit_keeps_its_key_and_position() -> None:
    left = events(join(), f"{T + 8}|c|support|NONE|EXITWITHKEY|9|1|2|8")[1]
    assert (left.data["key"], left.data["position"]) == ("9", 1)


def test_an_answer_and_an_end_name_the_agent_and_what_asterisk_measured() -> None:
    _, answered, ended = events(join(), connect(), f"{T + 65}|c|support|Ana|COMPLETECALLER|5|60|1")
    assert answered.data["agent_id"] == ended.data["agent_id"] == "Ana"
    assert answered.data["reported"] == {"wait_ms": 5000, "ring_ms": 2000}
    assert ended.data["reported"] == {"wait_ms": 5000, "talk_ms": 60_000}
    assert ended.data["ended_by"] == "customer"


def test_an_end_goes_under_the_name_its_start_used() -> None:
    ended = events(join(), connect(agent="Ana"), f"{T + 9}|c|support|SIP/101|COMPLETEAGENT|5|4|1")[-1]
    assert (ended.data["leg_id"], ended.data["agent_id"]) == ("c/1", "Ana")


def test_a_call_refused_at_the_door_leaves_nothing_but_custom_lines() -> None:
    translator = QueueLogTranslator()
    assert translator.feed(f"{T}|c|tiny|NONE|DID|8002") == []
    assert translator.feed(f"{T}|c|tiny|NONE|INFO|CALLREF|full|3") == []
    assert translator.unknown == {"DID": 1, "INFO": 1}


def test_a_dialplan_may_log_what_was_refused_at_the_door() -> None:
    blocked = events(f"{T}|c|tiny|NONE|BLOCKED|FULL")[0]
    assert (blocked.noun_verb, blocked.data["reason"]) == ("contact.blocked", "full")


def test_a_restart_without_a_clean_stop_loses_what_was_open() -> None:
    lines = [join("waits"), join("talks"), connect("talks"), join("gone"), f"{T + 6}|gone|support|NONE|ABANDON|1|1|6"]
    assert told(*lines, f"{T + 90}|NONE|NONE|NONE|QUEUESTART|")[5:] == [
        ("source.restarted", "", "QUEUESTART"),
        ("contact.left_queue", "waits/1", "lost_unknown"),
        ("contact.ended", "talks/1", "lost_unknown"),
    ]


def test_what_was_lost_is_lost_once() -> None:
    restart = f"{T + 90}|NONE|NONE|NONE|QUEUESTART|"
    assert told(join(), restart, restart)[-1] == ("source.restarted", "", "QUEUESTART")
    lost = events(join("a"), join("b"), restart)[-2:]
    assert lost[0].id != lost[1].id
    assert {event.time_ms for event in lost} == {(T + 90) * 1000}


def test_an_exit_after_the_restart_still_means_the_lost_visit() -> None:
    after = [f"{T + 90}|NONE|NONE|NONE|QUEUESTART|", f"{T + 95}|c|support|NONE|ABANDON|1|1|95"]
    assert told(join(), *after)[-1] == ("contact.left_queue", "c/1", "abandoned")


def test_a_call_that_comes_back_opens_another_leg() -> None:
    timeout = f"{T + 5}|c|support|NONE|EXITWITHTIMEOUT|1|1|5"
    again = [join(at=5), f"{T + 9}|c|support|NONE|ABANDON|1|1|4"]
    other = [join(queue="backup", at=9), connect(queue="backup", at=12)]
    assert told(join(), timeout, *again, *other) == [
        ("contact.queued", "c/1", "initial"),
        ("contact.left_queue", "c/1", "timeout"),
        ("contact.queued", "c/2", "requeue"),
        ("contact.left_queue", "c/2", "abandoned"),
        ("contact.queued", "c/3", "requeue"),
        ("contact.answered", "c/3", None),
    ]


def test_a_transfer_logged_after_the_next_entry_ends_the_right_leg() -> None:
    blind = f"{T + 20}|c|support|Ana|BLINDTRANSFER|600|queues|5|15|1"
    found = told(join(), connect(), join(at=20), blind, connect(agent="Bo", at=23))
    assert found[2:] == [
        ("contact.queued", "c/2", "requeue"),
        ("contact.transferred", "c/1", None),
        ("contact.ended", "c/1", "transfer"),
        ("contact.answered", "c/2", None),
    ]


@pytest.mark.parametrize(
    ("line", "kind", "to"),
    [
        ("BLINDTRANSFER|desk|agents|17|2|10", "blind", "desk@agents"),
        ("TRANSFER|600|agents|17|2", "blind", "600@agents"),
        ("ATTENDEDTRANSFER|BRIDGE|6d1c-41|17|2|10", "consult", "BRIDGE|6d1c-41"),
        ("ATTENDEDTRANSFER|APP|Queue|17|2|10", "consult", "APP|Queue"),
        ("ATTENDEDTRANSFER|LINK|Local/7@a-1;1|Local/7@a-2;1|17|2|10", "consult", "LINK|Local/7@a-1;1|Local/7@a-2;1"),
    ],
)
def test_talk_is_found_in_a_transfer_of_any_arity(line: str, kind: str, to: str) -> None:
    transferred, ended = events(join(), connect(), f"{T + 19}|c|support|Ana|{line}")[2:]
    assert (transferred.data["kind"], transferred.data["from_agent"], transferred.data["to_id"]) == (kind, "Ana", to)
    assert (ended.data["ended_by"], ended.data["agent_id"]) == ("transfer", "Ana")
    assert ended.data["reported"] == {"wait_ms": 17_000, "talk_ms": 2000}


def test_ring_times_of_failed_offers_are_milliseconds() -> None:
    lines = [join(), f"{T + 6}|c|support|Ana|RINGNOANSWER|5998", f"{T + 6}|c|support|Bo|RINGCANCELED|15"]
    missed, left = events(*lines)[1:]
    assert (missed.data["result"], missed.data["ring_ms"], missed.data["agent_id"]) == ("no_answer", 5998, "Ana")
    assert (left.data["result"], left.data["ring_ms"]) == ("customer_left", 15)
    assert missed.data["offer_id"] != left.data["offer_id"]


def test_an_offer_that_ends_after_the_caller_left_opens_no_leg() -> None:
    lines = [join(), f"{T + 9}|c|support|NONE|ABANDON|1|1|9", f"{T + 9}|c|support|Bo|RINGCANCELED|15"]
    assert told(*lines)[-1] == ("contact.offer_ended", "c/1", "customer_left")


def test_an_agent_who_hangs_up_in_the_announcement_leaves_the_caller_waiting() -> None:
    found = told(join(), f"{T + 3}|c|support|Ana|AGENTDUMP", connect(agent="Bo"))
    assert found[1:] == [("contact.offer_ended", "c/1", "rejected"), ("contact.answered", "c/1", None)]


def test_equal_lines_in_one_second_are_different_events() -> None:
    refused = f"{T + 1}|c|support|Hana|RINGNOANSWER|0"
    first, second = events(join(), refused, refused)[1:]
    assert first.id != second.id
    assert first.data["offer_id"] != second.data["offer_id"]


def test_lines_of_one_second_keep_their_order() -> None:
    found = events(join("a"), join("b"), f"{T}|a|support|NONE|ABANDON|1|1|0", join("a"))
    sequences = [event.data["sequence"] for event in found]
    assert sequences == sorted(set(sequences))


def test_a_log_that_begins_in_the_middle_still_tells_waits() -> None:
    left, answered, ended = events(
        f"{T}|a|support|NONE|ABANDON|1|1|12", connect("b"), f"{T}|d|support|Ana|COMPLETEAGENT|3|60|1"
    )
    assert (left.data["leg_id"], left.data["reported"]) == ("a/1", {"wait_ms": 12_000})
    assert answered.data["leg_id"] == "b/1"
    assert (ended.data["leg_id"], ended.data["reported"]) == ("d/1", {"wait_ms": 3000, "talk_ms": 60_000})


def test_a_visit_that_began_after_the_last_one_was_over_is_another_one() -> None:
    lines = [join(), f"{T + 5}|c|support|NONE|ABANDON|1|1|5", f"{T + 60}|c|support|NONE|ABANDON|1|1|9"]
    assert told(*lines)[-1] == ("contact.left_queue", "c/2", "abandoned")


def test_a_pause_of_all_queues_is_told_once() -> None:
    lines = [f"{T}|NONE|NONE|Ivo|PAUSEALL|lunch", f"{T}|NONE|sales|Ivo|PAUSE|lunch", f"{T}|NONE|vip|Ivo|PAUSE|lunch"]
    (paused,) = events(*lines)
    assert (paused.noun_verb, paused.data["state"], paused.data["reason"]) == ("agent.state_changed", "break", "lunch")
    assert "queue_id" not in paused.data


def test_a_pause_in_one_queue_names_it() -> None:
    paused, back = events(f"{T}|NONE|sales|Ivo|PAUSE|notes", f"{T + 9}|NONE|sales|Ivo|UNPAUSE|")
    assert (paused.data["state"], paused.data["queue_id"]) == ("break", "sales")
    assert (back.data["state"], "reason" in back.data) == ("idle", False)


def test_memberships_and_logins_are_the_agents_own_events_and_penalties_are_none() -> None:
    found = events(
        f"{T}|MANAGER|sales|Ivo|ADDMEMBER|PAUSED",
        f"{T}|NONE|sales|Local/ivo@agents|PENALTY|3",
        f"{T}|NONE|sales|Local/ivo@agents|RINGINUSE|0",
        f"{T}|MANAGER|sales|Ivo|REMOVEMEMBER|",
        f"{T}|c.0|NONE|5001|AGENTLOGIN|Local/3600@agentbody;1",
        f"{T}|c.0|NONE|5001|AGENTLOGOFF|Local/3600@agentbody;1|477",
    )
    assert [event.noun_verb for event in found] == [*["agent.membership_changed"] * 2, "agent.logged_in",
                                                    "agent.logged_out"]  # fmt: skip
    assert [(e.data["member"], e.data.get("paused")) for e in found[:2]] == [(True, True), (False, None)]
    assert found[2].key == "5001"


def test_the_floor_gives_login_and_interface_one_identity() -> None:
    floor = parse_floor(
        '[[ids]]\nsource = "/acd/a"\nnative = "5001"\nagent = "tom"\n'
        '[[ids]]\nsource = "/acd/a"\nnative = "Local/5001@pool"\nagent = "tom"\n'
        '[[ids]]\nsource = "/acd/a"\nnative = "support"\nqueue = "help"\n'
    )
    translator = QueueLogTranslator("/acd/a", floor)
    login = translator.feed(f"{T}|c.0|NONE|5001|AGENTLOGIN|x")[0]
    answer = translator.feed(connect(agent="Local/5001@pool"))[0]
    assert (login.data["agent_id"], answer.data["agent_id"], answer.data["queue_id"]) == ("tom", "tom", "help")
    assert login.key == "tom"


def test_fractions_of_the_realtime_format_are_kept() -> None:
    assert events(f"{T}.498712|c|support|NONE|ENTERQUEUE||x|1")[0].time_ms == T * 1000 + 498


@pytest.mark.parametrize("line", ["hello", f"{T}|c|support|NONE", f"{T}|c|support|NONE|", "x|c|support|NONE|CONNECT|1"])
def test_what_is_no_line_is_refused(line: str) -> None:
    with pytest.raises(LineError):
        events(line)


def test_whatever_a_known_line_lacks_it_is_not_fatal() -> None:
    words = ["", "|", "|x", "|x|y|z|w|v|u", "|-5|-5|-5", f"|{'9' * 30}"]
    for event in ["CONNECT", "ABANDON", "ATTENDEDTRANSFER", "BLINDTRANSFER", "ENTERQUEUE", "EXITWITHKEY", "PENALTY"]:
        for word in words:
            events(f"{T}|c|support|Ana|{event}{word}", f"{T}|NONE|NONE|NONE|{event}{word}")


# Files


def test_a_translator_goes_on_from_its_own_json() -> None:
    pauses = [f"{T + 5}|NONE|NONE|Ivo|PAUSEALL|x", f"{T + 5}|NONE|sales|Ivo|PAUSE|x"]
    later = [f"{T + 9}|c|support|Ana|COMPLETEAGENT|5|4|1", join(at=9), f"{T + 9}|NONE|NONE|NONE|QUEUESTART|"]
    lines = [join(), join("b"), connect(), *pauses, *later]
    whole = events(*lines)
    translator, found = QueueLogTranslator(), []
    for line in lines:
        translator = QueueLogTranslator.from_json(translator.to_json())
        found += translator.feed(line)
    assert found == whole


def test_calls_long_over_are_forgotten_and_open_ones_are_not() -> None:
    translator = QueueLogTranslator()
    for line in (join("over"), f"{T + 5}|over|support|NONE|ABANDON|1|1|5", join("open"), join("late", at=7 * 3600)):
        translator.feed(line)
    assert set(translator.to_json()["visits"]) == {"open", "late"}
