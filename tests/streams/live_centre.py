"""A small live centre: a Kafka in memory, handlers that count it into a real Redis, and a reaper beside them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.partitioner import DefaultPartitioner
from faust.types import TP
from redis.asyncio import Redis

from kpi.agent_state import Agent
from kpi.envelope import AGENT_TOPIC, Event, base_topic, copies, make_event
from kpi.floor import Floor, parse_floor
from kpi.keys import LIVE, live_key, parse_live_suffix, partition_prefix, records_key, topic_name
from kpi.record import Record
from sources.partitioner import partition_for
from streams.dead_letters import DeadLetters
from streams.decode import Limits
from streams.handler import Handler
from streams.reaper import Reaper
from streams.store import Store
from streams.transport import Chunk
from tests.builders import T0
from tests.streams.harness import LATENESS_MS, FakeConsumer, KafkaRecord

PARTITIONS = {
    "calls.events": 2, "chats.events": 1, "cases.events": 1, "agents.events": 2, "customers.events": 2,
    "floor.events": 2,
}  # fmt: skip
PLACES = [(base, number) for base, count in PARTITIONS.items() for number in range(count)]


class LiveCentre:
    """All partitions of a namespace. It is the producer of its reapers, too: `failures` of its sends fail."""

    def __init__(self, redis: Redis, ns: str = LIVE, floor: Floor | None = None) -> None:
        self.redis, self.ns = redis, ns
        self.failures = 0
        self.sent: list[tuple[str, Event]] = []
        self.reaped: dict[str, int] = defaultdict(int)
        self._floor = floor or parse_floor("")
        self._logs: dict[tuple[str, int], list[KafkaRecord]] = defaultdict(list)
        self._applied: dict[tuple[str, int], int] = defaultdict(int)
        store = Store(redis, ns)
        self._announce: Callable[[], Awaitable[None]] = lambda: store.announce(PARTITIONS)
        self._handler = Handler(
            ns, store, DeadLetters(self, ns), FakeConsumer(), Limits(0, True), LATENESS_MS, True, lambda *_: None
        )

    def tell(self, *events: Event, original: bool = True, copied: bool = True) -> None:
        """Publish events as sources do; without `copied` the copies for agents and customers get lost."""
        for event in events:
            own = [(base_topic(event), event.key)] if original else []
            for base, key in [*own, *(copies(event) if copied else [])]:
                self._append(base, partition_for(key.encode(), PARTITIONS[base]), event.to_json())

    async def send(
        self, topic: str, *, value: bytes, key: bytes, headers: list[tuple[str, bytes]], partition: int | None = None
    ) -> Awaitable[object]:
        """As a Kafka client does it: without a partition, that of the key."""
        base = topic.removeprefix(f"{self.ns}.")

        async def acknowledged() -> None:
            if self.failures > 0:
                self.failures -= 1
                raise OSError("no acknowledgement")
            everywhere = list(range(PARTITIONS[base]))
            to = DefaultPartitioner()(key, everywhere, everywhere) if partition is None else partition
            self._append(base, to, value)
            self.sent.append((base, Event.from_json(value)))

        return acknowledged()

    async def count(self, at: float, *, without_tick_in: str = "") -> None:
        """Count everything into Redis, with a tick `at` seconds after T0 in every partition but those of one topic."""
        await self._announce()
        time = T0 + round(at * 1000)
        for base, number in PLACES:
            if base != without_tick_in:
                tick = make_event("tick", source="/floorpulse/clock", id=f"t{at}", time_ms=time, data={})
                self._append(base, number, tick.to_json())
            log, done = self._logs[base, number], self._applied[base, number]
            if log[done:]:
                tp = TP(topic_name(self.ns, base), number)
                await self._handler.handle(Chunk(tp, done, len(log), log[done:], len(log)))
                self._applied[base, number] = len(log)

    def reaper(self) -> Reaper:
        """A reaper as each worker has one."""

        def reaped(topic: str, count: int) -> None:
            self.reaped[topic] += count

        return Reaper(self.ns, self.redis, self, lambda: self._floor, LATENESS_MS, reaped)

    async def reap(self, at: float, places: list[tuple[str, int]] = PLACES) -> list[tuple[str, Event]]:
        """Look once, `at` seconds after T0 by the wall clock; the (topic, event) pairs that were sent by it."""
        before = len(self.sent)
        await self.reaper().look(places, T0 + round(at * 1000))
        return self.sent[before:]

    async def live(self) -> dict[str, set[str]]:
        """Live set -> its members, over all queues and partitions of contacts."""
        found: dict[str, set[str]] = defaultdict(set)
        for base, number in PLACES:
            prefix = partition_prefix(self.ns, base, number)
            if base in ("calls.events", "chats.events"):
                names: Any = await self.redis.hkeys(f"{prefix}:lives")
                for suffix in (name.decode() for name in names):
                    members: list[Any] = await self.redis.zrange(live_key(prefix, suffix), 0, -1)
                    found[parse_live_suffix(suffix).kind] |= {member.decode() for member in members}
        return {kind: members for kind, members in found.items() if members and kind != "source"}

    async def counts(self) -> dict[str, int]:
        """Fields of the 15 min panes of all contacts, event basis, without lengths and what is per agent."""
        found: dict[str, int] = defaultdict(int)
        for key in await self.redis.keys(f"fp:{{{self.ns}/c*}}:pane:900:*"):
            fields: Any = await self.redis.hgetall(key)
            for name, n in fields.items():
                if name[:1] not in (b"#", b"@", b"~") and not name.startswith(b"net."):
                    found[name.decode()] += int(n)
        return {field: n for field, n in sorted(found.items()) if n}

    async def ledger(self, base: str) -> dict[str, int]:
        """What became of the records of a topic."""
        found: dict[str, int] = defaultdict(int)
        for number in range(PARTITIONS[base]):
            fields: Any = await self.redis.hgetall(f"{partition_prefix(self.ns, base, number)}:ledger")
            for field, n in fields.items():
                found[field.decode()] += int(n)
        return dict(found)

    async def agent(self, name: str) -> Agent:
        """What is known of an agent by now."""
        number = partition_for(name.encode(), PARTITIONS[AGENT_TOPIC])
        blob: Any = await self.redis.hget(records_key(partition_prefix(self.ns, AGENT_TOPIC, number)), f"a:{name}")
        state: Agent = Record.unpack(f"a:{name}", blob).state
        return state

    def _append(self, base: str, number: int, value: bytes) -> None:
        log = self._logs[base, number]
        log.append(KafkaRecord(len(log), 10**13, b"k", value))
