"""A tally: the sum of any number of panes. Adding is fast; field names are taken apart only when somebody reads."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from kpi.fields import OUTCOMES, SAME_ON_BOTH_BASES, place_of, split_agent_field
from kpi.ordered import Histogram

__all__ = ["OUTCOMES", "Reading", "Tally", "split_agent_field"]


@dataclass(slots=True)
class Reading:
    """A tally taken apart: whole seconds in histograms, milliseconds in sums.

    What every queue has stands in attributes of its own. The rest goes by kind, and only kinds that were counted are
    there: `numbers` (`contacts` ...), `named` (`join` -> reason -> count), `lengths` (`wrapup` -> seconds -> count).
    """

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
    numbers: dict[str, int] = field(default_factory=dict)
    named: dict[str, dict[str, int]] = field(default_factory=dict)
    lengths: dict[str, Histogram] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """One of `numbers`; 0 when it was not counted."""
        return self.numbers.get(name, 0)

    def names(self, kind: str) -> dict[str, int]:
        """One of `named`, its names in order; empty when nothing was counted."""
        found = self.named.get(kind)
        return dict(sorted(found.items())) if found else {}


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
            elif name.partition(".")[0] in SAME_ON_BOTH_BASES:
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

    @property
    def requeues(self) -> int:
        """Legs that joined because their contact was put back into the queue."""
        return self.fields.get("join.requeue", 0)

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


def _read(fields: Mapping[str, int]) -> Reading:
    """Take the fields apart; what belongs to one agent or to the arrival basis is passed over without a look."""
    out = Reading()
    for name, count in fields.items():
        if name[0] in "@~":
            continue
        place = place_of(name)
        if place is None:
            continue
        attribute, inner, key = place
        if key is None:
            setattr(out, attribute, count)
            continue
        held = getattr(out, attribute)
        if inner is not None:
            held = held.setdefault(inner, {})
        held[key] = count
    return out
