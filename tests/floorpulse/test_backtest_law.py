"""The back-test is fast because most seconds change nothing; that must change nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from floorpulse.backtest.history import History, span_of
from floorpulse.backtest.outcome import Outcome
from floorpulse.backtest.runner import backtest
from floorpulse.backtest.sources import item_of
from kpi.envelope import Event
from kpi.floor import parse_floor
from kpi.instants import format_time
from tests.builders import T0, event
from tests.floorpulse.every_second import Told, every_second

LAW = settings(max_examples=300 if os.environ.get("CI") else 25, deadline=None, suppress_health_check=list(HealthCheck))
QUEUES = ("support", "sales")
CHANNELS = ("voice", "chat")

seconds = st.integers(0, 500).map(float)
instants = seconds | st.integers(0, 500_000).map(lambda ms: ms / 1000)


@st.composite
def visits(draw: st.DrawFn, number: int) -> list[Event]:
    """One contact that waits, and what becomes of it; some of it may be missing."""
    queue, channel = draw(st.sampled_from(QUEUES)), draw(st.sampled_from(CHANNELS))
    join, wait = draw(instants), draw(st.sampled_from((0.0, 4.0, 20.0, 20.5, 21.0)) | st.integers(0, 300).map(float))
    common = {"contact_id": f"c{number}", "leg_id": f"c{number}/1", "queue_id": queue, "channel": channel}
    outcome = draw(st.sampled_from(("answered", "answered", "abandoned", "timeout", "waits")))
    agent = draw(st.sampled_from(("ana", "bo", None)))
    found = []
    if draw(st.integers(0, 9)):
        found.append(event("contact.queued", join, **common))
    if outcome == "answered":
        found.append(event("contact.answered", join + wait, agent_id=agent, **common))
        if draw(st.booleans()):
            offer = {"agent_id": "bo", "offer_id": f"o{number}", **common}
            found.append(event("contact.offered", join, **offer))
            found.append(event("contact.offer_ended", join + wait / 2, result="no_answer", **offer))
        if agent is not None and draw(st.booleans()):
            found.append(event("contact.wrapup_started", join + wait + 60, agent_id=agent, **common))
            found.append(event("contact.wrapup_ended", join + wait + 60 + draw(seconds), agent_id=agent, **common))
        if channel == "chat":
            found.append(event("contact.message", join + wait + 7, author="agent", **common))
        found.append(event("contact.ended", join + wait + draw(seconds), agent_id=agent, ended_by="customer", **common))
    elif outcome != "waits":
        reported: dict[str, Any] = {} if draw(st.booleans()) else {"reported": {"wait_ms": round(wait * 1000)}}
        found.append(event("contact.left_queue", join + wait, reason=outcome, **common, **reported))
    return found or [event("contact.queued", join, **common)]


@st.composite
def crowds(draw: st.DrawFn, number: int) -> list[Event]:
    """Many who come close together and wait for about the same time."""
    queue, join, wait = draw(st.sampled_from(QUEUES)), draw(seconds), draw(st.integers(0, 200))
    made = []
    for each in range(draw(st.integers(6, 30))):
        common = {"contact_id": f"m{number}.{each}", "leg_id": f"m{number}.{each}/1", "queue_id": queue}
        made.append(event("contact.queued", join + each, **common))
        verb, more = ("left_queue", {"reason": "abandoned"}) if each % 3 == 0 else ("answered", {"agent_id": "ana"})
        made.append(event(f"contact.{verb}", join + each + wait, **common, **more))
    return made


@st.composite
def people(draw: st.DrawFn, number: int) -> list[Event]:
    """An agent who is told of, comes and goes."""
    agent = draw(st.sampled_from(("ana", "bo")))
    found = [
        event(
            "agent.membership_changed", draw(instants), agent_id=agent, queue_id=draw(st.sampled_from(QUEUES)),
            member=draw(st.booleans() | st.none()), paused=draw(st.booleans() | st.none()), id=f"p{number}",
        )
    ]  # fmt: skip
    for turn in range(draw(st.integers(1, 3))):
        state = draw(st.sampled_from(("idle", "break", "offline", "acw")))
        found.append(event("agent.state_changed", draw(instants), agent_id=agent, state=state, id=f"s{number}.{turn}"))
    return found


@st.composite
def later(draw: st.DrawFn, number: int) -> list[Event]:
    """A case that is due, or a callback that was promised."""
    at, due = draw(seconds), format_time(T0 + draw(st.integers(-900_000, 500_000)))
    if draw(st.booleans()):
        return [
            event("case.opened", at, case_id=f"k{number}", queue_id="support", channel="email"),
            event("case.sla_set", at, case_id=f"k{number}", channel="email", due_at=due, clock="resolution"),
        ]
    common = {"contact_id": f"b{number}", "leg_id": f"b{number}/1", "queue_id": draw(st.sampled_from(QUEUES))}
    return [
        event("contact.queued", at, **common),
        event("contact.callback_requested", at + 5, due_at=due, **common),
        event("contact.left_queue", at + 5, reason="callback_requested", **common),
    ]


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Some minutes of two queues."""
    kinds = draw(st.lists(st.sampled_from((visits, visits, visits, crowds, people, later)), min_size=1, max_size=14))
    return [one for number, kind in enumerate(kinds) for one in draw(kind(number))]


