"""What is kept of an agent: signs of life, team and site, the steps that are counted, his card."""

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kpi.agent import Agent, is_open, memberships, step
from kpi.agent_state import STATES
from kpi.facts import Fact
from tests.builders import T0, summed
from tests.kpi.agent_facts import after, card_of, coarse_panes, copied, fine_panes, run, team_of, told
from tests.kpi.agent_stories import place_at, stories
from tests.laws import LAW

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
