"""Thresholds: the built-in ones, what a floor.toml puts in their place, and that warning comes before critical."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kpi.alerting import BUILT_IN, JUDGED, LOW_IS_BAD, Behaviour, Judged
from kpi.floor_tables import Table
from kpi.floor_thresholds import MEASURES, SEVERITIES, Behaviours, Levels
from kpi.floor_values import Level

MESSAGING = frozenset({"chat", "message", "social"})
# (warning, critical) by research (docs/alerts.md), where neither channel nor target decide; None: there is none.
_RESEARCHED: Mapping[str, tuple[float | None, float | None]] = {
    "waiting": (10, 20),
    "unattended_contacts": (None, 1),
    "closed_wait_seconds": (60, None),
    "abandonment_ratio": (0.05, 0.10),
    "growth_ratio": (0.2, 0.5),
    "ready_agents": (2, 1),
    "first_response_seconds": (60, 180),
    "handle_time_ratio": (1.5, None),
    "wrapup_ratio": (0.25, 0.5),
    "paused_ratio": (0.35, 0.5),
    "occupancy_ratio": (0.88, 0.93),
    "unanswered_offers_ratio": (0.10, 0.25),
    "volume_high_ratio": (1.5, 2),
    "volume_low_ratio": (0.5, 0.2),
    "overdue_contacts": (1, None),
    "overdue_callbacks": (1, None),
}


def researched(
    measure: str, channel: str, target_percent: float, target_seconds: int
) -> tuple[float | None, float | None]:
    """(warning, critical) of a measure where nobody set one."""
    if measure == "service_level_ratio":
        # Four fifths and three fifths of the promise: 0.64 and 0.48 for 80 %.
        return target_percent * 8 / 1000, target_percent * 6 / 1000
    if measure == "longest_wait_seconds":
        return (90, 300) if channel in MESSAGING else (60, 180)
    if measure == "answer_speed_seconds":
        return 2 * max(target_seconds, 1), 4 * max(target_seconds, 1)
    return _RESEARCHED[measure]


def long_seconds(channel: str) -> int:
    """Beyond how many seconds in service a contact is long where nobody set it: 5 min, for chats 8 min."""
    return 480 if channel in MESSAGING else 300


def complete(
    levels: Levels, channel: str, target_percent: float, target_seconds: int, *, teams: bool = False
) -> Mapping[tuple[str, str], Level]:
    """The levels in force: those that were set, and researched ones where they are wanted or where nothing was set.

    Of measures of teams (`teams`) or of the others. A researched level gives way to the other severity's where that
    one was set beyond it, so that ``critical = 50`` alone never leaves a warning that begins later, at 60.
    """
    out: dict[tuple[str, str], Level] = {}
    for judged in JUDGED:
        if judged.is_of_teams is teams:
            limits = researched(judged.name, channel, target_percent, target_seconds)
            _complete(judged, limits, levels, out)
    return out


def _complete(
    judged: Judged,
    limits: tuple[float | None, float | None],
    levels: Levels,
    out: dict[tuple[str, str], Level],
) -> None:
    given = [levels.get((judged.name, severity), judged.is_on) for severity in SEVERITIES]
    first, last = (max, min) if judged.low_is_bad else (min, max)
    for severity, own, other, limit, choose in zip(
        SEVERITIES, given, reversed(given), limits, (first, last), strict=True
    ):
        if isinstance(own, Level):
            out[judged.name, severity] = own
        elif own and limit is not None:
            value = choose(limit, other.enter) if isinstance(other, Level) else limit
            out[judged.name, severity] = Level(value, value)


def behaviours(set_ones: Behaviours) -> Mapping[str, Behaviour]:
    """How the alerts of every measure behave: as was set, and as built in where nothing was."""
    if not set_ones:
        return BUILT_IN
    found = dict(BUILT_IN)
    for (measure, key), value in set_ones.items():
        found[measure] = replace(found[measure], **{key: value})  # type: ignore[arg-type]  # floor_thresholds knows
    return found


def check_order(table: Table, levels: Levels) -> None:
    """Refuse a critical level that is reached before the warning; the error names the measure in this table."""
    for measure in MEASURES:
        warning, critical = (levels.get((measure, severity)) for severity in SEVERITIES)
        if not isinstance(warning, Level) or not isinstance(critical, Level):
            continue
        low = measure in LOW_IS_BAD
        if critical.enter > warning.enter if low else critical.enter < warning.enter:
            what = f"critical {critical.enter:g} {'above' if low else 'below'} warning {warning.enter:g}"
            order = "at or below" if low else "at or above"
            table.source.fail((*table.path, "thresholds", measure), f"{what}; wanted critical {order} warning")
