"""How much Redis holds after weeks: 20 queues, 200 agents, 20,000 contacts a day, day after day.

Prints its method and, a line a day, what Redis holds. The events of a simulated floor go through the worker's own data
path (decode, step, difference, commit script) without Kafka in between, panes expiring as live ones do.
Run: python -m bench.retention [--days 42]
"""

import argparse
import asyncio
import gc
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from zlib import crc32

from faust.types import TP
from redis.asyncio import Redis

from floorpulse.embedded import start_redis
from floorpulse.processes import Children
from kpi.envelope import Event, base_topic, copies, make_event
from kpi.floor import parse_floor
from kpi.keys import BASE_TOPICS, partition_prefix
from sources.simulator import Simulation, default_profile
from sources.simulator.profile import Profile, QueueProfile
from streams.dead_letters import DeadLetters
from streams.decode import Limits
from streams.partition import DeadLetter, Partition
from streams.pipeline import apply
from streams.store import Store
from streams.transport import Chunk

NS, PARTITIONS, SLICE_MS, TICK_MS, DAY_MS = "retention", 4, 600_000, 10_000, 86_400_000
START_MS = 1_767_574_800_000
QUEUES, AGENTS, CONTACTS_A_DAY = 20, 200, 20_000
METHOD = (
    "Method. {queues} queues, {agents} agents, simulated with seed 1 at a rate of about {contacts:,} contacts a day; "
    "every event and its copies go through the worker's data path into an own Redis with maxmemory-policy noeviction, "
    "{partitions} partitions a topic, chunks of ten minutes. Memory is used_memory of Redis at midnight."
)


class Record:
    """A record of a log, as a broker would give it."""

    __slots__ = ("key", "offset", "timestamp", "value")

    def __init__(self, offset: int, key: bytes, value: bytes) -> None:
        self.offset, self.key, self.value, self.timestamp = offset, key, value, 2**45


class NoLetters(DeadLetters):
    """Where refused records would go: the simulator makes none."""

    def __init__(self) -> None:
        """Nothing is needed."""

    async def write(self, topic: str, chunk: Chunk, letters: Sequence[DeadLetter]) -> None:
        """Refuse to lose anything quietly."""
        if letters:
            raise RuntimeError(f"{topic}: the simulator made a record that is refused: {letters[0]}")


def floor() -> Profile:
    """The default floor twice over, cut to 20 queues, at the wanted rate."""
    plain = default_profile("day")
    queues = [_renamed(queue, number) for number in (1, 2) for queue in plain.queues][:QUEUES]
    known = {queue.id for queue in queues}
    by_day = sum(queue.per_minute for queue in queues) * 1440 * sum(plain.hours) / 24
    rate = CONTACTS_A_DAY / by_day
    teams = [
        replace(team, name=f"{team.name}-{number}", queues=tuple(f"{queue}-{number}" for queue in team.queues))
        for number in (1, 2)
        for team in plain.teams
    ]
    kept = [replace(team, queues=mine) for team in teams if (mine := tuple(q for q in team.queues if q in known))]
    return replace(
        plain,
        queues=tuple(replace(queue, per_minute=queue.per_minute * rate) for queue in queues),
        teams=tuple(kept),
        default_spike=queues[0].id,
    )


def _renamed(queue: QueueProfile, number: int) -> QueueProfile:
    name = "{}-" + str(number)
    return replace(
        queue,
        id=name.format(queue.id),
        overflow_to=None if queue.overflow_to is None else name.format(queue.overflow_to),
        transfer_to=tuple(name.format(target) for target in queue.transfer_to if target not in ("mail", "complaints")),
    )


