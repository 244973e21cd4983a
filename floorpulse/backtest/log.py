"""What Redis and Kafka still hold of a namespace -> a history: read as `verify` does, in the ids of the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import redis
from aiokafka import AIOKafkaConsumer, TopicPartition

from floorpulse.backtest.history import History, is_plausible
from floorpulse.backtest.runner import TOPICS
from floorpulse.backtest.spool import Item
from floorpulse.errors import UserError
from floorpulse.kafka_log import log_start, records_of
from floorpulse.report_read import Position, partitions_of, read_position
from kpi import keys
from kpi.events import TYPE_PREFIX, TYPE_SUFFIX
from kpi.instants import parse_time
from kpi.panes import COARSE_KEEP_MS

# Nobody waits, or is on the phone, for longer; an agent who logged in earlier has done something since.
BEFORE_MS = 86_400_000
# An open case may be this old.
CASES_BEFORE_MS = COARSE_KEEP_MS
_CASES = "cases.events"
_TICK = f"{TYPE_PREFIX}tick{TYPE_SUFFIX}"
Progress = Callable[[int, int], None]


class _Named(msgspec.Struct):
    queue_id: Any = None


class _Stamp(msgspec.Struct):
    time: str
    type: str
    recordedtime: str | None = None
    data: _Named | None = None


async def fill_from_log(
    client: redis.Redis,
    kafka: str,
    ns: str,
    *,
    earliest_ms: int,
    from_ms: int | None,
    to_ms: int | None,
    before_ms: int = BEFORE_MS,
    security: Mapping[str, Any] | None = None,
    progress: Progress = lambda done, total: None,
) -> History:
    """Read what was counted of [from, to] (None: all there is), and what of the time before it is still going on.

    `before_ms`: so much of the time before it is read of contacts and agents; of cases it is always more.
    Raises UserError when nothing was ever counted, and KafkaError.
    """
    found = History(is_log=True)
    places = [(topic, p) for topic, count in sorted(partitions_of(client, ns).items()) for p in range(count)]
    wanted = {place: _position(client, ns, *place) for place in places if place[0] in TOPICS}
    ticks = [position.tick for position in wanted.values()]
    found.newest_ms = None if any(tick is None for tick in ticks) else min((tick or 0 for tick in ticks), default=None)
    total = sum(position.next - position.first for position in wanted.values())
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="none", **(security or {})
    )
    await consumer.start()
    done = 0
    try:
        for (topic, partition), position in wanted.items():
            where = TopicPartition(keys.topic_name(ns, topic), partition)
            begins = await log_start(consumer, where, position)
            done += max(0, begins - position.first)
            taken_from_ms = None if from_ms is None else from_ms - (CASES_BEFORE_MS if topic == _CASES else before_ms)
            taker = _Taker(found, topic, earliest_ms, taken_from_ms, to_ms, is_live=ns == keys.LIVE)
            async for record in records_of(consumer, where, max(begins, position.first), position.next):
                taker.take(record.value or b"", record.timestamp)
                done += 1
                if done % 1000 == 0:
                    progress(done, total)
            if taker.first_ms is not None:
                found.oldest_ms = min(found.oldest_ms or taker.first_ms, taker.first_ms)
            if begins > position.first and taker.begins_ms is not None:
                found.begins_ms = max(found.begins_ms or 0, taker.begins_ms)
    finally:
        await consumer.stop()
    progress(total, total)
    return found


class _Taker:
    """Takes the records of one partition; `first_ms`: the earliest time of an event in it.

    `is_live`: its workers refuse what happened after it was recorded; those of a replay do not. `begins_ms`: since when
    all that happened is in it, if records before it were deleted; None when there is none.
    """

    def __init__(
        self, found: History, topic: str, earliest_ms: int, from_ms: int | None, to_ms: int | None, *, is_live: bool
    ) -> None:
        self.first_ms: int | None = None
        self._written_ms: int | None = None
        self._found, self._topics = found, (topic,)
        self._earliest_ms, self._is_live = earliest_ms, is_live
        self._from_ms, self._to_ms = from_ms, to_ms

    @property
    def begins_ms(self) -> int | None:
        # The first record that was kept may tell of a time of which all others are gone.
        return self._written_ms if self._is_live else self.first_ms

    def take(self, raw: bytes, kafka_ms: int) -> None:
        """Keep the record if it is an event of the time that is wanted; ticks are made anew."""
        self._written_ms = kafka_ms if self._written_ms is None else self._written_ms
        try:
            stamp = _stamps.decode(raw)
            time_ms = parse_time(stamp.time)
            recorded_ms = kafka_ms if stamp.recordedtime is None else min(parse_time(stamp.recordedtime), kafka_ms)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
            self._found.refused += 1
            return
        if not is_plausible(time_ms, recorded_ms if self._is_live else None, self._earliest_ms):
            self._found.refused += 1
            return
        self.first_ms = time_ms if self.first_ms is None else min(self.first_ms, time_ms)
        is_early = self._from_ms is not None and time_ms < self._from_ms
        if stamp.type == _TICK or is_early or (self._to_ms is not None and time_ms > self._to_ms):
            return
        self._found.name(None if stamp.data is None else stamp.data.queue_id)
        self._found.spool.add(Item(time_ms, 0, self._topics, raw))


def _position(client: redis.Redis, ns: str, topic: str, partition: int) -> Position:
    position = read_position(client, keys.partition_prefix(ns, topic, partition))
    if position.dirty:
        raise UserError(
            f"{topic} partition {partition} of namespace {ns!r} is being rebuilt; try again when it is done"
        )
    return position


_stamps = msgspec.json.Decoder(_Stamp)
