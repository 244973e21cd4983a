"""Where things are written down: what happened in a quarter-hour, by queue and channel, as counts and lists of ms."""

from collections import defaultdict

QUARTER_MS = 900_000
Place = tuple[str, str]


class Bin:
    """Counts by name, and durations (ms) by name, each as it was."""

    __slots__ = ("counts", "lists")

    def __init__(self) -> None:
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.lists: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, other: "Bin") -> None:
        """Put what another one holds in here, too."""
        for name, count in other.counts.items():
            self.counts[name] += count
        for name, values in other.lists.items():
            self.lists[name].extend(values)

    def named(self, prefix: str) -> dict[str, int]:
        """Counts `<prefix><name>` by name, sorted, without zeros."""
        found = {name.removeprefix(prefix): n for name, n in self.counts.items() if n and name.startswith(prefix)}
        return dict(sorted(found.items()))


class Ledger:
    """Everything of all queues: bins by quarter-hour, who waited when, and what is true at the end."""

    def __init__(self) -> None:
        self.bins: defaultdict[tuple[int, Place], Bin] = defaultdict(Bin)
        self.by_agent: defaultdict[str, Bin] = defaultdict(Bin)
        self.changes: defaultdict[Place, list[tuple[int, int]]] = defaultdict(list)
        self.now: defaultdict[tuple[str, Place], list[int]] = defaultdict(list)

    def count(self, time: int, place: Place, name: str, n: int = 1) -> None:
        """Something happened n times."""
        self.bins[time // QUARTER_MS, place].counts[name] += n

    def lasted(self, time: int, place: Place, name: str, ms: int) -> None:
        """Something that lasted so long was over then."""
        self.bins[time // QUARTER_MS, place].lists[name].append(ms)

    def agent(self, agent: str | None, name: str, ms: int | None = None) -> None:
        """The same for the agent who did it, if somebody did."""
        if agent is None:
            return
        if ms is None:
            self.by_agent[agent].counts[name] += 1
        else:
            self.by_agent[agent].lists[name].append(ms)

    def stands(self, what: str, place: Place, since: int) -> None:
        """True at the end, since then."""
        self.now[what, place].append(since)
