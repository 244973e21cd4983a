"""Who hears of which alert, by Alertmanager's own tool: every route, and every receiver given as an example."""

import re
from pathlib import Path

import pytest
import yaml

from alerts import rulebook
from alerts.prometheus.pipeline import PIPELINE
from alerts.prometheus.pipeline_rule import PipelineRule
from alerts.prometheus.teams import TEAM_RULES
from tests.alerts.tools import AMTOOL, CONFIG, TEMPLATES, run, succeeds

pytestmark = pytest.mark.observability

TEXT = CONFIG.read_text(encoding="utf-8")


def goes_to(receivers: str, *labels: str) -> None:
    """Fail unless an alert with these labels goes to these receivers, in this order."""
    succeeds(AMTOOL, "config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receivers}", *labels)


def of_pipeline(rule: PipelineRule) -> str:
    """Who hears of an alert about Floorpulse itself."""
    if rule.audience == "deadman":
        return "deadman"
    on_call = rule.severity == "critical"
    if rule.name == "BoardStale":
        return "platform,duty,floor" if on_call else "platform,floor"
    if rule.audience == "floor":
        return "floor"
    return "duty,platform" if on_call else "platform"


@pytest.mark.parametrize("source", ["stream", "prometheus"])
@pytest.mark.parametrize("rule", rulebook.RULES, ids=lambda rule: rule.name)
def test_an_alert_of_a_queue_reaches_the_floor(rule: rulebook.Rule, source: str) -> None:
    for severity in ("warning", "critical"):
        goes_to(
            "floor", f"alertname={rule.name}", "audience=floor", f"source={source}", f"severity={severity}", "queue=x"
        )


@pytest.mark.parametrize("rule", [*PIPELINE, *TEAM_RULES], ids=lambda rule: f"{rule.words}-{rule.severity}")
def test_an_alert_about_floorpulse_reaches_who_runs_it_and_a_critical_one_who_is_on_call(rule: PipelineRule) -> None:
    labels = {"alertname": rule.name, "severity": rule.severity, "audience": rule.audience, "source": "prometheus"}
    goes_to(of_pipeline(rule), *(f"{key}={value}" for key, value in {**labels, **rule.labels}.items()))


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        (["alertname=StreamWatchdog", "audience=deadman", "source=stream"], "deadman"),
        (["alertname=PrometheusGone", "audience=deadman", "source=stream", "severity=none"], "deadman"),
        (["alertname=PrometheusSilent", "audience=platform", "source=stream", "severity=critical"], "duty,platform"),
        (["alertname=SomethingOfYours", "severity=warning"], "duty"),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else each,
)
def test_what_the_engine_sends_alone_and_what_nobody_knows_reach_somebody(labels: list[str], receivers: str) -> None:
    goes_to(receivers, *labels)


def test_amtool_accepts_the_configuration() -> None:
    said = succeeds(AMTOOL, "check-config", CONFIG)
    assert "4 receivers" in said


def test_the_floor_hears_at_once_and_one_incident_is_one_message() -> None:
    routes = yaml.safe_load(TEXT)["route"]["routes"]
    floor = {tuple(route["group_by"]): route for route in routes if route["receiver"] == "floor"}
    assert floor.keys() == {("incident",), ("alertname", "group")}
    times = {(each["group_wait"], each["group_interval"], each["repeat_interval"]) for each in floor.values()}
    assert times == {("0s", "15s", "15m")}
    (deadman,) = (route for route in routes if route["receiver"] == "deadman")
    assert (deadman["group_wait"], deadman["group_interval"], deadman["repeat_interval"]) == ("0s", "10s", "10s")


BLOCKS = re.findall(r"^#    (\w+_configs):\n((?:#    .*\n)+)", TEXT, re.MULTILINE)
KINDS = ["slack", "pagerduty", "email", "webhook", "msteamsv2", "wechat", "webhook", "webhook"]


def test_there_is_an_example_for_every_place_people_read() -> None:
    assert [name.removesuffix("_configs") for name, _ in BLOCKS] == KINDS


@pytest.mark.parametrize("number", range(len(KINDS)), ids=KINDS)
def test_an_example_that_is_put_in_is_taken(number: int, tmp_path: Path) -> None:
    name, body = BLOCKS[number]
    example = f"{name}:\n{body}".replace("#    ", "")
    receivers = [{"name": each} for each in ("duty", "platform", "deadman")]
    config = yaml.safe_load(TEXT)
    config["receivers"] = [{"name": "floor", **yaml.safe_load(example)}, *receivers]
    config["templates"] = [f"{TEMPLATES}/*.tmpl"]
    path = tmp_path / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    done = run(AMTOOL, "check-config", path)
    if name == "msteamsv2_configs" and "field msteamsv2_configs not found" in done.stdout + done.stderr:
        # Alertmanager before 0.28 knows no Teams, and says so; there is nothing more that it could say.
        assert version() < (0, 28)
    else:
        assert done.returncode == 0, done.stdout + done.stderr


def version() -> tuple[int, ...]:
    """The version of amtool, its first two numbers."""
    done = run(AMTOOL, "--version")
    found = re.search(r"version (\d+)\.(\d+)", done.stdout + done.stderr)
    assert found
    return int(found[1]), int(found[2])


def test_every_template_that_an_example_names_exists() -> None:
    defined = set()
    for path in TEMPLATES.glob("*.tmpl"):
        defined |= set(re.findall(r'define "([^"]+)"', path.read_text(encoding="utf-8")))
    asked = set(re.findall(r'template "([^"]+)"', TEXT))
    assert asked
    assert asked <= defined
