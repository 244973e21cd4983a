"""docker-compose.yml and Dockerfile, as far as they can be checked without Docker: parsed, their commands, too."""

import os
import re
import shutil
import socket
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from floorpulse.cli import app
from floorpulse.embedded import HOST, find_redis, free_port
from floorpulse.processes import Children, wait_until
from tests.data_sets import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+(-[a-z]+)*(@sha256:[0-9a-f]{64})?")
SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ADMIN_USER", re.IGNORECASE)

every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def environment(service: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in service.get("environment", {}).items()}


def mounts(service: dict[str, Any]) -> list[list[str]]:
    """[source, target, mode] of every mount, defaults of ${NAME:-default} put in."""
    texts = (re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text) for text in service.get("volumes", []))
    return [text.split(":") for text in texts]


def test_the_whole_path_is_there() -> None:
    assert set(SERVICES) == {
        *("simulator", "kafka", "worker-1", "worker-2", "redis", "board"),
        *("prometheus", "alertmanager", "alert-log", "grafana"),
    }


@every_service
def test_an_image_is_pinned_to_a_version(service: dict[str, Any]) -> None:
    assert PINNED.fullmatch(service["image"])


def test_our_own_image_is_never_fetched_from_a_public_registry() -> None:
    ours = [service["image"] for service in SERVICES.values() if "build" in service]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert set(ours) == {f"localhost/floorpulse:{version}"}


