"""docker-compose.yml, and compose.production.yml over it: every service of both keeps every rule.

As far as that can be read; .github/workflows/smoke.yml starts them, on machines with Docker.
"""

import re
import tomllib
from typing import Any

import pytest
import typer.main
import yaml

from alerts.alertmanager import addresses
from floorpulse.cli import app
from floorpulse.settings import Settings
from tests.data_sets import ROOT
from tests.deploy.compose_files import MODELS, SERVICES, environment, mounts

PINNED = re.compile(r"[a-z0-9./_-]+:v?\d+\.\d+\.\d+(-[a-z]+)*(@sha256:[0-9a-f]{64})?")
PATH = {
    *("kafka", "worker-1", "worker-2", "redis", "board", "alerts", "redis-exporter", "kafka-exporter"),
    *("prometheus", "alertmanager", "alert-log", "grafana"),
}

every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=map(" ".join, SERVICES))
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def test_the_whole_path_is_there() -> None:
    assert set(MODELS["demo"]["services"]) == {*PATH, "simulator"}
    assert set(MODELS["production"]["services"]) == {*PATH, "asterisk", "relay"}


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
    assert all("size=" in place for place in service["tmpfs"])
    assert service["cap_drop"] == ["ALL"]
    assert not {"cap_add", "privileged", "devices", "pid", "ipc", "userns_mode", "network_mode"} & service.keys()
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 512
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert "docker.sock" not in str(service)


@every_service
def test_a_log_cannot_fill_the_disk(service: dict[str, Any]) -> None:
    options = service["logging"]["options"]
    assert options.keys() == {"max-size", "max-file"}


@pytest.mark.parametrize(("kind", "name"), SERVICES, ids=map(" ".join, SERVICES))
def test_a_mounted_file_exists_and_cannot_be_changed_from_inside(kind: str, name: str) -> None:
    for source, _target, *mode in mounts(SERVICES[kind, name]):
        if source in MODELS[kind]["volumes"]:
            assert mode == []
        else:
            assert mode == ["ro"]
            # Logs of another program stand where that program puts them.
            assert source.startswith("/var/log/") or (ROOT / source).exists(), source


@each_model
def test_kafka_and_redis_are_on_a_network_without_a_way_out(model: dict[str, Any]) -> None:
    assert model["networks"] == {"data": {"internal": True}, "metrics": {"internal": True}, "edge": {}}
    for name in ("kafka", "redis"):
        assert model["services"][name]["networks"] == ["data"]
        assert "ports" not in model["services"][name]


@each_model
def test_only_what_is_published_or_sends_alerts_away_has_a_way_out(model: dict[str, Any]) -> None:
    services = model["services"]
    outside = {name for name, service in services.items() if "edge" in service["networks"]}
    tells = {"alertmanager", "relay"} & services.keys()
    assert outside == {name for name, service in services.items() if "ports" in service} | tells


@each_model
def test_who_watches_kafka_or_redis_is_between_the_networks_and_nobody_else(model: dict[str, Any]) -> None:
    both = {name for name, service in model["services"].items() if {"data", "metrics"} <= set(service["networks"])}
    assert both == {"worker-1", "worker-2", "board", "alerts", "redis-exporter", "kafka-exporter"}


@each_model
def test_every_volume_and_secret_is_declared_and_used(model: dict[str, Any]) -> None:
    services = model["services"].values()
    used = {source for service in services for source, *_ in mounts(service) if not source.startswith((".", "/"))}
    assert used == model["volumes"].keys()
    assert {name for service in services for name in service.get("secrets", [])} == model.get("secrets", {}).keys()


@each_model
def test_what_a_service_waits_for_is_a_service_with_a_health_check(model: dict[str, Any]) -> None:
    for service in model["services"].values():
        for name, condition in service.get("depends_on", {}).items():
            assert "healthcheck" in model["services"][name]
            assert condition == {"condition": "service_healthy"}


OURS = {key: service for key, service in SERVICES.items() if service.get("command", [""])[0] == "floorpulse"}


