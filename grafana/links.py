"""Where panels and dashboards lead: to each other by uid, in the same language, to the board, and to the runbook."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard

from grafana.model import Panel
from grafana.words import LANGUAGES, Words

# Hidden variables of every dashboard: where people reach the board's own pages and the runbook.
ADDRESSES = {"board": "http://127.0.0.1:8080", "runbook": "http://127.0.0.1:9090/user/runbook.md"}
HELD = "${datasource:queryparam}&${__url_time_range}"


def uid(name: str, language: str) -> str:
    """The fixed uid of a dashboard."""
    return f"cc-{name}-{language}"


def panel_links(panel: Panel, words: Words) -> list[builders.DashboardLink]:
    """What a click on a value of the panel opens; to one queue with its name, its channel and the time range."""
    label = "__data.fields" if panel.kind == "table" else "__field.labels"
    queue, channel, section = (f"${{{label}.{name}:percentencode}}" for name in ("queue", "channel", "section"))
    if panel.link == "runbook":
        return [_link(words("link.runbook"), f"${{runbook:raw}}#{section}", new_tab=True)]
    target = str(panel.link)
    choice = f"var-queue={queue}&var-channel={channel}&" if target == "queue" else ""
    found = [_link(words(f"dash.{target}"), f"/d/{uid(target, words.language)}?{choice}{HELD}")]
    if target == "queue":
        page = f"${{board:raw}}/queue/{queue}/{channel}?lang={words.language}"
        found.append(_link(words("link.board"), page, new_tab=True))
    return found


def board_links(name: str, names: list[str], words: Words) -> list[builders.DashboardLink]:
    """The links at the top: other dashboards, this one in other languages, the board's own page, the runbook."""
    found = [_top(words(f"dash.{other}"), f"/d/{uid(other, words.language)}") for other in names if other != name]
    found += [_top(native, f"/d/{uid(name, other)}") for other, native in LANGUAGES.items() if other != words.language]
    page = (
        f"${{board:raw}}/wall?lang={words.language}"
        if name.startswith("wall-")
        else f"${{board:raw}}/?lang={words.language}"
    )
    if name == "queue":
        page = f"${{board:raw}}/queue/${{queue:percentencode}}/${{channel:percentencode}}?lang={words.language}"
    found += [
        _link(words("link.board"), page, new_tab=True),
        _link(words("link.runbook"), "${runbook:raw}", new_tab=True),
    ]
    return found


def _top(title: str, url: str) -> builders.DashboardLink:
    return _link(title, url).include_vars(True).keep_time(True)


def _link(title: str, url: str, *, new_tab: bool = False) -> builders.DashboardLink:
    return (
        builders.DashboardLink(title)
        .type(dashboard.DashboardLinkType.LINK)
        .url(url)
        .target_blank(new_tab)
        .icon("external link")
    )
