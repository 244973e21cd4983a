"""The report that a list of true visits must give, counted by brute force from the definitions of the glossary.

Nothing of the product is used here: every number is counted anew from the visits, part by part.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

Report = dict[str, Any]
MINUTE = 60_000


@dataclass
class Visit:
    """One stay of one contact in one queue, as it truly was. All times and durations in ms; None: never, or unknown.

    `known`: whether the join was told; `server`: who ended the conversation when nobody is known to have answered.
    """

    queue: str
    joined: int
    known: bool = True
    channel: str = "voice"
    outcome: str | None = None
    left: int | None = None
    wait: int | None = None
    agent: str | None = None
    ended: int | None = None
    talk: int | None = None
    hold: int | None = None
    server: str | None = None
    transferred: tuple[int, str | None] | None = None
    refusals: list[tuple[int, str | None]] = field(default_factory=list)

    @property
    def served_by(self) -> str | None:
        """Who had the conversation: the one who answered, else the one who ended it."""
        return self.agent or self.server


@dataclass(frozen=True)
class Targets:
    """What a queue's service level is measured against, in seconds."""

    seconds: int = 20
    short: int = 5


@dataclass(frozen=True)
class Oracle:
    """Counts reports over visits. `span` is [from, to) in ms UTC; `targets` by queue, else the defaults."""

    visits: Sequence[Visit]
    span: tuple[int, int]
    basis: str = "event"
    zone: str = "UTC"
    within: tuple[int, ...] = (5, 10, 15, 20, 30, 60)
    targets: Mapping[str, Targets] = field(default_factory=dict)

    def report(self, parts: Iterable[str] = ("queue", "hour", "day", "agent", "minute")) -> Report:
        """total and the wanted parts, as in a report's JSON, without span and events."""
        makers: dict[str, Callable[[], Report]] = {
            "queue": self._per_queue,
            "hour": lambda: self._per_clock("%Y-%m-%dT%H"),
            "day": lambda: self._per_clock("%Y-%m-%d"),
            "agent": self._per_agent,
            "minute": self._per_minute,
        }
        return {"total": self._measures(self.visits, [self.span]), **{f"per_{part}": makers[part]() for part in parts}}

    def _queues(self) -> list[str]:
        return sorted({visit.queue for visit in self.visits if self._seen(visit)})

    def _seen(self, visit: Visit) -> bool:
        inside = [at for at in (visit.joined, visit.left, visit.ended) if at is not None and self._in(at, [self.span])]
        return bool(inside) or (visit.joined < self.span[0] and visit.left is None)

    def _per_queue(self) -> Report:
        return {queue: self._measures(self._of(queue), [self.span]) for queue in self._queues()}

    def _of(self, queue: str) -> list[Visit]:
        return [visit for visit in self.visits if visit.queue == queue]

    def _per_clock(self, form: str) -> Report:
        return {key: self._measures(self.visits, some) for key, some in self._stretches(form).items()}

    def _per_minute(self) -> Report:
        found: Report = {}
        for key, some in self._stretches("%Y-%m-%dT%H:%M").items():
            second = some[0][0] // MINUTE * 60
            found[key] = {
                queue: {**self._measures(self._of(queue), some), "waiting": self._length(self._of(queue), second)}
                for queue in self._queues()
            }
        return found

    def _stretches(self, form: str) -> dict[str, list[tuple[int, int]]]:
        """Stretches [from, to) of the span by the local clock's words, minute by minute; an hour may come twice."""
        begin, end = self.span
        zone = ZoneInfo(self.zone)
        found: dict[str, list[tuple[int, int]]] = {}
        for minute in range(begin // MINUTE * MINUTE, end, MINUTE):
            key = dt.datetime.fromtimestamp(minute / 1000, zone).strftime(form)
            cut = (max(minute, begin), min(minute + MINUTE, end))
            some = found.setdefault(key, [])
            if some and some[-1][1] == cut[0]:
                some[-1] = (some[-1][0], cut[1])
            else:
                some.append(cut)
        return found

    @staticmethod
    def _in(at: int | None, stretches: Sequence[tuple[int, int]]) -> bool:
        return at is not None and any(begin <= at < end for begin, end in stretches)

    def _counted(
        self, visits: Iterable[Visit], when: Callable[[Visit], int | None], stretches: Sequence[tuple[int, int]]
    ) -> list[Visit]:
        """The visits to which it happened inside the stretches; on the arrival basis, that joined there."""
        happened = [visit for visit in visits if when(visit) is not None]
        at: Callable[[Visit], int | None] = (lambda visit: visit.joined) if self.basis == "arrival" else when
        return [visit for visit in happened if self._in(at(visit), stretches)]

    @staticmethod
    def _length(visits: Iterable[Visit], second: int) -> int:
        return sum(
            visit.joined // 1000 <= second and (visit.left is None or visit.left // 1000 > second) for visit in visits
        )

    def _most(self, visits: Sequence[Visit], stretches: Sequence[tuple[int, int]]) -> int:
        """The largest length after any whole second: it can only be after a join's second, or the first second."""
        most = 0
        for begin, end in stretches:
            first, last = begin // 1000, -(-end // 1000) - 1
            joins = {visit.joined // 1000 for visit in visits}
            for second in {first, *(at for at in joins if first <= at <= last)}:
                most = max(most, self._length(visits, second))
        return most

    def _measures(self, visits: Sequence[Visit], stretches: Sequence[tuple[int, int]]) -> Report:
        decided = self._counted(visits, lambda visit: visit.left, stretches)
        ended = self._counted(visits, lambda visit: visit.ended, stretches)
        answered = [visit for visit in decided if visit.outcome == "answered"]
        abandoned = [visit for visit in decided if visit.outcome == "abandoned"]
        other = [visit for visit in decided if visit.outcome not in ("answered", "abandoned")]
        end = stretches[-1][1]
        return {
            "offered": sum(self._in(visit.joined, stretches) for visit in visits),
            "decided": len(decided),
            "answered": len(answered),
            "abandoned": len(abandoned),
            "short_abandoned": sum(self._within(visit, self._target(visit).short) for visit in abandoned),
            "exits": dict(sorted(Counter(visit.outcome for visit in other).items())),
            "open": sum(visit.joined < end and (visit.left is None or visit.left >= end) for visit in visits),
            "waits_unknown": sum(visit.wait is None for visit in decided),
            "answered_within": {str(s): sum(self._within(visit, s) for visit in answered) for s in self.within},
            "abandoned_within": {str(s): sum(self._within(visit, s) for visit in abandoned) for s in self.within},
            "wait_seconds": {
                "answered": distribution(visit.wait for visit in answered),
                "abandoned": distribution(visit.wait for visit in abandoned),
                "all": distribution(visit.wait for visit in decided),
            },
            "talk_seconds": distribution(visit.talk for visit in ended),
            "hold_seconds": distribution(visit.hold for visit in ended),
            "transfers": len(self._counted(visits, lambda visit: (visit.transferred or (None,))[0], stretches)),
            "offers_unanswered": sum(
                self._in(visit.joined if self.basis == "arrival" else at, stretches)
                for visit in visits
                for at, _ in visit.refusals
            ),
            "service_level": self._levels(visits, answered, abandoned, other, stretches),
            "max_waiting": self._most(visits, stretches),
        }

    def _target(self, visit: Visit) -> Targets:
        return self.targets.get(visit.queue, Targets())

    @staticmethod
    def _within(visit: Visit, seconds: int) -> bool:
        return visit.wait is not None and visit.wait <= seconds * 1000

    def _levels(
        self,
        visits: Sequence[Visit],
        answered: Sequence[Visit],
        abandoned: Sequence[Visit],
        other: Sequence[Visit],
        stretches: Sequence[tuple[int, int]],
    ) -> Report:
        good = sum(self._within(visit, self._target(visit).seconds) for visit in answered)
        short = sum(self._within(visit, self._target(visit).short) for visit in abandoned)
        late = sum(not self._within(visit, self._target(visit).seconds) for visit in other)
        event = None
        if stretches[-1][1] >= self.span[1]:
            to = self.span[1]
            open_visits = [visit for visit in visits if visit.left is None]
            if self.basis == "arrival":
                open_visits = [visit for visit in open_visits if self._in(visit.joined, stretches)]
            over = sum(to - visit.joined > self._target(visit).seconds * 1000 for visit in open_visits)
            event = _ratio(good, len(answered) + len(abandoned) + late + over)
        return {
            "answered_only": _ratio(good, len(answered)),
            "short_excluded": _ratio(good, len(answered) + len(abandoned) - short),
            "sl_event": event,
        }

    def _per_agent(self) -> Report:
        whole = [self.span]
        answered: defaultdict[str, int] = defaultdict(int)
        transfers: defaultdict[str, int] = defaultdict(int)
        refused: defaultdict[str, int] = defaultdict(int)
        served: defaultdict[str, list[Visit]] = defaultdict(list)
        for visit in self._counted(self.visits, lambda visit: visit.left, whole):
            if visit.outcome == "answered" and visit.agent:
                answered[visit.agent] += 1
        for visit in self._counted(self.visits, lambda visit: visit.ended, whole):
            if visit.served_by and (visit.talk is not None or visit.hold is not None):
                served[visit.served_by].append(visit)
        for visit in self._counted(self.visits, lambda visit: (visit.transferred or (None,))[0], whole):
            if visit.transferred and visit.transferred[1]:
                transfers[visit.transferred[1]] += 1
        for visit in self.visits:
            for at, agent in visit.refusals:
                if agent and self._in(visit.joined if self.basis == "arrival" else at, whole):
                    refused[agent] += 1
        return {
            agent: {
                "answered": answered[agent],
                "talk_seconds": distribution(visit.talk for visit in served[agent]),
                "hold_seconds": distribution(visit.hold for visit in served[agent]),
                "transfers": transfers[agent],
                "offers_unanswered": refused[agent],
            }
            for agent in sorted({*answered, *transfers, *refused, *served})
        }


def distribution(values_ms: Iterable[int | None]) -> Report:
    """count, sum and mean in seconds; percentiles by nearest rank of the values rounded up to whole seconds."""
    known = [value for value in values_ms if value is not None]
    whole = sorted(-(-value // 1000) for value in known)
    ranks = {f"p{p}": whole[-(-p * len(whole) // 100) - 1] if whole else None for p in (50, 90, 95)}
    mean = sum(known) / len(known) / 1000 if known else None
    return {"count": len(known), "sum": sum(known) / 1000, "mean": mean, **ranks, "max": whole[-1] if whole else None}


def _ratio(numerator: int, denominator: int) -> Report:
    value = numerator / denominator if denominator else None
    return {"numerator": numerator, "denominator": denominator, "value": value}


# What a report may tell more of than the oracle: the report itself, M, what an agent did, the service levels. Names
# of queues, agents, hours, exits ... are all there are.
_MAY_HAVE_MORE = ("total", "offered", "talk_seconds", "answered_only")


def differences(want: object, have: object, where: str = "") -> list[str]:
    """Where two reports differ, one sentence each; numbers are equal to 9 digits behind the point."""
    if isinstance(want, dict) and isinstance(have, dict):
        same = (
            want.keys() <= have.keys() if any(name in want for name in _MAY_HAVE_MORE) else want.keys() == have.keys()
        )
        found = [] if same else [f"{where}: wanted {sorted(map(str, want))}, got {sorted(map(str, have))}"]
        return found + [
            line for key in want.keys() & have.keys() for line in differences(want[key], have[key], f"{where}/{key}")
        ]
    if isinstance(want, int | float) and isinstance(have, int | float):
        return [] if abs(want - have) < 1e-9 else [f"{where}: wanted {want}, got {have}"]
    return [] if want == have else [f"{where}: wanted {want}, got {have}"]
