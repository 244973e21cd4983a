import msgspec
import pytest

from alerts.policy import CALM, CLOCK_SET_MS, SILENCE_MS, Reason, State, step
from alerts.rulebook import Limit, Look
from tests.alerts.looks import LOW, T0, Moment, every, limit, told, turns


def last(rule: Limit, moments: list[Moment]) -> tuple[State, Reason]:
    return told(rule, moments)[-1]


def test_a_value_at_the_limit_fires_at_once_where_nothing_is_to_be_waited_for() -> None:
    [(state, reason)] = told(limit(10), every(250, [10]))
    assert (state.phase, reason, state.since_ms, state.fired_ms) == ("firing", Reason.FIRED, T0, T0)


def test_a_value_below_the_limit_is_calm() -> None:
    assert told(limit(10), every(250, [9.99]))[0] == (State(looked_ms=T0, value=9.99), Reason.CALM)


def test_no_value_is_never_bad() -> None:
    assert last(limit(10), every(250, [None])) == (State(looked_ms=T0), Reason.CALM)
    assert last(limit(10, rule=LOW), every(250, [None])) == (State(looked_ms=T0), Reason.CALM)


def test_where_low_is_bad_the_value_must_be_below_the_limit() -> None:
    assert last(limit(2, rule=LOW), every(250, [2]))[0].phase == "ok"
    assert last(limit(2, rule=LOW), every(250, [1.9]))[0].phase == "firing"


def test_it_waits_for_as_long_as_it_is_told_and_tells_the_true_start() -> None:
    moments = every(1000, [5, 10, 12, 11, 10])
    phases = [(state.phase, reason.value) for state, reason in told(limit(10, for_s=3), moments)]
    assert phases == [
        ("ok", "calm"), ("pending", "entered"), ("pending", "waiting_for"), ("pending", "waiting_for"),
        ("firing", "fired"),
    ]  # fmt: skip
    state, _ = last(limit(10, for_s=3), moments)
    assert (state.since_ms, state.fired_ms, state.peak, state.value) == (T0 + 1000, T0 + 4000, 12, 10)


def test_a_break_begins_the_wait_anew() -> None:
    assert turns(limit(10, for_s=3), every(1000, [10, 10, 10, 9, 10, 10, 10, 10])) == [(7000, "on")]


def test_between_exit_and_enter_what_is_bad_stays_bad_and_what_is_good_stays_good() -> None:
    assert turns(limit(10, 8, for_s=2), every(1000, [9, 9, 9, 10, 8, 8])) == [(5000, "on")]


def test_it_ends_once_it_was_better_than_the_exit_for_the_whole_of_its_keep() -> None:
    moments = every(1000, [10, *[7] * 31])
    assert turns(limit(10, 8), moments) == [(0, "on"), (31_000, "off")]
    state, reason = last(limit(10, 8), moments)
    assert (state.phase, reason, state.clear_ms - T0, state.looked_ms - T0) == ("ok", Reason.RESOLVED, 1000, 31_000)
    # What it was is still told, for the message that it is over.
    assert (state.since_ms, state.fired_ms, state.peak) == (T0, T0, 10)


def test_without_a_keep_it_ends_with_the_first_good_value() -> None:
    assert turns(limit(10, keep_s=0), every(1000, [10, 9])) == [(0, "on"), (1000, "off")]


def test_reached_again_before_its_end_it_is_the_same_alert() -> None:
    story = told(limit(10), every(1000, [10, 9, 9, 13]))
    assert [reason.value for _, reason in story] == ["fired", "left", "held", "reentered"]
    assert (story[-1][0].since_ms, story[-1][0].fired_ms, story[-1][0].peak) == (T0, T0, 13)


def test_between_exit_and_enter_the_wait_for_the_end_begins_anew() -> None:
    story = told(limit(10, 8), every(1000, [10, 7, 9, 7]))
    assert [(state.phase, state.clear_ms) for state, _ in story[1:]] == [
        ("resolving", T0 + 1000), ("resolving", 0), ("resolving", T0 + 3000),
    ]  # fmt: skip
    assert turns(limit(10, 8, keep_s=3), every(1000, [10, 7, 7, 9, 7, 7, 7, 7])) == [(0, "on"), (7000, "off")]


def test_a_closed_queue_ends_after_its_keep_and_begins_nothing() -> None:
    shut = [(1000 * n, Look(12, open=False)) for n in range(1, 33)]
    story = told(limit(10), [(0, Look(12)), *shut])
    assert story[1][0].phase == "resolving" and story[1][1] == Reason.CLOSED
    assert turns(limit(10), [(0, Look(12)), *shut]) == [(0, "on"), (31_000, "off")]
    assert last(limit(10), shut)[1] == Reason.CLOSED
    assert turns(limit(10), shut) == []


def test_closing_time_ends_the_wait_before_an_alert() -> None:
    story = told(limit(10, for_s=5), [(0, Look(12)), (1000, Look(12, open=False))])
    assert (story[-1][0].phase, story[-1][1]) == ("ok", Reason.CLOSED)


def test_a_rule_about_closed_queues_does_not_mind() -> None:
    assert turns(limit(10, only_open=False), [(0, Look(12, open=False))]) == [(0, "on")]


