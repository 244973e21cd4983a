"""scripts/smoke.py, with answers written down: it finds what is wrong and is content with what is right."""

from typing import Any

import pytest

from scripts.smoke import Answer, panels, queries, query_problem, question, rule_problems, shipped, target_problems

UP = {"scrapePool": "cc-live", "scrapeUrl": "http://board:8080/metrics/live", "health": "up", "lastError": ""}
DOWN = {**UP, "health": "down", "lastError": "server returned HTTP status 401 Unauthorized"}


def targets(*active: dict[str, str]) -> dict[str, Any]:
    return {"status": "success", "data": {"activeTargets": list(active)}}


def test_a_target_that_is_down_is_named_with_the_reason() -> None:
    assert target_problems(targets(UP)) == []
    (problem,) = target_problems(targets(UP, DOWN))
    assert "cc-live" in problem
    assert "401 Unauthorized" in problem


def test_a_prometheus_that_reads_nothing_or_has_no_rules_is_not_well() -> None:
    assert target_problems(targets()) == ["prometheus: it reads nothing"]
    assert rule_problems({"data": {"groups": []}}) == ["prometheus: it has no rules"]


def test_a_rule_that_fails_is_named() -> None:
    good = {"name": "BoardStale", "health": "ok"}
    bad = {"name": "QueueLongestWaitHigh", "health": "err", "lastError": "many-to-many matching"}
    assert rule_problems({"data": {"groups": [{"rules": [good]}]}}) == []
    assert "many-to-many" in rule_problems({"data": {"groups": [{"rules": [good, bad]}]}})[0]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(200, {"results": {"A": {"status": 200, "frames": []}}}), None),
        (Answer(200, {"results": {"A": {"frames": []}}}), None),
        (Answer(200, {"results": {"A": {"error": "parse error", "status": 400}}}), "parse error"),
        (Answer(400, {"results": {"A": {"error": "bad"}}}), "400"),
        (Answer(0, "refused"), "0 refused"),
    ],
)
def test_an_answer_of_grafana_is_judged(answer: Answer, problem: str | None) -> None:
    found = query_problem(answer)
    assert found is None if problem is None else str(found).startswith(problem)


BOARD = {
    "templating": {"list": [{"name": "queue"}]},
    "panels": [
        {"title": "a", "targets": [{"expr": 'x{queue=~"$queue",channel=~"${channel:regex}"}[$__range]'}]},
        {"type": "row", "panels": [{"title": "b", "targets": [{"expr": 'label_replace(y, "a", "$1", "b", "(.*)")'}]}]},
        {"title": "c", "targets": [{"refId": "A"}]},
    ],
}


def test_every_query_is_asked_with_variables_that_match_all() -> None:
    assert list(queries(BOARD)) == [
        ("a", 'x{queue=~".*",channel=~".*"}[$__range]'),
        ("b", 'label_replace(y, "a", "$1", "b", "(.*)")'),
    ]
    assert len(list(panels(BOARD))) == 4


def test_it_asks_for_the_dashboards_that_are_shipped() -> None:
    found = shipped()
    assert len(found) >= 3
    assert all(list(queries(board)) for board in found.values())


def test_a_question_names_our_data_source() -> None:
    (query,) = question("up")["queries"]
    assert query["datasource"]["uid"] == "prometheus"
    assert query["expr"] == "up"
