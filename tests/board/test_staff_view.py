"""Agents in the board's memory: how long each did what against a count of every millisecond, and who serves a queue."""

from __future__ import annotations

import random
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from board.floor import FloorAssembler
from board.health import Verdict
from board.live_set import LiveSets
from board.roster import Roster
from board.staff_view import STAFF_WINDOWS, StaffView
from board.view import Delta, FloorView, Loaded, window_ranges
from kpi.floor import parse_floor
from kpi.keys import live_suffix, pane_suffix
from kpi.panes import COARSE_MS, FINE_MS, pane_start
from kpi.staff import headcount, parse_card

NOON = 1_795_176_000_000
IDLE = '["ana","idle","","Front","",[["sales",null],["support",null]],{"chat":2},[]]'
PAUSED = '["ana","idle","","Front","",[["sales",null],["support","lunch"]],{"chat":2},[]]'
BUSY = '["bo","busy","","Back","",[["sales",null]],{},[["support","voice","talking",5]]]'


def step(view: StaffView, at_ms: int, level: str, agent: str, change: int) -> None:
    for res_ms in (FINE_MS, COARSE_MS):
        start = pane_start(at_ms, res_ms)
        name = f"{level}.{agent}"
        fields = {f"step.{name}": change, f"into.{name}": change * (start + res_ms - at_ms)}
        view.add("p", res_ms, start, fields)


