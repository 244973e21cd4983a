"""A partition's log, a handler that reads it through a real Redis, and what must stand in Redis afterwards."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faust.types import TP
from redis.asyncio import Redis

from floorpulse.batch import Batch, Expected
from floorpulse.batch import Limits as BatchLimits
from kpi.envelope import Event
from kpi.keys import partition_prefix
from streams.dead_letters import DeadLetters
from streams.decode import Limits
from streams.handler import Handler
from streams.store import Position, Store
from streams.transport import Chunk

NS = "test"
TOPIC = "calls.events"
TP0 = TP(f"{NS}.{TOPIC}", 0)
PREFIX = partition_prefix(NS, TOPIC, 0)
LIMITS = Limits(earliest=0, live=False)
LATENESS_MS = 7 * 86_400_000
#: More often no handler of a test looks where a partition stands.
MOST_ASKED = 500


class KafkaRecord(NamedTuple):
    """A record as a broker would give it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


def log_of(events: Iterable[Event | bytes], start: int = 0) -> list[KafkaRecord]:
    """Kafka records of a log whose first offset is `start`."""
    raw = [one if isinstance(one, bytes) else one.to_json() for one in events]
    return [KafkaRecord(start + n, 10**13, b"k", value) for n, value in enumerate(raw)]


def chunk(log: list[KafkaRecord], first: int, end: int, base: int | None = None, topic: str = TOPIC) -> Chunk:
    """Records [first, end) of a log, as one delivered chunk."""
    start = log[0].offset
    records = log[first - start : end - start]
    return Chunk(TP(f"{NS}.{topic}", 0), first if base is None else base, end, records, log[-1].offset + 1)


@dataclass
class FakeConsumer:
    """Notes what the handler asks of the consumer."""

    first: int = 0
    rewinds: list[int] = field(default_factory=list)
    done: int = 0

    def request_rewind(self, tp: TP, offset: int) -> None:
        self.rewinds.append(offset)

    def applied(self, tp: TP, offset: int) -> None:
        self.done = offset

    async def first_offset(self, tp: TP) -> int:
        return self.first


class FakeProducer:
    """A producer whose acknowledgements come, or fail `failures` times."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.sent: list[tuple[bytes, bytes]] = []

    async def send(
        self, topic: str, *, value: bytes, key: bytes, headers: list[tuple[str, bytes]], partition: int | None = None
    ) -> Awaitable[object]:
        async def acknowledged() -> None:
            if self.failures > 0:
                self.failures -= 1
                raise OSError("no acknowledgement")
            self.sent.append((key, value))

        return acknowledged()


class RestingStore(Store):
    """One that fails when a handler asks again and again where a partition stands, and never comes to rest."""

    def __init__(self, redis: Redis, ns: str) -> None:
        super().__init__(redis, ns)
        self._asked = 0

    async def position(self, prefix: str) -> Position:
        self._asked += 1
        assert self._asked < MOST_ASKED, "the handler never comes to rest"
        return await super().position(prefix)


def make_handler(redis: Redis, consumer: FakeConsumer, producer: FakeProducer | None = None) -> Handler:
    """A handler as a fresh worker process has it: nothing in memory."""
    letters = DeadLetters(producer or FakeProducer(), NS)
    return Handler(NS, RestingStore(redis, NS), letters, consumer, LIMITS, LATENESS_MS, True, lambda *_: None)


async def state_in(redis: Any, topic: str = TOPIC) -> dict[str, Any]:
    """Everything that stands in Redis about a topic's partition, but not how it got there."""
    found: dict[str, Any] = {}
    for key in sorted(await redis.keys("*")):
        name = key.decode().removeprefix(partition_prefix(NS, topic, 0) + ":")
        if name.startswith("pane:"):
            fields = await redis.hgetall(key)
            values = {f.decode(): int(n) for f, n in fields.items() if f != b"#"}
            if values:
                found[name] = values
        elif name.startswith("live:"):
            found[name] = {
                member.decode(): int(score) for member, score in await redis.zrange(key, 0, -1, withscores=True)
            }
        elif name == "ledger":
            found[name] = {f.decode(): int(n) for f, n in (await redis.hgetall(key)).items()}
    return found


def state_of(log: Iterable[KafkaRecord], topic: str = TOPIC) -> dict[str, Any]:
    """What must stand in Redis after this much of a log, by the plain batch program: told once, all facts known."""
    expected = expected_of(log, topic)
    found: dict[str, Any] = {f"pane:{suffix}": fields for suffix, fields in expected.panes.items()}
    found |= {f"live:{suffix}": members for suffix, members in expected.live.items()}
    return {**found, "ledger": expected.ledger} if expected.ledger else found


def expected_of(log: Iterable[KafkaRecord], topic: str = TOPIC) -> Expected:
    """The same as `verify` gets it, with what forgotten records left behind, swept or not."""
    batch = Batch(topic, BatchLimits(LIMITS.earliest, LATENESS_MS, LIMITS.live, expires=False))
    for record in log:
        batch.take(record.value, record.timestamp, record.key)
    return batch.result()
