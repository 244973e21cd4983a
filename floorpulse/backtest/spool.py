"""A history put in order of time in little memory: packed by the quarter-hour, and unpacked one quarter-hour at a time.

Events come in any order (a file as it was written, a log partition by partition). A week of a busy floor is a gigabyte
of text and some sixty megabytes here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import msgspec

from kpi.panes import COARSE_MS

SECOND_MS = 1_000
# So many events are packed together, and so many parts wait for more at a time.
_HELD, _OPEN = 512, 16


class Item(msgspec.Struct, array_like=True, gc=False):
    """One event as it stands in a log: when, its place among those of one instant, its topics, its bytes."""

    time_ms: int
    sequence: int
    topics: tuple[str, ...]
    raw: bytes


def second_after(ms: int) -> int:
    """The first whole second at or after an instant: the first tick that sees what happened then."""
    return -(-ms // SECOND_MS) * SECOND_MS


class Spool:
    """Holds a history."""

    def __init__(self) -> None:
        self.count = 0
        # Of each part the times of its oldest and its newest event.
        self._ends: dict[int, tuple[int, int]] = {}
        self._open: dict[int, list[Item]] = {}
        self._packed: dict[int, list[bytes]] = {}

    @property
    def first_ms(self) -> int | None:
        """The time of the oldest event, None without any."""
        return self._ends[min(self._ends)][0] if self._ends else None

    @property
    def last_ms(self) -> int | None:
        """The time of the newest event, None without any."""
        return self._ends[max(self._ends)][1] if self._ends else None

    def gaps(self, least_ms: int) -> list[tuple[int, int]]:
        """(last event before, first event after) of every stretch of `least_ms` or longer without one, ascending.

        Only stretches that are longer than a part are found.
        """
        ends = [self._ends[part] for part in sorted(self._ends)]
        between = ((before[1], after[0]) for before, after in pairwise(ends))
        return [(from_ms, to_ms) for from_ms, to_ms in between if to_ms - from_ms >= least_ms]

    def add(self, item: Item) -> None:
        """Take one event in."""
        self.count += 1
        # By the tick that sees it, so that what one tick sees lies in one part.
        part = second_after(item.time_ms) // COARSE_MS
        first_ms, last_ms = self._ends.get(part, (item.time_ms, item.time_ms))
        self._ends[part] = min(first_ms, item.time_ms), max(last_ms, item.time_ms)
        held = self._open.setdefault(part, [])
        held.append(item)
        if len(held) >= _HELD:
            self._pack(part)
        elif len(self._open) > _OPEN:
            self._pack(next(iter(self._open)))

    def seconds(self, from_ms: int, to_ms: int, *, keeps: bool = True) -> Iterator[tuple[int, Sequence[Item]]]:
        """(tick, the events that it is the first to see), ascending, of the ticks in [from, to] that see any.

        With `keeps=False` what was gone over makes room; it comes once.
        """
        for part in list(self._open):
            self._pack(part)
        for part in sorted(self._packed):
            if (part + 1) * COARSE_MS <= from_ms or part * COARSE_MS > to_ms:
                continue
            is_over = not keeps and (part + 1) * COARSE_MS <= to_ms
            blocks = self._packed.pop(part) if is_over else self._packed[part]
            items = [item for block in blocks for item in _decoder.decode(zlib.decompress(block))]
            items.sort(key=_order)
            for tick, some in groupby(items, _tick):
                if from_ms <= tick <= to_ms:
                    yield tick, list(some)

    def _pack(self, part: int) -> None:
        held = self._open.pop(part)
        self._packed.setdefault(part, []).append(zlib.compress(_encoder.encode(held), 1))


def _order(item: Item) -> tuple[int, int]:
    return item.time_ms, item.sequence


def _tick(item: Item) -> int:
    return second_after(item.time_ms)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Item])