@pytest.mark.parametrize("service", OURS.values(), ids=map(" ".join, OURS))
def test_a_command_of_ours_is_understood(service: dict[str, Any]) -> None:
    command: Any = typer.main.get_group(app)
    words = service["command"][1:]
    while hasattr(command, "commands"):
        command, words = command.commands[words[0]], words[1:]
    command.make_context(command.name, words)


@pytest.mark.parametrize("service", OURS.values(), ids=map(" ".join, OURS))
def test_a_variable_of_ours_is_a_setting_that_exists(service: dict[str, Any]) -> None:
    known = {f"FLOORPULSE_{field.upper()}" for field in Settings.__dataclass_fields__}
    assert {name.removesuffix("_FILE") for name in environment(service)} <= known


@each_model
def test_prometheus_reads_the_services_that_are_there_and_alerts_reach_them(model: dict[str, Any]) -> None:
    services = model["services"]
    (mounted,) = [source for source, target, *_ in mounts(services["prometheus"]) if target.endswith("prometheus.yml")]
    config = yaml.safe_load((ROOT / mounted).read_text(encoding="utf-8"))
    groups = [group for job in config["scrape_configs"] for group in job.get("static_configs", ())]
    # What may be missing is found by its name.
    found = [found for job in config["scrape_configs"] for found in job.get("dns_sd_configs", ())]
    assert [name for each in found for name in each["names"]] == ["relay"]
    assert "metrics" in services.get("relay", {"networks": ["metrics"]})["networks"]
    groups += [group for peer in config["alerting"]["alertmanagers"] for group in peer["static_configs"]]
    hosts = {target.split(":")[0] for group in groups for target in group["targets"]} - {"127.0.0.1"}
    receivers = yaml.safe_load((ROOT / "alerts" / "alertmanager.yml").read_text(encoding="utf-8"))["receivers"]
    hosts |= {hook["url"].split("/")[2].split(":")[0] for each in receivers for hook in each.get("webhook_configs", ())}
    sources = yaml.safe_load((ROOT / "grafana" / "provisioning" / "datasources" / "prometheus.yml").read_text())
    hosts |= {source["url"].split("/")[2].split(":")[0] for source in sources["datasources"]}
    assert hosts == {
        *("board", "worker-1", "worker-2", "alerts", "redis-exporter", "kafka-exporter"),
        *("prometheus", "alertmanager", "alert-log"),
    }
    assert all("metrics" in services[host]["networks"] for host in hosts)


@each_model
def test_every_rule_file_is_mounted_where_prometheus_looks(model: dict[str, Any]) -> None:
    rules = {target: source for source, target, *_ in mounts(model["services"]["prometheus"])}
    assert rules["/etc/prometheus/rules"] == "./alerts/rules"
    found = {path.name for path in (ROOT / "alerts" / "rules").glob("*.yml")}
    assert {"floor_now.yml", "floor_windows.yml", "platform.yml", "recording.yml"} <= found


@each_model
def test_board_and_engine_know_every_alertmanager_and_the_engine_the_prometheus_that_it_watches(
    model: dict[str, Any],
) -> None:
    services = model["services"]
    for name in ("board", "alerts"):
        (address,) = addresses(environment(services[name])["FLOORPULSE_ALERTMANAGER"])
        assert address.shown == "alertmanager:9093"
        assert "metrics" in services[name]["networks"] and "metrics" in services["alertmanager"]["networks"]
    (watched,) = addresses(environment(services["alerts"])["FLOORPULSE_PROMETHEUS"])
    assert watched.shown == "prometheus:9090"


def test_the_relay_is_asked_for_and_shown_a_token_by_alertmanager_alone() -> None:
    services = MODELS["production"]["services"]
    assert services["relay"]["profiles"] == ["robots"]
    assert {name for name, service in services.items() if "relay_token" in service.get("secrets", [])} == {
        *("relay", "alertmanager")
    }


@each_model
def test_grafana_opens_with_a_dashboard_that_is_mounted(model: dict[str, Any]) -> None:
    home = environment(model["services"]["grafana"])["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    folder = {target: source for source, target, *_ in mounts(model["services"]["grafana"])}["/etc/grafana/dashboards"]
    assert (ROOT / folder / home.removeprefix("/etc/grafana/dashboards/")).is_file()
