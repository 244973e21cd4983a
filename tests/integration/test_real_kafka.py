"""The real broker that `make test-kafka` brings: that it is one, and keeps what it is given."""

import uuid

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic


async def test_a_record_comes_back_with_the_brokers_own_time(kafka_bootstrap: str) -> None:
    topic = f"smoke-{uuid.uuid4()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1, topic_configs={"message.timestamp.type": "LogAppendTime"})])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all")
    await producer.start()
    sent = await producer.send_and_wait(topic, b"value", b"key", timestamp_ms=1)
    await producer.stop()
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap)
    await consumer.start()
    consumer.assign([TopicPartition(topic, 0)])
    await consumer.seek_to_beginning()
    record = await consumer.getone()
    await consumer.stop()

    assert (record.offset, record.key, record.value) == (sent.offset, b"key", b"value")
    assert record.timestamp_type == 1
    assert record.timestamp > 1
