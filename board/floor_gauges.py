"""FloorSnapshot -> samples: agents, teams, sources and doubts. Pure. No label ever names an agent.

Names of teams and sources come from events; of more than MOST of either the further ones stand together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from board.samples import Clock, Samples, put
from kpi.floor_snapshot import FloorSnapshot, Source, Team
from kpi.label_names import OVERFLOW

MOST = 40


def floor_samples(samples: Samples, floor: FloorSnapshot, clock: Clock, *, live: bool) -> None:
    """All samples of the floor as a whole on one of the two pages."""
    rows = _now_rows if live else _board_rows
    sums: dict[tuple[str, tuple[str, ...]], float] = {}
    for index, (name, team) in enumerate(sorted(floor.teams.items())):
        for family, labels, value in rows(team):
            key = family, (name if index < MOST else OVERFLOW, *labels)
            sums[key] = sums.get(key, 0) + value
    for (family, labels), value in sums.items():
        put(samples, family, labels, value)
    if not live:
        _sources(samples, floor.sources, clock)
        for reason, count in floor.doubts.events.items():
            put(samples, "cc_doubtful_events", (reason,), count)


def _now_rows(team: Team) -> Iterator[tuple[str, tuple[str, ...], float]]:
    for state, count in team.states.items():
        yield "cc_agents", (state,), count
    yield "cc_agents_phantom", (), team.phantoms


def _board_rows(team: Team) -> Iterator[tuple[str, tuple[str, ...], float]]:
    for channel, slots in team.slots.items():
        yield "cc_agent_slots", (channel, "busy"), slots["busy"]
        yield "cc_agent_slots", (channel, "free"), slots["total"] - slots["busy"]
    for window, worked in team.windows.items():
        for state, seconds in worked.state_seconds.items():
            yield "cc_team_window_state_seconds", (state, window), seconds


def _sources(samples: Samples, sources: Iterable[Source], clock: Clock) -> None:
    """Of those beyond MOST whether any is silent, and when any was last heard."""
    ordered = sorted(sources, key=lambda each: each.source)
    named = [(each.source, [each]) for each in ordered[:MOST]]
    for name, some in [*named, *([(OVERFLOW, ordered[MOST:])] if ordered[MOST:] else [])]:
        put(samples, "cc_source_silent", (name,), any(each.silent for each in some))
        newest = [each.newest_event_ms for each in some if each.newest_event_ms is not None]
        if newest:
            put(samples, "cc_source_last_event_timestamp_seconds", (name,), clock.seconds(max(newest)))
