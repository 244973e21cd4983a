"""What holds of the policy for every story: any values, any gaps, any quiet."""

from itertools import pairwise

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.policy import CALM, GAP_MS, State, step
from alerts.rulebook import Limit, Look
from tests.alerts.looks import HIGH, LOW, T0, Moment, limit, told, turns
from tests.laws import LAW, WIDE

VALUES = st.none() | st.sampled_from([0, 6, 7, 8, 9, 10, 11, 30])
LOOKS = st.sampled_from(
    [
        Look(value, known=known, open=is_open, quiet=quiet, since_ms=since)
        for value in (None, 0, 6, 7, 8, 9, 10, 11, 30)
        for known in (True, True, True, False)
        for is_open in (True, True, True, False)
        for quiet in (False, False, False, True)
        for since in (None, None, T0 - 100_000, T0 - 1, T0 + 2000, T0 + 60_000)
    ]
)
STEPS = st.sampled_from([0, 250, 1000, 1000, 2000, 2001, 15_000, 15_001, 60_000, -1, -5000, -61_000])
LIMITS = st.builds(
    limit,
    st.sampled_from([8, 10]),
    st.just(8),
    for_s=st.sampled_from([0, 1, 5, 15]),
    keep_s=st.sampled_from([0, 1, 5, 30]),
    only_open=st.booleans(),
) | st.builds(limit, st.sampled_from([7, 8]), st.just(8), for_s=st.sampled_from([0, 5]), rule=st.just(LOW))


def _in_time(moves: list[tuple[int, Look]]) -> list[Moment]:
    at = 0
    return [(at := at + move, look) for move, look in moves]


#: Looks mostly a second apart, sometimes at once, sometimes after a gap, out of order, or by a clock put back.
STORIES = st.lists(st.tuples(STEPS, LOOKS), min_size=1, max_size=25).map(_in_time)


@st.composite
def regular(draw: st.DrawFn) -> list[Moment]:
    """A look every second, all of it known, nothing quiet, from a good value on."""
    values = draw(st.lists(st.tuples(VALUES, st.integers(1, 40)), min_size=1, max_size=8))
    flat = [None, *(value for value, n in values for _ in range(n))]
    return [(1000 * number, Look(value)) for number, value in enumerate(flat)]


@given(LIMITS, STORIES)
@LAW
def test_it_begins_and_ends_by_turns_and_says_so(rule: Limit, story: list[Moment]) -> None:
    state = CALM
    for after, reason in told(rule, story):
        assert (reason == "fired") == (after.is_on and not state.is_on)
        assert not (state.is_on and not after.is_on) or reason in ("resolved", "quiet")
        assert (reason == "reentered") == ((state.phase, after.phase) == ("resolving", "firing"))
        if state.is_on and after.is_on:
            was_put_back = after.looked_ms < state.looked_ms
            assert was_put_back or (after.since_ms, after.fired_ms) == (state.since_ms, state.fired_ms)
        state = after


@given(LIMITS, STORIES)
@WIDE
def test_it_fires_only_at_a_bad_value_known_open_and_not_quiet(rule: Limit, story: list[Moment]) -> None:
    for (_, look), (_, reason) in zip(story, told(rule, story), strict=True):
        if reason == "fired":
            assert look.known and not look.quiet and look.value is not None
            assert look.value < rule.exit if rule.rule.low_is_bad else look.value >= rule.exit
            assert look.open or not rule.behaviour.only_open


@given(LIMITS, STORIES)
@LAW
def test_it_never_ends_before_its_keep_unless_it_becomes_quiet(rule: Limit, story: list[Moment]) -> None:
    bad_at = None
    for (at, _), (_, reason) in zip(story, told(rule, story), strict=True):
        if reason == "unknown":
            continue
        if reason in ("fired", "still", "reentered"):
            bad_at = at
        elif bad_at is not None:
            # A clock that was put back cannot say for how long it has been good: from here on.
            bad_at = min(bad_at, at)
        if reason == "resolved":
            assert bad_at is not None
            assert at - bad_at >= rule.behaviour.keep_seconds * 1000


@given(LIMITS, STORIES)
@WIDE
def test_the_start_is_never_after_the_alert_and_leaves_time_for_the_wait(rule: Limit, story: list[Moment]) -> None:
    for state, reason in told(rule, story):
        if reason == "fired":
            assert state.since_ms <= state.fired_ms - rule.behaviour.for_seconds * 1000
            assert state.fired_ms == state.looked_ms