@given(seed=st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_the_time_in_each_state_is_that_between_the_changes_whatever_the_window_and_the_order_of_ticks(
    seed: int,
) -> None:
    chance = random.Random(seed)
    view, now_ms = StaffView(), NOON - chance.randrange(3_600_000)
    changes: list[tuple[int, str, str, int]] = []
    heights: dict[str, dict[str, int]] = {"ana": {"idle": 1}, "b.o": {"busy": 1, "chats": 2}}
    view.advance(window_ranges(now_ms, "UTC", 0))
    for _ in range(40):
        now_ms += chance.choice((250, 3_000, 60_000, 900_000))
        agent, level = chance.choice(("ana", "b.o")), chance.choice(("idle", "busy", "chats"))
        change = -1 if heights[agent].get(level, 0) else 1
        heights[agent][level] = heights[agent].get(level, 0) + change
        changes.append((now_ms, level, agent, change))
        step(view, now_ms, level, agent, change)
        if chance.random() < 0.6:
            view.advance(window_ranges(now_ms, "UTC", 0))
    view.advance(window_ranges(now_ms, "UTC", 0))
    for window in STAFF_WINDOWS:
        start_ms = view.window_start(window)
        assert start_ms is not None
        expected: defaultdict[tuple[str, str], int] = defaultdict(int)
        for agent, levels in heights.items():
            for level, height in levels.items():
                # What stands now stood all the time, but for what changed on the way.
                expected[agent, level] += height * (now_ms - start_ms)
        for at_ms, level, agent, change in changes:
            if at_ms >= start_ms:
                expected[agent, level] -= change * (at_ms - start_ms)
        found = {
            (agent, level): ms
            for agent, levels in view.spent(window, now_ms, heights).items()
            for level, ms in levels.items()
        }
        assert found == {key: ms for key, ms in expected.items() if ms}, window


def test_a_partition_that_is_dropped_takes_its_agents_along() -> None:
    view = StaffView()
    step(view, NOON - 5_000, "idle", "ana", 1)
    view.change_live("p", "agents", {IDLE: NOON - 5_000})
    view.advance(window_ranges(NOON, "UTC", 0))
    assert view.spent("15m", NOON, {"ana": {"idle": 1}}) == {"ana": {"idle": 5_000}}
    view.drop_partition("p")
    view.advance(window_ranges(NOON, "UTC", 0))
    assert view.spent("15m", NOON, {}) == {}
    assert len(view.sets["agents"]) == 0


def test_what_stands_under_no_queue_never_becomes_one() -> None:
    view = FloorView()
    view.expect(["agents.events/0"])
    fields = {"step.idle.ana": 1, "into.idle.ana": 4_000}
    pane, other = pane_suffix(FINE_MS, NOON, "", "agents"), pane_suffix(FINE_MS, NOON, "", "voice")
    lives = {live_suffix("agents", "", ""): {IDLE: NOON}, live_suffix("waiting", "", "voice"): {"a|1": NOON}}
    view.replace("agents.events/0", Loaded(1, 2, NOON, panes={pane: fields, other: {"offered": 1}}, lives=lives))
    view.apply_delta("agents.events/0", Delta(1, 2, 3, {other: {"offered": 1}}, {}, NOON, NOON))
    view.advance(NOON + 6_000, {})
    assert not view.queues
    assert view.staff.spent("15m", NOON + 9_000, {"ana": {"idle": 1}}) == {"ana": {"idle": 3_000}}, "idle since 6 s"
    assert [member for member, _ in view.staff.sets["agents"].members()] == [IDLE]


def test_who_serves_a_queue_follows_the_cards_and_is_counted_once_per_change() -> None:
    sets, roster = LiveSets(), Roster()
    sets.apply("agents", "p", {IDLE: NOON, BUSY: NOON - 9_000})
    roster.refresh(sets)
    sales = roster.staff_of("sales")
    assert (sales.states, sales.available, sales.staffed, sales.free_slots) == ({"busy": 1, "idle": 1}, 1, 2, 2)
    assert roster.staff_of("support").available == 1
    assert roster.staff_of("support").states == {"busy": 1, "idle": 1}, "who is engaged in it serves it, member or not"
    assert roster.staff_of("nowhere").states == {}
    sets.apply("agents", "p", {IDLE: None, PAUSED: NOON})
    roster.refresh(sets)
    assert roster.staff_of("support").available == 0
    assert roster.staff_of("sales").available == 1
    sets.apply("agents", "p", {PAUSED: None, BUSY: None})
    roster.refresh(sets)
    assert roster.staff_of("sales").states == {}
    assert not roster.cards


def test_the_team_of_who_went_home_is_known_to_a_roster_that_never_saw_him() -> None:
    sets, roster = LiveSets(), Roster()
    sets.apply("agents", "p", {IDLE: NOON, BUSY: NOON})
    sets.apply("agent_team", "p", {'["ana","Old",""]': NOON, '["cleo","Back","Porto"]': NOON - 9_000})
    roster.refresh(sets)
    names = ("ana", "bo", "cleo", "dora")
    assert [roster.team_of(name, "") for name in names] == ["Front", "Back", "Back", ""], "the card goes before the set"
    assert [roster.team_of(name, "Mine") for name in names] == ["Mine"] * 4
    sets.apply("agents", "p", {IDLE: None, BUSY: None})
    sets.apply("agent_team", "p", {'["cleo","Back","Porto"]': None, '["cleo","Front","Porto"]': NOON})
    roster.refresh(sets)
    assert [roster.team_of(name, "") for name in names] == ["Old", "", "Front", ""]
    sets.apply("agent_team", "p", {'["cleo","Front","Porto"]': None})
    roster.refresh(sets)
    assert [roster.team_of(name, "") for name in names] == ["Old", "", "", ""]


def test_a_board_that_was_just_started_gives_the_hours_of_who_went_home_to_his_team() -> None:
    view = FloorView()
    steps = {"step.idle.ana": 1, "into.idle.ana": FINE_MS, "step.idle.bo": 1, "into.idle.bo": FINE_MS}
    ends = {"step.idle.ana": -1, "into.idle.ana": -FINE_MS, "step.idle.bo": -1, "into.idle.bo": -FINE_MS}
    panes = {pane_suffix(FINE_MS, NOON + at_ms, "", "agents"): fields for at_ms, fields in ((0, steps), (60_000, ends))}
    lives = {live_suffix("agent_team", "", ""): {'["ana","Front",""]': NOON, '["bo","Back",""]': NOON}}
    view.replace("agents.events/0", Loaded(1, 9, NOON, panes=panes, lives=lives))
    view.advance(NOON + 90_000, {})
    board = FloorAssembler(view, "live")
    board.roster.refresh(view.staff.sets)
    verdict = Verdict("fresh", None, NOON + 90_000, NOON + 90_000, 1)

    floor = board.entry(parse_floor('[agent.bo]\nteam = "Night"\n'), [], verdict, NOON + 90_000, 1).snapshot

    assert {name: team.windows["1h"].state_seconds for name, team in floor.teams.items()} == {
        "Front": {"idle": 60.0}, "Night": {"idle": 60.0}
    }  # fmt: skip
    assert (floor.agents, floor.total.logged_in) == ((), 0)


def test_of_two_cards_of_one_agent_the_later_one_holds_whichever_came_first() -> None:
    for first, second in ((IDLE, PAUSED), (PAUSED, IDLE)):
        sets, roster = LiveSets(), Roster()
        sets.apply("agents", "one", {first: NOON})
        roster.refresh(sets)
        sets.apply("agents", "two", {second: NOON + 1})
        roster.refresh(sets)
        assert roster.cards["ana"] == parse_card(second, NOON + 1)
        sets.apply("agents", "one", {first: None})
        roster.refresh(sets)
        assert roster.cards["ana"] == parse_card(second, NOON + 1)


@given(seed=st.integers(0, 10**9))
@settings(max_examples=50, deadline=None)
def test_a_roster_that_follows_counts_like_one_that_begins_anew(seed: int) -> None:
    chance = random.Random(seed)
    sets, roster = LiveSets(), Roster()
    held: dict[str, str] = {}
    for number in range(30):
        agent = chance.choice("abcd")
        change: dict[str, int | None] = {}
        if agent in held:
            change[held.pop(agent)] = None
        if chance.random() < 0.8:
            queues = [[queue, chance.choice((None, "x"))] for queue in "qr" if chance.random() < 0.7]
            queues_text = str(queues).replace("'", '"').replace("None", "null")
            text = f'["{agent}","{chance.choice(("idle", "busy", "break"))}","{number}","","",{queues_text},{{}},[]]'
            held[agent] = text
            change[text] = NOON + number
        sets.apply("agents", agent, change)
        if chance.random() < 0.7:
            roster.refresh(sets)
    roster.refresh(sets)
    anew = Roster()
    anew.known = set(roster.known)  # whose members were told once is remembered beside the log
    anew.refresh(sets)
    assert roster.cards == anew.cards
    for queue in "qr":
        count = headcount([c for c in anew.cards.values() if queue in dict(c.queues)], queue)
        found = roster.staff_of(queue)
        assert found == anew.staff_of(queue)
        assert (found.states, found.available) == (count.states, count.available)
