"""One queue and channel at one publication, held still: what its evidence has to add up to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from board.publish import Publisher
from board.view import FloorView
from kpi.evidence.live import KINDS, Member
from kpi.evidence.pieces import Fields
from kpi.floor import QueueConfig
from kpi.floor_snapshot import Agent
from kpi.panes import COARSE_MS, FINE_MS, WindowPanes
from kpi.snapshot import QueueSnapshot, State

# A busy queue may change between a publication and the moment somebody looks: then the next one is waited for.
ATTEMPTS = 8
TICK_SECONDS = 0.6
Key = tuple[str, str]
Live = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Kind of live set -> partition -> member -> score (ms)."""


class NoSuchQueueError(Exception):
    """There is no such queue and channel, or no longer."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A queue and channel as published. `sums`: partition -> what it counted in the panes of the window.

    `now_ms`: the instant of windows and ages. `newest_ms`: the largest time that any partition has accepted.
    """

    place: Key
    tick: int
    now_ms: int
    newest_ms: int
    state: State
    snapshot: QueueSnapshot
    config: QueueConfig
    agents: tuple[Agent, ...]
    live: Live
    window: str | None = None
    panes: WindowPanes | None = None
    sums: Mapping[str, Fields] | None = None

    @property
    def ended_ms(self) -> int | None:
        """Where the window ends, when it is over."""
        return self.panes.fine.stop if self.panes is not None and self.panes.fine.stop <= self.now_ms else None

    def members(self, kind: str) -> Iterator[tuple[str, Member]]:
        """(partition, (member, score)) of a live set."""
        for partition, held in self.live.get(kind, {}).items():
            for member, score in held.items():
                yield partition, (member, score)

    def sets(self) -> dict[str, list[Member]]:
        """All live sets, whatever the partition."""
        return {kind: [each for _, each in self.members(kind)] for kind in self.live}


async def picture_of(publisher: Publisher, place: Key, window: str | None, after: int = -1) -> Picture:
    """The newest picture of which publication and view agree, of a tick later than `after`.

    Of a queue that never stands still, and where nothing is published any more, the newest one there is.
    NoSuchQueueError when there is no such queue and channel.
    """
    for _ in range(ATTEMPTS):
        latest = publisher.latest
        if place not in latest.entries:
            raise NoSuchQueueError
        if latest.tick > after and latest.entries[place].version == publisher.view.queues[place].version:
            break
        try:
            async with asyncio.timeout(TICK_SECONDS):
                await publisher.next_tick()
        except TimeoutError:
            break
    return _take(publisher, place, window)


def _take(publisher: Publisher, place: Key, window: str | None) -> Picture:
    latest, view = publisher.latest, publisher.view.queues[place]
    entry = latest.entries[place]
    panes = view.ranges.get(window) if window is not None else None
    sums: dict[str, Fields] | None = None
    if panes is not None:
        sums = view.panes[COARSE_MS].sums_within(panes.coarse)
        for partition, fields in view.panes[FINE_MS].sums_within(panes.fine).items():
            total = sums.setdefault(partition, {})
            for name, count in fields.items():
                total[name] = total.get(name, 0) + count
        sums = {partition: {name: n for name, n in fields.items() if n} for partition, fields in sums.items()}
    return Picture(
        place,
        latest.tick,
        latest.verdict.now_ms,
        newest_of(publisher.view),
        latest.verdict.state,
        entry.snapshot,
        entry.config,
        latest.floor.snapshot.agents if latest.floor is not None else (),
        {kind: view.live[kind].by_partition() for kind in KINDS},
        window,
        panes,
        sums,
    )


def newest_of(view: FloorView) -> int:
    """The largest time (ms) that any partition has accepted."""
    return max((partition.watermark for partition in view.partitions.values()), default=0)
