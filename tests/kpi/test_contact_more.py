"""What goes with a leg's outcome, and what is said of the whole contact: one rule a test."""

from functools import partial
from typing import Any

import pytest

from kpi.contact import memberships
from kpi.facts import Fact
from kpi.kinds import KINDS
from tests.builders import T0, fact, totals

fold = partial(KINDS["c"].fold, None)

OUT = {"direction": "outbound"}


def told(*facts: Fact) -> dict[str, int]:
    _, counts = fold(sorted(facts))
    return totals(counts)


def live(*facts: Fact) -> dict[tuple[str, str], int]:
    state, _ = fold(sorted(facts))
    return {(kind, member): score - T0 for (kind, _, _, member), score in memberships("c1", state).items()}


def chat(kind: str, at: float, leg: str | None = "c1/1", **more: Any) -> Fact:
    return fact(kind, at, leg, channel="chat", **more)


class TestJoining:
    def test_only_the_first_leg_of_a_contact_is_a_contact_more(self) -> None:
        found = told(fact("queued", 0), fact("queued", 60, "c1/2", what="transfer"))
        assert (found["offered"], found["contacts"], found["join.transfer"]) == (2, 1, 1)

    def test_the_first_leg_tells_where_the_customer_came_in(self) -> None:
        long = "x" * 100
        found = told(
            fact("queued", 0, more={"entry_point": long}), fact("queued", 9, "c1/2", more={"entry_point": "b"})
        )
        assert found[f"entry.{'x' * 64}"] == 1
        assert "entry.b" not in found

    def test_a_transfer_arrives_by_the_kind_it_left_with(self) -> None:
        first = [fact("queued", 0), fact("answered", 5), fact("transferred", 60, what="consult"), fact("ended", 60)]
        assert told(*first, fact("queued", 61, "c1/2", what="transfer"))["transfer_in.consult"] == 1
        assert told(fact("queued", 0), fact("queued", 61, "c1/2", what="transfer"))["transfer_in.unknown"] == 1

    def test_of_two_transfers_the_later_one_says_how_a_leg_arrives(self) -> None:
        moves = [
            fact("queued", 0), fact("answered", 5), fact("transferred", 60, what="blind"), fact("ended", 60),
            fact("queued", 61, "c1/2"), fact("answered", 65, "c1/2"), fact("transferred", 90, "c1/2", what="consult"),
        ]  # fmt: skip
        assert told(*moves, fact("queued", 91, "c1/3", what="transfer"))["transfer_in.consult"] == 1

    def test_a_leg_whose_join_nobody_told_is_an_orphan_until_it_is_told(self) -> None:
        exit_only = fact("left_queue", 30, what="abandoned", wait=30)
        assert told(exit_only)["orphan"] == 1
        assert "orphan" not in told(fact("queued", 0), exit_only)

    def test_an_initial_join_has_no_reason_of_its_own(self) -> None:
        assert not [field for field in told(fact("queued", 0, what="initial")) if field.startswith("join.")]


