"""Thresholds: the built-in ones, what a floor.toml puts in their place, and that warning comes before critical."""

from __future__ import annotations

from collections.abc import Mapping

from kpi.floor_settings import LOW_IS_BAD, MEASURES, Levels
from kpi.floor_tables import Table
from kpi.floor_values import Level

MESSAGING = frozenset({"chat", "message", "social"})


def built_in(measure: str, channel: str, target_percent: float) -> tuple[float, float]:
    """(warning, critical) of a measure where nobody set one."""
    if measure == "service_level_ratio":
        # Four fifths and three fifths of the promise: 0.64 and 0.48 for 80 %.
        return target_percent * 8 / 1000, target_percent * 6 / 1000
    if measure == "longest_wait_seconds":
        return (90, 300) if channel in MESSAGING else (60, 180)
    return (10, 20) if measure == "waiting" else (0.05, 0.10)


def long_seconds(channel: str) -> int:
    """Beyond how many seconds in service a contact is long where nobody set it: 5 min, for chats 8 min."""
    return 480 if channel in MESSAGING else 300


def complete(levels: Levels, channel: str, target_percent: float) -> Mapping[tuple[str, str], Level]:
    """The levels in force: those that were set, and built-in ones where nothing was; none where it was switched off.

    A built-in level gives way to the other severity's where that one was set beyond it, so that
    ``critical = 50`` alone never leaves a warning that begins later, at 60.
    """
    out: dict[tuple[str, str], Level] = {}
    for measure in MEASURES:
        warning, critical = built_in(measure, channel, target_percent)
        first, last = (max, min) if measure in LOW_IS_BAD else (min, max)
        given_warning, given_critical = levels.get((measure, "warning")), levels.get((measure, "critical"))
        warning = first(warning, given_critical.enter) if given_critical else warning
        critical = last(critical, given_warning.enter) if given_warning else critical
        for severity, value in (("warning", warning), ("critical", critical)):
            level = levels.get((measure, severity), Level(value, value))
            if level is not None:
                out[measure, severity] = level
    return out


def check_order(table: Table, levels: Levels) -> None:
    """Refuse a critical level that is reached before the warning; the error names the measure in this table."""
    for measure in MEASURES:
        warning, critical = levels.get((measure, "warning")), levels.get((measure, "critical"))
        if warning is None or critical is None:
            continue
        low = measure in LOW_IS_BAD
        if critical.enter > warning.enter if low else critical.enter < warning.enter:
            what = f"critical {critical.enter:g} {'above' if low else 'below'} warning {warning.enter:g}"
            order = "at or below" if low else "at or above"
            table.source.fail((*table.path, "thresholds", measure), f"{what}; wanted critical {order} warning")
