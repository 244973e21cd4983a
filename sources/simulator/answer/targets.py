"""What a floor.toml promises per queue, read by itself: target, short limits, hours; and who is in which team."""

import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MESSAGING = frozenset({"chat", "message", "social"})


class Target(NamedTuple):
    """The settings of one queue and channel. `hours`: minutes of the day by weekday, None when always open."""

    percent: float
    seconds: int
    short_abandon_seconds: int
    short_call_seconds: int
    long_seconds: int
    zone: str
    hours: dict[int, list[tuple[int, int]]] | None
    holidays: frozenset[date]
    special: dict[date, list[tuple[int, int]]]


class Targets:
    """The settings of a whole floor; an empty text is a floor of defaults."""

    def __init__(self, text: str = "") -> None:
        toml = tomllib.loads(text)
        if toml.get("ids"):
            raise ValueError("[[ids]]: an answer key is made for events as they were sent, under their own ids")
        self._defaults: dict[str, Any] = toml.get("defaults", {})
        self._queues: dict[str, dict[str, Any]] = toml.get("queue", {})
        self._agents: dict[str, dict[str, Any]] = toml.get("agent", {})
        self._known: dict[tuple[str, str], Target] = {}

    def of(self, queue: str, channel: str) -> Target:
        """The settings of a queue on a channel."""
        if (queue, channel) not in self._known:
            self._known[queue, channel] = self._read(queue, channel)
        return self._known[queue, channel]

    def team(self, agent: str) -> str:
        """The team that is configured for an agent, "" when none is."""
        found: str = self._agents.get(agent, {}).get("team", "")
        return found

    def _read(self, queue: str, channel: str) -> Target:
        own = self._queues.get(queue, {})
        if own.get("channel", channel) != channel:
            own = {}
        layers = (self._defaults, own, own.get(channel, {}))
        found: dict[str, Any] = {"target": {}}
        for layer in layers:
            target = {**found["target"], **layer.get("target", {})}
            found = {**found, **layer, "target": target}
        hours = found.get("hours")
        weekly = None if hours is None else {day: list(spans) for day, spans in _week(hours)}
        return Target(
            percent=found["target"].get("percent", 80),
            seconds=found["target"].get("seconds", 20),
            short_abandon_seconds=found.get("short_abandon_seconds", 5),
            short_call_seconds=found.get("short_call_seconds", 10),
            long_seconds=found.get("long_seconds", 480 if channel in MESSAGING else 300),
            zone=found.get("zone", "UTC"),
            hours=weekly,
            holidays=frozenset(_day(day) for day in found.get("holidays", [])),
            special={
                _day(day): (weekly or _ALWAYS).get(DAYS.index(spans), []) if isinstance(spans, str) else _spans(spans)
                for day, spans in found.get("special_days", {}).items()
            },
        )


_ALWAYS = {day: [(0, 1440)] for day in range(7)}


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _week(hours: dict[str, list[str]]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    for names, spans in hours.items():
        first, _, last = ("mon-sun" if names == "daily" else names).partition("-")
        at, end = DAYS.index(first), DAYS.index(last or first)
        yield at, _spans(spans)
        while at != end:
            at = (at + 1) % 7
            yield at, _spans(spans)


def _spans(texts: list[str]) -> list[tuple[int, int]]:
    found = []
    for text in texts:
        opens, closes = (int(part[:2]) * 60 + int(part[3:]) for part in text.replace(" ", "").split("-"))
        found.append((opens, closes if closes > opens else closes + 1440))
    return found


def open_ms(target: Target, since: int, until: int) -> int:
    """How long the queue was open in [since, until), in ms."""
    if target.hours is None and not target.holidays and not target.special:
        return until - since
    zone = ZoneInfo(target.zone)
    day = datetime.fromtimestamp(since / 1000, zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(until / 1000, zone).date()
    total, reached = 0, since
    while day <= last:
        for opens, closes in sorted(_open_on(target, day)):
            start = max(reached, _instant(day, opens, zone, 0))
            end = min(until, _instant(day, closes, zone, 1))
            if start < end:
                total, reached = total + end - start, end
        day += timedelta(days=1)
    return total


def _open_on(target: Target, day: date) -> list[tuple[int, int]]:
    if day in target.special:
        return target.special[day]
    if day in target.holidays:
        return []
    return (target.hours or _ALWAYS).get(day.weekday(), [])


def _instant(day: date, minutes: int, zone: ZoneInfo, fold: int) -> int:
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)
    return int(wall.replace(fold=fold).timestamp()) * 1000
