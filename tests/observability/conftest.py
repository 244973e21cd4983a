"""Everything in this folder needs Prometheus and Alertmanager: `make test-observability`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from floorpulse.embedded import Servers, start_kafka, start_redis
from floorpulse.processes import Children
from tests.observability.small_floor import Floor, small_floor
from tests.receiver import RecordingReceiver


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("observability")


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    """Processes that end with the module."""
    with Children() as running:
        yield running


@pytest.fixture(scope="module")
def at(children: Children) -> Servers:
    """An empty Kafka and Redis of the module's own, so that every module has the namespace `live` to itself."""
    redis_url = start_redis(children)
    return Servers(start_kafka(children), redis_url, redis_url, embedded_kafka=True)


@pytest.fixture(scope="module")
def receiver() -> Iterator[RecordingReceiver]:
    """Where the alerts arrive."""
    with RecordingReceiver() as listening:
        yield listening


@pytest.fixture(scope="module")
def floor(
    children: Children, at: Servers, receiver: RecordingReceiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Floor]:
    """The small contact centre, running."""
    with small_floor(children, at, receiver, tmp_path_factory.mktemp("floor")) as running:
        yield running