class Log:
    """The partitions of all topics, each with its next offset and what lies in it unread."""

    def __init__(self) -> None:
        self.next: dict[tuple[str, int], int] = defaultdict(int)
        self.unread: dict[tuple[str, int], list[Record]] = defaultdict(list)
        self.events = self.records = self.contacts = 0

    def put(self, event: Event) -> None:
        """An event and its copies, each under its own key."""
        raw = event.to_json()
        self.events += 1
        self.contacts += event.noun_verb in ("contact.created", "case.opened")
        for topic, key in ((base_topic(event), event.key), *copies(event)):
            self._append(topic, crc32(key.encode()) % PARTITIONS, key, raw)

    def tick(self, ms: int) -> None:
        """The clock of every partition."""
        raw = make_event("tick", source="/bench", id="t", time_ms=ms, data={}).to_json()
        for topic in BASE_TOPICS:
            for partition in range(PARTITIONS):
                self._append(topic, partition, "t", raw)

    def _append(self, topic: str, partition: int, key: str, raw: bytes) -> None:
        place = (topic, partition)
        self.unread[place].append(Record(self.next[place], key.encode(), raw))
        self.next[place] += 1
        self.records += 1

    def chunks(self) -> Iterator[tuple[str, int, Chunk]]:
        """Everything unread, a chunk a partition."""
        for (topic, partition), records in self.unread.items():
            if records:
                first, end = records[0].offset, records[-1].offset + 1
                yield topic, partition, Chunk(TP(topic, partition), first, end, records, end)
        self.unread.clear()


class Feed:
    """A simulated floor whose events go through the worker's data path into a Redis, a slice of time at once."""

    def __init__(self, redis: "Redis", profile: Profile) -> None:
        self.redis, self.log, self.now_ms = redis, Log(), START_MS
        self._store, self._simulation = Store(redis, NS), Simulation(profile, 1, START_MS)
        self._partitions: dict[tuple[str, int], Partition] = {}
        self._lateness = parse_floor("").lateness_ms

    async def until(self, end_ms: int) -> None:
        """Everything that happens before `end_ms`, and the ticks."""
        while self.now_ms < end_ms:
            self.now_ms += SLICE_MS
            for event in self._simulation.run_until(self.now_ms):
                self.log.put(event)
            self.log.tick(self.now_ms)
            for topic, number, chunk in self.log.chunks():
                partition = await self._partition(topic, number)
                outcome, _ = await apply(chunk, topic, partition, self._store, NoLetters(), Limits(0, False))
                if not outcome.done:
                    raise RuntimeError(f"{topic}/{number}: not committed at {chunk.base}")

    async def _partition(self, topic: str, number: int) -> Partition:
        found = self._partitions.get((topic, number))
        if found is None:
            prefix = partition_prefix(NS, topic, number)
            found = Partition(prefix, await self._store.position(prefix), self._lateness, keeps_all=False)
            self._partitions[topic, number] = found
        return found

    async def mib(self) -> float:
        """What Redis holds."""
        memory: dict[str, float] = await self.redis.info("memory")
        return memory["used_memory"] / 2**20


async def run(url: str, days: int) -> None:
    """Feed the days, and say after each what Redis holds."""
    redis = Redis.from_url(url)
    await redis.config_set("maxmemory-policy", "noeviction")
    feed, began, before = Feed(redis, floor()), time.monotonic(), 0.0
    for day in range(1, days + 1):
        await feed.until(START_MS + day * DAY_MS)
        mib, there, log = await feed.mib(), await redis.dbsize(), feed.log
        print(
            f"day {day:3}: {mib:8.1f} MiB ({mib - before:+7.1f}), {there:9,} keys, {log.contacts:10,} contacts, "
            f"{log.events:11,} events, {log.records:11,} records, {time.monotonic() - began:6.0f} s",
            flush=True,
        )
        before = mib
    await sizes(redis)
    await redis.aclose()


async def sizes(redis: Redis) -> None:
    """What takes the memory: by kind of key, from a sample."""
    found: dict[str, list[int]] = defaultdict(list)
    async for key in redis.scan_iter(match="fp:{*", count=5000):
        tag, _, name = key.decode().partition("}:")
        kind = f"{' '.join(name.split(':')[: 2 if name.startswith('pane:') else 1])} of {tag.split('/')[1]}"
        sampled = len(found[kind]) < 300 or len(found[kind]) % 97 == 0
        found[kind].append((await redis.memory_usage(key, samples=0) or 0) if sampled else 0)
    for kind, each in sorted(found.items()):
        known = [size for size in each if size]
        print(f"{kind:40} {len(each):8,} keys {sum(known) / len(known) * len(each) / 2**20:9.1f} MiB")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="bench.retention", description=__doc__)
    parser.add_argument("--days", type=int, default=42)
    days = parser.parse_args().days
    print(METHOD.format(queues=QUEUES, agents=AGENTS, contacts=CONTACTS_A_DAY, partitions=PARTITIONS))
    gc.freeze()
    with Children() as children:
        asyncio.run(run(start_redis(children), days))


if __name__ == "__main__":
    main()
