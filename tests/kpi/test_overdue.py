"""Which legs and engagements are overdue, and what is said of them; then the laws, for any story."""

from collections.abc import Collection
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.envelope import Event, copies
from kpi.events import RANKS, TYPES
from kpi.facts import Count, Fact
from kpi.floor import parse_floor
from kpi.floor_snapshot import sources_of
from kpi.kinds import KINDS
from kpi.overdue import (
    REAPER,
    Engaged,
    end_of_engagement,
    is_confirmed,
    lost_legs,
    overdue_engagements,
)
from kpi.plausible import Plausible
from kpi.record import Record
from tests.builders import SOURCE, T0, any_facts, fact, summed
from tests.kpi.agent_facts import after, copied
from tests.laws import WIDE

fold = partial(KINDS["c"].fold, None)

HOUR = 3_600
WEEK_MS = 7 * 86_400_000
DEFAULTS = parse_floor("")
SHORT = Plausible(waiting=30, ringing=10, in_service=40, wrapup=20)


def record_of(facts: Collection[Fact]) -> Record:
    return Record("c:c1", sorted(facts), max(one.time for one in facts))


def ends(now: float, *facts: Fact, listed: Collection[tuple[str, str]] | None = ()) -> list[Event]:
    """What ends `now` seconds after T0 of contact c1, by the built-in limits."""

    def limits(queue: str, channel: str) -> Plausible:
        return DEFAULTS.queue(queue, channel).plausible

    return lost_legs(record_of(facts), T0 + round(now * 1000), limits, listed, WEEK_MS)


def said(events: Collection[Event]) -> list[tuple[str, float, str | None, str | None]]:
    """(verb, seconds after T0, why, agent) of each event."""
    return [
        (
            one.noun_verb.removeprefix("contact."),
            (one.time_ms - T0) / 1000,
            one.data.get("reason") or one.data.get("ended_by"),
            one.data.get("agent_id"),
        )
        for one in events
    ]


