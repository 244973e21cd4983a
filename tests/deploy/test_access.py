"""Who gets in: the demo has nobody to log in as and is on loopback, production has secrets and nobody anonymous."""

import re
from typing import Any

import pytest

from tests.data_sets import ROOT
from tests.deploy.compose_files import (
    DEMO_FILE,
    GIVEN,
    MODELS,
    PRODUCTION_FILE,
    SERVICES,
    MissingError,
    environment,
    production,
)

DEMO, PRODUCTION = MODELS["demo"]["services"], MODELS["production"]["services"]
SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ADMIN_USER", re.IGNORECASE)
#: What is secret by its name and harmless by its value.
HARMLESS = {"GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"}


@pytest.mark.parametrize("service", SERVICES.values(), ids=map(" ".join, SERVICES))
def test_no_password_stands_in_a_variable_or_a_command(service: dict[str, Any]) -> None:
    given = environment(service)
    named = {name: value for name, value in given.items() if SECRET.search(name) and name not in HARMLESS}
    assert [name for name in named if not name.endswith("_FILE")] == []
    assert [path for path in named.values() if not path.startswith("/run/secrets/")] == []
    texts = [*given.values(), *map(str, service.get("command", []))]
    assert [text for text in texts if re.search(r"://[^/]*:[^/]*@|requirepass", text)] == []


@pytest.mark.parametrize("service", SERVICES.values(), ids=map(" ".join, SERVICES))
def test_a_secret_that_is_read_is_mounted_and_one_that_is_mounted_is_read(service: dict[str, Any]) -> None:
    config = (ROOT / "prometheus" / "prometheus.production.yml").read_text(encoding="utf-8")
    texts = [*environment(service).values(), *map(str, service.get("command", []))]
    if service["image"].startswith("prom/prometheus") and "secrets" in service:
        texts.append(config)
    if service["image"].startswith("prom/alertmanager") and "secrets" in service:
        # Its configuration is people's own; this is how they are told to show the relay its token.
        (told,) = re.findall(r"credentials_file: (.+)", (ROOT / "docs" / "robots.md").read_text(encoding="utf-8"))
        texts.append(told)
    read = {name for text in texts for name in re.findall(r"/run/secrets/(\w+)", text)}
    assert read == set(service.get("secrets", []))


# --- The demo ----------------------------------------------------------------------------------------


def test_nothing_has_to_be_set_or_made_before_the_demo_starts() -> None:
    text = DEMO_FILE.read_text(encoding="utf-8")
    assert [found for found in re.findall(r"\$\{[^}]*\}", text) if ":-" not in found] == []
    assert "env_file" not in text
    assert "external:" not in text
    assert "secrets" not in MODELS["demo"]


def test_nobody_can_log_in_to_the_grafana_of_the_demo() -> None:
    settings = environment(DEMO["grafana"])
    assert settings["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert settings["GF_AUTH_BASIC_ENABLED"] == "false"
    assert settings["GF_AUTH_DISABLE_LOGIN_FORM"] == "true"
    assert settings["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"


def test_the_board_of_the_demo_is_open_and_answers_to_the_names_it_is_called_by() -> None:
    settings = environment(DEMO["board"])
    assert settings["FLOORPULSE_ALLOW_ANONYMOUS"] == "1"
    assert settings["FLOORPULSE_ALLOWED_HOSTS"] == "board"
    assert all(port.startswith("127.0.0.1:") for port in DEMO["board"]["ports"])


# --- Production --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GIVEN)
def test_what_must_be_given_is_asked_for(name: str) -> None:
    with pytest.raises(MissingError, match=name):
        production({**GIVEN, name: ""})


def test_the_head_of_the_file_names_what_must_be_given() -> None:
    text = PRODUCTION_FILE.read_text(encoding="utf-8")
    head = re.findall(r"^#   (FLOORPULSE_\w+) ", text, re.MULTILINE)
    assert set(head) == set(re.findall(r"\$\{(\w+):\?", text)) == set(GIVEN)


def test_nothing_simulates_and_nobody_is_anonymous_in_production() -> None:
    assert "simulator" not in PRODUCTION
    assert "--demo" not in PRODUCTION["board"]["command"]
    assert "FLOORPULSE_ALLOW_ANONYMOUS" not in environment(PRODUCTION["board"])
    assert environment(PRODUCTION["grafana"])["GF_AUTH_ANONYMOUS_ENABLED"] == "false"


def test_the_board_has_a_token_for_each_scope() -> None:
    given = environment(PRODUCTION["board"])
    scopes = {name for name in given if name.endswith("_TOKEN_FILE")}
    assert scopes == {f"FLOORPULSE_{scope}_TOKEN_FILE" for scope in ("READ", "WRITE", "ADMIN", "METRICS", "TV")}
    assert given["FLOORPULSE_PUBLIC_URL"] == GIVEN["FLOORPULSE_PUBLIC_URL"]


def test_grafana_wants_a_login_over_tls_only() -> None:
    given = environment(PRODUCTION["grafana"])
    assert given["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/run/secrets/grafana_admin_password"
    assert given["GF_SECURITY_SECRET_KEY__FILE"] == "/run/secrets/grafana_secret_key"
    assert given["GF_SECURITY_COOKIE_SECURE"] == "true"
    assert given["GF_SECURITY_COOKIE_SAMESITE"] == "strict"
    assert given["GF_SECURITY_CONTENT_SECURITY_POLICY"] == "true"
    assert given["GF_USERS_ALLOW_SIGN_UP"] == "false"
    assert given["GF_AUTH_BASIC_ENABLED"] == "false"
    assert given["GF_SERVER_ROOT_URL"] == GIVEN["FLOORPULSE_GRAFANA_URL"]


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_what_knows_no_login_is_not_published_in_production(name: str) -> None:
    assert "ports" not in PRODUCTION[name]


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_nobody_can_change_or_stop_the_watchers_from_afar(kind: str, name: str) -> None:
    command = " ".join(SERVICES[kind, name]["command"])
    assert "enable-admin-api" not in command
    assert "enable-lifecycle" not in command
    assert "enable-remote-write-receiver" not in command
    assert name != "alertmanager" or "--cluster.listen-address= " in f"{command} "


def test_redis_lets_nobody_in_without_a_name() -> None:
    command = PRODUCTION["redis"]["command"]
    assert command[command.index("--aclfile") + 1] == "/run/secrets/redis_acl"
    assert command[command.index("--protected-mode") + 1] == "yes"
    for name, user in (("worker-1", "worker"), ("worker-2", "worker"), ("board", "board")):
        assert environment(PRODUCTION[name])["FLOORPULSE_REDIS"] == f"redis://{user}@redis:6379/0"


@pytest.mark.parametrize("kind", MODELS)
def test_redis_forgets_nothing(kind: str) -> None:
    command = SERVICES[kind, "redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_redis_has_twice_the_memory_of_its_data_in_production() -> None:
    service = PRODUCTION["redis"]
    size = service["command"][service["command"].index("--maxmemory") + 1]
    assert (size, service["mem_limit"]) == ("2gb", "4g")
