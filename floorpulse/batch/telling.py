"""The words all stories share: an accepted event, what it counts, and what is true at the end.

Counts are kept by the millisecond at which they stand; `floorpulse.batch.panes` sums them into panes.
"""

from typing import Any, NamedTuple

from kpi.events import RANKS

DAY = 86_400_000
HOUR = 3_600_000
MINUTE = 60_000
CHATS = ("chat", "message", "social")

Counts = dict[tuple[int, str, str, str], int]
Live = dict[tuple[str, str, str, str], int]


class Event(NamedTuple):
    """One accepted event. `fields`: the contract's fields of `data` that are set.

    `noun_verb`: None when the type is unknown, or that of a copy that tells nothing where it stands. `body`: the bytes
    by which two events of one id are compared.
    """

    time: int
    id: str
    source: str
    noun_verb: str | None
    fields: dict[str, Any]
    is_copy: bool = False
    body: bytes = b""

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The total order of facts."""
        return self.time, self.fields.get("sequence", 0), RANKS[self.noun_verb or ""], self.id

    @property
    def verb(self) -> str:
        """`queued` of `contact.queued`."""
        return (self.noun_verb or "").partition(".")[2]

    def reported(self, name: str) -> int | None:
        """A duration the source measured, in ms; below 0 is 0."""
        found = self.fields.get("reported", {}).get(name)
        return None if found is None else max(found, 0)


class Effect(NamedTuple):
    """What one record adds: counts, memberships, and whether it must stay however old it is."""

    counts: Counts
    live: Live
    is_open: bool


def whole_up(ms: int, unit: int = 1000) -> int:
    """Whole seconds (or minutes, hours: `unit` in ms), rounded up."""
    return (ms + unit - 1) // unit
