"""The dashboards as files: generated, valid, readable, and asking only for metrics that exist."""

import inspect
import json
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import promql_parser as promql
import pytest
import yaml

from board.gauges import MAX_AGE_MS
from grafana.build import FOLDER, main, outdated, rendered
from grafana.panels import CRITICAL, FINE, SIGNS, WARNING
from grafana.queries import FRESH_SECONDS
from tests.data_sets import ROOT
from tests.promql import unknown

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.models import units

Board = dict[str, Any]
BOARDS: dict[str, Board] = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}
UNITS = {value for name, value in inspect.getmembers(units) if isinstance(value, str) and not name.startswith("_")}
# Contrast of Grafana's text on a solid background: white on these reds and greens, black on yellow, all 4.5 or more.
READABLE = {"transparent", "text", "yellow", "dark-red", "dark-green", "semi-dark-red"}

every_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)


def queries_of(board: Board) -> Iterator[tuple[Board, str]]:
    """(panel, PromQL with the variables put in) of every query."""
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel, target["expr"].replace("$queue", ".+").replace("$channel", ".+")


def test_the_files_are_what_the_code_writes() -> None:
    assert outdated(rendered()) == []
    assert main(["--check"]) == 0


def test_an_edited_a_missing_and_a_foreign_file_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grafana.build.FOLDER", tmp_path)
    assert main([]) == 0
    assert main(["--check"]) == 0
    (tmp_path / "wall.json").write_text("{}", encoding="utf-8")
    (tmp_path / "foreign.json").write_text("{}", encoding="utf-8")
    assert outdated(rendered()) == ["foreign.json", "wall.json"]
    assert main(["--check"]) == 1


@every_board
def test_a_dashboard_is_valid_by_grafanas_own_schema(board: Board, data_dir: Callable[[str], Path]) -> None:
    schema = json.loads(data_dir("grafana-dashboard.jsonschema.json").read_text(encoding="utf-8"))
    assert [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(board)] == []


@every_board
def test_every_query_is_promql_about_metrics_of_the_catalogue(board: Board) -> None:
    for _, expr in queries_of(board):
        assert unknown(expr) == []


@every_board
def test_every_choice_is_of_a_metric_and_label_of_the_catalogue(board: Board) -> None:
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            found = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"])
            assert found is not None
            assert unknown(f"max by ({found[2]}) ({found[1].replace('$channel', '.+')})") == []
            assert variable["refresh"] == 2
            assert (variable["multi"], variable["includeAll"], variable["allValue"]) == (True, True, ".+")


@every_board
def test_there_is_one_choice_of_data_source_and_everything_uses_it(board: Board) -> None:
    sources = [variable for variable in board["templating"]["list"] if variable["type"] == "datasource"]
    assert [source["name"] for source in sources] == ["datasource"]
    asking = [*board["panels"], *(target for panel in board["panels"] for target in panel["targets"])]
    asking += [variable for variable in board["templating"]["list"] if variable["type"] == "query"]
    assert {thing["datasource"]["uid"] for thing in asking} == {"${datasource}"}


@every_board
def test_every_panel_has_title_description_unit_query_and_a_word_for_no_value(board: Board) -> None:
    for panel in board["panels"]:
        defaults = panel["fieldConfig"]["defaults"]
        assert panel["title"]
        assert panel["description"]
        assert panel["targets"]
        assert defaults["noValue"]
        assert defaults["min"] == 0
        assert defaults["unit"] in UNITS


@every_board
def test_no_big_number_uses_a_unit_that_rounds(board: Board) -> None:
    assert {panel["fieldConfig"]["defaults"]["unit"] for panel in board["panels"]} & {"s", "short"} == set()


@every_board
def test_panels_have_ids_of_their_own_and_do_not_overlap(board: Board) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert sorted(set(ids)) == sorted(ids)
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in board["panels"]):
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not taken & cells
        taken |= cells


