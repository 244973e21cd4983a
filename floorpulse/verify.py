"""Recompute everything from Kafka with the batch program, and compare with Redis contact by contact, count by count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import redis
from aiokafka import AIOKafkaConsumer, TopicPartition

from floorpulse.batch import COARSE, FINE, FOLD, KEEP, Batch, Expected, Limits
from floorpulse.errors import UserError
from floorpulse.kafka_log import log_start, records_of
from floorpulse.report import keeps_fine_panes
from floorpulse.report_read import Fields, Position, parse_pane, parse_position, partitions_of
from kpi import keys
from kpi.cold import thaw
from kpi.events import RANKS
from kpi.floor import Floor

_ATTEMPTS = 8
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Stored:
    """What stands in Redis for one partition, read in one instant. `records`: the ids of the facts of each."""

    position: Position
    ledger: Fields
    panes: dict[str, Fields]
    live: dict[str, dict[str, int]]
    records: dict[str, frozenset[str]]


@dataclass(slots=True)
class Verdict:
    """What was compared, and every difference as one line. `apart`: records older than what Kafka still holds."""

    events: int = 0
    contacts: int = 0
    counts: int = 0
    apart: int = 0
    notes: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def limits_of(client: redis.Redis, ns: str, floor: Floor) -> Limits:
    """The limits under which the workers of a namespace count."""
    return Limits(floor.earliest_ms, floor.lateness_ms, ns == keys.LIVE, not keeps_fine_panes(client, ns))


async def verify(
    client: redis.Redis,
    kafka: str,
    ns: str,
    floor: Floor,
    *,
    security: Mapping[str, Any] | None = None,
    progress: Progress = lambda done, total: None,
) -> Verdict:
    """Compare a whole namespace. `kafka`: HOST:PORT,...; `progress` gets records done and to do.

    Raises UserError when nothing was ever counted, a partition is being rebuilt, or Kafka falls silent.
    """
    limits, verdict = limits_of(client, ns, floor), Verdict()
    places = [(topic, p) for topic, count in sorted(partitions_of(client, ns).items()) for p in range(count)]
    stored = {place: read_stored(client, ns, *place) for place in places}
    total = sum(one.position.next - one.position.first for one in stored.values())
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="none", **(security or {})
    )
    await consumer.start()
    try:
        for (topic, partition), one in stored.items():
            batch, where = Batch(topic, limits), TopicPartition(keys.topic_name(ns, topic), partition)
            begins = await log_start(consumer, where, one.position)
            async for record in records_of(consumer, where, max(begins, one.position.first), one.position.next):
                batch.take(record.value, record.timestamp, record.key)
                verdict.events += 1
                if verdict.events % 1000 == 0:
                    progress(verdict.events, total)
            compare(f"{topic}/{partition}", batch.result(), one, limits, verdict, whole=begins <= one.position.first)
    finally:
        await consumer.stop()
    progress(total, total)
    return verdict


def read_stored(client: redis.Redis, ns: str, base_topic: str, partition: int) -> Stored:
    """Everything of one partition as of one position: all reads in one transaction."""
    prefix = keys.partition_prefix(ns, base_topic, partition)
    panes_key, lives_key = keys.panes_key(prefix), keys.lives_key(prefix)
    for _ in range(_ATTEMPTS):
        pane_names: list[str] = sorted(_texts(client.smembers(panes_key)))
        live_names: list[str] = sorted(_texts(client.hkeys(lives_key)))
        pipeline = client.pipeline(transaction=True)
        pipeline.hgetall(keys.position_key(prefix))
        pipeline.hgetall(keys.ledger_key(prefix))
        pipeline.hgetall(keys.records_key(prefix))
        pipeline.smembers(panes_key)
        pipeline.hkeys(lives_key)
        for name in pane_names:
            pipeline.hgetall(keys.pane_key(prefix, name))
        for name in live_names:
            pipeline.zrange(keys.live_key(prefix, name), 0, -1, withscores=True)
        raw_position, ledger, records, panes_there, lives_there, *rest = pipeline.execute()
        position = parse_position(raw_position)
        # New panes or sets came up between the two looks, or a script died half-way: look again.
        if position.dirty or sorted(_texts(panes_there)) != pane_names or sorted(_texts(lives_there)) != live_names:
            continue
        panes = {name: parse_pane(raw)[0] for name, raw in zip(pane_names, rest[: len(pane_names)], strict=True)}
        sets = zip(live_names, rest[len(pane_names) :], strict=True)
        return Stored(
            position,
            {name.decode(): int(count) for name, count in ledger.items()},
            {name: fields for name, fields in panes.items() if fields},
            {name: {member.decode(): int(score) for member, score in members} for name, members in sets if members},
            {key.decode(): fact_ids(key.decode(), blob) for key, blob in records.items()},
        )
    raise UserError(
        f"{base_topic} partition {partition} of namespace {ns!r} is being rebuilt; try again when it is done"
    )


def fact_ids(key: str, blob: bytes) -> frozenset[str]:
    """The event ids in a stored record: (newest time in ms, what folded facts told or nil, facts).

    A fact is an array with its time first, the rank of its type third and its id fourth. Facts that are folded by the
    newest time may or may not stand there still; they are left out.
    """
    newest, _, facts = msgspec.msgpack.decode(thaw(blob))
    fold = FOLD.get(key[0])
    return frozenset(
        id
        for time, _, rank, id, *_ in facts
        if fold is None or time >= newest - fold or (key[0] == "c" and rank != RANKS["contact.message"])
    )


def _texts(raw: Any) -> list[str]:
    return [name.decode() for name in raw]


def compare(where: str, expected: Expected, stored: Stored, limits: Limits, verdict: Verdict, *, whole: bool) -> None:
    """Add what differs in one partition to the verdict. `whole`: Kafka still holds everything that was counted."""
    _compare_records(where, expected, stored, verdict, whole)
    if not whole:
        verdict.notes.append(f"{where}: Kafka's log begins after counting did; its counts cannot be recomputed")
        return
    position = stored.position
    times = {"watermark": expected.watermark, "tick": expected.tick}
    _compare_counts(f"{where} position", times, {"watermark": position.watermark, "tick": position.tick}, verdict)
    ledger = {name: count for name, count in stored.ledger.items() if not name.startswith("reason:")}
    _compare_counts(f"{where} ledger", expected.ledger, ledger, verdict)
    panes = {name: fields for name, fields in stored.panes.items() if not _is_past_keep(name, expected, limits)}
    live = {
        name: {member: at for member, at in members.items() if not _is_fading(name, member, expected)}
        for name, members in stored.live.items()
    }
    for kind, want, have in (("pane", expected.panes, panes), ("live set", expected.live, live)):
        for name in sorted(want.keys() | have.keys()):
            _compare_counts(f"{where} {kind} {name}", want.get(name, {}), have.get(name, {}), verdict)


def _compare_records(where: str, expected: Expected, stored: Stored, verdict: Verdict, whole: bool) -> None:
    for key in sorted(expected.records.keys() | stored.records.keys() - expected.absent):
        want, have = expected.records.get(key, frozenset()), stored.records.get(key, frozenset())
        verdict.contacts += 1
        if not whole and have - want:
            verdict.apart += 1
        elif want != have:
            missing, surplus = sorted(want - have)[:3], sorted(have - want)[:3]
            verdict.differences.append(
                f"{where} record {key}: {len(want - have)} facts missing in Redis {missing}, "
                f"{len(have - want)} that the log does not give {surplus}"
            )


def _compare_counts(where: str, want: Mapping[str, int], have: Mapping[str, int | None], verdict: Verdict) -> None:
    for name in sorted(want.keys() | have.keys()):
        verdict.counts += 1
        if want.get(name, 0) != (have.get(name) or 0):
            verdict.differences.append(f"{where} {name}: the log gives {want.get(name, 0)}, Redis has {have.get(name)}")


def _is_fading(suffix: str, member: str, expected: Expected) -> bool:
    """Whether a member stands there only by a record past its horizon, swept already or not."""
    return member in expected.fading.get(suffix, ()) and member not in expected.live.get(suffix, {})


def _is_past_keep(suffix: str, expected: Expected, limits: Limits) -> bool:
    """Whether a pane counts as absent by the watermark, swept or not."""
    pane = keys.parse_pane_suffix(suffix)
    keep = KEEP[FINE if pane.res_ms == FINE else COARSE]
    return limits.expires and pane.start_ms + pane.res_ms + keep <= expected.watermark
