"""FloorSnapshot -> samples: agents, teams, sources and doubts. Pure. No label ever names an agent."""

from __future__ import annotations

from board.samples import Clock, Samples, put
from kpi.floor_snapshot import FloorSnapshot, Team


def floor_samples(samples: Samples, floor: FloorSnapshot, clock: Clock) -> None:
    """All samples of the floor as a whole."""
    for name, team in floor.teams.items():
        _team(samples, name, team)
    for source in floor.sources:
        put(samples, "cc_source_silent", (source.source,), source.silent)
        if source.newest_event_ms is not None:
            at = clock.seconds(source.newest_event_ms)
            put(samples, "cc_source_last_event_timestamp_seconds", (source.source,), at)
    for reason, count in floor.doubts.events.items():
        put(samples, "cc_doubtful_events", (reason,), count)


def _team(samples: Samples, name: str, team: Team) -> None:
    for state, count in team.states.items():
        put(samples, "cc_agents", (name, state), count)
    put(samples, "cc_agents_phantom", (name,), team.phantoms)
    for channel, slots in team.slots.items():
        put(samples, "cc_agent_slots", (name, channel, "busy"), slots["busy"])
        put(samples, "cc_agent_slots", (name, channel, "free"), slots["total"] - slots["busy"])
    for window, worked in team.windows.items():
        for state, seconds in worked.state_seconds.items():
            put(samples, "cc_team_window_state_seconds", (name, state, window), seconds)
