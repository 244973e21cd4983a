"""A partition's log, a handler that reads it through a real Redis, and what must stand in Redis afterwards."""

from collections import defaultdict
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faust.types import TP
from redis.asyncio import Redis

from kpi import contact
from kpi.envelope import Event
from kpi.facts import Fact
from kpi.keys import live_suffix, pane_suffix, partition_prefix
from kpi.panes import COARSE_MS, FINE_MS, pane_start, roll_up
from streams.dead_letters import DeadLetters
from streams.decode import Limits, Rejected, decode
from streams.handler import Handler
from streams.store import Store
from streams.transport import Chunk

NS = "test"
TOPIC = "calls.events"
TP0 = TP(f"{NS}.{TOPIC}", 0)
PREFIX = partition_prefix(NS, TOPIC, 0)
LIMITS = Limits(earliest=0, live=False)
LATENESS_MS = 7 * 86_400_000


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


def chunk(log: list[KafkaRecord], first: int, end: int, base: int | None = None) -> Chunk:
    """Records [first, end) of a log, as one delivered chunk."""
    start = log[0].offset
    records = log[first - start : end - start]
    return Chunk(TP0, first if base is None else base, end, records, log[-1].offset + 1)


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


def make_handler(redis: Redis, consumer: FakeConsumer, producer: FakeProducer | None = None) -> Handler:
    """A handler as a fresh worker process has it: nothing in memory."""
    letters = DeadLetters(producer or FakeProducer(), NS)
    return Handler(NS, Store(redis, NS), letters, consumer, LIMITS, LATENESS_MS, True, lambda *_: None)


async def state_in(redis: Any) -> dict[str, Any]:
    """Everything that stands in Redis about the partition, but not how it got there."""
    found: dict[str, Any] = {}
    for key in sorted(await redis.keys("*")):
        name = key.decode().removeprefix(PREFIX + ":")
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


def state_of(log: Iterable[KafkaRecord]) -> dict[str, Any]:
    """What must stand in Redis after this much of a log: the sum of the effects of all contacts, in one go."""
    facts: dict[str, dict[str, Fact]] = defaultdict(dict)
    found: dict[str, Any] = defaultdict(lambda: defaultdict(int))
    for record in log:
        try:
            one = decode(record.value, TOPIC, record.timestamp, LIMITS)
        except Rejected as rejected:
            found["ledger"]["dead_lettered"] += 1
            found["ledger"][f"reason:{rejected.reason}"] += 1
            continue
        assert one.key is not None
        assert one.fact is not None
        known = facts[one.key].setdefault(one.fact.id, one.fact)
        newest = found["live:" + live_suffix("source", "", "")]
        newest[one.source] = max(newest[one.source], one.time)
        found["ledger"]["applied" if known is one.fact else "duplicate"] += 1
    for key, known_facts in facts.items():
        state, counts = contact.fold(sorted(known_facts.values()))
        for start, queue, channel, name, n in counts:
            found["pane:" + pane_suffix(FINE_MS, start, queue, channel)][name] += n
            coarse, rolled = roll_up(start, name)
            assert coarse == pane_start(start, COARSE_MS)
            found["pane:" + pane_suffix(COARSE_MS, coarse, queue, channel)][rolled] += n
        for (kind, queue, channel, member), score in contact.memberships(key[2:], state).items():
            found["live:" + live_suffix(kind, queue, channel)][member] = score
    plain = {
        key: {name: n for name, n in fields.items() if n or key.startswith("live:")} for key, fields in found.items()
    }
    return {key: fields for key, fields in plain.items() if fields}
