"""THE DATA PATH of a worker, on one screen: decode -> step -> difference -> commit.

A chunk is what one fetch brought of one partition. Its effect on Redis and the partition's new position
are written by one script, which does nothing unless the position is the one expected: so a chunk counts
once, whatever crashed, was delivered twice, or got lost on its way here.
"""

from streams.dead_letters import DeadLetters
from streams.decode import Decoded, Limits, Rejected, decode
from streams.partition import Partition, Taken, due_records
from streams.store import Outcome, Store
from streams.transport import Chunk, KafkaRecord

# How much of what is due a chunk forgets: bounded, and more than it can add, so that catching up does not pile it up.
SWEPT_ALWAYS = 200
SWEPT_PER_RECORD = 2


async def apply(chunk: Chunk, base_topic: str, partition: Partition, store: Store, letters: DeadLetters,
                limits: Limits) -> tuple[Outcome, Taken]:  # fmt: skip
    """Take one chunk, whose `base` is the partition's position, into Redis. Raises RedisError, KafkaError."""
    # 1. Bytes to facts; what is no event becomes a Rejected with its reason.
    decoded = [decode_one(record, base_topic, limits) for record in chunk.records]

    # 2. The records these facts belong to: from memory, or from Redis; with them what is due to be forgotten.
    keys = [one.key for one in decoded if isinstance(one, Decoded) and one.key is not None]
    missing = partition.missing(keys)
    sweeps = SWEPT_ALWAYS + SWEPT_PER_RECORD * len(chunk.records)
    blobs, due = await store.read(partition.prefix, missing, partition.position.watermark, sweeps)
    partition.remember(missing, blobs)
    if aged := partition.missing(due_records(due)):
        blobs, _ = await store.read(partition.prefix, aged, 0)
        partition.remember(aged, blobs)

    # 3. What the facts mean: the pure core steps each contact, and the difference is the sum of what changed.
    taken = partition.take([record.offset for record in chunk.records], decoded, due)

    # 4. Refused records are safe in the dead-letter topic before the position moves past them.
    await letters.write(base_topic, chunk, taken.dead_letters)

    # 5. Effect and position, in one script: all of it or nothing.
    first = chunk.base if partition.position.next is None else partition.position.first
    outcome = await commit(store, partition, chunk, taken, first)
    if outcome.done:
        partition.advance(chunk.next, taken, first)
    return outcome, taken


async def commit(store: Store, partition: Partition, chunk: Chunk, taken: Taken, first: int) -> Outcome:
    """One script call. A lost answer is harmless: asked again, the script says where the partition stands."""
    position = partition.position
    outcome = await store.commit(
        partition.prefix, position, chunk.next, taken.watermark, taken.tick, first, taken.difference
    )
    if not outcome.done and outcome.next == chunk.next and outcome.epoch == position.epoch:
        return Outcome(True, chunk.next, position.epoch)
    return outcome


def decode_one(record: KafkaRecord, base_topic: str, limits: Limits) -> Decoded | Rejected:
    """One Kafka record as what it says, or why it is refused."""
    try:
        return decode(record.value, base_topic, record.timestamp, limits)
    except Rejected as rejected:
        return rejected
