"""Which alerts a list of calls must give, second by second: a small program of its own, standard library only.

It was written from the definitions (docs/glossary.md, docs/alerts.md, the README of the data) and shares nothing with
the product: no view, no measures, no policy, no reader of tables or of floor.toml.

The definitions, in short. At second t everything is known that happened up to t. A window of W seconds begins at the
last full ten seconds at or before t - W, and t belongs to it. A call waits from its join until it left.

    longest wait     t - the earliest join of those who wait
    closed wait      the same, outside opening hours only
    service level    A_T / (A + B + W_>): answered within T by the wait that the table says, answered, gave up, waiting
                     for more than T; the larger one of 30 min and 5 min; no value with fewer than `minimum` joins in 30
    abandonment      (B - B_s) / (A + B - B_s) of 30 min, B_s who gave up within the short limit by the wait that the
                     table says; no value with fewer than `minimum` such calls
    growth           (joins - leaves) / joins of 5 min, if it is above 0 and at least 5 wait, else 0
    speed of answer  mean wait of those answered in 15 min, with the same minimum (of answers)

A limit is entered at `enter` and left when better than `leave`. Entered for `hold` seconds it fires; better for `keep`
seconds without a break it is over. Outside opening hours nothing is bad, and in quiet everything is over at once.
"""

import csv
import datetime as dt
import io
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

HOUR, HALF, QUARTER, FIVE = 3600, 1800, 900, 300


@dataclass(frozen=True)
class Call:
    """One call in a queue; whole seconds since 1970. `wait`: as the table says it; `ended`: the end of all of it."""

    queue: str
    joined: int
    left: int
    wait: int
    answered: bool
    ended: int


@dataclass(frozen=True)
class Limit:
    """One severity of one rule."""

    rule: str
    severity: str
    enter: float
    leave: float
    hold: int = 0
    keep: int = 30
    minimum: int = 0
    only_open: bool = True

    @property
    def is_low_bad(self) -> bool:
        return self.rule in ("ServiceLevelLow", "VolumeLow")


@dataclass(frozen=True)
class Rules:
    """What holds for every queue. `open_at`: whether a second is inside opening hours; `quiet`: spans [from, to)."""

    limits: list[Limit]
    target: int = 20
    short: int = 5
    open_at: Callable[[int], bool] = lambda _: True
    quiet: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Alert:
    rule: str
    severity: str
    queue: str
    since: int
    until: int | None
    peak: float


def technion_calls(text: str, day: dt.date, zone: str = "Asia/Jerusalem") -> list[Call]:
    """The calls of one day of the bank; times are naive, and go on past midnight."""
    calls = []
    for row in csv.DictReader(io.StringIO(text)):
        queued = row["q_start"] != "0:00:00"
        if row["outcome"] == "PHANTOM" or (row["outcome"] == "HANG" and not queued):
            continue
        answered, served = row["outcome"] == "AGENT", row["ser_exit"] != "0:00:00"
        clocks = [row["vru_entry"], row["q_start" if queued else "vru_exit"], row["q_exit" if queued else "vru_exit"]]
        _, joined, left, ended = _in_order([*clocks, row["ser_exit"] if answered and served else clocks[-1]], day, zone)
        calls.append(Call(row["type"], joined, left, int(row["q_time"]) if queued else 0, answered, ended))
    return calls


def simulated_calls(text: str, queue: str) -> list[Call]:
    """The calls of the simulated centre: every one is answered; a clock of twelve hours, UTC."""
    calls = []
    for row in csv.DictReader(io.StringIO(text)):
        clocks = [_noon(row[name]) for name in ("call_started", "call_answered", "call_ended")]
        joined, left, ended = _in_order(clocks, dt.date.fromisoformat(row["date"]), "UTC")
        calls.append(Call(queue, joined, left, int(row["wait_length"]), True, ended))
    return calls


def _noon(text: str) -> str:
    return dt.datetime.strptime(text, "%I:%M:%S %p").strftime("%H:%M:%S")  # noqa: DTZ007 - a clock, no instant


def _in_order(clocks: Iterable[str], day: dt.date, zone: str) -> Iterator[int]:
    """Instants of clock times that follow one another: one that is half a day earlier is of the next day."""
    before = -1
    for clock in clocks:
        hours, minutes, seconds = (int(part) for part in clock.split(":"))
        second = hours * HOUR + minutes * 60 + seconds
        second += 86_400 * (before >= 0 and second < before - 43_200)
        before = second
        midnight = dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
        yield round((midnight + dt.timedelta(seconds=second)).timestamp())


