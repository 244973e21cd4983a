"""The links: each leads to a dashboard that exists, in the same language, or to the board's page or the runbook."""

import re
from typing import Any

import pytest

from board.web.routes.page import VIEWS
from grafana.alert_table import alert_names
from grafana.links import ADDRESSES
from grafana.words import LANGUAGES
from tests.data_sets import ROOT
from tests.grafana.boards import BOARDS, Board, panels_of

UIDS = {board["uid"] for board in BOARDS.values()}
every_board = pytest.mark.parametrize("name", BOARDS)
TARGET = re.compile(r"/d/([\w-]+)(?:\?(.*))?$")


def panel_links(board: Board) -> list[tuple[Board, dict[str, Any]]]:
    """Every link behind the values of a panel."""
    return [(panel, link) for panel in panels_of(board) for link in panel["fieldConfig"]["defaults"].get("links", [])]


@every_board
def test_every_link_leads_somewhere(name: str) -> None:
    board = BOARDS[name]
    for link in [*board["links"], *(link for _, link in panel_links(board))]:
        assert link["title"]
        found = TARGET.match(link["url"])
        if found:
            assert found[1] in UIDS, link["url"]
            assert not link["targetBlank"]
        else:
            assert re.match(r"\$\{(board|runbook):raw\}", link["url"])
            assert link["targetBlank"]


@every_board
def test_a_link_behind_a_value_stays_in_the_language_and_takes_the_time_range_along(name: str) -> None:
    language = name.partition("/")[0]
    for panel, link in panel_links(BOARDS[name]):
        found = TARGET.match(link["url"])
        if found:
            assert found[1].endswith(f"-{language}")
            assert "${__url_time_range}" in found[2]
            assert "${datasource:queryparam}" in found[2]
            if found[1].startswith("cc-queue-"):
                label = "__data.fields" if panel["type"] == "table" else "__field.labels"
                assert (
                    f"var-queue=${{{label}.queue:percentencode}}&var-channel=${{{label}.channel:percentencode}}"
                    in found[2]
                )


@every_board
def test_a_link_to_a_queue_stands_only_where_values_have_a_queue(name: str) -> None:
    for panel, link in panel_links(BOARDS[name]):
        if "cc-queue-" in link["url"]:
            for target in panel["targets"]:
                assert re.search(r"by \([^)]*\bqueue, channel\b", target["expr"]), panel["title"]


@every_board
def test_a_dashboard_leads_to_all_others_and_to_itself_in_other_languages(name: str) -> None:
    board = BOARDS[name]
    language, plan = name.split("/")
    targets = [found[1] for link in board["links"] if (found := TARGET.match(link["url"]))]
    plans = {each.partition("/")[2] for each in BOARDS}
    expected = {f"cc-{other}-{language}" for other in plans - {plan}}
    expected |= {f"cc-{plan}-{other}" for other in LANGUAGES if other != language}
    assert sorted(targets) == sorted(expected)
    for link in board["links"]:
        if TARGET.match(link["url"]):
            assert (link["includeVars"], link["keepTime"]) == (True, True)


def test_the_board_and_the_runbook_are_where_the_links_say() -> None:
    assert {"/", "/wall", "/queue/{queue}/{channel}"} <= set(VIEWS)
    for name, board in BOARDS.items():
        pages = [link["url"] for link in board["links"] if link["url"].startswith("${board")]
        wanted = "/wall" if "/wall-" in name else "/queue/" if name.endswith("/queue") else "/?"
        assert len(pages) == 1
        assert wanted in pages[0]
        constants = {each["name"]: each["query"] for each in board["templating"]["list"] if each["type"] == "constant"}
        assert constants == ADDRESSES
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    prometheus = (ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    assert ADDRESSES["board"].removeprefix("http://") in compose
    assert f"runbook: {ADDRESSES['runbook']}\n" in prometheus


def test_every_alert_has_its_section_in_the_runbook() -> None:
    headings = re.findall(r"^## (\w+)$", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(alert_names()) <= set(headings)
    for name in alert_names():
        for board in (board for path, board in BOARDS.items() if path.endswith("/alerts")):
            firing = [panel for panel in panels_of(board) if panel["type"] == "table"]
            assert f'"section", "{name.lower()}", "alertname", "{name}"' in firing[0]["targets"][0]["expr"]


def test_an_alert_leads_to_the_dashboard_of_its_queue() -> None:
    prometheus = (ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    found = re.search(r"dashboard: http://\S+/d/(\S+)", prometheus)
    assert found is not None
    assert found[1] == "cc-queue-en"
    assert found[1] in UIDS