@every_board
def test_a_dashboard_cannot_be_edited_in_grafana_and_has_a_fixed_uid(board: Board) -> None:
    assert board["editable"] is False
    assert board["uid"].startswith("cc-")
    assert "id" not in board


@every_board
def test_every_colour_can_be_read_and_never_speaks_alone(board: Board) -> None:
    assert set(re.findall(r'"(?:color|fixedColor)": "([^"]+)"', json.dumps(board))) <= READABLE
    for panel in board["panels"]:
        coloured = {
            override["matcher"]["options"]["options"]["options"]: override["properties"][0]["value"]["fixedColor"]
            for override in panel["fieldConfig"]["overrides"]
        }
        signs = dict(SIGNS.values())
        for target in panel["targets"]:
            assert signs.get(target["legendFormat"][0]) == coloured.get(target["refId"])
    assert {FINE, WARNING, CRITICAL} <= READABLE


@every_board
def test_rates_use_the_interval_of_the_panel_and_counters_stand_in_rates_only(board: Board) -> None:
    for _, expr in queries_of(board):
        assert "_total" not in expr or re.search(r"(rate|increase)\(", expr)
        assert not re.search(r"\brate\([^)]*\[(?!\$__rate_interval)", expr)


def _divisions(expr: str) -> list[promql.BinaryExpr]:
    found: list[promql.BinaryExpr] = []

    def visit(node: promql.Expr) -> bool:
        if isinstance(node, promql.BinaryExpr) and str(node.op) == "/":
            found.append(node)
        return True

    promql.walk(promql.parse(expr), visit)
    return found


@every_board
def test_every_ratio_divides_by_more_than_nothing(board: Board) -> None:
    divisions = [division for _, expr in queries_of(board) for division in _divisions(expr)]
    assert divisions
    assert [str(division.rhs) for division in divisions if not str(division.rhs).endswith("> 0)")] == []


def test_the_wall_shows_what_the_floor_needs_and_no_more_than_eight_panels() -> None:
    titles = [panel["title"] for panel in BOARDS["wall.json"]["panels"]]
    assert len(titles) <= 8
    assert titles == [
        "Waiting",
        "Age of the data",
        "Longest wait",
        "Service level, 30 min",
        "Abandoned, 30 min",
        "Open backlog",
    ]


def test_every_number_on_the_wall_is_gated_by_freshness_except_the_age_itself() -> None:
    for panel, expr in queries_of(BOARDS["wall.json"]):
        gated = (
            "and on (queue, channel) (time() - max by (queue, channel) (cc_queue_state_updated_timestamp_seconds"
            in expr
        )
        assert gated == (panel["title"] != "Age of the data")


def test_the_walls_service_level_has_the_terms_of_the_live_one_and_says_so() -> None:
    [panel] = [panel for panel in BOARDS["wall.json"]["panels"] if panel["title"] == "Service level, 30 min"]
    assert "other exits within the target + still waiting past the target)" in panel["description"]
    terms = {"answered_in_target", "answered", "abandoned", "other_exit", "other_exit_in_target", "missed_target"}
    for target in panel["targets"]:
        assert set(re.findall(r"cc_queue_window_(\w+)_contacts", target["expr"])) == terms


def test_the_wall_and_the_boards_pages_agree_on_what_is_too_old() -> None:
    assert FRESH_SECONDS * 1000 == MAX_AGE_MS


def test_grafana_is_told_where_the_dashboards_and_their_source_are() -> None:
    provisioning = ROOT / "grafana" / "provisioning"
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "floorpulse.yml").read_text())["providers"]
    assert (provider["allowUiUpdates"], provider["disableDeletion"]) == (False, True)
    sources = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    prometheus = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
    interval = {job["job_name"]: job.get("scrape_interval") for job in prometheus["scrape_configs"]}["cc-board"]
    assert {source["uid"]: source["jsonData"].get("timeInterval") for source in sources} == {
        "prometheus": interval,
        "alertmanager": None,
    }
    assert not any(source["editable"] for source in sources)