class TestService:
    LEG = (fact("queued", 0), fact("answered", 10, agent="ana"))

    @pytest.mark.parametrize("who", ["customer", "agent", "system", None])
    def test_an_end_says_by_whom(self, who: str | None) -> None:
        assert told(*self.LEG, fact("ended", 60, what=who))[f"ended_by.{who or 'unknown'}"] == 1

    def test_a_customer_who_hangs_up_on_hold_is_a_hold_abandon(self) -> None:
        held = fact("held", 40)
        assert told(*self.LEG, held, fact("ended", 60, what="customer"))["hold_abandoned"] == 1
        assert "hold_abandoned" not in told(*self.LEG, held, fact("resumed", 50), fact("ended", 60, what="customer"))
        assert "hold_abandoned" not in told(*self.LEG, held, fact("ended", 60, what="transfer"))

    def test_a_hold_told_after_the_end_is_no_hold_abandon(self) -> None:
        assert "hold_abandoned" not in told(*self.LEG, fact("ended", 60, what="customer"), fact("held", 70))

    def test_wrap_up_is_as_long_as_reported_else_from_start_to_end(self) -> None:
        end = fact("ended", 60, what="customer")
        measured = told(*self.LEG, end, fact("wrapup_started", 60), fact("wrapup_ended", 85, agent="ana"))
        assert (measured["wrapup.25"], measured["wrapup_ms"], measured["~wrapup.ana"]) == (1, 25_000, 1)
        reported = told(*self.LEG, end, fact("wrapup_ended", 85, more={"reported": [None, 7_500]}))
        assert (reported["wrapup.8"], reported["~wrapup_ms.ana"]) == (1, 7_500)
        assert not [name for name in told(*self.LEG, end, fact("wrapup_ended", 85)) if "wrapup" in name]

    def test_the_last_word_on_a_wrap_up_counts(self) -> None:
        found = told(*self.LEG, fact("wrapup_started", 60), fact("wrapup_ended", 70), fact("wrapup_ended", 80))
        assert {name: n for name, n in found.items() if name.startswith("wrapup")} == {
            "wrapup.20": 1, "wrapup_ms": 20_000,
        }  # fmt: skip

    def test_a_wrap_up_without_a_leg_is_of_the_last_leg_that_was_answered(self) -> None:
        found = told(
            *self.LEG, fact("queued", 20, "c1/2"), fact("wrapup_ended", 70, None, more={"reported": [None, 5]})
        )
        assert found["~wrapup.ana"] == 1

    def test_a_transfer_says_of_which_kind(self) -> None:
        assert told(*self.LEG, fact("transferred", 60, what="blind"))["transfer_out.blind"] == 1

    def test_a_leg_that_left_for_a_callback_keeps_its_wait_apart(self) -> None:
        found = told(fact("queued", 0), fact("left_queue", 18, what="callback_requested"))
        assert (found["callback_wait.18"], found["wait.other.18"]) == (1, 1)


class TestOutbound:
    def test_a_call_that_our_side_opened_counts_apart_and_nobody_waits(self) -> None:
        facts = (
            fact("queued", 0, more=OUT), fact("answered", 10, agent="ana"), fact("held", 20), fact("resumed", 30),
            fact("ended", 70, agent="ana"), fact("wrapup_started", 70), fact("wrapup_ended", 90),
        )  # fmt: skip
        assert told(*facts) == {"out_attempted": 1, "out_answered": 1, "out_ended": 1, "out_talk_ms": 60_000}
        assert live(*facts[:1]) == {("outbound", "c1|c1/1"): 0}
        assert live(*facts) == {}


class TestMatters:
    def test_a_refusal_told_twice_counts_once_per_queue(self) -> None:
        blocked = [fact("blocked", at, None, what="full") for at in (0, 1)]
        assert told(*blocked, fact("blocked", 2, None, queue="sales")) == {"blocked.full": 1}

    def test_a_callback_is_promised_once_tried_often_and_over_once(self) -> None:
        requested = fact("callback_requested", 0, due=600)
        assert live(requested) == {("callbacks", "c1"): 600_000}
        later = fact("callback_requested", 10, due=900)
        assert live(requested, later) == {("callbacks", "c1"): 900_000}
        over = [fact("callback_completed", at, what=what) for at, what in ((700, "reached"), (800, "failed"))]
        tries = [fact("callback_attempted", at, what="no_answer") for at in (650, 690)]
        assert told(requested, later, *tries, *over) == {
            "callback_requested": 1, "callback_attempted": 2, "callback_reached": 1,
        }  # fmt: skip
        assert live(requested, *over) == {}

    def test_a_promised_callback_keeps_the_contact_open(self) -> None:
        state, _ = fold(
            [fact("queued", 0), fact("left_queue", 5, what="callback_requested"), fact("callback_requested", 5)]
        )
        assert state.is_open

    def test_a_rating_counts_by_kind_scale_and_score(self) -> None:
        rated = fact("rated", 5, None, queue=None, what="nps", more={"score": 9.0, "scale": 10.0})
        assert told(fact("queued", 0), rated)["rating.nps/10/9"] == 1
        assert told(rated) == {}

    def test_a_reason_counts_once_per_contact(self) -> None:
        same = [fact("updated", at, more={"attrs": {"reason": "invoice"}}) for at in (0, 1)]
        assert told(*same, fact("updated", 2, more={"attrs": {"topic": "defect"}})) == {
            "reason.defect": 1, "reason.invoice": 1,
        }  # fmt: skip