@given(LIMITS, STORIES, st.integers(0, 40))
@WIDE
def test_a_restart_at_any_point_changes_nothing(rule: Limit, story: list[Moment], cut: int) -> None:
    whole = told(rule, story)
    before = told(rule, story[:cut])
    kept = msgspec.json.decode(msgspec.json.encode(before[-1][0] if before else CALM), type=State)
    assert before + told(rule, story[cut:], kept) == whole


@given(LIMITS, STORIES, st.data())
@WIDE
def test_what_is_not_known_changes_no_state(rule: Limit, story: list[Moment], data: st.DataObject) -> None:
    mixed = []
    for at, look in story:
        mixed += [(at, look), (at + data.draw(st.integers(0, 90_000)), Look(data.draw(VALUES), known=False))]
    assert told(rule, mixed)[::2] == told(rule, story)


@given(LIMITS, STORIES)
@WIDE
def test_the_same_look_twice_is_one(rule: Limit, story: list[Moment]) -> None:
    state = CALM
    for at, look in story:
        state = step(rule, state, look, T0 + at).state
        assert step(rule, state, look, T0 + at).state == state


@given(LIMITS, regular(), st.sampled_from([1, 2, 4]))
@WIDE
def test_more_looks_of_a_value_that_stays_change_nothing(rule: Limit, story: list[Moment], parts: int) -> None:
    finer = [(at + 1000 * n // parts, look) for at, look in story for n in range(parts)]
    assert turns(rule, finer) == turns(rule, story)
    assert told(rule, finer)[::parts] == told(rule, story)


@given(LIMITS, regular())
@example(limit(10, 8, keep_s=1), [(1000 * n, Look(value)) for n, value in enumerate([None, 10, None, 8, None])])
@WIDE
def test_it_does_what_its_definition_says(rule: Limit, story: list[Moment]) -> None:
    assert turns(rule, story) == by_definition(rule, [look.value for _, look in story])


def by_definition(rule: Limit, values: list[float | None]) -> list[tuple[int, str]]:
    """The same from the words alone: one value a second, each instant judged by looking back over all of them."""
    low, behaviour = rule.rule.low_is_bad, rule.behaviour
    entered = [value is not None and (value < rule.enter if low else value >= rule.enter) for value in values]
    good = [value is None or (value >= rule.exit if low else value < rule.exit) for value in values]
    # Bad: the last instant that was clearly one or the other was one at which it was entered.
    bad, on, out = [], False, []
    for now in range(len(values)):
        clear = [then for then in range(now + 1) if entered[then] or good[then]]
        bad.append(bool(clear) and entered[clear[-1]])
        length = next((n for n in range(now + 1) if not bad[now - n]), now + 1)
        calm = next((n for n in range(now + 1) if not good[now - n]), now + 1)
        if not on and length > behaviour.for_seconds:
            on = True
            out.append((now * 1000, "on"))
        elif on and calm > behaviour.keep_seconds:
            on = False
            out.append((now * 1000, "off"))
    return out


@given(st.integers(0, 240), st.integers(0, 240), st.sampled_from([0, 10]), st.sampled_from([0, 5, 30]))
@example(5, 5, 0, 30)
@WIDE
def test_a_square_wave_is_one_alert_unless_it_is_good_for_longer_than_the_keep(
    up: int, down: int, for_s: int, keep_s: int
) -> None:
    rule = limit(10, for_s=for_s, keep_s=keep_s)
    wave = ([12] * up + [3] * down) * 4
    heard = turns(rule, [(1000 * number, Look(value)) for number, value in enumerate([0, *wave])])
    fires = [at for at, what in heard if what == "on"]
    assert len(fires) == (0 if up <= for_s else 1 if down <= keep_s else 4)
    apart = [later - earlier for earlier, later in pairwise(fires)]
    assert all(gap > keep_s * 1000 for gap in apart)


@given(st.sampled_from([HIGH, LOW]), st.lists(st.sampled_from([0, 6, 9, 10, 11, 30]), min_size=1, max_size=20))
@WIDE
def test_high_and_low_are_mirror_images(rule: object, values: list[int]) -> None:
    high = limit(9.5, 7.5, for_s=2, keep_s=3)
    low = limit(-9.5, -7.5, for_s=2, keep_s=3, rule=LOW)
    up = [(1000 * n, Look(value)) for n, value in enumerate(values)]
    down = [(1000 * n, Look(-value)) for n, value in enumerate(values)]
    assert turns(high, up) == turns(low, down)
    assert [s.peak for s, _ in told(high, up)] == [None if s.peak is None else -s.peak for s, _ in told(low, down)]


def test_looks_within_the_gap_need_no_contacts_to_tell() -> None:
    assert told(limit(10), [(0, Look(0)), (GAP_MS, Look(12, since_ms=T0))])[-1][0].since_ms == T0 + GAP_MS
