"""The alert rules as files: every name in them exists, every alert says what it must. test_promtool.py runs them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from grafana.links import uid
from tests.data_sets import ROOT
from tests.promql import unknown

RULE_FILES = sorted((ROOT / "alerts" / "rules").glob("*.yml"))
ANNOTATIONS = {"summary", "description", "runbook_url", "dashboard_url"}


def rules_of(path: Path) -> list[dict[str, Any]]:
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


RULES = [rule for path in RULE_FILES for rule in rules_of(path) if "alert" in rule]
NAMES = {rule["alert"] for rule in RULES}
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule['alert']}-{RULES.index(rule)}")


def test_the_three_alerts_are_there() -> None:
    assert sorted(NAMES) == ["BoardStale", "QueueAbandonmentHigh", "QueueLongestWaitHigh"]


@every_rule
def test_a_rule_asks_only_for_metrics_and_labels_of_the_catalogue(rule: dict[str, Any]) -> None:
    assert unknown(rule["expr"]) == []


@every_rule
def test_the_queries_inside_annotations_ask_only_for_the_catalogue(rule: dict[str, Any]) -> None:
    text = "\n".join(rule["annotations"].values())
    texts = re.findall(r'(?:query|printf) "((?:[^"\\]|\\.)*)"', text)
    assert len(texts) == text.count("| query") + text.count("with query")
    for query in texts:
        assert unknown(query.replace('\\"', '"').replace("%q", '"x"')) == []


@every_rule
def test_every_alert_says_what_since_when_now_limit_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule["annotations"]) == ANNOTATIONS
    description = rule["annotations"]["description"]
    assert [word for word in ("Now: ", "Limit (", "Since: ", "Do: ") if word not in description] == []


@every_rule
def test_every_alert_names_its_audience_engine_and_severity(rule: dict[str, Any]) -> None:
    assert rule["labels"]["audience"] == "floor"
    assert rule["labels"]["source"] == "prometheus"
    assert rule["labels"].get("severity") in {"warning", "critical"} or "severity" in rule["expr"]


@every_rule
def test_every_alert_has_a_heading_in_the_runbook_and_a_dashboard(rule: dict[str, Any]) -> None:
    headings = re.findall(r"^## (\w+)$", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rule["alert"] in headings
    assert rule["annotations"]["runbook_url"].endswith(f"#{rule['alert'].lower()}")
    prometheus = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    assert prometheus["global"]["external_labels"]["dashboard"].endswith(f"/d/{uid('queue', 'en')}")
    assert prometheus["global"]["external_labels"]["runbook"].endswith("/runbook.md")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_alert_is_tested_to_fire_and_not_to_fire(name: str) -> None:
    checks = [
        bool(check["exp_alerts"])
        for path in (ROOT / "alerts" / "rules" / "tests").glob("*.yml")
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
        for check in test.get("alert_rule_test", [])
        if check["alertname"] == name
    ]
    assert True in checks
    assert False in checks
