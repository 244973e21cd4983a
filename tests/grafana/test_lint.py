"""The rules of grafana/dashboard-linter, and stricter ones of ours, for every dashboard.

template-job, template-instance, target-job and target-instance hold for `pipeline` only: what the others show belongs
to the centre, whichever process serves it. target-logql has nothing to look at.
"""

import inspect
import re
import warnings

import promql_parser as promql
import pytest

from grafana.names import FOREIGN, TARGET_LABELS
from grafana.queries import FRESH_SECONDS
from kpi.catalogue import BY_NAME
from tests.grafana.boards import BOARDS, ENGLISH, Board, panels_of, put_in, queries_of, scrape_interval, selectors
from tests.promql import labels_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.models import units

UNITS = {value for name, value in inspect.getmembers(units) if isinstance(value, str) and not name.startswith("_")}
# Numbers of the live state; the time it is true for and the names of queues are none.
LIVE_GROUPS = {"floor", "staff", "backlog", "window"}
NOT_LIVE = {"cc_queue_state_updated_timestamp_seconds", "cc_queue_info"}
GATE = re.compile(
    rf"and on \((?:queue, channel)?\) \(time\(\) - max(?: by \(queue, channel\) )?.*? < {FRESH_SECONDS}\)"
)

every_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)


def grouped_by(expr: str) -> set[str]:
    """The labels that a query's aggregations keep."""
    labels: set[str] = set()

    def visit(node: promql.Expr) -> bool:
        if isinstance(node, promql.AggregateExpr) and node.modifier is not None:
            labels.update(node.modifier.labels)
        return True

    promql.walk(promql.parse(expr), visit)
    return labels


def known_labels(series: str) -> frozenset[str] | None:
    """The labels a series may have; None for one that nobody serves."""
    found = FOREIGN.get(series, labels_of(series))
    if found is None:
        family = series.removesuffix("_bucket").removesuffix("_count")
        found = FOREIGN.get(family)
    return None if found is None else found | TARGET_LABELS


@every_board
def test_template_datasource_and_panel_datasource(board: Board) -> None:
    sources = [variable for variable in board["templating"]["list"] if variable["type"] == "datasource"]
    assert [source["name"] for source in sources] == ["datasource"]
    asking = [*panels_of(board), *(target for panel in panels_of(board) for target in panel["targets"])]
    asking += [variable for variable in board["templating"]["list"] if variable["type"] == "query"]
    asking += board["annotations"]["list"] + [each["target"] for each in board["annotations"]["list"]]
    assert {thing["datasource"]["uid"] for thing in asking} == {"${datasource}"}


@every_board
def test_template_label_promql_and_template_on_time_change_reload(board: Board) -> None:
    before: set[str] = set()
    for variable in board["templating"]["list"]:
        if variable["type"] != "query":
            continue
        found = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"])
        assert found is not None
        assert variable["definition"] == variable["query"]
        [(series, _)] = selectors(put_in(found[1]))
        labels = known_labels(series)
        assert labels is not None
        assert found[2] in labels
        # A choice is narrowed by the ones left of it only.
        assert set(re.findall(r"\$(\w+)", variable["query"])) <= before
        assert variable["refresh"] == 2
        before.add(variable["name"])
        # Several at once and all at first, or exactly one.
        assert variable["multi"] == variable["includeAll"] == ("allValue" in variable)
        # One value is matched as it is, several are made into a pattern.
        name, sign = variable["name"], "=~" if variable["multi"] else "="
        exprs = [target["expr"] for panel in panels_of(board) for target in panel["targets"]]
        assert set(re.findall(rf'(=~?)"\${name}"', " ".join(exprs))) <= {sign}


@every_board
def test_template_job_and_target_instance_on_the_pipeline(board: Board) -> None:
    if "cc-pipeline-" not in board["uid"]:
        return
    names = [variable["name"] for variable in board["templating"]["list"]]
    assert {"job", "instance"} <= set(names)
    checked = 0
    for _, expr in queries_of(board):
        for series, labels in selectors(expr):
            if series not in NOT_LIVE and ":" not in series:
                assert labels >= TARGET_LABELS, series
                checked += 1
    assert checked > 20


@every_board
def test_panel_title_description_and_panel_no_targets(board: Board) -> None:
    for panel in panels_of(board):
        assert panel["title"].strip()
        definition, source, *_ = panel["description"].split("\n\n")
        assert len(definition) > 4
        if "vector(" not in panel["targets"][0]["expr"]:
            # What it is made of is named in full.
            for target in panel["targets"]:
                for series, _ in selectors(put_in(target["expr"])):
                    assert series in source, panel["title"]
        assert panel["targets"]


