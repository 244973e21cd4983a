"""The few kinds of panel that our dashboards are made of. The only file that knows how Grafana's builders work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as dashboard_builders
from grafana_foundation_sdk.builders import prometheus, stat
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")

# Colours on which Grafana's white or black text has a contrast of 4.5 or more, and a sign for those who see no colour.
FINE, WARNING, CRITICAL = "transparent", "yellow", "dark-red"
SIGNS = {1: ("▲", WARNING), 2: ("■", CRITICAL)}
NO_DATA, NO_TRAFFIC = "NO DATA", "–"


@dataclass(frozen=True, slots=True)
class Query:
    """One instant query; `name` is what stands under its values, `severity` their colour: 0, 1 warning, 2 critical."""

    ref_id: str
    expr: str
    name: str
    severity: int = 0


@dataclass(frozen=True, slots=True)
class Tile:
    """Big numbers of one measure. `place`: x, y, width, height on the grid of 24 columns."""

    panel_id: int
    title: str
    description: str
    unit: str
    place: tuple[int, int, int, int]
    queries: Sequence[Query]
    decimals: int = 0
    steps: Sequence[tuple[float, str]] = ()


def steps(passed: Sequence[tuple[float, str]]) -> dashboard_builders.ThresholdsConfig:
    """Colours by value, none below the first step."""
    first = dashboard.Threshold(value=None, color=FINE)
    return (
        dashboard_builders.ThresholdsConfig()
        .mode(dashboard.ThresholdsMode.ABSOLUTE)
        .steps([first, *(dashboard.Threshold(value=value, color=color) for value, color in passed)])
    )


def special(match: dashboard.SpecialValueMatch, text: str) -> dashboard.SpecialValueMap:
    """A word for a value that is none."""
    result = dashboard.ValueMappingResult(text=text, color="text")
    return dashboard.SpecialValueMap(dashboard.DashboardSpecialValueMapOptions(match=match, result=result))


def results_of(ref_id: str) -> dashboard.MatcherConfig:
    """Matches the results of one query. Twice inverted: the JSON schema allows no plain text as a matcher's options."""
    by_query = {"id": "byFrameRefID", "options": ref_id}
    return dashboard.MatcherConfig("invertMatch", {"id": "invertMatch", "options": by_query})


def wall_tile(tile: Tile) -> stat.Panel:
    """Numbers that can be read across the floor: value and name, coloured, with a sign beside every colour."""
    x, y, width, height = tile.place
    panel = (
        stat.Panel()
        .id(tile.panel_id)
        .title(tile.title)
        .description(tile.description)
        .datasource(SOURCE)
        .grid_pos(dashboard.GridPos(x=x, y=y, w=width, h=height))
        .unit(tile.unit)
        .decimals(tile.decimals)
        .min(0)
        .no_value(NO_DATA)
        .mappings(
            [
                special(dashboard.SpecialValueMatch.NULL, NO_DATA),
                special(dashboard.SpecialValueMatch.NA_N, NO_TRAFFIC),
            ]
        )
        .thresholds(steps(tile.steps))
        .color_mode(common.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(common.BigValueGraphMode.NONE)
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        # "last", not "lastNotNull": a NaN says that there was no traffic and must be seen as such.
        .reduce_options(common_builders.ReduceDataOptions().calcs(["last"]).values(False))
    )
    for query in tile.queries:
        panel = panel.with_target(_target(query))
        if query.severity:
            color = {"mode": "fixed", "fixedColor": SIGNS[query.severity][1]}
            panel = panel.with_override(results_of(query.ref_id), [dashboard.DynamicConfigValue("color", color)])
    return panel


def _target(query: Query) -> prometheus.Dataquery:
    sign = f"{SIGNS[query.severity][0]} " if query.severity else ""
    return (
        prometheus.Dataquery()
        .datasource(SOURCE)
        .ref_id(query.ref_id)
        .expr(query.expr)
        .format(PromQueryFormat.TIME_SERIES)
        .instant()
        .legend_format(sign + query.name)
    )


def picker(name: str, label: str, definition: str) -> dashboard_builders.QueryVariable:
    """A choice of label values, several at once, all at first, renewed with the time range."""
    every = dashboard.VariableOption(text="All", value="$__all", selected=True)
    return (
        dashboard_builders.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(definition)
        .definition(definition)
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".+")
        .current(every)
    )


def source_picker() -> dashboard_builders.DatasourceVariable:
    """The one choice of the Prometheus that every panel asks."""
    default = dashboard.VariableOption(text="Prometheus", value="prometheus", selected=True)
    return dashboard_builders.DatasourceVariable("datasource").label("Data source").type("prometheus").current(default)
