"""The topics of one namespace: names, and the settings they are created with."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from kpi.keys import BASE_TOPICS, DEADLETTER_TOPIC, LIVE, topic_name
from sources.errors import SourceError

#: Workers rebuild from the log what Redis lost, so it holds 35 days of panes and some more.
RETENTION_MS = 38 * 86_400_000


def topic_settings(ns: str, base: str) -> dict[str, str]:
    """Broker settings a topic is created with.

    Live topics are stamped by the broker, so that a producer's broken clock shows; cases stay open for years.
    """
    settings = {"retention.ms": str(-1 if base == "cases.events" else RETENTION_MS), "cleanup.policy": "delete"}
    if ns == LIVE:
        settings["message.timestamp.type"] = "LogAppendTime"
    return settings


async def ensure_topics(servers: str, ns: str, partitions: int, client: Mapping[str, Any]) -> None:
    """Create every topic of a namespace that is not there yet; topics that exist stay as they are.

    `client`: security settings for aiokafka. Raises SourceError when Kafka cannot be reached or refuses.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, **client)
    try:
        await admin.start()
        # One at a time: a broker that refuses one of many answers for that one only.
        for base in (*BASE_TOPICS, DEADLETTER_TOPIC):
            count = partitions if base != DEADLETTER_TOPIC else 1
            # -1 replicas: as many as the broker's own default. The empty assignment only tells aiokafka to accept that.
            topic = NewTopic(topic_name(ns, base), count, -1, {}, topic_settings(ns, base))
            await _create(admin, topic)
    except (KafkaError, OSError) as error:
        raise unreachable(servers, error) from None
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topic: NewTopic) -> None:
    answer = await admin.create_topics([topic])
    errors: Sequence[Sequence[Any]] = answer.topic_errors
    for name, code, *text in errors:
        kind = for_code(code)
        if code and kind is not TopicAlreadyExistsError:
            reason = next((part for part in text if part), kind.__name__)
            raise SourceError(f"Kafka refused to create the topic {name}: {reason}")


def unreachable(servers: str, error: BaseException) -> SourceError:
    """What to tell a person when Kafka does not answer."""
    return SourceError(
        f"Kafka at {servers} is not reachable ({type(error).__name__}); start it, or set FLOORPULSE_KAFKA to HOST:PORT"
    )
