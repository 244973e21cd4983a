"""Opening hours -> Alertmanager's time intervals: `python -m alerts.prometheus.time_intervals floor.toml`.

Alertmanager knows hours of weekdays and of dates, and no exceptions. So each calendar becomes two intervals: `open-N`,
the weekly hours and what special days add to them, for `active_time_intervals`; and `closed-N`, what holidays and
special days take away, for `mute_time_intervals` of the same route. An always open calendar has none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from kpi.floor import Floor, FloorError, parse_floor
from kpi.opening import DAY_MINUTES, Opening, Span

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
USAGE = "usage: python -m alerts.prometheus.time_intervals floor.toml"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours in a zone, and the ids of the queues that keep them; "*" for whatever is not configured."""

    zone: str
    opening: Opening
    queues: list[str] = field(default_factory=list)


def calendars(floor: Floor) -> list[Calendar]:
    """Each calendar once, that of [defaults] first, then in the order of the file; those always open left out."""
    found: dict[tuple[str, Opening], Calendar] = {}
    for config in (floor.defaults, *floor.configured):
        if config.opening.weekly is None and not config.opening.holidays and not config.opening.special:
            continue
        calendar = found.setdefault((config.zone, config.opening), Calendar(config.zone, config.opening))
        name = config.id or "*"
        if name not in calendar.queues:
            calendar.queues.append(name)
    return list(found.values())


def weekly_spans(opening: Opening, weekday: int) -> tuple[Span, ...]:
    """Minutes of a weekday (Monday 0) that the weekly hours cover, what reaches over from the day before included."""
    if opening.weekly is None:
        return ((0, DAY_MINUTES),)
    return _of_day(opening.weekly[weekday], opening.weekly[weekday - 1])


def spans_of(opening: Opening, day: date) -> tuple[Span, ...]:
    """Minutes of a date that are open."""
    before = day - timedelta(days=1) if day > date.min else day
    return _of_day(opening.spans(day), opening.spans(before))


def exceptions(opening: Opening) -> Iterator[tuple[date, tuple[Span, ...], tuple[Span, ...]]]:
    """(date, minutes open besides the weekly hours, minutes of these that are closed), where there are any."""
    named = {*opening.holidays, *opening.special}
    for day in sorted({*named, *(day + timedelta(days=1) for day in named if day < date.max)}):
        usual, real = weekly_spans(opening, day.weekday()), spans_of(opening, day)
        more, less = _without(real, usual), _without(usual, real)
        if more or less:
            yield day, more, less


def text(floor: Floor) -> str:
    """The YAML: `time_intervals`, with the queues of each calendar in a comment."""
    lines: list[str] = []
    for number, calendar in enumerate(calendars(floor), 1):
        extra = list(exceptions(calendar.opening))
        queues = ", ".join(map(_shown, calendar.queues))
        lines.append(f"  # {queues}")
        lines += _interval(f"open-{number}", calendar.zone, _open(calendar.opening, extra))
        lines += _interval(f"closed-{number}", calendar.zone, _closed(extra))
    if not lines:
        return "time_intervals: []  # every queue is always open\n"
    return "time_intervals:\n" + "\n".join(lines) + "\n"


def _shown(queue: str) -> str:
    """An id in a comment, on one line whatever is in it."""
    if queue == "*":
        return "every other queue"
    return queue if queue.isprintable() else ascii(queue)[1:-1]


Entry = Mapping[str, str]


def _open(opening: Opening, extra: Iterable[tuple[date, tuple[Span, ...], tuple[Span, ...]]]) -> list[Entry]:
    by_hours: dict[tuple[Span, ...], list[int]] = {}
    for weekday in range(7):
        by_hours.setdefault(weekly_spans(opening, weekday), []).append(weekday)
    found: list[Entry] = [
        {"weekdays": f"[{', '.join(DAYS[day] for day in days)}]", "times": _times(spans)}
        for spans, days in by_hours.items()
        if spans
    ]
    return found + [{**_date(day), "times": _times(more)} for day, more, _ in extra if more]


def _closed(extra: Iterable[tuple[date, tuple[Span, ...], tuple[Span, ...]]]) -> list[Entry]:
    return [{**_date(day), "times": _times(less)} for day, _, less in extra if less]


def _interval(name: str, zone: str, entries: Sequence[Entry]) -> list[str]:
    if not entries:
        # An interval of that name must be there for the routes that name it; this one never comes.
        return [f"  - name: {name}", "    time_intervals:", "      - years: ['1970']"]
    lines = [f"  - name: {name}", "    time_intervals:"]
    for entry in entries:
        for at, (key, value) in enumerate({**entry, "location": f"'{zone}'"}.items()):
            lines.append(f"      {'- ' if at == 0 else '  '}{key}: {value}")
    return lines


def _date(day: date) -> Entry:
    return {"years": f"['{day.year:04}']", "months": f"['{day.month}']", "days_of_month": f"['{day.day}']"}


def _times(spans: Iterable[Span]) -> str:
    each = (f"{{start_time: '{_clock(start)}', end_time: '{_clock(end)}'}}" for start, end in spans)
    return f"[{', '.join(each)}]"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _of_day(spans: Iterable[Span], of_the_day_before: Iterable[Span]) -> tuple[Span, ...]:
    """The minutes of one day that are covered, joined and in order."""
    cut = [(start, min(end, DAY_MINUTES)) for start, end in spans if start < DAY_MINUTES]
    cut += [(max(start - DAY_MINUTES, 0), end - DAY_MINUTES) for start, end in of_the_day_before if end > DAY_MINUTES]
    joined: list[Span] = []
    for start, end in sorted(cut):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def _without(spans: Iterable[Span], taken: Sequence[Span]) -> tuple[Span, ...]:
    """What is left of joined spans without others."""
    left: list[Span] = []
    for start, end in spans:
        for other_start, other_end in taken:
            if other_end <= start or other_start >= end:
                continue
            if other_start > start:
                left.append((start, other_start))
            start = other_end
        if start < end:
            left.append((start, end))
    return tuple(left)


def main(arguments: Sequence[str]) -> int:
    """Print the intervals of a floor.toml; exit code 2 and one line when it cannot be read."""
    if len(arguments) != 1:
        sys.stderr.write(USAGE + "\n")
        return 2
    try:
        sys.stdout.write(text(parse_floor(Path(arguments[0]).read_text(encoding="utf-8"), arguments[0])))
    except FloorError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        sys.stderr.write(f"{arguments[0]}: {reason}; wanted a floor.toml\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
