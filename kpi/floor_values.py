"""The values that may stand in a floor.toml, each with what to say when something else stands there."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kpi.opening import WEEKDAYS, Span, minute_of_day, parse_span

CHANNELS = ("voice", "video", "callback", "chat", "message", "social", "email", "ticket")
LINK_FIELDS = ("native_id", "contact_id", "source", "queue_id", "channel")
DAY_SECONDS = 86_400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Wrong(ValueError):  # noqa: N818  # it says what the value is
    """A value that cannot stand there; the text says what would be right, after the word "wanted"."""


class Level(NamedTuple):
    """Where a severity begins and where it ends again."""

    enter: float
    exit: float


def text(value: object) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise Wrong('a text in quotes, e.g. "support"')
    return value


def seconds(value: object) -> int:
    """Whole seconds, 0 to a day: waits are counted in whole seconds, so nothing finer could be compared."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= DAY_SECONDS:
        raise Wrong(f"a whole number of seconds from 0 to {DAY_SECONDS}, e.g. 20")
    return value


def percent(value: object) -> float:
    """A share in percent, above 0."""
    return _number(value, 100, "a percentage above 0 and up to 100, e.g. 80", above=0)


def days(value: object) -> float:
    """A number of days, above 0."""
    return _number(value, 366, "a number of days above 0 and up to 366, e.g. 7", above=0)


def amount(value: object) -> float:
    """A number of seconds or of contacts."""
    return _number(value, 1e9, "a number, 0 or more, e.g. 60")


def ratio(value: object) -> float:
    """A share of 1."""
    return _number(value, 1, "a ratio from 0 to 1, e.g. 0.05")


def times(value: object) -> float:
    """So many times as much."""
    return _number(value, 100, "how many times as much, from 0 to 100, e.g. 1.5")


def count(value: object) -> int:
    """A number of contacts."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1_000_000:
        raise Wrong("a whole number, 0 or more, e.g. 20")
    return value


def yes_or_no(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Wrong("true or false")
    return value


def zone(value: object) -> str:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(text(value)).key
    except (ValueError, OSError, LookupError):
        raise Wrong('an IANA zone name, e.g. "Europe/Berlin"') from None


def reset(value: object) -> int:
    """When the business day begins, "HH:MM"; gives minutes after midnight."""
    try:
        minute = minute_of_day(value) if isinstance(value, str) else -1
    except ValueError:
        minute = -1
    # Days are sums of 15 min panes, so a day cannot begin inside one.
    if minute % 15 or not 0 <= minute < 1440:
        raise Wrong('a time HH:MM, a multiple of 15 minutes, e.g. "04:00"')
    return minute


def channel(value: object) -> str:
    """One of CHANNELS."""
    if value not in CHANNELS:
        raise Wrong(f"one of {', '.join(CHANNELS)}")
    return str(value)


def language(value: object) -> str:
    """A language tag."""
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise Wrong('a language tag, e.g. "en" or "zh-CN"')
    return value


def day(value: object) -> date:
    """A date, in quotes or as TOML's own."""
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        return date.fromisoformat(text(value))
    except ValueError:
        raise Wrong('a date, e.g. "2026-12-25"') from None


def instant_ms(value: object) -> int:
    """An instant in ms UTC; a date is its first instant, and without an offset it is UTC."""
    try:
        found = value if isinstance(value, date) else datetime.fromisoformat(text(value))
    except ValueError:
        raise Wrong('a date or an instant, e.g. "1990-01-01"') from None
    aware = found if isinstance(found, datetime) else datetime(found.year, found.month, found.day, tzinfo=UTC)
    return moment_ms(aware, "UTC")


def moment(value: object) -> datetime:
    """An instant, or (without an offset) a local time that belongs to some zone; a date is its first moment."""
    try:
        found = value if isinstance(value, date) else datetime.fromisoformat(text(value))
    except ValueError:
        raise Wrong('a time, e.g. 2026-11-23T14:00:00, or with its offset "2026-11-23T14:00+08:00"') from None
    return found if isinstance(found, datetime) else datetime(found.year, found.month, found.day)  # noqa: DTZ001


def moment_ms(found: datetime, zone_name: str) -> int:
    """The ms UTC of a `moment`, whose local times are those of a zone."""
    aware = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone_name))
    return (aware - _EPOCH) // timedelta(milliseconds=1)


def span(value: object) -> Span:
    """Opening and closing time."""
    try:
        return parse_span(text(value))
    except ValueError:
        raise Wrong('opening and closing time, e.g. "08:00-20:00"') from None


def spans(value: object) -> tuple[Span, ...]:
    """A list of opening and closing times; an empty one is a closed day."""
    if not isinstance(value, list):
        raise Wrong('a list of opening and closing times, e.g. ["08:00-12:00", "13:00-20:00"]')
    return tuple(sorted(span(item) for item in value))


def special_hours(value: object) -> tuple[Span, ...] | int:
    """The hours of a special day: a list of them, or the weekday (Monday is 0) whose hours it has."""
    if isinstance(value, str) and value in WEEKDAYS:
        return WEEKDAYS.index(value)
    if not isinstance(value, list):
        raise Wrong('a list of hours, e.g. ["08:00-12:00"], or the weekday whose hours it has, e.g. "mon"')
    return spans(value)


def link(value: object) -> str:
    """An address with places for what an event knows."""
    fields = ", ".join(f"{{{name}}}" for name in LINK_FIELDS)
    try:
        address = text(value)
        address.format(**dict.fromkeys(LINK_FIELDS, ""))
    except (LookupError, ValueError, AttributeError):
        raise Wrong(f"an address with no braces but {fields}") from None
    if not address.startswith(("https://", "http://")):
        raise Wrong('an http(s) address, e.g. "https://crm.example/{native_id}"')
    return address


def _number(value: object, most: float, wanted: str, above: float | None = None) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most or value == above:
        raise Wrong(wanted)
    return value
