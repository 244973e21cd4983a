"""What sources say of themselves: signs of life, and whom they believe to be waiting; for comparison with our own.

Nothing here is counted: a snapshot says what was true at the source, our numbers come from the facts alone.
"""

import msgspec

from kpi.events import RANKS
from kpi.facts import Count, Fact, Memberships

SNAPSHOT = RANKS["queue.snapshot"]
HEARTBEAT = RANKS["source.heartbeat"]


class Listed(msgspec.Struct):
    """The newest snapshot of one queue and channel by one source: when (ms), and contact ids with since when (ms)."""

    time: int
    waiting: dict[str, int]


class Watch(msgspec.Struct):
    """Of one queue: the newest snapshot per source and channel. Of one source: its newest heartbeat, ms."""

    queue: str = ""
    snapshots: dict[str, dict[str, Listed]] = {}
    heartbeats: dict[str, int] = {}


def step(state: Watch, fact: Fact) -> tuple[Watch, list[Count]]:
    """The state after `fact`; the given state is used up. Never any counts."""
    if fact.rank == HEARTBEAT:
        state.heartbeats[fact.source] = fact.time
    elif fact.rank == SNAPSHOT:
        state.queue = fact.queue or ""
        listed = {name: fact.time if since is None else since for name, since in (fact.more or {}).get("waiting", ())}
        state.snapshots.setdefault(fact.source, {})[fact.channel or "voice"] = Listed(fact.time, listed)
    return state, []


def memberships(_: str, state: Watch) -> Memberships:
    """The live sets: source_heartbeat (newest), snapshot (who is listed, since when), snapshot_at (when taken)."""
    found: Memberships = {("source_heartbeat", "", "", source): at for source, at in state.heartbeats.items()}
    for source, channels in state.snapshots.items():
        for channel, listed in channels.items():
            found["snapshot_at", state.queue, channel, source] = listed.time
            for name, since in listed.waiting.items():
                found["snapshot", state.queue, channel, name] = since
    return found
