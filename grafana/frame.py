"""What is around the panels of a dashboard: its name, variables, annotations and links."""

from __future__ import annotations

from collections.abc import Mapping

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.models import dashboard

from grafana.alert_table import FLOOR, both_engines
from grafana.links import board_links, uid
from grafana.model import Board, Panel, laid_out
from grafana.panels import SOURCE, build
from grafana.words import Words

STATE = "cc_queue_state_updated_timestamp_seconds"
# A channel's kind decides what a wall of it shows; the channels themselves are a choice.
KINDS = {"voice": "voice|video|callback", "chat": "chat|message|social"}
# name -> (what label values, of which series; all values)
CHOICES = {
    "channel": (f"label_values({STATE}, channel)", ".+"),
    "queue": (f'label_values({STATE}{{channel=~"$channel"}}, queue)', ".+"),
    "queue-of": (f'label_values({STATE}{{channel="$channel"}}, queue)', ".+"),
    "team": ("label_values(cc_agents_phantom, team)", ".*"),
    "job": ('label_values(up{job=~"cc-.+"}, job)', "cc-.+"),
    "instance": ('label_values(up{job=~"$job"}, instance)', ".+"),
}
for _kind, _channels in KINDS.items():
    CHOICES[f"channel-{_kind}"] = (f'label_values({STATE}{{channel=~"{_channels}"}}, channel)', _channels)

FIRING = f"max by (alertname, queue, channel, severity) ({both_engines(FLOOR)})"
# A version that ten minutes ago was not there; a shorter gap is a failed scrape.
DEPLOYED = (
    "max by (version, revision) (cc_build_info) "
    "unless max by (version, revision) (max_over_time(cc_build_info[10m] offset 1m))"
)


def framed(board: Board, names: list[str], words: Words, addresses: Mapping[str, str]) -> builders.Dashboard:
    """The whole dashboard in a language; `names` of all dashboards, `addresses` as grafana.links.ADDRESSES."""
    made = (
        builders.Dashboard(words(f"dash.{board.name}"))
        .uid(uid(board.name, words.language))
        .description(words(f"dash.{board.name}.is"))
        .tags(["floorpulse", f"floorpulse-{words.language}"])
        .readonly()
        .refresh(board.refresh)
        .time(board.since, "now")
        .timezone("browser")
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .with_variable(_source(words))
    )
    for name in board.variables:
        made = made.with_variable(_choice(name, words))
    for name, address in addresses.items():
        made = made.with_variable(builders.ConstantVariable(name).value(address))
    made = made.annotation(_annotation(words("annotation.alerts"), FIRING, "{{alertname}}", "{{queue}} {{severity}}"))
    made = made.annotation(_annotation(words("annotation.deploys"), DEPLOYED, "{{version}}", "{{revision}}"))
    for link in board_links(board.name, names, words):
        made = made.link(link)
    for placed in laid_out(board.panels):
        if isinstance(placed, Panel):
            made = made.with_panel(build(placed, words))
        else:
            row, y, number = placed
            place = dashboard.GridPos(x=0, y=y, w=24, h=1)
            made = made.with_row(builders.Row(words(row.key)).id(number).grid_pos(place))
    return made


def _source(words: Words) -> builders.DatasourceVariable:
    """The one choice of the Prometheus that every panel asks."""
    default = dashboard.VariableOption(text="Prometheus", value="prometheus", selected=True)
    made = builders.DatasourceVariable("datasource").label(words("var.datasource"))
    return made.type("prometheus").current(default)


def _choice(name: str, words: Words) -> builders.QueryVariable:
    """A choice of label values, several at once and all at first, or with `name` "one-..." a single one."""
    single = name.startswith("one-")
    definition, every = CHOICES[name.removeprefix("one-")]
    label = name.removeprefix("one-").partition("-")[0]
    made = (
        builders.QueryVariable(label)
        .label(words(f"var.{label}"))
        .datasource(SOURCE)
        .query(definition)
        .definition(definition)
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
        .multi(not single)
        .include_all(not single)
    )
    if single:
        return made
    everything = dashboard.VariableOption(text="All", value="$__all", selected=True)
    return made.all_value(every).current(everything)


def _annotation(name: str, expr: str, title: str, text: str) -> builders.AnnotationQuery:
    query = prometheus.Dataquery().datasource(SOURCE).ref_id("Anno").expr(expr).range()
    made = builders.AnnotationQuery().name(name).datasource(SOURCE).enable(True).icon_color("blue").target(query)
    return made.expr(expr).title_format(title).text_format(text)
