"""Partitions written into Redis as a worker leaves them, from what the plain batch program expects."""

from collections.abc import Iterable, Mapping
from typing import Any

import redis

from floorpulse.batch import Batch, Expected, Limits
from kpi import keys
from kpi.envelope import Event, base_topic, copies

EVERLASTING = Limits(earliest=0, lateness=7 * 86_400_000, live=False, expires=False)
EPOCH = 7


def batch_of(topic: str, events: Iterable[Event], limits: Limits = EVERLASTING) -> Batch:
    """The batch program after these events of one partition; Kafka stamped each with the largest time."""
    batch = Batch(topic, limits)
    for event in events:
        batch.take(event.to_json(), 2**52)
    return batch


def store_events(client: redis.Redis, ns: str, events: Iterable[Event], partitions: int = 2) -> None:
    """All events of a namespace as its workers would have counted them, copies too; spread over `partitions`."""
    logs: dict[tuple[str, int], list[tuple[str, Event]]] = {}
    for event in events:
        for topic, key in ((base_topic(event), event.key), *copies(event)):
            logs.setdefault((topic, sum(key.encode()) % partitions), []).append((key, event))
    client.hset(keys.partitions_key(ns), mapping=as_hash(dict.fromkeys(keys.BASE_TOPICS, partitions)))
    for (topic, partition), some in logs.items():
        batch = Batch(topic, EVERLASTING)
        for key, event in some:
            batch.take(event.to_json(), 2**52, key.encode())
        store(client, keys.partition_prefix(ns, topic, partition), batch.result(), len(some))


def store(client: redis.Redis, prefix: str, expected: Expected, next_offset: int) -> None:
    """One partition: position, ledger, panes, live sets."""
    pipeline = client.pipeline(transaction=True)
    position: dict[Any, Any] = {
        "next": next_offset, "epoch": EPOCH, "watermark": expected.watermark, "tick": expected.tick, "schema": 1,
        "first": 0,
    }  # fmt: skip
    pipeline.hset(keys.position_key(prefix), mapping=position)
    if expected.ledger:
        pipeline.hset(keys.ledger_key(prefix), mapping=as_hash(expected.ledger))
    for suffix, fields in expected.panes.items():
        pipeline.hset(keys.pane_key(prefix, suffix), mapping=as_hash({**fields, "#": next_offset}))
        pipeline.sadd(keys.panes_key(prefix), suffix)
    for suffix, members in expected.live.items():
        pipeline.zadd(keys.live_key(prefix, suffix), scores(members))
        pipeline.hset(keys.lives_key(prefix), suffix, str(next_offset))
    pipeline.execute()


def as_hash(fields: Mapping[str, int]) -> dict[Any, Any]:
    """Fields as redis-py's types want them."""
    return dict(fields)


def scores(members: Mapping[str, int]) -> dict[str, float]:
    """Members as redis-py wants them."""
    return {member: float(score) for member, score in members.items()}
