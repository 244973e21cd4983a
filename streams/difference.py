"""What one chunk changes in Redis: counts per pane, live sets, records, ledger, and what is swept away.

Pure: built from settled records, packed for the script. Counts are made at 10 s and rolled up into 15 min
once per chunk. A count whose pane is past its keep is dropped: that pane counts as absent.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import msgspec

from kpi.facts import Count, Memberships
from kpi.keys import live_suffix, pane_suffix
from kpi.panes import COARSE_KEEP_MS, COARSE_MS, FINE_KEEP_MS, FINE_MS, pane_start, roll_up

Pane = tuple[int, str, str]


class Difference:
    """The effect of one chunk. `keeps_all`: a replay's panes never expire by themselves."""

    def __init__(self, keeps_all: bool) -> None:
        self.ledger: dict[str, int] = defaultdict(int)
        self.panes: dict[str, dict[str, int]] = {}
        self.lives: dict[str, dict[str, int | bool]] = {}
        self.records: dict[str, bytes] = {}
        self.expiry: dict[str, int | bool] = {}
        self.panes_gone: list[str] = []
        self.records_gone: list[str] = []
        self.counts: list[Count] = []
        self._keeps_all = keeps_all

    def change_lives(self, gained: Memberships, lost: Memberships) -> None:
        """Members that joined a live set or moved in it, and members that left one (`False`)."""
        for (kind, queue, channel, member), score in gained.items():
            self.lives.setdefault(live_suffix(kind, queue, channel), {})[member] = score
        for kind, queue, channel, member in lost:
            self.lives.setdefault(live_suffix(kind, queue, channel), {}).setdefault(member, False)

    def drop_lives(self, lives: Memberships) -> None:
        """Members of a record that is no more, whatever else this chunk said of them."""
        for kind, queue, channel, member in lives:
            self.lives.setdefault(live_suffix(kind, queue, channel), {})[member] = False

    def roll_up(self, watermark: int, known_panes: set[str]) -> None:
        """Turn the counts into panes of both lengths, and give every pane not in `known_panes` its expiry."""
        fine = _sum(self.counts)
        coarse: dict[Pane, dict[str, int]] = defaultdict(_fields)
        for (start, queue, channel), fields in fine.items():
            coarse_start = pane_start(start, COARSE_MS)
            into = coarse[coarse_start, queue, channel]
            # A step of a level lasts on to the end of the longer pane.
            rest_ms = coarse_start + COARSE_MS - start - FINE_MS
            for field, n in fields.items():
                # What is rolled up otherwise begins with one of two letters; the rest is most of it.
                if field[0] not in "ns":
                    into[field] += n
                else:
                    into[roll_up(start, field)[1] if field[:4] == "net." else field] += n
                    if field[:5] == "step.":
                        into[f"into.{field[5:]}"] += n * rest_ms
        for panes, res, keep in ((fine, FINE_MS, FINE_KEEP_MS), (coarse, COARSE_MS, COARSE_KEEP_MS)):
            for (start, queue, channel), fields in panes.items():
                expires = start + res + keep
                if not self._keeps_all and expires <= watermark:
                    continue
                changed = {field: n for field, n in fields.items() if n} if 0 in fields.values() else fields
                if not changed:
                    continue
                suffix = pane_suffix(res, start, queue, channel)
                self.panes[suffix] = changed
                if suffix not in known_panes and not self._keeps_all:
                    known_panes.add(suffix)
                    self.expiry[f"p:{suffix}"] = expires

    def pack(self, watermark: int, tick: int, first: int, until: int | None) -> bytes:
        """The one argument the script unpacks, and the delta that readers follow. Times in ms."""
        body: dict[str, Any] = {
            "p": self.panes, "l": self.lives, "w": watermark, "t": tick, "f": first, "k": dict(self.ledger),
            "x": self.expiry, "g": self.panes_gone, "r": self.records_gone,
        }  # fmt: skip
        if until is not None:
            body["u"] = until
        return _encoder.encode(body)


def _sum(counts: Iterable[Count]) -> dict[Pane, dict[str, int]]:
    panes: dict[Pane, dict[str, int]] = defaultdict(_fields)
    for start, queue, channel, field, n in counts:
        panes[start, queue, channel][field] += n
    return panes


# A pane's fields, each nothing at first: this is the innermost loop, so it is made of what runs in C.
_fields: Callable[[], dict[str, int]] = partial(defaultdict, int)
_encoder = msgspec.msgpack.Encoder()
