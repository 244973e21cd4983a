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


def alerts(state: str, matcher: str = "") -> str:
    """The alerts in a state, each once; Prometheus keeps them for as long as they are true."""
    labels = "alertname, severity, audience, reason, queue, channel"
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
