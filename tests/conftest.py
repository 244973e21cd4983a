"""What all tests share: the servers, the data sets, and which checks run when."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from floorpulse.embedded import Servers, start_kafka, start_redis
from floorpulse.processes import Children
from scripts.real_kafka import real_kafka
from tests.data_sets import NO_DATA, data_required, find_data

#: Checks that need something `make test` does not bring; each has a target of its own and is left out otherwise.
APART = ("kafka", "observability", "browser")


# Timing stays out of tests: on a busy machine an example takes as long as it takes.
settings.register_profile("floorpulse", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("floorpulse")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test is a failure")
    parser.addoption("--real-kafka", action="store_true", help="use a real Apache Kafka where others use the embedded")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "kafka_bootstrap" in fixtures:
            item.add_marker("broker")
        if fixtures & {"kafka_bootstrap", "redis_server"}:
            item.add_marker("servers")
    # Files with long tests begin first, so that in the end nobody waits for one of them alone.
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)
    if config.getoption("markexpr"):
        return
    apart = [item for item in items if any(item.get_closest_marker(name) for name in APART)]
    if apart:
        config.hook.pytest_deselected(items=apart)
        items[:] = [item for item in items if item not in set(apart)]


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if session.config.getoption("no_skips") and skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    for report in skipped:
        if NO_DATA in str(report.longrepr):
            terminalreporter.write_line(f"{NO_DATA}: {report.nodeid}", yellow=True)
    if skipped and config.getoption("no_skips"):
        terminalreporter.write_line(f"{len(skipped)} skipped, and --no-skips makes that a failure", red=True)


@pytest.fixture(scope="session")
def data_dir() -> Callable[[str], Path]:
    """`data_dir("technion-day")`: the folder of a data set; without it the test says "not run: no data"."""

    def find(name: str) -> Path:
        found = find_data(name)
        if found is None:
            why = f"{NO_DATA}: {name}; set FLOORPULSE_DATA to the folder that holds it"
            if data_required():
                pytest.fail(why)
            pytest.skip(why)
        return found

    return find


@pytest.fixture(scope="session")
def real_kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """HOST:PORT of a real Apache Kafka of our own."""
    with real_kafka(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
def kafka_bootstrap(request: pytest.FixtureRequest) -> Iterator[str]:
    """HOST:PORT of the embedded broker, or of a real one with --real-kafka; every test uses topics of its own."""
    if request.config.getoption("real_kafka"):
        yield request.getfixturevalue("real_kafka_bootstrap")
        return
    with Children() as children:
        yield start_kafka(children)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """URL of the embedded Redis, shared by all tests; `redis_url` empties it first."""
    with Children() as children:
        yield start_redis(children)


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


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """URL of an empty Redis."""
    import redis

    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server
