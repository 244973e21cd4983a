"""What each layer of a floor.toml may say, with nothing filled in; `kpi.floor_layers` lays them over one another."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date

from kpi import floor_values as values
from kpi.floor_tables import Table
from kpi.floor_thresholds import MEASURES, Behaviours, Levels, read_thresholds
from kpi.floor_values import Wrong
from kpi.opening import Opening, Span, parse_weekdays
from kpi.plausible import read_plausible


@dataclass(frozen=True, slots=True)
class Settings:
    """The keys that were set; None: not set here."""

    zone: str | None = None
    reset_minutes: int | None = None
    target_percent: float | None = None
    target_seconds: int | None = None
    short_abandon_seconds: int | None = None
    short_call_seconds: int | None = None
    long_seconds: int | None = None
    group: str | None = None
    names: dict[str, str] | None = None
    weekly: tuple[tuple[Span, ...], ...] | None = None
    holidays: frozenset[date] | None = None
    special: dict[date, tuple[Span, ...] | int] | None = None
    entry_point: str | None = None
    source: str | None = None
    levels: Levels = field(default_factory=dict)
    behaviours: Behaviours = field(default_factory=dict)
    plausible: dict[str, int] = field(default_factory=dict)

    def under(self, top: Settings) -> Settings:
        """These settings with another table's laid over them; thresholds and plausible limits one by one."""
        merged = {item.name: getattr(top, item.name) for item in fields(top) if getattr(top, item.name) is not None}
        mine = {item.name: getattr(self, item.name) for item in fields(self)}
        one_by_one = {name: {**getattr(self, name), **getattr(top, name)} for name in _ONE_BY_ONE}
        return Settings(**{**mine, **merged, **one_by_one})

    def opening(self) -> Opening:
        """Opening hours; a special day that works like a weekday has that weekday's spans."""
        weekly = self.weekly or (((0, 1440),),) * 7
        days = (self.special or {}).items()
        special = {day: weekly[hours] if isinstance(hours, int) else hours for day, hours in days}
        return Opening(self.weekly, self.holidays or frozenset(), special)


_ONE_BY_ONE = ("levels", "behaviours", "plausible")


def read_settings(table: Table, *, teams: bool = False, group: bool = True) -> Settings:
    """The settings of one table; the caller reads its other keys and calls ``done``.

    `teams`: measures of teams may stand there; `group`: the name of a group may.
    """
    for measure in MEASURES:
        if measure in table.values:
            table.fail(measure, f"is a limit; wanted it as thresholds = {{ {measure} = ... }}")
    percent, seconds = _target(table.table("target"))
    levels, behaviours = read_thresholds(table.table("thresholds"), teams=teams)
    holidays = table.each("holidays", values.day, 'a list of dates, e.g. ["2026-12-25"]')
    return Settings(
        zone=table.get("zone", values.zone),
        reset_minutes=table.get("reset", values.reset),
        target_percent=percent,
        target_seconds=seconds,
        short_abandon_seconds=table.get("short_abandon_seconds", values.seconds),
        short_call_seconds=table.get("short_call_seconds", values.seconds),
        long_seconds=table.get("long_seconds", values.seconds),
        group=table.get("group", values.text) if group else None,
        weekly=_weekly(table.table("hours")),
        holidays=None if holidays is None else frozenset(holidays),
        special=_special(table.table("special_days")),
        entry_point=table.get("entry_point", values.text),
        source=table.get("source", values.text),
        levels=levels,
        behaviours=behaviours,
        plausible=read_plausible(table.table("plausible_seconds")),
    )


def _target(table: Table | None) -> tuple[float | None, int | None]:
    if table is None:
        return None, None
    target = table.get("percent", values.percent), table.get("seconds", values.seconds)
    table.done()
    return target


def _weekly(table: Table | None) -> tuple[tuple[Span, ...], ...] | None:
    """Days not named are closed."""
    if table is None:
        return None
    week: dict[int, tuple[Span, ...]] = {}
    for key, spans in table.items(values.spans):
        try:
            named = parse_weekdays(key)
        except ValueError as error:
            table.fail(key, str(error))
        if any(day in week for day in named):
            table.fail(key, "names a weekday a second time; wanted each weekday once")
        week.update(dict.fromkeys(named, spans))
    return tuple(week.get(day, ()) for day in range(7))


def _special(table: Table | None) -> dict[date, tuple[Span, ...] | int] | None:
    if table is None:
        return None
    special = {}
    for key, hours in table.items(values.special_hours):
        try:
            special[values.day(key)] = hours
        except Wrong as wrong:
            table.fail(key, f"wanted {wrong}")
    return special