def _level(draw: st.DrawFn, low: float, high: float, *, low_is_bad: bool = False) -> str:
    numbers = sorted(draw(st.tuples(*(st.integers(0, 20) for _ in range(4)))), reverse=low_is_bad)
    values = [round(low + (high - low) * number / 20, 3) for number in numbers]
    warning = f"{{ enter = {values[1]}, exit = {values[0]} }}"
    return f"warning = {warning}, critical = {{ enter = {values[3]}, exit = {values[2]} }}"


MEASURES = {
    "longest_wait_seconds": (1, 200), "waiting": (1, 12), "unattended_contacts": (1, 3), "closed_wait_seconds": (1, 90),
    "service_level_ratio": (0.3, 1), "abandonment_ratio": (0.01, 0.6), "growth_ratio": (0.05, 0.9),
    "ready_agents": (1, 3), "answer_speed_seconds": (1, 90), "first_response_seconds": (1, 60),
    "paused_ratio": (0.2, 1), "handle_time_ratio": (0.2, 2), "wrapup_ratio": (0.1, 1),
    "unanswered_offers_ratio": (0.1, 1), "overdue_contacts": (1, 2), "overdue_callbacks": (1, 2),
}  # fmt: skip
_LOW = ("service_level_ratio", "ready_agents")
_COUNTED = (
    "service_level_ratio", "abandonment_ratio", "growth_ratio", "answer_speed_seconds", "first_response_seconds",
    "handle_time_ratio", "wrapup_ratio", "unanswered_offers_ratio",
)  # fmt: skip


@st.composite
def floors(draw: st.DrawFn) -> str:
    """A floor.toml: limits with hysteresis, times, minimum counts, opening hours, quiet."""
    lines = ["[defaults]", f"target = {{ percent = 80, seconds = {draw(st.sampled_from((5, 20, 60)))} }}"]
    if draw(st.booleans()):
        lines += ["[defaults.hours]", 'daily = ["00:00-10:03", "10:05-24:00"]']
    lines.append("[defaults.thresholds]")
    for name, (low, high) in MEASURES.items():
        if draw(st.integers(0, 2)) == 0:
            continue
        only_open = "false" if name == "closed_wait_seconds" else draw(st.sampled_from(("true", "false")))
        parts = [_level(draw, low, high, low_is_bad=name in _LOW), f"only_open = {only_open}"]
        parts += [f"for_seconds = {draw(st.sampled_from((0, 1, 10, 60)))}"]
        parts += [f"keep_seconds = {draw(st.sampled_from((0, 1, 30, 120)))}"]
        if name in _COUNTED:
            parts.append(f"minimum = {draw(st.integers(0, 5))}")
        lines.append(f"{name} = {{ {', '.join(parts)} }}")
    for _ in range(draw(st.integers(0, 2))):
        begin = T0 + draw(st.integers(0, 500)) * 1000
        end = begin + draw(st.integers(1, 200)) * 1000
        lines += ["[[quiet]]", f'from = "{format_time(begin)}"', f'to = "{format_time(end)}"', 'reason = "a meeting"']
        if draw(st.booleans()):
            lines.append('queue = "support"')
    return "\n".join([*lines, "[queue.support]", 'channel = "voice"']) + "\n"


def quickly(events: Sequence[Event], toml: str, after_ms: int = 0) -> Outcome:
    floor, history = parse_floor(toml), History()
    for one in events:
        history.spool.add(item_of(one, floor))
    last_ms = span_of(history, None, None).to_ms
    span = span_of(history, None, last_ms + after_ms if after_ms else None)
    return backtest(history.spool, floor, looks_from_ms=span.looks_from_ms, from_ms=span.from_ms, to_ms=span.to_ms)


def in_full(events: Sequence[Event], toml: str, after_ms: int = 0) -> list[Told]:
    with TemporaryDirectory() as folder:
        config = Path(folder) / "floor.toml"
        config.write_text(toml, encoding="utf-8")
        return asyncio.run(every_second(events, config, after_ms))


def stays(number: int, join: float, leave: float) -> list[Event]:
    common = {"contact_id": f"c{number}", "leg_id": f"c{number}/1"}
    return [
        event("contact.queued", join, **common),
        event("contact.left_queue", leave, reason="abandoned", **common),
    ]


# Between the two limits for 40 s, in which the wait for the end begins anew at every second.
BETWEEN = [*stays(1, 0, 200), *stays(2, 0, 50), *stays(3, 0, 50), *stays(4, 60, 100)]


@LAW
@given(histories(), floors(), st.sampled_from((0, 0, 1_000, 240_000)))
@example(
    BETWEEN,
    "[defaults.thresholds]\nwaiting = { warning = { enter = 3, exit = 2 }, for_seconds = 0, keep_seconds = 30 }\n",
    0,
)
@example([event("contact.queued", 0.4)], "[defaults.thresholds]\nlongest_wait_seconds = { warning = 60 }\n", 90_000)
def test_looking_when_there_is_a_reason_is_looking_at_every_second(
    events: list[Event], toml: str, after_ms: int
) -> None:
    have = [
        (each.rule, each.severity, each.queue, each.channel, each.from_ms, each.to_ms, each.peak)
        for each in quickly(events, toml, after_ms).alerts
    ]
    want = in_full(events, toml, after_ms)
    assert sorted(have, key=str) == sorted(want, key=str)
