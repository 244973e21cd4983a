"""The kinds of panel that our dashboards are made of, as Grafana's JSON.

With frame.py and links.py the only code that knows Grafana's builders.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from grafana import palette
from grafana.describe import description
from grafana.links import panel_links
from grafana.model import Panel, Query
from grafana.names import WORKER_SCRAPE
from grafana.words import Words

SOURCE = common_models.DataSourceRef(type_val="prometheus", uid="${datasource}")
# A digit of 105 px on a 55-inch screen of 1080 lines has 20 arc minutes at 8 m; the name under it is for nearer eyes.
WALL_VALUE_PX, WALL_TITLE_PX = 110, 40
NO_TRAFFIC = "–"


def build(panel: Panel, words: Words) -> Builder[dashboard.Panel]:
    """The panel in a language."""
    makers = {"tile": _tile, "stat": _stat, "trend": _trend, "table": _table, "bars": _bars}
    made = makers[panel.kind](panel, words)
    _common(made, panel, words)
    for ref, query in panel.refs():
        made.with_target(_target(panel, ref, query, words))
        color = _color(query)
        if color and panel.kind != "table":
            # A wider gap than a line: limits are told from values without their colours, too.
            dash = dashboard.DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [10, 10]})
            fixed = dashboard.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color})
            made.with_override(results_of(ref), [fixed, dash] if query.line else [fixed])
    return made  # type: ignore[no-any-return]


def _common(made: Any, panel: Panel, words: Words) -> None:
    x, y = panel.place
    width, height = panel.size
    made.id(panel.panel_id).title(words.title(panel.key)).description(description(panel, words)).datasource(SOURCE)
    made.grid_pos(dashboard.GridPos(x=x, y=y, w=width, h=height)).unit(panel.unit).decimals(panel.decimals)
    made.no_value(words("no_data")).mappings(_mappings(panel, words)).thresholds(_steps(panel.steps))
    if panel.minimum is not None:
        made.min(panel.minimum)
    if panel.maximum is not None:
        made.max(panel.maximum)
    if panel.link:
        made.data_links(panel_links(panel, words))
    for word in panel.speaks:
        options = {"regex": f"^(.*)\\b{word}$", "renamePattern": f"$1{words(f'label.{word}')}"}
        made.with_transformation(dashboard.DataTransformerConfig("renameByRegex", options=options))


def _tile(panel: Panel, words: Words) -> Any:
    made = _stat(panel, words)
    sizes = common.VizTextDisplayOptions().title_size(WALL_TITLE_PX).value_size(WALL_VALUE_PX)
    return made.text(sizes)


def _stat(panel: Panel, words: Words) -> Any:
    return (
        stat.Panel()
        .color_mode(common_models.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(common_models.BigValueGraphMode.NONE)
        .text_mode(common_models.BigValueTextMode.VALUE_AND_NAME)
        .reduce_options(_last())
    )


def _bars(panel: Panel, words: Words) -> Any:
    return (
        bargauge.Panel()
        .display_mode(common_models.BarGaugeDisplayMode.BASIC)
        .orientation(common_models.VizOrientation.HORIZONTAL)
        .reduce_options(_last())
        .color_scheme(builders.FieldColor().mode(dashboard.FieldColorModeId.FIXED).fixed_color(palette.BAR))
        .value_mode(common_models.BarGaugeValueMode.TEXT)
    )


def _last() -> Any:
    # "last", not "lastNotNull": a NaN says that there was no traffic and must be seen as such.
    return common.ReduceDataOptions().calcs(["last"]).values(False)


def _trend(panel: Panel, words: Words) -> Any:
    legend = (
        common.VizLegendOptions()
        .display_mode(common_models.LegendDisplayMode.LIST)
        .placement(common_models.LegendPlacement.BOTTOM)
        .show_legend(True)
    )
    made = (
        timeseries.Panel()
        .color_scheme(builders.FieldColor().mode(dashboard.FieldColorModeId.PALETTE_CLASSIC))
        .legend(legend)
        .tooltip(common.VizTooltipOptions().mode(common_models.TooltipDisplayMode.MULTI))
        # Nothing is drawn over a gap: what was not known is not known.
        .span_nulls(False)
        .show_points(common_models.VisibilityMode.NEVER)
    )
    if panel.stacked:
        made = made.stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL)).fill_opacity(30)
    return made


def _table(panel: Panel, words: Words) -> Any:
    made = table.Panel().with_transformation(dashboard.DataTransformerConfig("merge", options={}))
    if panel.sort:
        ref, descending = panel.sort
        sort = {"fields": {}, "sort": [{"field": _column(panel, ref), "desc": descending}]}
        made = made.with_transformation(dashboard.DataTransformerConfig("sortBy", options=sort))
    shown = [(label, words(word)) for label, word in panel.rows]
    shown += [(_column(panel, ref), words(query.say)) for ref, query in panel.refs() if not query.hidden]
    hidden = ["Time", *(_column(panel, ref) for ref, query in panel.refs() if query.hidden)]
    options = {
        "excludeByName": dict.fromkeys(hidden, True),
        "indexByName": {name: place for place, (name, _) in enumerate(shown)},
        "renameByName": dict(shown),
    }
    made = made.with_transformation(dashboard.DataTransformerConfig("organize", options=options))
    if panel.signed:
        cell = dashboard.DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"})
        made = made.with_override(named("sign"), [cell])
    return made


def _column(panel: Panel, ref: str) -> str:
    """What Grafana calls the values of a query in a table; with a single query it leaves the letter out."""
    return f"Value #{ref}" if len(panel.queries) > 1 else "Value"


def _steps(passed: Sequence[tuple[float, str]]) -> builders.ThresholdsConfig:
    """Colours by value, none below the first step."""
    first = dashboard.Threshold(value=None, color=palette.FINE)
    return (
        builders.ThresholdsConfig()
        .mode(dashboard.ThresholdsMode.ABSOLUTE)
        .steps([first, *(dashboard.Threshold(value=value, color=color) for value, color in passed)])
    )


def _mappings(panel: Panel, words: Words) -> list[dashboard.ValueMapping]:
    """Words for values that are none, and for those that stand for a word."""
    found: list[dashboard.ValueMapping] = [
        _special(dashboard.SpecialValueMatch.NULL, words("no_data")),
        _special(dashboard.SpecialValueMatch.NA_N, NO_TRAFFIC),
    ]
    mapped = list(panel.mapped)
    if panel.signed:
        mapped += [(sign, f"severity.{level}", color) for level, (sign, color) in palette.SIGNS.items()]
        mapped += [(palette.CALM_SIGN, "severity.0", palette.FINE)]
    for value, word, color in mapped:
        result = dashboard.ValueMappingResult(text=words(word), color=color)
        found.append(dashboard.ValueMap({value: result}))
    return found


def _special(match: dashboard.SpecialValueMatch, text: str) -> dashboard.SpecialValueMap:
    result = dashboard.ValueMappingResult(text=text, color=palette.TEXT)
    return dashboard.SpecialValueMap(dashboard.DashboardSpecialValueMapOptions(match=match, result=result))


def results_of(ref: str) -> dashboard.MatcherConfig:
    """Matches the results of one query."""
    return _twice_inverted("byFrameRefID", ref)


def named(field: str) -> dashboard.MatcherConfig:
    """Matches one column by its name."""
    return _twice_inverted("byName", field)


def _twice_inverted(matcher: str, options: str) -> dashboard.MatcherConfig:
    # The JSON schema allows no plain text as a matcher's options, but an object: so the matcher is inverted twice.
    return dashboard.MatcherConfig("invertMatch", {"id": "invertMatch", "options": {"id": matcher, "options": options}})


def _color(query: Query) -> str | None:
    if query.severity:
        return palette.SIGNS[query.severity][1]
    return palette.LINES.get(query.line)


def _target(panel: Panel, ref: str, query: Query, words: Words) -> prometheus.Dataquery:
    sign = palette.SIGNS[query.severity][0] if query.severity else ""
    name = " ".join(part for part in (query.legend, words(query.say) if query.say else "") if part)
    if not name and panel.kind in ("tile", "stat"):
        name = words.title(panel.key)
    legend = f"{sign} {name}".strip()
    made = prometheus.Dataquery().datasource(SOURCE).ref_id(ref).expr(query.expr).legend_format(legend or "__auto")
    made = made.range() if panel.kind == "trend" else made.instant()
    made = made.format(PromQueryFormat.TABLE if panel.kind == "table" else PromQueryFormat.TIME_SERIES)
    # Grafana works out the rate interval from this: four scrapes of what is asked.
    return made.interval(WORKER_SCRAPE) if panel.slow else made
