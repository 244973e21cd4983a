"""What cannot be started where these tests run, by name and with the reason; its options are on a list written by hand.

Everything else of the compose files is started: test_demo_runs.py, test_production_runs.py, test_redis_acl.py,
test_watchers.py, tests/observability/, and Kafka's storage in test_kafka.py.
"""

import re
from typing import Any

import pytest

from tests.deploy.compose_files import MODELS, SERVICES, environment

#: Where each service that is started is started.
STARTED = {
    "simulator": "test_demo_runs.py",
    "worker-1": "test_production_runs.py",
    "worker-2": "test_production_runs.py",
    "redis": "test_redis_acl.py",
    "board": "test_production_runs.py",
    "alerts": "test_production_runs.py",
    "relay": "test_production_runs.py",
    "asterisk": "test_production_runs.py",
    "alert-log": "test_demo_runs.py",
    "prometheus": "test_watchers.py",
    "alertmanager": "test_watchers.py",
}
#: Why each of the others is not.
NOT_HERE = {
    "kafka": "its image brings the broker; the storage tool runs on the mounted configuration in test_kafka.py",
    "grafana": "no Grafana server in Debian or among Python packages",
    "redis-exporter": "no redis_exporter in Debian or among Python packages",
    "kafka-exporter": "no kafka_exporter in Debian or among Python packages",
}
OPTIONS = {
    "redis-exporter": {
        "redis.addr", "web.listen-address", "config-command", "set-client-name", "exclude-latency-histogram-metrics",
    },
    "kafka-exporter": {"kafka.server", "web.listen-address", "kafka.version"},
}  # fmt: skip
VARIABLES = {
    "redis-exporter": {"REDIS_USER", "REDIS_PASSWORD_FILE"},
    "kafka-exporter": set(),
    "kafka": {"KAFKA_HEAP_OPTS", "LOG_DIR", "KAFKA_LOG4J_OPTS"},
}
#: GF_<SECTION>_<KEY>: the keys of Grafana's own defaults.ini that are used here, by section.
GRAFANA = {
    "SERVER": {"ROOT_URL"},
    "AUTH": {"DISABLE_LOGIN_FORM"},
    "AUTH_ANONYMOUS": {"ENABLED", "ORG_ROLE"},
    "AUTH_BASIC": {"ENABLED"},
    "SECURITY": {
        "DISABLE_INITIAL_ADMIN_CREATION", "CONTENT_SECURITY_POLICY", "COOKIE_SECURE", "COOKIE_SAMESITE",
        "STRICT_TRANSPORT_SECURITY", "DISABLE_GRAVATAR", "ADMIN_PASSWORD__FILE", "SECRET_KEY__FILE",
    },
    "USERS": {"ALLOW_SIGN_UP"},
    "DASHBOARDS": {"DEFAULT_HOME_DASHBOARD_PATH", "MIN_REFRESH_INTERVAL"},
    "ANALYTICS": {"REPORTING_ENABLED", "CHECK_FOR_UPDATES", "CHECK_FOR_PLUGIN_UPDATES"},
    "PLUGINS": {"PREINSTALL_DISABLED"},
    "NEWS": {"NEWS_FEED_ENABLED"},
    "LOG": {"MODE"},
}  # fmt: skip


def test_every_service_is_started_here_or_says_why_not() -> None:
    names = {name for _, name in SERVICES}
    assert names == STARTED.keys() | NOT_HERE.keys()
    assert not STARTED.keys() & NOT_HERE.keys()


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("name", OPTIONS)
def test_an_exporter_is_given_options_that_it_knows(kind: str, name: str) -> None:
    service: dict[str, Any] = SERVICES[kind, name]
    assert {word.removeprefix("--").partition("=")[0] for word in service["command"]} == OPTIONS[name]
    assert environment(service).keys() <= VARIABLES[name]


@pytest.mark.parametrize("kind", MODELS)
def test_an_exporter_asks_the_server_that_is_there(kind: str) -> None:
    words = [word for name in OPTIONS for word in SERVICES[kind, name]["command"]]
    servers = {word.rpartition("/")[2].rpartition("=")[2] for word in words if re.search(r"(addr|server)=", word)}
    assert servers == {"redis:6379", "kafka:9092"}


@pytest.mark.parametrize("kind", MODELS)
def test_grafana_is_given_settings_that_it_knows(kind: str) -> None:
    known = {f"GF_{section}_{key}" for section, keys in GRAFANA.items() for key in keys}
    assert environment(SERVICES[kind, "grafana"]).keys() <= known


@pytest.mark.parametrize("kind", MODELS)
def test_kafka_is_given_variables_that_its_scripts_know(kind: str) -> None:
    assert environment(SERVICES[kind, "kafka"]).keys() == VARIABLES["kafka"]
