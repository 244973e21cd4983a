"""A tally: the sum of any number of panes. Adding is fast; field names are taken apart only when somebody reads."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from kpi.ordered import Histogram

OUTCOMES = ("answered", "abandoned", "other")
# Joins have no second instant: they stand the same on both bases.
_SAME_ON_BOTH_BASES = ("offered", "net.", "case_")


@dataclass(slots=True)
class Reading:
    """A tally taken apart: whole seconds in histograms, milliseconds in sums."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    waits_unknown: int = 0
    transfers: int = 0
    unanswered: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    case_opened: int = 0
    case_resolved: int = 0
    case_reopened: int = 0
    exits: dict[str, int] = field(default_factory=dict)
    waits: dict[str, Histogram] = field(default_factory=lambda: {outcome: {} for outcome in OUTCOMES})
    wait_ms: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    talk: Histogram = field(default_factory=dict)
    hold: Histogram = field(default_factory=dict)


_PLAIN = {
    "offered": "offered", "answered": "answered", "abandoned": "abandoned", "unknown": "waits_unknown",
    "transfers": "transfers", "unanswered": "unanswered", "talk_ms": "talk_ms", "hold_ms": "hold_ms",
    "case_opened": "case_opened", "case_resolved": "case_resolved", "case_reopened": "case_reopened",
}  # fmt: skip


class Tally:
    """The sum of pane fields, on the event basis; `arrival()` gives the same on the arrival basis."""

    __slots__ = ("_reading", "fields")

    def __init__(self, fields: Mapping[str, int] | None = None) -> None:
        self.fields: dict[str, int] = dict(fields) if fields else {}
        self._reading: Reading | None = None

    def add(self, fields: Mapping[str, int], sign: int = 1) -> Self:
        """Add a pane's fields (or take them away with `sign=-1`); a field that comes to 0 goes."""
        mine = self.fields
        for name, count in fields.items():
            total = mine.get(name, 0) + sign * count
            if total:
                mine[name] = total
            else:
                mine.pop(name, None)
        self._reading = None
        return self

    def __bool__(self) -> bool:
        """False when nothing was counted."""
        return bool(self.fields)

    def arrival(self) -> "Tally":
        """The same contacts, each counted where it joined: fields with "@" under their plain names."""
        picked = {}
        for name, count in self.fields.items():
            if name[0] == "@":
                picked[name[1:]] = count
            elif name.startswith(_SAME_ON_BOTH_BASES):
                picked[name] = count
        return Tally(picked)

    def agents(self) -> dict[str, "Tally"]:
        """Per agent id what the "~" fields say of that agent, under plain names."""
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for name, count in self.fields.items():
            if name[0] == "~":
                plain, agent = split_agent_field(name)
                found[agent][plain] = count
        return {agent: Tally(fields) for agent, fields in found.items()}

    @property
    def reading(self) -> Reading:
        """All fields taken apart, once per change."""
        if self._reading is None:
            self._reading = _read(self.fields)
        return self._reading

    @property
    def offered(self) -> int:
        """Legs that joined."""
        return self.fields.get("offered", 0)

    @property
    def answered(self) -> int:
        """Legs that reached an agent."""
        return self.fields.get("answered", 0)

    @property
    def abandoned(self) -> int:
        """Legs whose customer gave up in the queue."""
        return self.fields.get("abandoned", 0)

    @property
    def exits(self) -> dict[str, int]:
        """Every other exit by its reason."""
        return self.reading.exits

    @property
    def other_exits(self) -> int:
        """Legs that left neither answered nor abandoned."""
        return sum(self.reading.exits.values())

    @property
    def decided(self) -> int:
        """answered + abandoned + other exits."""
        return self.answered + self.abandoned + self.other_exits

    @property
    def waits_unknown(self) -> int:
        """Decided legs of which no wait is known."""
        return self.fields.get("unknown", 0)

    @property
    def transfers(self) -> int:
        """Transfers out."""
        return self.fields.get("transfers", 0)

    @property
    def unanswered(self) -> int:
        """Offers that ended as no_answer, rejected, busy or agent_unavailable."""
        return self.fields.get("unanswered", 0)

    def wait_histogram(self, outcome: str = "all") -> Histogram:
        """Waits rounded up to whole seconds -> legs, of `answered`, `abandoned`, `other` or `all`."""
        waits = self.reading.waits
        if outcome != "all":
            return waits[outcome]
        merged = dict(waits["answered"])
        for outcome in ("abandoned", "other"):
            for seconds, count in waits[outcome].items():
                merged[seconds] = merged.get(seconds, 0) + count
        return merged

    def wait_sum_ms(self, outcome: str = "all") -> int:
        """Sum of the known waits in ms."""
        sums = self.reading.wait_ms
        return sum(sums.values()) if outcome == "all" else sums[outcome]

    @property
    def talk_histogram(self) -> Histogram:
        """Talk, holds included, rounded up to whole seconds -> legs that ended."""
        return self.reading.talk

    @property
    def hold_histogram(self) -> Histogram:
        """Hold rounded up to whole seconds -> legs that ended and had a hold."""
        return self.reading.hold


def split_agent_field(name: str) -> tuple[str, str]:
    """(plain field, agent id) of `~<field>.<agent>`; an agent id may hold dots, a histogram's field holds one."""
    kind, _, rest = name[1:].partition(".")
    if kind in ("talk", "hold"):
        seconds, _, agent = rest.partition(".")
        return f"{kind}.{seconds}", agent
    return kind, rest


def _read(fields: Mapping[str, int]) -> Reading:
    """Take the fields of the event basis apart; agents' fields, "@" twins, lengths, unknown ones are passed over."""
    out = Reading()
    for name, count in fields.items():
        kind, dot, rest = name.partition(".")
        if not dot:
            if kind in _PLAIN:
                setattr(out, _PLAIN[kind], count)
        elif kind == "wait":
            outcome, _, seconds = rest.partition(".")
            out.waits[outcome][int(seconds)] = count
        elif kind == "wait_ms":
            out.wait_ms[rest] = count
        elif kind == "exit":
            out.exits[rest] = count
        elif kind == "talk":
            out.talk[int(rest)] = count
        elif kind == "hold":
            out.hold[int(rest)] = count
    return out
