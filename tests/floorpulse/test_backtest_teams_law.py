"""The back-test looks at teams when there is a reason only; that must change nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from alerts.policy import CALM, State, step
from alerts.rulebook import Limit, Look
from board.queue_view import WindowRanges
from board.roster import Roster
from floorpulse.backtest.history import History, span_of
from floorpulse.backtest.runner import backtest
from floorpulse.backtest.sources import item_of
from floorpulse.backtest.teams import team_limits_of
from floorpulse.memory_log import MemoryLog
from kpi.envelope import Event
from kpi.floor import parse_floor
from kpi.floor_snapshot import summed, worked
from kpi.panes import window_panes
from tests.builders import T0, event

LAW = settings(max_examples=200 if os.environ.get("CI") else 25, deadline=None, suppress_health_check=list(HealthCheck))
AGENTS = ("ana", "bo", "cy", "di")
STATES = ("idle", "break", "offline", "acw", "busy", "idle")

Told = tuple[str, str, str | None, int, int | None, float | None]
"""rule, severity, team, from, to (None: still on), peak."""


@st.composite
def days(draw: st.DrawFn) -> list[Event]:
    """An hour or so of a few agents: states that they are told to be in, and calls."""
    instants = st.integers(0, 3_000).map(float) | st.integers(0, 3_000_000).map(lambda ms: ms / 1000)
    found = []
    for agent in draw(st.sets(st.sampled_from(AGENTS), min_size=1)):
        team: dict[str, str] = draw(st.sampled_from(({}, {"team": "front"}, {"team": "back"})))
        for turn, at in enumerate(sorted(draw(st.lists(instants, min_size=1, max_size=8)))):
            state = draw(st.sampled_from(STATES))
            found.append(event("agent.state_changed", at, agent_id=agent, state=state, id=f"{agent}{turn}", **team))
        for call, (at, end) in enumerate(pairwise(sorted(draw(st.lists(instants, max_size=4))))):
            common = {"contact_id": f"{agent}{call}", "leg_id": f"{agent}{call}/1", "agent_id": agent}
            found.append(event("contact.answered", at, **common))
            found.append(event("contact.ended", end, ended_by="customer", **common))
    return found


@st.composite
def rules(draw: st.DrawFn) -> str:
    """A floor.toml with limits and times of teams, and a team that it names itself."""
    levels = sorted(draw(st.tuples(*[st.integers(0, 100)] * 2)))
    exits = [draw(st.sampled_from((level, level // 2)) | st.integers(0, level)) for level in levels]
    warning, critical = (f"{{ enter = {at / 100}, exit = {end / 100} }}" for at, end in zip(levels, exits, strict=True))
    limits = f"warning = {warning}, critical = {critical}"
    for key in ("for_seconds", "keep_seconds"):
        seconds = draw(st.none() | st.sampled_from((0, 1, 45, 900)))
        limits += "" if seconds is None else f", {key} = {seconds}"
    own = draw(st.sampled_from(("", '[agent.ana]\nteam = "ours"\n')))
    return f"[defaults.thresholds]\noccupancy_ratio = {{ {limits} }}\n{own}"


def at_every_second(events: Sequence[Event], toml: str, after_ms: int) -> list[Told]:
    """The alerts of teams without any cleverness."""
    floor, log, roster = parse_floor(toml), MemoryLog(), Roster()
    waiting = sorted(events, key=lambda each: each.time_ms)
    first, last = (-(-one.time_ms // 1000) * 1000 for one in (waiting[0], waiting[-1]))
    states: dict[tuple[Limit, str], State] = {}
    told: list[Told] = []
    for now_ms in range(first, last + after_ms + 1000, 1000):
        while waiting and waiting[0].time_ms <= now_ms:
            log.take([waiting.pop(0)])
        roster.refresh(log.view.staff.sets)
        log.view.staff.advance(WindowRanges({"30m": window_panes("30m", now_ms)}))
        by_team: dict[str, list[dict[str, int]]] = {team: [] for _, team in states}
        for agent, levels in log.view.staff.spent("30m", now_ms, roster.heights).items():
            by_team.setdefault(roster.team_of(agent, floor.agent(agent).team), []).append(levels)
        for team, some in by_team.items():
            value = worked(summed(some)).occupancy["value"]
            for limit in team_limits_of(floor):
                before = states.get((limit, team), CALM)
                after = states[limit, team] = step(limit, before, Look(value), now_ms).state
                if before.is_on and not after.is_on:
                    told.append((limit.rule.name, limit.severity, team, after.since_ms, now_ms, after.peak))
    told += [
        (limit.rule.name, limit.severity, team, state.since_ms, None, state.peak)
        for (limit, team), state in states.items()
        if state.is_on
    ]
    return told


def by_reason(events: Sequence[Event], toml: str, after_ms: int) -> list[Told]:
    floor, history = parse_floor(toml), History()
    for one in events:
        history.spool.add(item_of(one, floor))
    span = span_of(history, None, span_of(history, None, None).to_ms + after_ms if after_ms else None)
    found = backtest(history.spool, floor, looks_from_ms=span.looks_from_ms, from_ms=span.from_ms, to_ms=span.to_ms)
    return [
        (one.rule, one.severity, one.team, one.from_ms, one.to_ms, one.peak)
        for one in found.alerts
        if one.rule == "OccupancyHigh"
    ]


# Busy from 0 s on after 100 s of idleness: half of the time from 200 s on, until idleness leaves the window, and so on.
TURNS = [
    event("agent.state_changed", at, agent_id="ana", state=state, id=f"t{at}")
    for at, state in ((0, "idle"), (100, "busy"), (1900, "idle"), (4000.5, "busy"))
]
HALF = "[defaults.thresholds]\noccupancy_ratio = { warning = 0.5, critical = 0.75 }\n"
BELOW = (
    "[defaults.thresholds]\noccupancy_ratio = "
    "{ warning = { enter = 0.9, exit = 0.4 }, critical = { enter = 0.9, exit = 0 }, for_seconds = 0, keep_seconds = 9 }"
)


@LAW
@given(days(), rules(), st.sampled_from((0, 7_000, 1_234_000, 3_000_000)))
@example(TURNS, HALF, 3_000_000)
@example(TURNS, BELOW, 3_000_000)
# At the end it still becomes worse by the second.
@example(TURNS[:2], HALF, 1_234_000)
# Nothing but work: so it is once the last idle second has left the window.
@example(TURNS[:2], "[defaults.thresholds]\noccupancy_ratio = { warning = 1.0 }\n", 3_000_000)
def test_looking_at_teams_when_there_is_a_reason_is_looking_at_every_second(
    events: list[Event], toml: str, after_ms: int
) -> None:
    have, want = by_reason(events, toml, after_ms), at_every_second(events, toml, after_ms)
    assert sorted(have, key=str) == sorted(want, key=str)


def test_the_example_has_alerts_that_begin_and_end() -> None:
    told = by_reason(TURNS, HALF, 3_000_000)
    assert {severity for _, severity, _, _, _, _ in told} == {"warning", "critical"}
    assert {(start - T0) // 1000 for _, severity, _, start, _, _ in told if severity == "warning"} >= {200}


def test_with_an_exit_further_below_an_alert_is_longer() -> None:
    def ends(toml: str) -> list[int | None]:
        told = by_reason(TURNS, toml, 3_000_000)
        return [
            None if end is None else (end - T0) // 1000 for _, severity, _, _, end, _ in told if severity == "warning"
        ]

    limit = "[defaults.thresholds]\noccupancy_ratio = {{ warning = {{ enter = 0.9, exit = {} }}, keep_seconds = {} }}\n"
    same, below, kept = (ends(limit.format(*each)) for each in ((0.9, 0), (0.4, 0), (0.4, 60)))
    # Nothing but work until 1900 s, then idle: 90 % of 30 min until 2080 s, 40 % until 2980 s. The second one goes on.
    assert (same, below, kept) == ([2081, None], [2981, None], [3041, None])
