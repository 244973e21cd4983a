"""Time in state from steps in panes: as if every second were counted, whichever panes are summed, from either end."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kpi.agent import memberships
from kpi.facts import Fact
from kpi.levels import Heights, Levels, add_heights
from kpi.panes import COARSE_MS, FINE_MS
from kpi.staff import heights, parse_card, state_ms
from tests.builders import T0
from tests.kpi.agent_facts import coarse_panes, copied, fine_panes, run, told
from tests.kpi.agent_stories import SPAN_S, Truth, stories, truth_at
from tests.laws import WIDE

END = T0 + SPAN_S * 1000


def truths(story: Sequence[Fact]) -> list[Truth]:
    """What is true in every second of the story."""
    changes = {(fact.time - T0) // 1000 for fact in story}
    found: list[Truth] = []
    for second in range(SPAN_S):
        found.append(truth_at(story, second) if second in changes or not found else found[-1])
    return found


def counted(seconds: Sequence[Truth]) -> dict[str, int]:
    """Milliseconds per level, one second after the other."""
    found: dict[str, int] = {}
    for one in seconds:
        for level, height in ((one.state, 1), ("chats", one.chats), ("chatting", one.chats > 0), ("slots", one.slots)):
            found[level] = found.get(level, 0) + height * 1000
    return {level: n for level, n in found.items() if n and level != "offline"}


def cards_of(story: Sequence[Fact]) -> Heights:
    """The levels as the card tells them after the story."""
    cards = [parse_card(member) for name, *_, member in memberships("ana", run(story)[0]) if name == "agents"]
    return {card.agent: heights(card) for card in cards}


@WIDE
@given(stories(), st.integers(0, SPAN_S // 10), st.integers(0, SPAN_S // 10))
def test_any_stretch_of_10_s_panes_is_every_second_counted(story: list[Fact], one: int, other: int) -> None:
    low, high = min(one, other), max(one, other)
    seconds, panes = truths(story), fine_panes(run(story)[1])
    begin, end = T0 + low * FINE_MS, T0 + high * FINE_MS
    before, inside, later = (
        Levels((start, FINE_MS, fields) for start, fields in panes.items() if begins <= start < ends)
        for begins, ends in ((T0, begin), (begin, end), (end, END))
    )
    wanted = counted(seconds[low * 10 : high * 10])

    assert inside.forward(begin, end, before.ends()).get("ana", {}) == wanted
    assert inside.backwards(begin, end, later.begins(cards_of(story))).get("ana", {}) == wanted


@WIDE
@given(stories())
def test_every_15_min_pane_is_every_second_counted(story: list[Fact]) -> None:
    seconds, panes = truths(story), coarse_panes(fine_panes(run(story)[1]))
    before: Heights = {}
    for start in range(T0, END, COARSE_MS):
        levels = Levels([(start, COARSE_MS, panes.get(start, {}))])
        first = (start - T0) // 1000

        # The last quarter-hour is still going on: its changes lie before the instant it is read at.
        end = min(start + COARSE_MS, END)
        assert levels.forward(start, end, before).get("ana", {}) == counted(seconds[first : first + 900])
        before = levels.ends(before)
    assert before == {agent: levels for agent, levels in cards_of(story).items() if levels}


@WIDE
@given(stories(), st.integers(1, 15))
def test_an_instant_inside_the_present_pane_is_exact(story: list[Fact], more: int) -> None:
    """10 s panes after the whole quarter-hours, as a board reads a day; `now` is any instant after the last change."""
    panes = fine_panes(run(story)[1])
    quarter = T0 + 2 * COARSE_MS
    now = max([quarter, *(fact.time for fact in story)]) + more
    day = Levels((start, COARSE_MS, fields) for start, fields in coarse_panes(panes).items() if start < quarter)
    for start, fields in panes.items():
        if start >= quarter:
            day.add(start, FINE_MS, fields)
    wanted = counted(truths(story)[: (now - T0) // 1000])
    rest, last = (now - T0) % 1000, truth_at(story, SPAN_S)
    for level, height in counted([last]).items():
        wanted[level] = wanted.get(level, 0) + height // 1000 * rest

    assert day.forward(T0, now).get("ana", {}) == wanted
    assert day.backwards(T0, now, cards_of(story)).get("ana", {}) == wanted


def test_without_panes_a_level_stands_as_it_stood() -> None:
    levels = Levels()

    assert levels.forward(T0, T0 + 5_000, {"ana": {"break": 1}}) == {"ana": {"break": 5_000}}
    assert levels.backwards(T0, T0 + 5_000, {"ana": {"slots": 3}}) == {"ana": {"slots": 15_000}}
    assert levels.forward(T0, T0 + 5_000) == {}


def test_fields_that_are_no_steps_are_passed_over_and_ids_may_hold_dots() -> None:
    levels = Levels([(T0, FINE_MS, {"offered": 3, "net.4": 1, "step.idle.a.b@c.de": 1, "into.idle.a.b@c.de": 4_000})])

    assert levels.forward(T0, T0 + FINE_MS) == {"a.b@c.de": {"idle": 4_000}}
    assert levels.ends() == {"a.b@c.de": {"idle": 1}}


def test_a_change_a_moment_after_the_instant_of_reading_takes_nothing_below_zero() -> None:
    ahead = Levels([(T0, FINE_MS, {"step.busy.ana": 1, "into.busy.ana": 4_000})])

    assert ahead.backwards(T0, T0 + 5_000, {"ana": {"busy": 1}}) == {}


def test_agents_add_up_level_by_level() -> None:
    total: dict[str, int] = {}
    for levels in ({"busy": 3, "slots": 2}, {"busy": 4, "idle": 1}):
        add_heights(total, levels)

    assert total == {"busy": 7, "slots": 2, "idle": 1}


def test_offline_is_what_is_left_of_the_span() -> None:
    _, counts = run([told("logged_in", 10), copied("answered", 40), copied("ended", 100), told("logged_out", 160)])
    levels = Levels((start, FINE_MS, fields) for start, fields in fine_panes(counts).items())

    spent = levels.forward(T0, T0 + 200_000)["ana"]
    assert state_ms(spent, 200_000) == {"busy": 60_000, "idle": 90_000, "offline": 50_000}