class Queue:
    """The calls of one queue, so that what happened in a stretch of time is counted by two searches."""

    def __init__(self, calls: list[Call], target: int, short: int) -> None:
        self.target = target
        self.joins = sorted(call.joined for call in calls)
        answered = sorted((call.left, call.wait) for call in calls if call.answered)
        self.answers = [left for left, _ in answered]
        self.in_target = sorted(left for left, wait in answered if wait <= target)
        self.gone = sorted(call.left for call in calls if not call.answered)
        self.gone_late = sorted(call.left for call in calls if not call.answered and call.wait > short)
        self.waits = [0]
        for _, wait in answered:
            self.waits.append(self.waits[-1] + wait)
        self._coming = sorted((call for call in calls if call.left > call.joined), key=lambda call: -call.joined)
        self.waiting: list[Call] = []

    def values(self, now: int, rules: Rules, minimum: dict[str, int]) -> dict[str, float | None]:
        """Rule -> its value at a second; seconds come in order."""
        while self._coming and self._coming[-1].joined <= now:
            self.waiting.append(self._coming.pop())
        self.waiting = [call for call in self.waiting if call.left > now]
        longest = float(now - min(call.joined for call in self.waiting)) if self.waiting else None
        return {
            "QueueLongestWaitHigh": longest,
            "QueueLengthHigh": float(len(self.waiting)),
            "ContactsWaitingWhileClosed": None if rules.open_at(now) else longest,
            "ServiceLevelLow": self._level(now, minimum["ServiceLevelLow"]),
            "AbandonmentHigh": self._abandonment(now, minimum["AbandonmentHigh"]),
            "QueueGrowing": self._growth(now),
            "AverageSpeedOfAnswerHigh": self._speed(now, minimum["AverageSpeedOfAnswerHigh"]),
        }

    def _level(self, now: int, minimum: int) -> float | None:
        if within(self.joins, now, HALF) < minimum:
            return None
        late = sum(now - call.joined > self.target for call in self.waiting)
        found = []
        for window in (HALF, FIVE):
            all_of = within(self.answers, now, window) + within(self.gone, now, window) + late
            if not all_of:
                return None
            found.append(within(self.in_target, now, window) / all_of)
        return max(found)

    def _abandonment(self, now: int, minimum: int) -> float | None:
        gone = within(self.gone_late, now, HALF)
        left = gone + within(self.answers, now, HALF)
        return gone / left if left >= max(minimum, 1) else None

    def _growth(self, now: int) -> float | None:
        joins = within(self.joins, now, FIVE)
        if not joins:
            return None
        more = joins - within(self.answers, now, FIVE) - within(self.gone, now, FIVE)
        return more / joins if more > 0 and len(self.waiting) >= 5 else 0.0

    def _speed(self, now: int, minimum: int) -> float | None:
        first, end = stretch(self.answers, now, QUARTER)
        return (self.waits[end] - self.waits[first]) / (end - first) if end - first >= max(minimum, 1) else None


def stretch(times: list[int], now: int, window: int) -> tuple[int, int]:
    """The slice of `times` that lies in the window that ends at `now`."""
    return bisect_left(times, (now - window) // 10 * 10), bisect_right(times, now)


def within(times: list[int], now: int, window: int) -> int:
    first, end = stretch(times, now, window)
    return end - first


class Watcher:
    """One limit of one queue over the seconds."""

    def __init__(self, limit: Limit, queue: str) -> None:
        self.limit, self.queue = limit, queue
        self.since: int | None = None
        self.good_since: int | None = None
        self.has_left = False
        self.is_on = False
        self.peak: float | None = None
        self.alerts: list[Alert] = []

    def look(self, now: int, value: float | None, *, is_open: bool, is_quiet: bool) -> None:
        """Take the value of one second."""
        if self.limit.only_open and not is_open:
            entered, good = False, True
        else:
            entered, good = self._is_past(value, self.limit.enter), not self._is_past(value, self.limit.leave)
        if self.since is None and entered:
            self.since, self.peak = now, None
        if self.since is None:
            return
        if value is not None:
            self.peak = value if self.peak is None else (min if self.limit.is_low_bad else max)(self.peak, value)
        if self.is_on:
            self._while_on(now, entered=entered, good=good, is_quiet=is_quiet)
        elif good:
            self.since = None
        elif now - self.since >= self.limit.hold and not is_quiet:
            self.is_on, self.has_left, self.good_since = True, False, None
            self.alerts.append(Alert(self.limit.rule, self.limit.severity, self.queue, self.since, None, 0.0))
        if self.alerts and self.is_on:
            self.alerts[-1].peak = self.peak or 0.0

    def _while_on(self, now: int, *, entered: bool, good: bool, is_quiet: bool) -> None:
        was_left = self.has_left
        if entered:
            self.has_left, self.good_since = False, None
        elif good:
            self.has_left = True
            self.good_since = now if self.good_since is None else self.good_since
        else:
            self.good_since = None  # between the two limits the wait for the end begins anew
        if is_quiet:
            self._end(now, stays=entered if was_left else not good)
        elif self.good_since is not None and now - self.good_since >= self.limit.keep:
            self._end(now, stays=False)

    def _end(self, now: int, *, stays: bool) -> None:
        self.is_on, self.good_since = False, None
        self.alerts[-1].until, self.alerts[-1].peak = now, self.peak or 0.0
        if not stays:
            self.since = None

    def _is_past(self, value: float | None, bound: float) -> bool:
        if value is None:
            return False
        return value < bound if self.limit.is_low_bad else value >= bound


def alerts_of(calls: list[Call], rules: Rules) -> list[Alert]:
    """Every alert, by its start."""
    by_queue: defaultdict[str, list[Call]] = defaultdict(list)
    for call in calls:
        by_queue[call.queue].append(call)
    minimum = defaultdict(int, {limit.rule: limit.minimum for limit in rules.limits})
    first, last = min(call.joined for call in calls), max(max(call.left, call.ended) for call in calls)
    found: list[Alert] = []
    for name, some in by_queue.items():
        queue, watchers = Queue(some, rules.target, rules.short), [Watcher(limit, name) for limit in rules.limits]
        for now in range(first, last + 1):
            values = queue.values(now, rules, minimum)
            is_open, is_quiet = rules.open_at(now), any(begin <= now < end for begin, end in rules.quiet)
            for watcher in watchers:
                watcher.look(now, values[watcher.limit.rule], is_open=is_open, is_quiet=is_quiet)
        found += [alert for watcher in watchers for alert in watcher.alerts]
    return sorted(found, key=lambda alert: (alert.since, alert.rule, alert.queue, alert.severity))