class TestChats:
    def test_several_customer_messages_are_one_turn(self) -> None:
        found = told(
            chat("message", 0, what="customer"), chat("message", 5, what="customer"),
            chat("message", 20, what="agent", agent="bo"), chat("message", 25, what="agent", agent="bo"),
            chat("message", 30, what="customer"), chat("message", 40, what="agent", agent="bo"),
        )  # fmt: skip
        assert {name: n for name, n in found.items() if "response" in name} == {
            "first_response.20": 1, "first_response_ms": 20_000, "response.10": 1, "response.20": 1,
            "response_ms": 30_000, "~response.bo": 2, "~response_ms.bo": 30_000,
        }  # fmt: skip

    @pytest.mark.parametrize(
        "mute", [{"what": "bot"}, {"what": "system"}, {"what": "agent", "more": {"visibility": "private"}}]
    )
    def test_neither_bots_nor_private_notes_answer(self, mute: dict[str, Any]) -> None:
        asked, note = chat("message", 0, what="customer"), chat("message", 2, id="note", **mute)
        assert told(asked, note) == {}
        assert live(chat("queued", 0), asked, note)["unanswered", "c1|c1/1"] == 0

    def test_the_first_response_starts_at_the_bots_hand_off(self) -> None:
        found = told(
            chat("message", 0, what="customer"), chat("queued", 30, what="bot_handoff"),
            chat("message", 50, what="agent"),
        )  # fmt: skip
        assert (found["first_response.20"], found["handoff.20"], found["response.50"]) == (1, 1, 1)

    def test_of_two_hand_offs_the_later_one_starts_the_clock(self) -> None:
        found = told(
            chat("message", 0, what="customer"), chat("queued", 10, what="bot_handoff"),
            chat("left_queue", 20, what="overflow"), chat("queued", 30, "c1/2", what="bot_handoff"),
            chat("message", 50, "c1/2", what="agent"), chat("queued", 70, "c1/3", what="bot_handoff"),
        )  # fmt: skip
        assert (found["first_response.20"], found["handoff.20"]) == (1, 1)

    def test_a_chat_that_an_agent_began_has_no_first_response(self) -> None:
        assert told(chat("message", 0, what="agent"), chat("message", 5, what="customer")) == {}
        outbound = chat("queued", 0, more=OUT)
        assert "first_response.4" not in told(
            outbound, chat("message", 1, what="customer"), chat("message", 5, what="agent")
        )

    def test_a_chat_left_before_any_human_wrote_is_missed(self) -> None:
        gone = chat("left_queue", 60, what="abandoned")
        assert told(chat("queued", 0), gone)["missed"] == 1
        silent = (chat("queued", 0), chat("answered", 5, agent="bo"))
        assert told(*silent, chat("ended", 90, what="inactivity"))["missed"] == 1
        assert "missed" not in told(*silent, chat("ended", 90, what="agent"))
        assert "missed" not in told(*silent, chat("message", 9, what="agent"), chat("ended", 90, what="customer"))

    def test_a_chat_handed_on_without_a_word_is_reassigned_silently(self) -> None:
        had = (chat("queued", 0), chat("answered", 5, agent="bo"))
        moved = (chat("transferred", 60, what="blind"), chat("ended", 60, what="transfer"))
        assert told(*had, *moved)["reassigned_silent"] == 1
        assert "reassigned_silent" not in told(*had, chat("message", 20, what="agent"), *moved)
        assert told(*had, *moved, chat("message", 61, what="agent"))["reassigned_silent"] == 1

    def test_nobody_is_unanswered_once_the_chat_is_over(self) -> None:
        open_chat = (chat("queued", 0), chat("answered", 5), chat("message", 20, what="customer"))
        assert live(*open_chat)["unanswered", "c1|c1/1"] == 20_000
        assert ("unanswered", "c1|c1/1") not in live(*open_chat, chat("ended", 60, what="customer"))
