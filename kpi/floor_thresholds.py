"""The `thresholds` of a floor.toml: per measure its limits, and how its alerts behave where that differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from kpi import floor_values as values
from kpi.alerting import BY_MEASURE, JUDGED, LOW_IS_BAD, OF_TEAMS
from kpi.floor_tables import Table, shown
from kpi.floor_values import Level

SEVERITIES = ("warning", "critical")
# Not shares of a whole: so many times what was before.
_TIMES = frozenset({"handle_time_ratio", "volume_high_ratio", "volume_low_ratio"})
MEASURES: Mapping[str, Callable[[object], float]] = {
    each.name: values.times if each.name in _TIMES else values.ratio if each.unit == "ratio" else values.amount
    for each in JUDGED
}
BEHAVIOUR: Mapping[str, Callable[[object], bool | int]] = {
    "for_seconds": values.seconds,
    "keep_seconds": values.seconds,
    "minimum": values.count,
    "only_open": values.yes_or_no,
    "alert": values.yes_or_no,
}
_NOT_IN_HOURS = {
    "closed_wait_seconds": "it is about the time outside opening hours",
    **dict.fromkeys(OF_TEAMS, "a team has no opening hours"),
}

Levels = dict[tuple[str, str], Level | bool]
"""(measure, severity) -> level, False where it was switched off, True where the researched one is wanted."""
Behaviours = dict[tuple[str, str], bool | int]
"""(measure, key of BEHAVIOUR) -> value."""


def read_thresholds(table: Table | None, *, teams: bool = False) -> tuple[Levels, Behaviours]:
    """Limits and behaviour as one table sets them; measures of teams only where `teams` stand, in [defaults]."""
    levels: Levels = {}
    behaviours: Behaviours = {}
    if table is None:
        return levels, behaviours
    for measure in MEASURES:
        value = table.values.get(measure)
        if value is not None and measure in OF_TEAMS and not teams:
            table.fail(measure, "is a measure of teams, not of queues; wanted it in [defaults.thresholds]")
        if isinstance(value, bool):
            table.get(measure, bool)
            levels.update({(measure, severity): value for severity in SEVERITIES})
        elif value is None or isinstance(value, dict):
            _measure(table.table(measure), measure, levels, behaviours)
        else:
            table.fail(measure, f"{shown(value)}; wanted {{ warning = ..., critical = ... }}, true or false")
    table.done()
    return levels, behaviours


def _measure(table: Table | None, measure: str, levels: Levels, behaviours: Behaviours) -> None:
    if table is None:
        return
    for severity in SEVERITIES:
        level = table.get(severity, partial(_level, table, severity, MEASURES[measure]))
        if level is not None:
            levels[measure, severity] = level
    for key, parse in BEHAVIOUR.items():
        value = table.get(key, parse)
        if value is not None:
            behaviours[measure, key] = value
    table.done()
    if behaviours.get((measure, "minimum")) and not BY_MEASURE[measure].is_counted:
        table.fail("minimum", f"{behaviours[measure, 'minimum']}; wanted 0, for it is not made of counted contacts")
    if behaviours.get((measure, "only_open")) and measure in _NOT_IN_HOURS:
        table.fail("only_open", f"true; wanted false, for {_NOT_IN_HOURS[measure]}")


def _level(table: Table, severity: str, number: Callable[[object], float], value: object) -> Level | bool:
    """60, or { enter = 60, exit = 45 }, or false."""
    if value is False:
        return False
    if not isinstance(value, dict):
        return Level(number(value), number(value))
    inner = Table(table.source, (*table.path, severity), value)
    enter = inner.need("enter", number, "60")
    leave = inner.get("exit", number)
    inner.done()
    level = Level(enter, enter if leave is None else leave)
    low = table.path[-1] in LOW_IS_BAD
    if level.exit < level.enter if low else level.exit > level.enter:
        inner.fail("exit", f"{level.exit:g}; wanted no {'less' if low else 'more'} than enter, {level.enter:g}")
    return level
