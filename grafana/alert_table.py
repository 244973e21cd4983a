"""Alerts as tables: what fires now, and where its section in the runbook is."""

from __future__ import annotations

from pathlib import Path

import yaml

from grafana.model import Panel, Query

RULES = Path(__file__).parent.parent / "alerts" / "rules"
FLOOR = 'audience="floor"'


def alert_names() -> list[str]:
    """Every alert there is a rule for."""
    found = set()
    for path in RULES.glob("*.yml"):
        groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        found |= {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}
    return sorted(found)


def with_section(expr: str) -> str:
    """`expr` with the label section, where the runbook speaks of the alert: its name in small letters."""
    for name in alert_names():
        expr = f'label_replace({expr}, "section", "{name.lower()}", "alertname", "{name}")'
    return expr


def both_engines(matcher: str = "") -> str:
    """What fires by Prometheus and by our own engine, which names it by its rule; not the one that always does.

    `matcher`: of audience or severity; our engine's alerts are all for the floor.
    """
    of_engine = "" if matcher in ("", FLOOR) else f"{{{matcher}}}"
    named = f'label_replace(cc_alert_firing{of_engine}, "alertname", "$1", "rule", "(.+)")'
    matchers = ",".join(part for part in ('alertstate="firing",alertname!="Watchdog"', matcher) if part)
    return f'ALERTS{{{matchers}}} or label_replace({named}, "audience", "floor", "", "")'


def alerts(state: str, matcher: str = "") -> str:
    """The alerts in a state, each once; they are kept for as long as they are true."""
    labels = "alertname, severity, audience, reason, queue, channel"
    if state == "firing":
        return f"max by ({labels}) ({both_engines(matcher)})"
    matchers = ",".join(part for part in (f'alertstate="{state}"', matcher) if part)
    return f"max by ({labels}) (ALERTS{{{matchers}}})"


def firing_table(size: tuple[int, int], state: str = "firing", key: str = "firing", matcher: str = FLOOR) -> Panel:
    """What fires, with a link to what the runbook says."""
    rows = (
        ("severity", "col.severity"),
        ("alertname", "col.alert"),
        ("queue", "col.id"),
        ("channel", "col.channel"),
        ("reason", "col.reason"),
        ("section", "col.section"),
    )
    queries = [Query(with_section(alerts(state, matcher)), "col.active", hidden=True)]
    mapped = (("warning", "severity.1", "yellow"), ("critical", "severity.2", "dark-red"))
    return Panel("table", key, size, queries, rows=rows, mapped=mapped, link="runbook")
