"""The figures of a history computed straight from its events, without the core: a check of the adapters alone."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kpi.events import Event


@dataclass
class Leg:
    """What the events say about one visit; times in ms, durations as the source reported them."""

    queue: str
    joined: int | None = None
    left: int | None = None
    outcome: str = ""
    agent: str | None = None
    wait: int | None = None
    talk: int | None = None


@dataclass
class Figures:
    """Sums over some legs; waits and talks in seconds."""

    offered: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    talks: list[float] = field(default_factory=list)

    def mean_wait(self, *outcomes: str) -> float | None:
        """The mean over outcomes; None without a wait."""
        return mean([wait for outcome in outcomes for wait in self.waits[outcome]])

    def nearest_rank(self, percent: int) -> float | None:
        """The percentile of the waits of answered legs."""
        waits = sorted(self.waits["answered"])
        return waits[-(-percent * len(waits) // 100) - 1] if waits else None

    def within(self, outcome: str, seconds: int) -> int:
        """How many waited at most so long."""
        return sum(wait <= seconds for wait in self.waits[outcome])


def mean(values: list[float]) -> float | None:
    """The mean; None of nothing."""
    return sum(values) / len(values) if values else None


def legs_of(events: Iterable[Event]) -> dict[str, Leg]:
    """Every leg by its id, in the order of the events."""
    legs: dict[str, Leg] = {}
    for event in events:
        if "leg_id" not in event.data:
            continue
        leg = legs.setdefault(event.data["leg_id"], Leg(event.data["queue_id"]))
        reported = event.data.get("reported", {})
        match event.noun_verb:
            case "contact.queued":
                leg.joined = event.time_ms
            case "contact.answered" | "contact.left_queue":
                leg.left, leg.outcome = event.time_ms, event.data.get("reason", "answered")
                leg.wait, leg.agent = reported.get("wait_ms"), event.data.get("agent_id")
            case "contact.ended":
                leg.talk = reported.get("talk_ms")
    return legs


def figures_by(legs: Iterable[Leg], key: Callable[[Leg], str]) -> dict[str, Figures]:
    """Figures per key, and of all under ``total``."""
    found: dict[str, Figures] = defaultdict(Figures)
    for leg in legs:
        for name in (key(leg), "total"):
            one = found[name]
            one.offered += leg.joined is not None
            one.outcomes[leg.outcome] += 1
            if leg.wait is not None:
                one.waits[leg.outcome].append(leg.wait / 1000)
            if leg.talk is not None:
                one.talks.append(leg.talk / 1000)
    return found


def lengths(legs: Iterable[Leg]) -> list[tuple[int, int]]:
    """(second, how many wait after it) at every second where that may change, in order."""
    net: dict[int, int] = defaultdict(int)
    for leg in legs:
        if leg.joined is not None and leg.left is not None:
            net[leg.joined // 1000] += 1
            net[leg.left // 1000] -= 1
    waiting, found = 0, []
    for second in sorted(net):
        waiting += net[second]
        found.append((second, waiting))
    return found
