"""A back-test for eyes: how often each rule would have spoken, the alerts one by one, and what other rules change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from rich.console import Group
from rich.table import Table
from rich.text import Text

from alerts.rulebook import RULES
from floorpulse.backtest.comparison import Compared
from floorpulse.backtest.incidents import incidents_of
from floorpulse.backtest.outcome import Alert, Outcome
from kpi.floor import SEVERITIES
from kpi.panes import local_time

DASH = "–"
_MEASURES = {rule.name: rule.measure for rule in RULES}
_LEGEND = (
    "from: when it was true first; lasted: until it was over for as long as the rule keeps it; worst: of that time"
)

When = Callable[[int], str]


def as_table(outcome: Outcome, zone: str, *, most: int | None = None) -> Group:
    """The span, a table by rule and severity, and the alerts; `most`: no more rows than that, the rest is counted."""
    when = _clock(zone)
    span = f"{when(outcome.from_ms)} to {when(outcome.to_ms)} ({zone}), {_days(outcome)}"
    said: list[Text | Table] = [Text(span, "bold"), Text(_sum(outcome)), Text()]
    if not outcome.alerts:
        return Group(*said)
    said += [_by_rule(outcome), Text(), Text(_LEGEND, "dim"), _list(outcome.alerts, outcome, when, most)]
    if most is not None and len(outcome.alerts) > most:
        said.append(Text(f"and {len(outcome.alerts) - most} more; --json has all of them", "dim"))
    return Group(*said)


def compared_table(found: Compared, before: Outcome, after: Outcome, zone: str, *, most: int | None = None) -> Group:
    """How many alerts the other rules take away, add and keep, by rule; then those that only one of the two gives."""
    when = _clock(zone)
    table = _new("rule", "severity", only_before="only before", both="both", only_after="only after")
    kinds = {_kind(alert) for alert in (*before.alerts, *after.alerts)}
    for kind in _sorted(kinds):
        counts = (
            sum(_kind(alert) == kind for alert in some)
            for some in (found.only_before, [one for one, _ in found.both], found.only_after)
        )
        table.add_row(*kind, *(str(count) for count in counts))
    a_day = f"{before.per_day(len(before.alerts)):g} a day before, {after.per_day(len(after.alerts)):g} a day after"
    said: list[Text | Table] = [Text(), Text(f"compared: {a_day}", "bold"), table]
    for title, some, of in (("only before", found.only_before, before), ("only after", found.only_after, after)):
        if some:
            said += [Text(), Text(title, "bold"), _list(some, of, when, most)]
            if most is not None and len(some) > most:
                said.append(Text(f"and {len(some) - most} more; --json has all of them", "dim"))
    return Group(*said)


def _by_rule(outcome: Outcome) -> Table:
    table = _new(
        "rule", "severity", alerts="alerts", a_day="a day", queues="queues", median="median", longest="longest"
    )
    for kind in _sorted({_kind(alert) for alert in outcome.alerts}):
        some = [alert for alert in outcome.alerts if _kind(alert) == kind]
        lasted = sorted(alert.lasted_ms(outcome.to_ms) for alert in some)
        table.add_row(
            *kind,
            str(len(some)),
            f"{outcome.per_day(len(some)):g}",
            str(len({alert.place for alert in some})),
            _length(lasted[(len(lasted) - 1) // 2]),
            _length(lasted[-1]),
        )
    return table


def _list(alerts: Sequence[Alert], outcome: Outcome, when: When, most: int | None) -> Table:
    table = _new("from", "severity", "rule", "queue", lasted="lasted", worst="worst")
    day = ""
    for alert in alerts[:most]:
        date, _, clock = when(alert.from_ms).partition(" ")
        if date != day:
            table.add_row(Text(date, "bold"))
            day = date
        lasted = _length(alert.lasted_ms(outcome.to_ms))
        table.add_row(
            clock,
            alert.severity,
            alert.rule,
            _place(alert),
            f"{lasted}, still on" if alert.to_ms is None else lasted,
            _value(alert),
        )
    return table


def _new(*left: str, **right: str) -> Table:
    table = Table(header_style="bold", pad_edge=False, box=None, padding=(0, 2, 0, 0))
    for name in left:
        table.add_column(name, overflow="fold", no_wrap=name != "queue")
    for name in right.values():
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _kind(alert: Alert) -> tuple[str, str]:
    return alert.rule, alert.severity


def _sorted(kinds: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    names = list(_MEASURES)
    return sorted(kinds, key=lambda kind: (names.index(kind[0]), SEVERITIES.index(kind[1])))


def _sum(outcome: Outcome) -> str:
    count = len(outcome.alerts)
    if not count:
        return "no alert would have fired"
    said = f"{count} alert{'s' * (count > 1)}, {outcome.per_day(count):g} a day"
    if incidents := len(incidents_of(outcome.alerts, outcome.floor)):
        said += f", those of the fast rules in {incidents} message{'s' * (incidents > 1)} to people"
    return said


def _days(outcome: Outcome) -> str:
    return f"{outcome.days:.1f} days" if outcome.days >= 1 else f"{outcome.days * 24:.1f} hours"


def _clock(zone: str) -> When:
    return lambda ms: local_time(ms, zone).strftime("%Y-%m-%d %H:%M:%S")


def _length(ms: int) -> str:
    """h:mm:ss."""
    return str(timedelta(seconds=round(ms / 1000)))


def _place(alert: Alert) -> str:
    if alert.team is None:
        return f"{alert.queue} ({alert.channel})"
    return f"team {alert.team}" if alert.team else "agents without a team"


def _value(alert: Alert) -> str:
    measure, peak = _MEASURES[alert.rule], alert.peak
    if peak is None:
        return DASH
    if measure.endswith("_seconds"):
        return f"{peak:,.0f} s"
    return f"{peak:.1%}" if measure in _SHARES else f"{peak:g}"


_SHARES = frozenset(
    {"abandonment_ratio", "service_level_ratio", "growth_ratio", "wrapup_ratio", "paused_ratio",
     "unanswered_offers_ratio", "occupancy_ratio", "volume_high_ratio", "volume_low_ratio"}
)  # fmt: skip