def test_while_it_is_quiet_nothing_fires_and_afterwards_the_true_start_is_told() -> None:
    quiet = [(1000 * n, Look(12, quiet=True)) for n in range(600)]
    story = told(limit(10, for_s=3), [*quiet, (600_000, Look(12))])
    assert {reason for _, reason in story[:-1]} == {Reason.QUIET}
    state, reason = story[-1]
    assert (reason, state.since_ms, state.fired_ms) == (Reason.FIRED, T0, T0 + 600_000)


def test_what_became_good_in_the_quiet_is_never_told() -> None:
    moments = [(0, Look(12, quiet=True)), (1000, Look(3, quiet=True)), (2000, Look(3))]
    assert turns(limit(10), moments) == []


def test_an_alert_ends_at_once_when_it_becomes_quiet_and_comes_back_with_its_start() -> None:
    moments = [(0, Look(12)), (1000, Look(12, quiet=True)), (2000, Look(12, quiet=True)), (3000, Look(12))]
    assert turns(limit(10), moments) == [(0, "on"), (1000, "off"), (3000, "on")]
    story = told(limit(10), moments)
    assert story[1][1] == Reason.QUIET
    assert story[-1][0].since_ms == T0


def test_an_alert_about_to_end_ends_at_once_when_it_becomes_quiet() -> None:
    moments = [(0, Look(12)), (1000, Look(9)), (2000, Look(9, quiet=True)), (3000, Look(9))]
    assert turns(limit(10), moments) == [(0, "on"), (2000, "off")]
    between = [(0, Look(12)), (1000, Look(7)), (2000, Look(9, quiet=True)), (3000, Look(9)), (4000, Look(9))]
    assert turns(limit(10, 8), between) == [(0, "on"), (2000, "off")]
    again = [(0, Look(12)), (1000, Look(9)), (2000, Look(11, quiet=True)), (3000, Look(11))]
    assert turns(limit(10), again) == [(0, "on"), (2000, "off"), (3000, "on")]


@pytest.mark.parametrize("phase", ["ok", "pending", "firing", "resolving"])
def test_what_is_not_known_changes_nothing(phase: str) -> None:
    state = msgspec.convert({"phase": phase, "since_ms": T0, "clear_ms": T0, "looked_ms": T0}, State)
    for look, at in ((Look(99, known=False), T0 + 600_000), (Look(0, known=False), T0 + 600_000), (Look(99), T0 - 1)):
        assert step(limit(10), state, look, at) == (state, Reason.UNKNOWN)


def test_the_first_look_asks_the_contacts_since_when() -> None:
    [(state, _)] = told(limit(10, for_s=30), [(0, Look(12, since_ms=T0 - 90_000))])
    assert (state.phase, state.since_ms) == ("firing", T0 - 90_000)


def test_after_a_gap_too_and_not_while_we_were_looking() -> None:
    for at, expected in ((2000, 2000), (2001, 500)):
        story = told(limit(10), [(0, Look(1)), (at, Look(12, since_ms=T0 + 500))])
        assert story[-1][0].since_ms == T0 + expected


def test_a_start_that_nobody_knows_is_now() -> None:
    assert told(limit(10), [(0, Look(1)), (60_000, Look(12))])[-1][0].since_ms == T0 + 60_000


def test_a_start_ahead_of_now_is_now() -> None:
    assert told(limit(10), [(0, Look(12, since_ms=T0 + 5000))])[-1][0].since_ms == T0


def test_a_gap_before_an_alert_is_believed_only_if_it_is_short_or_the_contacts_say_so() -> None:
    def since(at: int, contacts_say: int | None) -> int:
        story = told(limit(10, for_s=900), [(0, Look(12)), (at, Look(12, since_ms=contacts_say))])
        return story[-1][0].since_ms - T0

    assert since(SILENCE_MS, None) == 0
    assert since(SILENCE_MS + 1, None) == SILENCE_MS + 1
    assert since(3000, T0 + 1000) == 1000
    assert since(3000, T0 - 50_000) == 0
    assert since(600_000, T0 - 50_000) == 0
    assert since(1000, T0 + 500) == 0


def test_a_gap_before_the_end_begins_the_keep_anew() -> None:
    moments = [(0, Look(12)), (1000, Look(9)), (60_000, Look(9)), (89_000, Look(9)), (90_000, Look(9))]
    assert turns(limit(10), moments[:3]) == [(0, "on")]
    steady = [(0, Look(12)), *((at, Look(9)) for at in (1000, 16_000, 31_000, 46_000, 61_000))]
    assert turns(limit(10, keep_s=60), steady) == [(0, "on"), (61_000, "off")]


def test_a_clock_that_was_put_back_is_followed() -> None:
    back = T0 - CLOCK_SET_MS - 1
    firing = State("firing", T0, T0, 0, T0, 12, 12)
    state, _ = step(limit(10), firing, Look(12), back)
    assert (state.phase, state.since_ms, state.fired_ms, state.looked_ms) == ("firing", back, back, back)
    resolving = State("resolving", T0, T0, T0, T0, 9, 12)
    state, _ = step(limit(10), resolving, Look(9), back)
    assert (state.phase, state.clear_ms) == ("resolving", back)
    assert step(limit(10), CALM, Look(1), 5)[0].looked_ms == 5


def test_the_peak_is_the_worst_since_it_began() -> None:
    assert last(limit(10, for_s=2), every(1000, [1, 10, 14, None, 9, 11]))[0].peak == 11
    assert last(limit(10, for_s=2), every(1000, [1, 10, 14, 12]))[0].peak == 14
    assert last(limit(5, rule=LOW), every(1000, [4, 1, 3, 8]))[0].peak == 1
