"""A Redis as the workers leave it: events and their copies through the real data path, without Kafka in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from zlib import crc32

from faust.types import TP
from redis.asyncio import Redis

from kpi.envelope import Event, base_topic, copies, make_event
from kpi.keys import BASE_TOPICS, LIVE, partition_prefix
from streams.dead_letters import DeadLetters
from streams.decode import Limits
from streams.partition import DeadLetter, Partition
from streams.pipeline import apply
from streams.store import Store
from streams.transport import Chunk

LATENESS_MS = 7 * 86_400_000


class Record:
    """A record of a log, as a broker would give it."""

    __slots__ = ("key", "offset", "timestamp", "value")

    def __init__(self, offset: int, key: bytes, value: bytes) -> None:
        self.offset, self.key, self.value, self.timestamp = offset, key, value, 2**45


class NoLetters(DeadLetters):
    """Where refused records would go."""

    def __init__(self) -> None:
        pass

    async def write(self, topic: str, chunk: Chunk, letters: Sequence[DeadLetter]) -> None:
        assert not letters, letters


class RealWorker:
    """Counts events into a namespace; each call of `take` is a chunk a partition, with a tick at its end."""

    def __init__(self, redis: Redis, namespace: str = LIVE, partitions: int = 2) -> None:
        self.redis, self.namespace, self.count = redis, namespace, partitions
        self._store = Store(redis, namespace)
        self._partitions: dict[tuple[str, int], Partition] = {}
        self._next: defaultdict[tuple[str, int], int] = defaultdict(int)

    async def take(self, events: Iterable[Event], tick_ms: int) -> None:
        """Count events and what is copied of them; then every partition hears the clock."""
        if not self._partitions:
            await self._store.announce(dict.fromkeys(BASE_TOPICS, self.count))
        unread: defaultdict[tuple[str, int], list[tuple[bytes, bytes]]] = defaultdict(list)
        for event in events:
            raw = event.to_json()
            for topic, key in ((base_topic(event), event.key), *copies(event)):
                unread[topic, crc32(key.encode()) % self.count].append((key.encode(), raw))
        tick = make_event("tick", source="/test", id="t", time_ms=tick_ms, data={}).to_json()
        for topic in BASE_TOPICS:
            for number in range(self.count):
                await self._apply(topic, number, [*unread[topic, number], (b"t", tick)])

    async def _apply(self, topic: str, number: int, raws: list[tuple[bytes, bytes]]) -> None:
        place = topic, number
        partition = self._partitions.get(place)
        if partition is None:
            prefix = partition_prefix(self.namespace, topic, number)
            position = await self._store.position(prefix)
            partition = self._partitions[place] = Partition(prefix, position, LATENESS_MS, keeps_all=False)
        first = self._next[place]
        records = [Record(first + n, key, raw) for n, (key, raw) in enumerate(raws)]
        self._next[place] = end = first + len(records)
        chunk = Chunk(TP(topic, number), first, end, records, end)
        outcome, _ = await apply(chunk, topic, partition, self._store, NoLetters(), Limits(0, live=False))
        assert outcome.done
