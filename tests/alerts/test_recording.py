"""The recording rules as files: what they ask for exists, their names say what they are, each is tried by hand."""

import re
from typing import Any

import promql_parser as promql
import pytest
import yaml

from kpi.catalogue import BY_NAME
from tests.data_sets import ROOT
from tests.promql import RECORDED, RECORDING, asked, unknown

GROUPS = yaml.safe_load(RECORDING.read_text(encoding="utf-8"))["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
TESTS = sorted((ROOT / "alerts" / "rules" / "tests").glob("recording*.yml"))
NAME = re.compile(r"(?:(?P<level>queue_channel|team|site):)?cc_[a-z_]+(?::[a-z_]+(?:\d+[mh])?)?")
#: The dashboards and the alert rules are written with these.
PROMISED = {
    "queue_channel:cc_queue_longest_wait_seconds",
    "queue_channel:cc_queue_service_level:ratio30m",
    "queue_channel:cc_queue_abandonment:ratio30m",
    "queue_channel:cc_queue_judged_abandonment:ratio30m",
    "queue_channel:cc_queue_asa_seconds:mean15m",
    "team:cc_occupancy:ratio30m",
    *(f"cc_stream_board_delay:good_ratio_rate{length}" for length in ("5m", "30m", "1h", "6h")),
}
every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule["record"] for rule in RULES])


def test_what_others_are_written_with_is_recorded_once() -> None:
    assert RECORDED.keys() >= PROMISED
    assert len({rule["record"] for rule in RULES}) == len(RULES)
    assert not RECORDED.keys() & BY_NAME.keys()


@every_rule
def test_a_recording_rule_asks_for_the_catalogue_or_for_what_stands_before_it(rule: dict[str, Any]) -> None:
    assert unknown(rule["expr"]) == []
    before = [each["record"] for each in RULES[: RULES.index(rule)]]
    assert [name for name, _ in asked(rule["expr"]).metrics if ":" in name and name not in before] == []


@every_rule
def test_a_name_is_level_metric_and_operation(rule: dict[str, Any]) -> None:
    assert NAME.fullmatch(rule["record"])


@every_rule
def test_a_ratio_is_divided_last_and_only_where_something_was_counted(rule: dict[str, Any]) -> None:
    outermost = promql.parse(rule["expr"])
    divided = isinstance(outermost, promql.BinaryExpr) and str(outermost.op) == "/"
    assert divided == ("ratio" in rule["record"] or "mean" in rule["record"])
    assert rule["expr"].count("/") == int(divided)
    assert not divided or rule["expr"].rstrip().endswith("> 0)")


@every_rule
def test_no_gauge_is_summed_over_two_boards(rule: dict[str, Any]) -> None:
    summed = re.findall(r"sum(?: by \([^)]*\))? ?\(\s*(cc_\w+)", rule["expr"])
    assert [name for name in summed if f"0 * sum by (team) ({name}" not in rule["expr"]] == []


@every_rule
def test_every_recording_rule_is_tried_with_numbers(rule: dict[str, Any]) -> None:
    tried = [
        check["expr"]
        for path in TESTS
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
        for check in test["promql_expr_test"]
        if check["exp_samples"]
    ]
    assert any(rule["record"] in expr for expr in tried)