@every_service
def test_a_service_is_published_on_loopback_only(service: dict[str, Any]) -> None:
    assert [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")] == []
    assert "network_mode" not in service


@every_service
def test_a_service_has_no_password_and_no_user_by_default(service: dict[str, Any]) -> None:
    named = {name: value for name, value in environment(service).items() if SECRET.search(name)}
    assert named.keys() <= {"GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"}
    texts = [*environment(service).values(), *map(str, service.get("command", []))]
    assert [text for text in texts if re.search(r"://[^/]*:[^/]*@|requirepass|--pass", text)] == []


def test_nobody_can_log_in_to_grafana() -> None:
    settings = environment(SERVICES["grafana"])
    assert settings["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert settings["GF_AUTH_BASIC_ENABLED"] == "false"
    assert settings["GF_AUTH_DISABLE_LOGIN_FORM"] == "true"
    assert settings["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"


@every_service
def test_a_service_says_how_it_is_seen_to_be_well(service: dict[str, Any]) -> None:
    check = service["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= check.keys()


@every_service
def test_a_container_can_do_as_little_as_possible(service: dict[str, Any]) -> None:
    user, _, group = service["user"].partition(":")
    assert int(user) > 0
    assert group.isdecimal()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 512
    assert service["mem_limit"]
    assert not service.get("privileged")
    assert "docker.sock" not in str(service)


@every_service
def test_a_mounted_file_exists_and_cannot_be_changed_from_inside(service: dict[str, Any]) -> None:
    for source, _target, *mode in mounts(service):
        if source.startswith("."):
            assert (ROOT / source).exists(), source
            assert mode == ["ro"]
        else:
            assert source in COMPOSE["volumes"]


def test_kafka_and_redis_are_on_a_network_without_a_way_out() -> None:
    assert COMPOSE["networks"]["data"] == {"internal": True}
    for name in ("kafka", "redis"):
        assert SERVICES[name]["networks"] == ["data"]
        assert "ports" not in SERVICES[name]
    outside = {name for name, service in SERVICES.items() if "edge" in service["networks"]}
    assert outside == {name for name, service in SERVICES.items() if "ports" in service}


def test_nothing_has_to_be_set_or_made_before_the_first_start() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert [found for found in re.findall(r"\$\{[^}]*\}", text) if ":-" not in found] == []
    assert "env_file" not in text
    assert "external:" not in text


@every_service
def test_what_a_service_waits_for_is_a_service_with_a_health_check(service: dict[str, Any]) -> None:
    for name, condition in service.get("depends_on", {}).items():
        assert "healthcheck" in SERVICES[name]
        assert condition == {"condition": "service_healthy"}


OURS = {
    name: service["command"] for name, service in SERVICES.items() if service.get("command", [""])[0] == "floorpulse"
}


@pytest.mark.parametrize("command", OURS.values(), ids=OURS)
def test_a_command_of_ours_is_understood(command: list[str]) -> None:
    word, *arguments = command[1:]
    typer.main.get_group(app).commands[word].make_context(word, arguments)


@pytest.mark.parametrize("name", [name for name in SERVICES if "build" in SERVICES[name]])
def test_a_variable_of_ours_is_a_setting_that_exists(name: str) -> None:
    from floorpulse.settings import Settings

    given = environment(SERVICES[name])
    known = {f"FLOORPULSE_{field.upper()}" for field in Settings.__dataclass_fields__}
    assert given.keys() <= known
    Settings.from_env(given)


def test_prometheus_reads_the_services_that_are_there_and_alerts_reach_them() -> None:
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    groups = [group for job in config["scrape_configs"] for group in job["static_configs"]]
    groups += [group for peer in config["alerting"]["alertmanagers"] for group in peer["static_configs"]]
    hosts = {target.split(":")[0] for group in groups for target in group["targets"]} - {"127.0.0.1"}
    receivers = yaml.safe_load((ROOT / "alerts" / "alertmanager.yml").read_text(encoding="utf-8"))["receivers"]
    hosts |= {hook["url"].split("/")[2].split(":")[0] for each in receivers for hook in each["webhook_configs"]}
    sources = yaml.safe_load((ROOT / "grafana" / "provisioning" / "datasources" / "prometheus.yml").read_text())
    hosts |= {source["url"].split("/")[2].split(":")[0] for source in sources["datasources"]}
    assert hosts <= SERVICES.keys()
    assert hosts == {"board", "worker-1", "worker-2", "prometheus", "alertmanager", "alert-log"}
    assert all("metrics" in SERVICES[host]["networks"] for host in hosts)


def test_redis_starts_with_these_arguments_and_forgets_nothing(tmp_path: Path) -> None:
    command = [str(tmp_path) if word == "/data" else word for word in SERVICES["redis"]["command"][1:]]
    port = free_port()
    with Children() as children:
        child = children.start("redis", [str(find_redis()), *command, "--port", str(port), "--bind", HOST])

        def says(question: bytes) -> bytes:
            with socket.create_connection((HOST, port), timeout=1) as connection:
                connection.sendall(question)
                return connection.recv(4096)

        def ready() -> bool:
            try:
                return says(b"PING\r\n") == b"+PONG\r\n"
            except OSError:
                return False

        wait_until(ready, child, 15, "ready")
        assert b"noeviction" in says(b"CONFIG GET maxmemory-policy\r\n")


@pytest.mark.kafka
def test_kafka_accepts_its_configuration(tmp_path: Path) -> None:
    from scripts.real_kafka import fetch

    text = (ROOT / "docker" / "kafka.properties").read_text(encoding="utf-8")
    (tmp_path / "kafka.properties").write_text(text.replace("/var/lib/kafka/data", str(tmp_path)), encoding="utf-8")
    script = SERVICES["kafka"]["command"][0]
    (arguments,) = re.findall(r"kafka-storage\.sh (format (?:[^\\\n]|\\\n)+)", script)
    words = arguments.replace("\\\n", " ").replace("/etc/floorpulse", str(tmp_path)).split()
    java = [shutil.which("java") or "java", "-cp", f"{fetch()}/*", "kafka.tools.StorageTool", *words]
    for _ in range(2):  # the second start finds formatted storage
        done = subprocess.run(
            java, capture_output=True, text=True, check=False, env={**os.environ, "LOG_DIR": str(tmp_path)}
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_is_built_from_the_lock_with_hashes_and_runs_as_nobody_special() -> None:
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(stages) == 2
    assert all(PINNED.fullmatch(stage) for stage in stages)
    assert "--require-hashes --only-binary :all: -r requirements.lock" in DOCKERFILE
    final = DOCKERFILE.split("FROM ")[-1]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert "pip install" not in final
    assert SERVICES["board"]["user"] == "10001:10001"


def test_the_image_holds_all_of_the_product_and_the_build_is_given_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    }
    assert wanted <= copied
    assert all((ROOT / name).exists() for name in copied)
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in allowed
    assert {line[1:] for line in allowed if line.startswith("!")} == copied
