"""A whole floor without servers: the simulator's events through the worker's own code into a board's memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

from board.config import FloorFile
from board.health import Health
from board.publish import Publication, Publisher
from board.view import Delta, FloorView, Loaded
from kpi.envelope import Event, base_topic, copies
from kpi.keys import BASE_TOPICS
from streams.decode import Limits, decode
from streams.partition import Partition
from streams.store import Position

LIMITS = Limits(0, live=False)


class MemoryFloor:
    """One partition per topic; `tick` publishes what is true at an instant, the simulation's clock being the wall's."""

    def __init__(self, config: FloorFile) -> None:
        self.view = FloorView()
        self.now_ms = 0
        self._partitions = {topic: Partition("P", Position(0, 1, 0, 0, 0), 10**12, False) for topic in BASE_TOPICS}
        self._blobs: dict[str, dict[str, bytes]] = {topic: {} for topic in BASE_TOPICS}
        self._next = dict.fromkeys(BASE_TOPICS, 0)
        self.view.expect(BASE_TOPICS)
        for topic in BASE_TOPICS:
            self.view.replace(topic, Loaded(epoch=1, next=0, tick=0))
        # Nothing is written here, so there is no Redis.
        self.publisher = Publisher(
            cast("Any", None), "live", self.view, Health(is_replay=False), config, lambda: self.now_ms
        )

    def take(self, events: Iterable[Event]) -> None:
        """Count these events, and what is copied of them."""
        raws: defaultdict[str, list[bytes]] = defaultdict(list)
        for event in events:
            raw = event.to_json()
            raws[base_topic(event)].append(raw)
            for topic, _ in copies(event):
                raws[topic].append(raw)
        for topic, some in raws.items():
            self._take(topic, some)

    async def tick(self, now_ms: int) -> Publication:
        """Publish at `now_ms`; every partition has just had a tick of its own."""
        self.now_ms = now_ms
        for partition in self.view.partitions.values():
            partition.tick = now_ms
        return await self.publisher.tick()

    def _take(self, topic: str, raws: list[bytes]) -> None:
        partition, blobs, base = self._partitions[topic], self._blobs[topic], self._next[topic]
        chunk = [decode(raw, topic, 2**52, LIMITS) for raw in raws]
        missing = partition.missing(one.key for one in chunk if one.key is not None)
        partition.remember(missing, {key: blobs[key] for key in missing if key in blobs})
        taken = partition.take(range(base, base + len(chunk)), list(chunk), [])
        blobs.update(taken.difference.records)
        lives = {
            suffix: {member: None if score is False else int(score) for member, score in change.items()}
            for suffix, change in taken.difference.lives.items()
        }
        self._next[topic] = base + len(chunk)
        partition.advance(self._next[topic], taken, 0)
        self.view.apply_delta(
            topic,
            Delta(epoch=1, base=base, next=self._next[topic], panes=taken.difference.panes, lives=lives),
        )
