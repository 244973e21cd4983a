"""The dead-letter topic: refused records with reason, coordinates and raw bytes, acknowledged before all else."""

import asyncio
import base64
from collections.abc import Awaitable, Sequence
from typing import Protocol

import msgspec

from kpi.instants import format_time
from kpi.keys import DEADLETTER_TOPIC, topic_name
from streams.partition import DeadLetter
from streams.transport import Chunk


class Producer(Protocol):
    """What we need of a Kafka producer (acks=all)."""

    async def send(
        self, topic: str, *, value: bytes, key: bytes, headers: list[tuple[str, bytes]], partition: int | None = None
    ) -> Awaitable[object]:
        """Hand one record over; the answer can be awaited for its acknowledgement."""


class DeadLetters:
    """Writes refused records of one namespace."""

    def __init__(self, producer: "Producer", ns: str) -> None:
        self._producer, self._ns = producer, ns

    async def write(self, base_topic: str, chunk: Chunk, letters: Sequence[DeadLetter]) -> None:
        """Write every letter and wait until all are acknowledged. Raises KafkaError when one is not.

        Written again after a crash, a letter has the same key, its coordinates, and is counted once.
        """
        if not letters:
            return
        by_offset = {record.offset: record for record in chunk.records}
        waiting: list[Awaitable[object]] = []
        for letter in letters:
            record = by_offset[letter.offset]
            coordinates = f"{base_topic}/{chunk.tp.partition}/{letter.offset}"
            body = {
                "reason": letter.reason,
                "detail": letter.detail,
                "topic": base_topic,
                "partition": chunk.tp.partition,
                "offset": letter.offset,
                "kafka_time": format_time(max(record.timestamp, 0)),
                "key": None if record.key is None else base64.b64encode(record.key).decode(),
                "raw": None if record.value is None else base64.b64encode(record.value).decode(),
            }
            waiting.append(
                await self._producer.send(
                    topic_name(self._ns, DEADLETTER_TOPIC),
                    value=msgspec.json.encode(body),
                    key=coordinates.encode(),
                    headers=[("content-type", b"application/json")],
                )
            )
        await asyncio.gather(*waiting)
