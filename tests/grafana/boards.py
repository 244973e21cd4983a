"""The dashboards as they lie in the folder, and what a query is with its variables put in."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import promql_parser as promql
import yaml

from grafana.build import FOLDER
from tests.data_sets import ROOT

Board = dict[str, Any]
BOARDS: dict[str, Board] = {
    path.relative_to(FOLDER).with_suffix("").as_posix(): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.rglob("*.json"))
}
ENGLISH = {name.removeprefix("en/"): board for name, board in BOARDS.items() if name.startswith("en/")}
VARIABLES = {"queue": ".+", "channel": ".+", "team": ".*", "job": "cc-.+", "instance": ".+"}
# What Grafana makes of a time range of three days; of an hour it would be 60 s, four scrapes of the workers.
INTERVALS = {"__rate_interval": "5m", "__range": "30m"}


def put_in(expr: str, **chosen: str) -> str:
    """A query as Grafana sends it: everything chosen, or what is named."""
    for name, value in {**INTERVALS, **VARIABLES, **chosen}.items():
        expr = expr.replace(f"${name}", value)
    assert "$" not in expr.replace('"$1"', ""), expr
    return expr


def panels_of(board: Board) -> list[Board]:
    """The panels that show something; headings do not."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries_of(board: Board) -> Iterator[tuple[Board, str]]:
    """(panel, PromQL with the variables put in) of every query."""
    for panel in panels_of(board):
        for target in panel["targets"]:
            yield panel, put_in(target["expr"])


@cache
def selectors(expr: str) -> list[tuple[str, frozenset[str]]]:
    """Every series that a query asks for, with the labels of its matchers."""
    found: list[tuple[str, frozenset[str]]] = []

    def visit(node: promql.Expr) -> bool:
        if isinstance(node, promql.VectorSelector):
            found.append((node.name or "", frozenset(matcher.name for matcher in node.matchers.matchers)))
        return True

    promql.walk(promql.parse(expr), visit)
    return found


def scrape_interval(job: str) -> str:
    """How often Prometheus reads a job."""
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    jobs = {each["job_name"]: each.get("scrape_interval") for each in config["scrape_configs"]}
    return jobs[job] or config["global"]["scrape_interval"]  # type: ignore[no-any-return]
