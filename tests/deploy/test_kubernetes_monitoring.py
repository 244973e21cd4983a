"""deploy/monitoring and the Prometheus of production: in step with what prometheus/ and alerts/ ship."""

import pytest
import yaml

from scripts import kubernetes_rules, production_prometheus
from tests.data_sets import ROOT
from tests.deploy.manifests import Thing, environment, named, of_kind

SCRAPED = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
LIMITS = {
    "sample_limit": "sampleLimit",
    "label_limit": "labelLimit",
    "label_value_length_limit": "labelValueLengthLimit",
    "body_size_limit": "bodySizeLimit",
}


def endpoints() -> dict[str, tuple[Thing, Thing]]:
    """Name of a job -> (its endpoint, its ServiceMonitor's spec)."""
    return {
        endpoint["relabelings"][0]["replacement"]: (endpoint, monitor["spec"])
        for monitor in of_kind("ServiceMonitor").values()
        for endpoint in monitor["spec"]["endpoints"]
    }


def test_the_operator_reads_the_same_pages_as_the_shipped_prometheus_with_the_same_limits() -> None:
    ours = {job["job_name"]: job for job in SCRAPED["scrape_configs"] if job["job_name"].startswith("cc-")}
    assert endpoints().keys() == ours.keys()
    for name, (endpoint, monitor) in endpoints().items():
        job = ours[name]
        assert endpoint["path"] == job.get("metrics_path", "/metrics")
        assert endpoint["interval"] == job.get("scrape_interval", SCRAPED["global"]["scrape_interval"])
        assert {theirs: monitor[theirs] for theirs in LIMITS.values()} == {LIMITS[own]: job[own] for own in LIMITS}


@pytest.mark.parametrize("monitor", of_kind("ServiceMonitor").values(), ids=of_kind("ServiceMonitor"))
def test_a_monitor_finds_its_service_and_port(monitor: Thing) -> None:
    service = named("Service", monitor["metadata"]["name"])
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    ports = {port["name"] for port in service["spec"]["ports"]}
    assert {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= ports


def test_prometheus_shows_the_board_the_token_that_the_board_has() -> None:
    for job in ("cc-live", "cc-board"):
        credentials = endpoints()[job][0]["authorization"]["credentials"]
        assert credentials == {"name": "floorpulse-board", "key": "metrics_token"}
    assert environment("board")["FLOORPULSE_METRICS_TOKEN_FILE"].endswith("/metrics_token")


def test_the_rules_of_the_cluster_are_those_of_alerts() -> None:
    assert kubernetes_rules.TARGET.read_text(encoding="utf-8") == kubernetes_rules.text()
    files = sorted((ROOT / "alerts" / "rules").glob("*.yml"))
    assert {each["metadata"]["name"] for each in of_kind("PrometheusRule").values()} == {
        f"floorpulse-{path.stem.replace('_', '-')}" for path in files
    }
    for path in files:
        groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        assert named("PrometheusRule", f"floorpulse-{path.stem.replace('_', '-')}")["spec"]["groups"] == groups


def test_the_prometheus_of_production_is_the_other_one_with_a_token() -> None:
    assert production_prometheus.TARGET.read_text(encoding="utf-8") == production_prometheus.text()
    made = yaml.safe_load(production_prometheus.text())
    shown = [job["job_name"] for job in made["scrape_configs"] if job.pop("authorization", None)]
    assert shown == list(production_prometheus.BOARD_JOBS)
    assert {**made, "global": None} == {**SCRAPED, "global": None}