class TestLegs:
    def test_who_waits_longer_than_plausible_is_lost_and_has_not_given_up(self) -> None:
        assert said(ends(4 * HOUR, fact("queued", 0))) == [("left_queue", 4 * HOUR, "lost_unknown", None)]

    def test_nobody_is_lost_before_the_limit(self) -> None:
        assert ends(4 * HOUR - 0.001, fact("queued", 0)) == []

    def test_the_time_is_start_and_limit_however_late_it_is_noticed(self) -> None:
        story = [fact("queued", 0), fact("answered", 20, agent="ana")]
        assert ends(5 * HOUR, *story) == ends(50 * HOUR, *story)

    def test_a_talk_ends_after_its_limit_under_the_agent_who_answered(self) -> None:
        story = [fact("queued", 0), fact("offered", 5, agent="bo"), fact("answered", 20, agent="ana")]
        assert said(ends(4 * HOUR + 20, *story)) == [("ended", 4 * HOUR + 20, "lost_unknown", "ana")]
        assert ends(4 * HOUR, *story) == []

    def test_a_chat_may_go_on_for_a_day(self) -> None:
        story = [fact("queued", 0, channel="chat"), fact("answered", 20, agent="ana", channel="chat")]
        assert ends(24 * HOUR, *story) == []
        assert said(ends(24 * HOUR + 20, *story)) == [("ended", 24 * HOUR + 20, "lost_unknown", "ana")]

    def test_a_letter_may_wait_for_a_week(self) -> None:
        assert ends(167 * HOUR, fact("queued", 0, channel="email")) == []

    def test_an_offer_that_rings_too_long_loses_the_leg_and_frees_the_agent(self) -> None:
        story = [fact("queued", 0), fact("offered", 60, agent="ana", offer="o1")]
        assert ends(359, *story) == []
        assert said(ends(360, *story)) == [("left_queue", 360, "lost_unknown", "ana")]

    def test_one_offer_whose_end_was_lost_says_nothing_while_others_come_and_go(self) -> None:
        story = [
            fact("queued", 0),
            fact("offered", 10, agent="ana", offer="o1"),
            fact("offered", 200, agent="bo", offer="o2"),
            fact("offer_ended", 220, agent="bo", offer="o2", what="no_answer"),
        ]
        assert ends(519, *story) == []
        assert said(ends(520, *story)) == [("left_queue", 520, "lost_unknown", "ana")]

    def test_an_offer_that_ended_does_not_ring(self) -> None:
        story = [fact("queued", 0), fact("offered", 10, agent="ana"), fact("offer_ended", 20, agent="ana")]
        assert ends(HOUR, *story) == []

    def test_who_told_something_after_the_limit_was_alive(self) -> None:
        story = [fact("queued", 0, channel="chat"), fact("message", 5 * HOUR, None, what="customer", channel="chat")]
        assert ends(8 * HOUR, *story) == []
        assert said(ends(9 * HOUR, *story)) == [("left_queue", 9 * HOUR, "lost_unknown", None)]

    def test_whom_the_source_lists_waits(self) -> None:
        assert ends(9 * HOUR, fact("queued", 0), listed={("support", "c1")}) == []

    def test_a_list_of_another_queue_or_of_another_contact_keeps_nobody(self) -> None:
        assert len(ends(9 * HOUR, fact("queued", 0), listed={("sales", "c1"), ("support", "c2")})) == 1

    def test_who_rings_waits_too_and_stays_when_listed(self) -> None:
        story = [fact("queued", 0), fact("offered", 10, agent="ana")]
        assert ends(HOUR, *story, listed={("support", "c1")}) == []

    def test_a_list_of_who_waits_says_nothing_of_who_talks(self) -> None:
        story = [fact("queued", 0), fact("answered", 20, agent="ana")]
        assert len(ends(9 * HOUR, *story, listed={("support", "c1")})) == 1

    def test_while_the_lists_are_not_known_only_talks_end(self) -> None:
        waits, talks = fact("queued", 0), fact("answered", 20, agent="ana")
        assert ends(9 * HOUR, waits, listed=None) == []
        assert len(ends(9 * HOUR, waits, talks, listed=None)) == 1

    def test_a_call_of_ours_that_nobody_took_leaves_and_one_that_was_taken_ends(self) -> None:
        called = fact("queued", 0, more={"direction": "outbound"})
        assert said(ends(4 * HOUR, called)) == [("left_queue", 4 * HOUR, "lost_unknown", None)]
        assert said(ends(5 * HOUR, called, fact("answered", 20, agent="ana")))[0][::3] == ("ended", "ana")

    def test_what_is_over_is_left_alone(self) -> None:
        assert ends(99 * HOUR, fact("queued", 0), fact("left_queue", 5, what="abandoned")) == []
        assert ends(99 * HOUR, fact("queued", 0), fact("answered", 5), fact("ended", 9, what="agent")) == []

    def test_only_the_overdue_leg_of_a_contact_ends(self) -> None:
        story = [fact("queued", 0), fact("answered", 5, agent="ana"), fact("queued", 3 * HOUR, "c1/2")]
        assert [one.data["leg_id"] for one in ends(5 * HOUR, *story)] == ["c1/1"]

    def test_the_customer_and_the_sources_own_id_are_named_as_the_leg_named_them(self) -> None:
        story = [fact("queued", 0, more={"customer_key": "u1", "native_id": "17.1"}), fact("answered", 5, agent="ana")]
        (event,) = ends(9 * HOUR, *story)
        assert (event.data["customer_key"], event.data["native_id"]) == ("u1", "17.1")
        assert copies(event) == [("agents.events", "ana"), ("customers.events", "u1")]

    def test_the_limits_are_those_of_the_queue_and_channel(self) -> None:
        asked: list[tuple[str, str]] = []

        def limits(queue: str, channel: str) -> Plausible:
            asked.append((queue, channel))
            return Plausible(waiting=60)

        found = lost_legs(record_of([fact("queued", 0, channel="video")]), T0 + 60_000, limits, (), WEEK_MS)
        assert said(found) == [("left_queue", 60, "lost_unknown", None)]
        assert asked == [("support", "video")]

    def test_two_that_know_different_limits_name_the_same_event(self) -> None:
        record = record_of([fact("queued", 0)])
        both = [lost_legs(record, T0 + 600_000, lambda *_, s=s: Plausible(s), (), WEEK_MS)[0] for s in (60, 90)]
        assert both[0].id == both[1].id
        assert both[0].time_ms != both[1].time_ms

    def test_a_ghost_older_than_what_is_accepted_ends_at_a_later_instant_fixed_by_its_own(self) -> None:
        found = lost_legs(record_of([fact("queued", 0)]), T0 + 3 * WEEK_MS, lambda *_: Plausible(), (), WEEK_MS // 2)
        assert [(one.time_ms - T0 - 4 * HOUR * 1000) / WEEK_MS for one in found] == [2.5]


def reaped_facts(events: Collection[Event]) -> list[Fact]:
    """As the worker's decoder makes facts of them."""
    return [
        Fact(
            one.time_ms, 0, RANKS[one.noun_verb], one.id, "", one.data["leg_id"], one.data["queue_id"],
            one.data["channel"], one.data.get("agent_id"), what=one.data.get("reason") or one.data.get("ended_by"),
        )
        for one in events
    ]  # fmt: skip


class TestLaws:
    @WIDE
    @given(any_facts(), st.integers(0, 300_000))
    def test_what_is_told_is_in_the_contract_and_not_before_its_cause(self, facts: list[Fact], now: int) -> None:
        for one in lost_legs(record_of(facts), T0 + now, lambda *_: SHORT, (), WEEK_MS):
            TYPES[one.noun_verb].model_validate(one.data)
            of_leg = [told.time for told in facts if told.leg == one.data["leg_id"]]
            assert max(of_leg) < one.time_ms <= T0 + now
            assert one.source == REAPER

    @WIDE
    @given(any_facts())
    def test_once_all_is_overdue_nothing_stays_open_and_nobody_gave_up_by_it(self, facts: list[Fact]) -> None:
        told = lost_legs(record_of(facts), T0 + 3_600_000, lambda *_: SHORT, (), WEEK_MS)
        state, counts = fold(sorted([*facts, *reaped_facts(told)]))
        assert not any(leg.is_open for leg in state.legs.values())
        _, before = fold(sorted(facts))
        for word in ("abandoned", "talk."):
            assert with_word(counts, word) == with_word(before, word)

    @WIDE
    @given(any_facts(), st.integers(0, 200_000), st.sampled_from(["abandoned", "timeout", "unknown_exit"]))
    def test_a_real_end_corrects_it_wherever_it_belongs(self, facts: list[Fact], at: int, why: str) -> None:
        told = lost_legs(record_of(facts), T0 + 3_600_000, lambda *_: SHORT, (), WEEK_MS)
        real = [real_end(one, at, why) for one in told]
        _, corrected = fold(sorted([*facts, *reaped_facts(told), *real]))
        _, never_reaped = fold(sorted([*facts, *real]))
        assert summed(corrected) == summed(never_reaped)


def with_word(counts: list[Count], word: str) -> dict[tuple[int, str, str, str], int]:
    return {place: n for place, n in summed(counts).items() if word in place[3]}


def real_end(lost: Event, at: int, why: str) -> Fact:
    """The end of the source itself, some time after T0 and never before what it ends."""
    leg, queue, channel = lost.data["leg_id"], lost.data["queue_id"], lost.data["channel"]
    verb, what = ("left_queue", why) if lost.noun_verb == "contact.left_queue" else ("ended", "customer")
    rank = RANKS[f"contact.{verb}"]
    return Fact(
        T0 + 120_000 + at, 9, rank, f"real {leg}", SOURCE, leg, queue, channel, lost.data.get("agent_id"), what=what
    )


class TestEngagements:
    def overdue(self, now: float, *facts: Fact) -> list[Engaged]:
        return overdue_engagements(after(*facts), T0 + round(now * 1000), lambda *_: Plausible())

    @pytest.mark.parametrize(
        ("story", "phase", "limit"),
        [(["offered"], "ringing", 300), (["offered", "answered"], "talking", 4 * HOUR),
         (["answered", "held"], "hold", 4 * HOUR), (["answered", "wrapup_started"], "acw", HOUR)],
    )  # fmt: skip
    def test_each_phase_has_its_limit(self, story: list[str], phase: str, limit: int) -> None:
        facts = [copied(verb, n) for n, verb in enumerate(story)]
        since = len(story) - 1
        assert self.overdue(since + limit - 1, *facts) == []
        (found,) = self.overdue(since + limit, *facts)
        assert (found.member, found.phase, found.since) == ("c1|c1/1", phase, T0 + since * 1000)

    @pytest.mark.parametrize("story", [["offered"], ["answered"], ["answered", "held"], ["answered", "wrapup_started"]])
    def test_what_is_said_of_it_sets_the_agent_free(self, story: list[str]) -> None:
        facts = [copied(verb, n) for n, verb in enumerate(story)]
        (engaged,) = self.overdue(9 * HOUR, *facts)
        event = end_of_engagement("ana", engaged, T0 + 9 * HOUR * 1000)
        TYPES[event.noun_verb].model_validate(event.data)
        last = Fact(event.time_ms, 0, RANKS[event.noun_verb], event.id, "", engaged.member, agent="ana")
        assert after(*facts, last).engaged == {}
        assert after(*facts, last).state == "offline"

    def test_its_time_is_start_and_limit_and_two_make_the_same_event(self) -> None:
        (engaged,) = self.overdue(2 * HOUR, copied("wrapup_started", 0))
        first, second = (end_of_engagement("ana", engaged, T0 + now) for now in (3_600_000, 3_630_000))
        assert first == second
        assert first.time_ms == T0 + HOUR * 1000

    def test_noticed_late_it_is_young_enough_to_be_accepted(self) -> None:
        (engaged,) = self.overdue(9 * HOUR, copied("wrapup_started", 0))
        event = end_of_engagement("ana", engaged, T0 + 9 * HOUR * 1000 - 1)
        assert event.time_ms == T0 + round(8.5 * HOUR) * 1000

    def test_another_engagement_on_the_same_leg_is_another_event(self) -> None:
        both = [self.overdue(9 * HOUR, copied("wrapup_started", at))[0] for at in (0, 60)]
        first, second = (end_of_engagement("ana", one, T0 + 9 * HOUR * 1000) for one in both)
        assert first.id != second.id

    def test_a_wrap_up_of_a_contact_as_such_is_left_while_he_talks_on_in_it(self) -> None:
        wrapup = copied("wrapup_started", 0, None)
        assert len(self.overdue(2 * HOUR, wrapup)) == 1
        assert self.overdue(2 * HOUR, wrapup, copied("answered", HOUR)) == []


class TestConfirmed:
    RINGS = Engaged("c1|c1/1", "support", "voice", "ringing", T0, T0 + 300_000)
    TALKS = RINGS._replace(phase="talking")
    WORKS = RINGS._replace(phase="acw")

    def confirmed(self, engaged: Engaged, *facts: Fact) -> bool:
        return is_confirmed("ana", engaged, "c1", fold(sorted(facts))[0])

    def test_a_contact_that_says_the_same_ends_by_itself(self) -> None:
        rings = [fact("queued", 0), fact("offered", 1, agent="ana")]
        assert self.confirmed(self.RINGS, *rings)
        assert self.confirmed(self.TALKS, *rings, fact("answered", 5, agent="ana"))

    def test_a_contact_that_is_over_with_another_or_of_another_leg_says_nothing(self) -> None:
        waits, talks = fact("queued", 0), fact("answered", 5, agent="ana")
        assert not self.confirmed(self.RINGS, waits)
        assert not self.confirmed(self.TALKS, waits)
        assert not self.confirmed(self.TALKS, waits, talks, fact("ended", 9, what="agent"))
        assert not self.confirmed(self.TALKS, waits, fact("answered", 5, agent="bo"))
        assert not self.confirmed(self.TALKS, fact("queued", 0, "c1/2"), fact("answered", 5, "c1/2", agent="ana"))

    def test_a_wrap_up_is_the_agents_own(self) -> None:
        assert not self.confirmed(self.WORKS, fact("queued", 0), fact("answered", 5, agent="ana"))


def test_the_reaper_is_no_source_that_could_fall_silent() -> None:
    assert [one.source for one in sources_of({REAPER: T0, SOURCE: T0}, {}, T0 + 600_000)] == [SOURCE]
