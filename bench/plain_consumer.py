"""The yardstick: aiokafka getmany, msgspec decode, one counter per type; a process of its own, with a cost of its own.

Reads a JSON object on stdin, `{"kafka": HOST:PORT, "ends": {topic: {partition: offset}}}`, reads every record below
those offsets, and writes what it cost as one JSON object.
"""

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

MAX_RECORDS = 2000


class Wire(msgspec.Struct):
    """What a consumer that wants to count must read of an event."""

    id: str
    type: str
    time: str
    source: str
    data: dict[str, Any]


async def consume(kafka: str, ends: dict[str, dict[str, int]]) -> dict[str, float]:
    """Read everything and count it; the cost from the first fetch to the last record."""
    left = {TopicPartition(topic, int(n)): end for topic, parts in ends.items() for n, end in parts.items() if end}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, fetch_max_wait_ms=100, max_partition_fetch_bytes=4 * 1024**2
    )
    decode = msgspec.json.Decoder(Wire).decode
    counts: Counter[str] = Counter()
    await consumer.start()
    try:
        consumer.assign(list(left))
        await consumer.seek_to_beginning()
        began, cpu = time.monotonic(), time.process_time()
        while left:
            for partition, records in (await consumer.getmany(timeout_ms=200, max_records=MAX_RECORDS)).items():
                for record in records:
                    counts[decode(record.value).type] += 1
                if records[-1].offset + 1 >= left.get(partition, 0):
                    left.pop(partition, None)
        wall, used = time.monotonic() - began, time.process_time() - cpu
    finally:
        await consumer.stop()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"records": sum(counts.values()), "wall_seconds": wall, "cpu_seconds": used, "peak_rss_mib": rss}


def main() -> None:
    """Do what stdin says."""
    order = json.load(sys.stdin)
    sys.stdout.write(json.dumps(asyncio.run(consume(order["kafka"], order["ends"]))))


if __name__ == "__main__":
    main()
