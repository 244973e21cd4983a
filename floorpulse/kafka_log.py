"""Reading a partition of Kafka's log from where it begins to where Redis counted it."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from floorpulse.errors import UserError
from floorpulse.report_read import Position

_SILENCE_MS = 15_000


async def log_start(consumer: AIOKafkaConsumer, where: TopicPartition, position: Position) -> int:
    """The first offset that Kafka still holds."""
    if position.next == position.first:
        return position.first
    consumer.assign([where])
    begins: int = (await consumer.beginning_offsets([where]))[where]
    return begins


async def records_of(
    consumer: AIOKafkaConsumer, where: TopicPartition, start: int, end: int
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """The records of one partition with start <= offset < end, in order. Raises UserError when Kafka falls silent."""
    if start >= end:
        return
    consumer.assign([where])
    consumer.seek(where, start)
    while (at := await consumer.position(where)) < end:
        page = (await consumer.getmany(timeout_ms=_SILENCE_MS, max_records=5000)).get(where, [])
        # Asking for the end of the log would be quicker, but the embedded broker does not know it.
        if not page and await consumer.position(where) == at:
            raise UserError(
                f"{where.topic} partition {where.partition}: Redis counted up to offset {end}, Kafka sends nothing "
                f"after {at}; is it the Kafka that was counted?"
            )
        for record in page:
            if record.offset < end:
                yield record
