"""The alert rules as files: made from their tables, every name in them exists, every alert says what it must.

test_promtool.py runs them.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts import build, rulebook
from alerts.prometheus.pipeline import PIPELINE
from alerts.prometheus.pipeline_nouns import NOUNS
from alerts.prometheus.pipeline_words import SAID as PIPELINE_SAID
from alerts.prometheus.rule import QUEUE_RULES
from alerts.prometheus.words import LINES
from alerts.text.sizes import SIZES
from alerts.text.words import LANGUAGES, WORDS, key_of
from grafana.links import uid
from kpi.alerting import ALSO
from tests.alerts.tools import RULE_TESTS, RULES
from tests.data_sets import ROOT
from tests.promql import unknown

TEXTS = ("summary", "description", "ended")
LANGUAGE_KEYS = {f"{what}_{key_of(each)}" for each in LANGUAGES[1:] for what in TEXTS}
ANNOTATIONS = {*TEXTS, "runbook_url", "dashboard_url", *LANGUAGE_KEYS}
ON = {
    "BoardStale", "StreamStalled", "SourceSilent", "DeadLetters", "AlertDeliveryFailing", "StreamAlertEngineSilent",
    "RedisDown", "WorkerDown", "ExporterDown", "Watchdog",
}  # fmt: skip


def rules_of(path: Path) -> list[dict[str, Any]]:
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALL = [rule for path in RULES for rule in rules_of(path)]
ALERTS = [rule for rule in ALL if "alert" in rule]
NAMES = {rule["alert"] for rule in ALERTS}
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
# Alerts that our own engine alone sends.
ENGINE_ONLY = {"PrometheusSilent", "StreamWatchdog"}
every_alert = pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: f"{rule['alert']}-{ALERTS.index(rule)}")


def test_the_files_are_those_that_the_tables_make(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--check"]) == 0, capsys.readouterr().err


def test_a_file_that_is_out_of_date_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "FOLDER", tmp_path)
    assert build.main([]) == 0
    assert build.main(["--check"]) == 0
    (tmp_path / "platform.yml").write_text("", encoding="utf-8")
    assert build.main(["--check"]) == 1
    assert capsys.readouterr().err == "out of date: platform.yml; run python -m alerts.build\n"
    assert build.main(["--help"]) == 2


def test_every_rule_of_the_rulebook_is_one_of_prometheus_too_and_the_pipeline_has_its_own() -> None:
    of_queues = {rule.name for rule in rulebook.RULES}
    assert {each.rule.name for each in QUEUE_RULES} == of_queues - {"OccupancyHigh"}
    assert of_queues | ON | set(ALSO) == NAMES
    assert {rule.name for rule in PIPELINE} == ON | set(ALSO)


def test_a_twin_speaks_only_while_the_engine_is_silent_and_nothing_else_waits_for_that() -> None:
    asks = {rule["alert"] for rule in ALERTS if "unless on () (time() - max(" in rule["expr"]}
    assert asks == {rule.name for rule in rulebook.STREAM_RULES}


def test_what_is_off_asks_whether_floor_toml_names_it() -> None:
    asks = {rule["alert"] for rule in ALERTS if f'cc_alert_also{{alertname="{rule["alert"]}"}}' in rule["expr"]}
    assert asks == set(ALSO)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: f"{rule.get('alert') or rule['record']}-{ALL.index(rule)}")
def test_a_rule_asks_only_for_metrics_and_labels_of_the_catalogue(rule: dict[str, Any]) -> None:
    assert unknown(rule["expr"]) == []


@every_alert
def test_the_queries_inside_annotations_ask_only_for_the_catalogue(rule: dict[str, Any]) -> None:
    text = "\n".join(rule["annotations"].values())
    string = r'"((?:[^"\\]|\\.)*)"'
    direct = re.findall(rf"\(?query {string}", text)
    queries = direct + re.findall(rf"printf {string} (?:[^|}}]|\(\. \| first \| value\))*\| query", text)
    assert len(queries) == text.count("| query") + len(direct)
    filled = {'\\"': '"', "%s": 'queue="x",channel="y"', "%q": '"x"', "%.0f": "60", "%f": "1"}
    for query in queries:
        plain = re.sub(r"%\[\d](\w)", r"%\1", query)
        for sign, value in filled.items():
            plain = plain.replace(sign, value)
        assert unknown(plain) == []


@every_alert
def test_every_alert_has_its_texts_in_three_languages_and_its_links(rule: dict[str, Any]) -> None:
    annotations = rule["annotations"]
    of_queue = rule["alert"] in {each.rule.name for each in QUEUE_RULES}
    assert set(annotations) == ANNOTATIONS | ({"acknowledge_url"} if of_queue else set())
    for language in LANGUAGES:
        end = "" if language == "en" else f"_{key_of(language)}"
        lines = annotations[f"description{end}"].splitlines()
        words = WORDS[language]
        for part in ("do", "now", "since"):
            assert [line for line in lines if words["line"].format(label=words[part], text="").strip() in line]
    assert annotations["runbook_url"] == f"{{{{ $externalLabels.runbook }}}}#{rule['alert'].lower()}"


def test_every_text_is_there_in_every_language() -> None:
    assert {language: texts.keys() for language, texts in LINES.items()} == dict.fromkeys(LANGUAGES, LINES["en"].keys())
    assert SIZES.keys() == {each.rule.name for each in QUEUE_RULES} | {"OccupancyHigh"}
    assert PIPELINE_SAID.keys() == NOUNS.keys() == {rule.words for rule in PIPELINE} | {"OccupancyHigh"}
    for kind in (*PIPELINE_SAID.values(), *NOUNS.values()):
        assert set(kind) == set(LANGUAGES)


@every_alert
def test_every_alert_names_its_audience_engine_and_severity(rule: dict[str, Any]) -> None:
    assert rule["labels"]["audience"] in {"floor", "platform", "deadman"}
    assert rule["labels"]["source"] == "prometheus"
    assert rule["labels"].get("severity", "warning") in {"warning", "critical", "none"}
    assert "queue" not in rule["labels"]


def test_the_addresses_of_the_links_stand_in_prometheus_yml() -> None:
    prometheus = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    addresses = prometheus["global"]["external_labels"]
    assert addresses["dashboard"].endswith(f"/d/{uid('queue', 'en')}")
    assert addresses["runbook"].endswith("/runbook.md")
    assert addresses["board"].startswith("http://")
    assert not addresses["board"].endswith("/")
    dropped = prometheus["alerting"]["alert_relabel_configs"][0]["regex"]
    assert set(dropped.split("|")) == addresses.keys()


@pytest.mark.parametrize("name", sorted(NAMES | ENGINE_ONLY))
def test_every_alert_has_a_section_in_the_runbook_that_says_what_it_means_what_to_check_and_do_and_who(
    name: str,
) -> None:
    section = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL)
    assert section, f"docs/runbook.md has no section {name}"
    parts = re.findall(r"^\*\*(Meaning|Check|Act|Who)\*\*", section[1], re.MULTILINE)
    assert parts == ["Meaning", "Check", "Act", "Who"]
    assert ("`[alerts]\nalso` names it" in section[1] or "`[alerts] also` names it" in section[1]) == (name in ALSO)


def test_the_runbook_speaks_of_no_alert_that_is_none() -> None:
    assert set(re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE)) == NAMES | ENGINE_ONLY


def test_every_link_within_the_runbook_leads_to_a_section() -> None:
    anchors = {heading.lower() for heading in re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", RUNBOOK)) <= anchors


def checks_of(name: str) -> list[bool]:
    """For each time an alert is asked for in the tests: whether it fires."""
    asked = f'alertname="{name}",alertstate="firing"'
    return [
        bool(check["exp_samples"])
        for path in RULE_TESTS
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
        for check in test.get("promql_expr_test", [])
        if asked in check["expr"]
    ]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_alert_is_tested_to_fire_and_not_to_fire(name: str) -> None:
    wanted = {True} if name == "Watchdog" else {True, False}
    assert set(checks_of(name)) == wanted
