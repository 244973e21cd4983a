"""Agent-seconds as states end: the length of the state is measured, and nothing that was not seen."""

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kpi.agent import Agent, step
from kpi.events import RANKS
from kpi.facts import Count, Fact
from kpi.keys import live_suffix
from streams.agent_time import AgentTime, teams_told
from tests.laws import LAW

NOON = 1_795_176_000_000
PLACE = "agents.events/0"
IDLE, BUSY = ("ana", "idle"), ("ana", "busy")


def changes(*moments: tuple[int, str]) -> list[Count]:
    """What an agent who declares these states at these seconds after noon comes to."""
    agent, counts = Agent(), []
    for number, (second, state) in enumerate(moments):
        rank = RANKS["agent.state_changed"]
        fact = Fact(NOON + second * 1000, number, rank, f"e{number}", "/acd", agent="ana", what=state)
        agent, told = step(agent, fact)
        counts += told
    return counts


def measured(*chunks: Iterable[Count], bases: list[int] | None = None) -> dict[tuple[str, str], float]:
    """All that is over after chunks of ten offsets each, at `bases` or one after the other."""
    time, found = AgentTime(), dict[tuple[str, str], float]()
    for base, counts in zip(bases or range(0, 10 * len(chunks), 10), chunks, strict=True):
        for agent, state, seconds in time.over(PLACE, base, base + 10, counts):
            found[agent, state] = found.get((agent, state), 0) + seconds
    return found


def test_a_state_is_counted_when_it_is_over() -> None:
    assert measured(changes((0, "idle"), (90, "busy"), (100, "break"))) == {BUSY: 10, IDLE: 90}


def test_a_state_one_is_back_in_by_the_end_of_a_chunk_waits_until_it_is_over_again() -> None:
    counts = changes((0, "idle"), (90, "busy"), (100, "idle"), (130, "offline"))
    assert measured(counts[:-2]) == {BUSY: 10}
    assert measured(counts[:-2], counts[-2:]) == {BUSY: 10, IDLE: 120}


def test_a_correction_adds_only_what_is_more() -> None:
    told, corrected = changes((0, "idle"), (90, "offline")), changes((0, "idle"), (95, "offline"))
    taken_back = [(*count[:4], -count[4]) for count in told]
    assert measured(told, corrected + taken_back) == {IDLE: 95}
    assert measured(corrected, told + [(*count[:4], -count[4]) for count in corrected]) == {IDLE: 95}


def test_a_state_that_still_runs_is_not_counted() -> None:
    assert measured(changes((0, "idle"))) == {}


def test_it_does_not_matter_in_which_chunk_a_state_began() -> None:
    counts = changes((0, "idle"), (90, "busy"), (100, "offline"))
    for cut in range(0, len(counts) + 1, 2):  # a step and how far into its pane it lies come together
        assert measured(counts[:cut], counts[cut:]) == {BUSY: 10, IDLE: 90}


def test_nothing_is_counted_of_what_began_before_a_gap() -> None:
    counts = changes((0, "idle"), (90, "busy"), (100, "offline"))
    assert measured(counts[:2], counts[2:], bases=[0, 20]) == {BUSY: 10}


def test_a_state_whose_beginning_nobody_saw_is_not_counted() -> None:
    began, ended = changes((0, "idle"))[:2], changes((0, "idle"), (90, "offline"))[2:]
    assert measured(ended) == {}
    assert measured(ended, began, changes((0, "idle"), (30, "offline"))[2:]) == {IDLE: 30}


def test_counts_that_are_about_no_agent_are_passed_over() -> None:
    others: list[Count] = [
        (NOON, "support", "voice", "answered", 1),
        (NOON, "", "agents", "answered.ana", 1),
        (NOON, "", "agents", "step.chats.ana", 1),
    ]
    assert measured(others) == {}


def test_the_team_is_that_of_the_cards_a_chunk_put_up_or_took_down() -> None:
    card = '["ana","idle","","Front","",[],{},[]]'
    gone = '["bo","busy","","Back","",[],{},[]]'
    lives = {
        live_suffix("agents", "", ""): {card: NOON, gone: False, "no card": NOON},
        live_suffix("waiting", "support", "voice"): {"c|1": NOON},
    }
    assert teams_told(lives) == {"ana": "Front", "bo": "Back"}


@LAW
@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from(("idle", "busy", "break", "offline"))), max_size=12),
       st.integers(0, 60))  # fmt: skip
def test_what_is_over_adds_up_to_the_time_between_changes(moves: list[tuple[int, str]], cut: int) -> None:
    at, moments = 0, [(0, "idle")]
    for gap, state in moves:
        at += gap
        moments.append((at, state))
    moments.append((at + 1, "offline"))
    counts = changes(*moments)
    expected: dict[tuple[str, str], float] = {}
    begun = moments[0]
    for before, after in pairwise(moments):
        if after[1] != before[1]:
            if before[1] != "offline":
                key = ("ana", before[1])
                expected[key] = expected.get(key, 0) + after[0] - begun[0]
            begun = after
    assert measured(counts[: 2 * cut], counts[2 * cut :]) == expected
