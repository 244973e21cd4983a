"""Names from events as values of labels: so many of a kind, the further ones together as `__overflow__`.

Whoever can write events can write 100,000 names of queues, and a series lives as long as the worker. A name keeps what
it was given first, so no counter ever moves; what is counted under all names of a family together stays exact.
"""

from __future__ import annotations

from collections.abc import Iterable

from kpi.label_names import OVERFLOW, label_name

# How many names that were turned away are told apart.
MOST_APART = 100_000


# What a name costs on a line of its own, besides itself.
LINE_BYTES = 85


class Labels:
    """The names of one kind. `known` have room in any case; others while there are fewer than `most`.

    `most_bytes`: how long one line for each of the names may be together, for a page has its limit, too.
    """

    def __init__(self, most: int, known: Iterable[tuple[str, str]] = (), most_bytes: int = 1_000_000) -> None:
        self._most, self._room = most, most_bytes
        self._kept: dict[tuple[str, str], str] = {}
        for text, beside in known:
            self._keep(text, beside)
        # Of names that were turned away the hash is enough, and small.
        self._turned_away: set[int] = set()

    @property
    def turned_away(self) -> int:
        """How many names have no series of their own, as far as they are told apart."""
        return len(self._turned_away)

    def name(self, text: str, beside: str = "") -> str:
        """The label for a name; `beside` belongs to it (a queue's channel) and needs no label of its own here."""
        found = self._kept.get((text, beside))
        if found is not None:
            return found
        if len(self._kept) < self._most and self._room > 0 and text != OVERFLOW:
            return self._keep(text, beside)
        if len(self._turned_away) < MOST_APART:
            self._turned_away.add(hash((text, beside)))
        return OVERFLOW

    def _keep(self, text: str, beside: str) -> str:
        name = self._kept[text, beside] = label_name(text)
        self._room -= LINE_BYTES + len(name.encode()) + name.count('"') + name.count("\\")
        return name
