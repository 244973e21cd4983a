"""Volumes against the week before: the back-test keeps steps, and looks when there is a reason only."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from alerts.policy import CALM, State, step
from alerts.rulebook import Limit, Look, limits_of
from floorpulse.backtest import runner
from floorpulse.backtest.history import History, span_of
from floorpulse.backtest.outcome import Outcome
from floorpulse.backtest.runner import backtest
from floorpulse.backtest.sources import item_of
from kpi.envelope import Event
from kpi.floor import Floor, parse_floor
from kpi.instants import format_time
from kpi.quiet import quiet_at
from tests.builders import T0, event

LAW = settings(max_examples=200 if os.environ.get("CI") else 25, deadline=None, suppress_health_check=list(HealthCheck))
WEEK, HALF = 7 * 86_400, 1_800
QUEUES = (("support", "voice"), ("support", "chat"), ("sales", "voice"))

Told = tuple[str, str, str, str, int, int | None, float | None]
"""rule, severity, queue, channel, from, to (None: still on), peak."""


def joins(at: float, number: int, place: tuple[str, str] = QUEUES[0]) -> list[Event]:
    """Who joins, and is gone after a second."""
    common = {"contact_id": f"c{number}", "leg_id": f"c{number}/1", "queue_id": place[0], "channel": place[1]}
    return [event("contact.queued", at, **common), event("contact.left_queue", at + 1, reason="abandoned", **common)]


@st.composite
def weeks(draw: st.DrawFn) -> list[Event]:
    """Two hours, and two hours a week later; what lies between is another matter."""
    instants = st.integers(0, 7_200).map(float) | st.integers(0, 7_200_000).map(lambda ms: ms / 1000)
    found: list[Event] = []
    for begin in (0, 0, WEEK, WEEK):
        start, number, place = draw(instants), draw(st.integers(1, 25)), draw(st.sampled_from(QUEUES))
        apart = draw(st.sampled_from((1.0, 7.5, 60.0, 200.0)))
        for each in range(number):
            found += joins(begin + start + each * apart, len(found), place)
    if draw(st.booleans()):
        found += joins(draw(st.sampled_from((3 * 86_400.0, WEEK - 1_800.0))), len(found))
    return found


@st.composite
def floors(draw: st.DrawFn) -> str:
    """Limits of high and of low volume with hysteresis, hours and quiet; and nothing else."""
    lines = ["[defaults]"]
    if draw(st.booleans()):
        lines += ["[defaults.hours]", 'daily = ["00:00-11:03", "11:05-24:00"]']
    lines.append("[defaults.thresholds]")
    for name, low in (("volume_high_ratio", False), ("volume_low_ratio", True)):
        numbers = sorted(draw(st.tuples(*[st.integers(1, 30)] * 4)), reverse=low)
        values = [number / 10 for number in numbers]
        parts = [
            f"warning = {{ enter = {values[1]}, exit = {values[0]} }}",
            f"critical = {{ enter = {values[3]}, exit = {values[2]} }}",
            f"for_seconds = {draw(st.sampled_from((0, 1, 60, 300)))}",
            f"keep_seconds = {draw(st.sampled_from((0, 1, 30, 300)))}",
            f"minimum = {draw(st.sampled_from((0, 1, 5)))}",
            f"only_open = {draw(st.sampled_from(('true', 'false')))}",
        ]
        lines.append(f"{name} = {{ {', '.join(parts)} }}")
    if draw(st.booleans()):
        begin = T0 + (WEEK + draw(st.integers(0, 7_000))) * 1000
        lines += ["[[quiet]]", f'from = "{format_time(begin)}"', f'to = "{format_time(begin + 900_000)}"']
        lines += ['reason = "a meeting"', 'queue = "support"']
    own = '[queue.sales]\nthresholds = { volume_low_ratio = false }\n[queue.support]\nchannel = "voice"'
    return "\n".join([*lines, draw(st.sampled_from(("", own)))]) + "\n"


def known_to(events: Sequence[Event]) -> int:
    """The last tick that anything is told of."""
    return max(-(-one.time_ms // 1000) * 1000 for one in events)


def at_every_second(events: Sequence[Event], toml: str) -> list[Told]:
    """The alerts of the second week without any cleverness: joins are counted anew at each second."""
    floor, end = parse_floor(toml), known_to(events)
    known_ms = min(one.time_ms for one in events)
    seen: dict[tuple[str, str], list[int]] = {(one.id, one.channel): [] for one in floor.configured if one.channel}
    for one in events:
        place = (one.data["queue_id"], one.data["channel"])
        seen.setdefault(place, []).extend([one.time_ms] if one.type.endswith("contact.queued.v1") else [])
    return [
        told
        for place, times in seen.items()
        for limit in limits_of(floor.queue(*place))
        if limit.rule.name.startswith("Volume")
        for told in _watched(limit, place, sorted(times), floor, (known_ms, end))
    ]


def _watched(
    limit: Limit, place: tuple[str, str], times: list[int], floor: Floor, known: tuple[int, int]
) -> list[Told]:
    config, state, told = floor.queue(*place), CALM, []
    key = (limit.rule.name, limit.severity, *place)
    for now_ms in range(-(-known[0] // 1000) * 1000 + WEEK * 1000, known[1] + 1000, 1000):
        before_ms = now_ms - WEEK * 1000
        now, before = (
            bisect_right(times, at_ms) - bisect_left(times, (at_ms - HALF * 1000) // 10_000 * 10_000)
            for at_ms in (now_ms, before_ms)
        )
        enough = (before if limit.rule.low_is_bad else now) >= limit.behaviour.minimum
        is_known = (before_ms - HALF * 1000) // 10_000 * 10_000 >= known[0]
        value = now / before if before and enough and is_known else None
        is_quiet = quiet_at(floor.quiet, *place, config.group, now_ms) is not None
        look = Look(value, open=config.opening.is_open(now_ms, config.zone), quiet=is_quiet)
        was: State = state
        state = step(limit, was, look, now_ms).state
        if was.is_on and not state.is_on:
            told.append((*key, state.since_ms, now_ms, state.peak))
    return [*told, *([(*key, state.since_ms, None, state.peak)] if state.is_on else [])]


def by_reason(events: Sequence[Event], toml: str, from_ms: int | None = None) -> Outcome:
    floor, history = parse_floor(toml), History()
    for one in events:
        history.spool.add(item_of(one, floor))
    span = span_of(history, from_ms, None)
    return backtest(
        history.spool, floor, known_from_ms=span.known_from_ms, looks_from_ms=span.looks_from_ms,
        from_ms=span.from_ms, to_ms=span.to_ms, keeps=False,
    )  # fmt: skip


def of_volumes(outcome: Outcome) -> list[Told]:
    return [
        (one.rule, one.severity, one.queue, one.channel, one.from_ms, one.to_ms, one.peak)
        for one in outcome.alerts
        if one.rule.startswith("Volume")
    ]


# Four in the hour before; a week later one, and then nobody, until the fourth of then would have left the window.
FEWER = [one for number, at in enumerate((0.0, 2_000, 2_300, 2_600, 2_900.5)) for one in joins(at, number)]
FEWER += [*joins(WEEK + 2_000, 8), *joins(WEEK + 7_200, 9)]
LOW = "[defaults.thresholds]\nvolume_low_ratio = { warning = 0.5, minimum = 2, for_seconds = 60, keep_seconds = 30 }\n"


@LAW
@given(weeks(), floors(), st.sampled_from((None, WEEK, WEEK + 3_000)))
@example(FEWER, LOW, None)
@example(FEWER, LOW, WEEK + 1_800)
def test_keeping_steps_and_looking_when_there_is_a_reason_is_counting_at_every_second(
    events: list[Event], toml: str, from_second: int | None
) -> None:
    from_ms = None if from_second is None else T0 + from_second * 1000
    if from_ms is not None and from_ms >= known_to(events):
        from_ms = None
    outcome = by_reason(events, toml, from_ms)
    want = [told for told in at_every_second(events, toml) if from_ms is None or told[5] is None or told[5] >= from_ms]
    # What fired before the span is counted, not listed.
    assert len(of_volumes(outcome)) + outcome.on_before == len(want)
    assert set(of_volumes(outcome)) <= set(want)


def test_the_example_has_an_alert_that_begins_and_ends() -> None:
    [(rule, _, queue, _, start, end, peak)] = of_volumes(by_reason(FEWER, LOW))
    assert (rule, queue, peak) == ("VolumeLow", "support", 0.0)
    assert end is not None and T0 + WEEK * 1000 < start < end


def test_what_is_in_a_window_when_the_week_before_was_counted_is_not_in_later_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "_BULK", 1)  # panes are forgotten at once
    events = [one for number in range(5) for one in joins(6_000 + number, number)]
    events += [*joins(0, 8), *joins(3 * 86_400, 5), *joins(WEEK + 6_100, 6), *joins(WEEK + 6_600, 7)]
    [(rule, _, _, _, start, _, peak)] = of_volumes(by_reason(events, LOW, T0 + (WEEK + 5_000) * 1000))
    assert (rule, start, peak) == ("VolumeLow", T0 + (WEEK + 6_001) * 1000, 0.0)
