"""What the plain batch program makes of chats: turns, first responses, hand-offs, and chats nobody answered."""

from tests.floorpulse.told import chat, counts, live, message, told

HELP = {"queue": "help", "channel": "chat"}
QUEUED, ANSWERED = chat("queued", 0), chat("answered", 10, agent_id="ana")


def test_several_customer_messages_are_one_turn_until_an_agent_writes() -> None:
    asked = [message("customer", at, queue_id="help") for at in (1, 5)]
    reply, again = message("agent", 21.5, agent_id="ana"), message("agent", 30, agent_id="ana")

    found = told(*asked, reply, again, message("customer", 40), message("agent", 44))

    assert counts(found, "response", "~response", **HELP) == {
        "response.21": 1, "response.4": 1, "response_ms": 24_500, "~response.ana": 1, "~response_ms.ana": 20_500,
    }  # fmt: skip


def test_bots_private_notes_and_calls_answer_nobody() -> None:
    asked = message("customer", 1, queue_id="help")
    others = [message("bot", 2), message("system", 3), message("agent", 4, visibility="private")]
    others.append(message("agent", 5, channel="voice"))

    assert counts(told(asked, *others), **HELP) == {}
    assert counts(told(asked, *others, message("agent", 9, visibility="public")), "response.", **HELP) == {
        "response.8": 1
    }


def test_a_message_stands_where_the_last_one_that_named_a_queue_did() -> None:
    unplaced = told(
        message("customer", 1), message("agent", 2), message("customer", 3, queue_id="help"), message("agent", 5)
    )
    moved = told(message("customer", 1, queue_id="help"), message("agent", 2, queue_id="night", channel="social"))

    assert counts(unplaced, **HELP) == {"response.2": 1, "response_ms": 2_000}
    assert counts(moved, **HELP) == {}
    assert counts(moved, "response.", "first", queue="night", channel="social") == {
        "first_response.1": 1, "first_response_ms": 1_000, "response.1": 1,
    }  # fmt: skip


def test_the_first_response_is_since_the_first_question() -> None:
    found = told(
        QUEUED, ANSWERED, message("customer", -5, queue_id="help"), message("agent", 12.5), message("agent", 20)
    )

    assert counts(found, "first", "handoff", **HELP) == {"first_response.18": 1, "first_response_ms": 17_500}


def test_the_first_response_is_since_the_latest_handoff_of_a_bot_before_it() -> None:
    handed = [chat("queued", at, f"k/{at}", reason="bot_handoff") for at in (30, 50, 70)]

    found = told(message("customer", 1, queue_id="help"), message("bot", 2), *handed, message("agent", 60))

    assert counts(found, "first", "handoff", **HELP) == {
        "first_response.10": 1, "first_response_ms": 10_000, "handoff.10": 1, "handoff_ms": 10_000,
    }  # fmt: skip


def test_an_agent_who_began_responds_to_nobody() -> None:
    began = told(message("agent", 1, queue_id="help"), message("customer", 2), message("agent", 3))
    outbound = told(
        chat("queued", 0, direction="outbound"), message("customer", 1, queue_id="help"), message("agent", 2)
    )

    assert counts(began, "first", "response.", **HELP) == {"response.1": 1}
    assert counts(outbound, "first", "response.", **HELP) == {"response.1": 1}


def test_a_chat_is_missed_when_nobody_wrote_before_the_customer_left() -> None:
    gone, closed = chat("left_queue", 20, reason="abandoned"), chat("ended", 30, ended_by="inactivity")
    asked = message("customer", 1, queue_id="help")

    assert counts(told(QUEUED, asked, gone), "missed", "@missed", **HELP) == {"missed": 1}
    assert counts(told(QUEUED, asked, ANSWERED, closed), "missed", **HELP) == {"missed": 1}
    assert counts(told(QUEUED, asked, ANSWERED, closed, message("agent", 30.001)), "missed", **HELP) == {"missed": 1}
    assert counts(told(QUEUED, asked, ANSWERED, closed, message("agent", 30)), "missed", **HELP) == {}
    assert counts(told(QUEUED, asked, ANSWERED, chat("ended", 30, ended_by="agent")), "missed", **HELP) == {}
    assert counts(told(QUEUED, asked, chat("left_queue", 20, reason="timeout")), "missed", **HELP) == {}


def test_a_call_is_never_a_missed_chat() -> None:
    call = [chat("queued", 0, channel="voice"), chat("left_queue", 20, channel="voice", reason="abandoned")]

    assert counts(told(*call), "missed", queue="help", channel="voice") == {}


def test_a_chat_that_moves_on_without_a_word_of_its_agent_was_reassigned_in_silence() -> None:
    moved, handed = chat("ended", 30, ended_by="transfer"), chat("transferred", 25)
    closed = chat("ended", 30, ended_by="agent")

    def silent(*facts: object) -> dict[str, int]:
        return counts(told(QUEUED, ANSWERED, *facts), "reassigned", **HELP)  # type: ignore[arg-type]

    assert silent(moved) == silent(handed, closed) == {"reassigned_silent": 1}
    assert silent(moved, message("agent", 20)) == silent(closed) == {}
    assert (
        silent(moved, message("agent", 20, "k/9")) == silent(moved, message("agent", 30.5)) == {"reassigned_silent": 1}
    )


def test_a_question_without_an_answer_stands_at_the_newest_open_leg() -> None:
    asked = [message("customer", at, queue_id="help") for at in (3, 4)]
    night = [chat("queued", 20, "k/2", queue_id="night"), chat("answered", 25, "k/2", queue_id="night")]

    waiting = told(QUEUED, *asked)
    served = told(QUEUED, ANSWERED, *asked, *night)

    assert live(waiting)["unanswered:help:chat"] == {"k|k/1": 3.0}
    assert {name: members for name, members in live(served).items() if name.startswith("un")} == {
        "unanswered:night:chat": {"k|k/2": 3.0}
    }
    assert "unanswered:help:chat" not in live(told(QUEUED, *asked, message("agent", 5)))
    assert live(told(QUEUED, ANSWERED, *asked, chat("ended", 30))) == {}


def test_an_outbound_leg_stands_in_no_other_live_set() -> None:
    asked = message("customer", 30, queue_id="help")
    outbound = chat("answered", 20, "k/2", direction="outbound")

    found = live(told(QUEUED, ANSWERED, outbound, asked))

    assert found["unanswered:help:chat"] == {"k|k/1": 30.0}
    assert found["outbound:help:chat"] == {"k|k/2": 20.0}