@every_board
def test_panel_units_least_values_and_words_for_nothing(board: Board) -> None:
    words = set()
    for panel in panels_of(board):
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"] in UNITS
        nulls = [each["options"] for each in defaults["mappings"] if each["type"] == "special"]
        assert {each["match"] for each in nulls} == {"null", "nan"}
        [said] = [each["result"]["text"] for each in nulls if each["match"] == "null"]
        assert said == defaults["noValue"]
        words.add(said)
        below_zero = {"cc_queue_drift_contacts", "cc_stream_source_clock_skew_seconds"}
        exprs = " ".join(target["expr"] for target in panel["targets"])
        assert ("min" in defaults) != any(name in exprs for name in below_zero), panel["title"]
        assert defaults.get("min", 0) == 0
        if panel["type"] == "stat":
            # These round: 97 s would be "2 mins", 1049 contacts "1 K".
            assert defaults["unit"] not in {"s", "short"}
    assert len(words) == 1
    assert words <= {"NO DATA", "无数据", "無資料"}


@every_board
def test_target_promql_and_every_name_is_known(board: Board) -> None:
    exprs = [expr for _, expr in queries_of(board)]
    exprs += [put_in(annotation["expr"]) for annotation in board["annotations"]["list"]]
    assert exprs
    for expr in exprs:
        found = selectors(expr)
        may_have: set[str] = {"display_name", "sign", "section"}
        for series, labels in found:
            known = known_labels(series)
            assert known is not None, f"metric {series}"
            assert labels <= known, f"{series}: {labels - known}"
            may_have |= known
        assert grouped_by(expr) <= may_have, expr


@pytest.mark.parametrize("name", BOARDS)
def test_target_rate_interval_and_target_counter_agg(name: str) -> None:
    english = {panel["id"]: panel["title"] for panel in panels_of(ENGLISH[name.partition("/")[2]])}
    for panel in panels_of(BOARDS[name]):
        for expr in (target["expr"] for target in panel["targets"]):
            assert not re.search(r"\b(rate|irate)\([^\[]*\[(?!\$__rate_interval\])", expr)
            for width in re.findall(r"\bincrease\([^\[]*\[([^\]]+)\]", expr):
                # A titled exception: a tile that says "1 h" looks back one hour, whatever the time range.
                assert width == "$__range" or (width == "1h" and ", 1 h" in english[panel["id"]]), expr
            for series in re.findall(r"\w+_total\b", expr):
                assert re.search(rf"(rate|increase)\({series}\b", expr), expr


@every_board
def test_rates_of_workers_look_back_over_four_of_their_scrapes(board: Board) -> None:
    workers = scrape_interval("cc-workers")
    for panel in panels_of(board):
        for target in panel["targets"]:
            if "$__rate_interval]" in target["expr"] or "$__range]" in target["expr"]:
                board_only = all(
                    (family := BY_NAME.get(series)) is not None and "worker" not in family.served_by
                    for series, _ in selectors(put_in(target["expr"]))
                )
                assert board_only or target.get("interval") == workers, target["expr"]


@every_board
def test_gauges_of_two_boards_are_never_added_up(board: Board) -> None:
    for _, expr in queries_of(board):

        def visit(node: promql.Expr, expr: str = expr) -> bool:
            if isinstance(node, promql.AggregateExpr) and str(node.op) == "sum":
                inside = node.expr.expr if isinstance(node.expr, promql.ParenExpr) else node.expr
                if isinstance(inside, promql.VectorSelector):
                    family = BY_NAME.get(inside.name or "")
                    if family is not None and family.kind == "gauge":
                        # Workers each own their partitions, boards each their listeners.
                        assert family.name in {
                            "cc_stream_partitions_assigned",
                            "cc_stream_overflow_queues",
                            "cc_board_listeners",
                            "cc_board_connections",
                        }, expr
            return True

        promql.walk(promql.parse(expr), visit)


@every_board
def test_every_ratio_divides_by_more_than_nothing(board: Board) -> None:
    for _, expr in queries_of(board):

        def visit(node: promql.Expr, expr: str = expr) -> bool:
            if isinstance(node, promql.BinaryExpr) and str(node.op) == "/":
                constant = isinstance(node.rhs, promql.NumberLiteral)
                assert constant or str(node.rhs).endswith("> 0)"), expr
            return True

        promql.walk(promql.parse(expr), visit)


@every_board
def test_every_live_number_is_gated_by_freshness(board: Board) -> None:
    for panel in panels_of(board):
        if panel["type"] == "timeseries":
            continue
        for target in panel["targets"]:
            live = {
                series
                for series, _ in selectors(put_in(target["expr"]))
                if series in BY_NAME and BY_NAME[series].group in LIVE_GROUPS and series not in NOT_LIVE
            }
            assert not live or GATE.search(target["expr"]), target["expr"]


@every_board
def test_panels_have_ids_of_their_own_and_do_not_overlap(board: Board) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert sorted(set(ids)) == sorted(ids)
    titles = [panel["title"] for panel in panels_of(board)]
    assert sorted(set(titles)) == sorted(titles)
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
