"""Everything in this folder runs on a real Apache Kafka: `make test-kafka`."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "integration" in item.path.parts:
            item.add_marker("kafka")


@pytest.fixture(scope="session")
def kafka_bootstrap(real_kafka_bootstrap: str) -> str:
    """HOST:PORT of a real Apache Kafka."""
    return real_kafka_bootstrap
