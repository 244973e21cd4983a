"""The dashboards as files: generated, valid, the same in every language, and shown where people look for them."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from board.gauges import MAX_AGE_MS
from board.web.routes.page import VIEWS
from grafana.alert_table import RULES
from grafana.build import BOARDS as PLANS
from grafana.build import main, outdated, rendered
from grafana.links import uid
from grafana.pipeline import GOAL
from grafana.queries import FRESH_SECONDS
from grafana.words import LANGUAGES
from tests.data_sets import ROOT
from tests.grafana.boards import BOARDS, ENGLISH, Board, panels_of, scrape_interval

NAMES = ["wall-voice", "wall-chat", "overview", "queue", "agents", "backlog", "pipeline", "alerts"]
every_board = pytest.mark.parametrize("name", BOARDS)


def test_the_files_are_what_the_code_writes() -> None:
    assert outdated(rendered()) == []
    assert main(["--check"]) == 0


def test_an_edited_a_missing_and_a_foreign_file_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grafana.build.FOLDER", tmp_path)
    assert main([]) == 0
    assert main(["--check"]) == 0
    (tmp_path / "en" / "queue.json").write_text("{}", encoding="utf-8")
    (tmp_path / "foreign.json").write_text("{}", encoding="utf-8")
    (tmp_path / "zh-TW" / "alerts.json").unlink()
    assert outdated(rendered()) == ["en/queue.json", "foreign.json", "zh-TW/alerts.json"]
    assert main(["--check"]) == 1


def test_the_links_may_lead_to_other_addresses(tmp_path: Path) -> None:
    assert (
        main(["--to", str(tmp_path), "--board", "https://board.example.org/", "--runbook", "https://x.example/r.md"])
        == 0
    )
    files = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.json")]
    assert len(files) == len(BOARDS)
    for text in files:
        constants = [each for each in json.loads(text)["templating"]["list"] if each["type"] == "constant"]
        assert [each["query"] for each in constants] == ["https://board.example.org", "https://x.example/r.md"]
        assert "127.0.0.1" not in text
    assert main(["--check"]) == 0


def test_every_dashboard_is_there_in_every_language() -> None:
    assert [plan.name for plan in PLANS] == NAMES
    assert sorted(BOARDS) == sorted(f"{language}/{name}" for language in LANGUAGES for name in NAMES)


@every_board
def test_a_dashboard_is_valid_by_grafanas_own_schema(name: str, data_dir: Callable[[str], Path]) -> None:
    schema = json.loads(data_dir("grafana-dashboard.jsonschema.json").read_text(encoding="utf-8"))
    assert [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(BOARDS[name])] == []


@every_board
def test_a_dashboard_cannot_be_edited_and_has_the_uid_of_its_name(name: str) -> None:
    board = BOARDS[name]
    language, plan = name.split("/")
    assert board["editable"] is False
    assert board["uid"] == uid(plan, language) == f"cc-{plan}-{language}"
    assert len(board["uid"]) <= 40
    assert "id" not in board
    assert {"floorpulse", f"floorpulse-{language}"} == set(board["tags"])


def asked(board: Board) -> list[object]:
    """Everything of a dashboard that asks Prometheus, without the names that people read."""
    panels = [
        (panel["id"], panel["type"], panel["gridPos"], target["refId"], target["expr"], target.get("interval"))
        for panel in panels_of(board)
        for target in panel["targets"]
    ]
    choices = [(each["name"], each.get("query"), each.get("allValue")) for each in board["templating"]["list"]]
    notes = [(each["expr"], each["target"]["expr"]) for each in board["annotations"]["list"]]
    return [*panels, *choices, *notes]


@pytest.mark.parametrize("name", NAMES)
def test_the_languages_differ_in_words_only(name: str) -> None:
    english = asked(ENGLISH[name])
    for language in LANGUAGES:
        assert asked(BOARDS[f"{language}/{name}"]) == english
    assert len({panels_of(BOARDS[f"{language}/{name}"])[0]["title"] for language in LANGUAGES}) == 3


def test_the_dashboards_and_the_boards_pages_agree_on_what_is_too_old() -> None:
    assert FRESH_SECONDS * 1000 == MAX_AGE_MS
    assert "/queue/{queue}/{channel}" in VIEWS


def test_the_age_tile_changes_colour_where_the_alert_fires() -> None:
    rules = yaml.safe_load((RULES / "platform.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    limits = {
        rule["labels"]["severity"]: float(rule["expr"].split("> ")[1].split()[0])
        for rule in rules
        if rule.get("labels", {}).get("reason") == "old"
    }
    for board in BOARDS.values():
        for panel in panels_of(board):
            if "clamp_min(max(time()" in panel["targets"][0]["expr"]:
                steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
                assert [step["value"] for step in steps[1:]] == [limits["warning"], limits["critical"]]


def test_the_goal_of_freshness_is_said_as_it_is_drawn() -> None:
    assert GOAL == 0.995
    for board in BOARDS.values():
        for panel in panels_of(board):
            if any(target["expr"] == f"vector({GOAL})" for target in panel["targets"]):
                assert "99.5 %" in panel["description"]


def test_grafana_is_told_where_the_dashboards_and_their_source_are() -> None:
    provisioning = ROOT / "grafana" / "provisioning"
    providers = yaml.safe_load((provisioning / "dashboards" / "floorpulse.yml").read_text(encoding="utf-8"))[
        "providers"
    ]
    assert [provider["options"]["path"] for provider in providers] == [
        f"/etc/grafana/dashboards/{language}" for language in LANGUAGES
    ]
    assert {(provider["allowUiUpdates"], provider["disableDeletion"]) for provider in providers} == {(False, True)}
    assert len({provider["folderUid"] for provider in providers}) == len({each["folder"] for each in providers}) == 3
    sources = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert {source["uid"]: source["jsonData"].get("timeInterval") for source in sources} == {
        "prometheus": scrape_interval("cc-board"),
        "alertmanager": None,
    }
    assert not any(source["editable"] for source in sources)
