"""The records behind a window, from Redis, without reading all there are: first those that are likely to be in it.

The expiry index of a partition has every record under (its newest time at its first commit + horizon), moved only by
the sweep a horizon later: so the records first seen since an instant stand together at its end. With them goes whoever
waits or is in service now. What is found is compared with what the board counted; more is read only when it is less.
Every slice is small, so that Redis and the page go on meanwhile, and records are told in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from redis.asyncio import Redis

from board.evidence.picture import Picture
from board.pieces import prefix_of
from kpi.cold import thaw
from kpi.evidence.lines import native_id
from kpi.evidence.pieces import Piece, mentions, pieces, records_of, tell
from kpi.evidence.unnamed import unnamed_legs
from kpi.keys import CONTACT_TOPICS, expiry_key, records_key
from kpi.kinds import KINDS
from kpi.panes import WindowPanes

SLICE = 250
NAMES_PER_CALL = 2_000
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
# How long before the window a record may have been first seen, one reach after the other; None: ever.
REACHES = (2 * HOUR_MS, 24 * HOUR_MS, None)
# What may change while it is read: whatever is open, was heard of lately, or is new.
LATELY_MS = 10 * MINUTE_MS
# How often what changed meanwhile is read once more.
ROUNDS = 8
TOPICS: Mapping[str, tuple[str, ...]] = {"c": CONTACT_TOPICS, "k": ("cases.events",), "u": ("customers.events",)}
_WITH = {"c": ("waiting", "in_service", "outbound", "callbacks"), "k": ("open_cases",), "u": ()}

Place = tuple[str, str]
"""Partition and record key."""


class TooSlowError(Exception):
    """It was not done within the time there is."""


class Known(NamedTuple):
    """What a record has to do with the window. `is_folded`: not all that it counted can be told again.

    `unnamed`: legs that were given up and whose customer the source does not name.
    """

    pieces: Sequence[Piece]
    native: str
    newest_ms: int
    is_open: bool
    is_folded: bool
    unnamed: frozenset[str] = frozenset()


class Found:
    """What was read so far, by partition and record."""

    def __init__(self) -> None:
        self.known: dict[Place, Known] = {}

    @property
    def pieces(self) -> list[Piece]:
        """All lines of evidence."""
        return [piece for known in self.known.values() for piece in known.pieces]

    def natives(self) -> dict[str, str]:
        """Record key -> the source's own id of it."""
        return {key: known.native for (_, key), known in self.known.items()}


class Reader:
    """Reads the records of one kind (c, k or u) behind the window of a picture.

    TooSlowError once the loop's clock is past `deadline`; asked between slices, for a call to Redis may swallow the
    cancellation that a timeout is made of.
    """

    def __init__(self, redis: Redis, namespace: str, kind: str, deadline: float) -> None:
        self._redis, self._namespace, self._kind, self._deadline = redis, namespace, kind, deadline
        self._horizon_ms = KINDS[kind].horizon_ms

    async def gather(self, picture: Picture, reach_ms: int | None, found: Found) -> None:
        """Read what was first seen up to `reach_ms` before the window, and whoever is here now."""
        begin = _begin(picture)
        since = 0 if reach_ms is None or begin is None else begin - reach_ms
        for partition in self._partitions(picture):
            names = await self._names(partition, since, picture.newest_ms + HOUR_MS, is_whole=reach_ms is None)
            await self._take(partition, dict.fromkeys([*names, *self._here(picture, partition)]), picture, found)

    async def freshen(self, picture: Picture, found: Found) -> None:
        """Read once more what may have changed meanwhile. The panes of the window may be others by now."""
        since = picture.newest_ms - LATELY_MS
        for partition in self._partitions(picture):
            names = await self._names(partition, since, picture.newest_ms + HOUR_MS)
            known = [
                key
                for (where, key), one in found.known.items()
                if where == partition and (one.is_open or one.newest_ms >= since)
            ]
            await self._take(
                partition, dict.fromkeys([*names, *known, *self._here(picture, partition)]), picture, found
            )

    def _partitions(self, picture: Picture) -> list[str]:
        """Those that counted anything in the window, or have somebody here."""
        some = {partition for partition, fields in (picture.sums or {}).items() if fields}
        some |= {partition for kind in _WITH[self._kind] for partition in picture.live.get(kind, {})}
        return sorted(name for name in some if name.rpartition("/")[0] in TOPICS[self._kind])

    def _here(self, picture: Picture, partition: str) -> list[str]:
        return [
            key
            for kind in _WITH[self._kind]
            for member in picture.live.get(kind, {}).get(partition, {})
            for key in records_of(member, is_case=self._kind == "k")
        ]

    async def _names(self, partition: str, since_ms: int, until_ms: int, *, is_whole: bool = False) -> list[str]:
        """The records first seen between two instants, by the expiry index."""
        key = expiry_key(prefix_of(self._namespace, partition))
        low: float = 0 if is_whole else since_ms + self._horizon_ms
        high, head = until_ms + self._horizon_ms, f"r:{self._kind}:".encode()
        names: dict[str, None] = {}
        offset = 0
        while True:
            page: Any = await self._redis.zrange(
                key, low, high, byscore=True, withscores=True, offset=offset, num=NAMES_PER_CALL
            )
            names.update((member[2:].decode(), None) for member, _ in page if member.startswith(head))
            if len(page) < NAMES_PER_CALL:
                return list(names)
            # By score, for what is added or removed meanwhile would move ranks; ties are asked for again.
            low, offset = (low, offset + len(page)) if page[-1][1] == low else (page[-1][1], 0)

    async def _take(self, partition: str, names: Iterable[str], picture: Picture, found: Found) -> None:
        keys, wanted = records_key(prefix_of(self._namespace, partition)), list(names)
        panes = picture.panes or WindowPanes(range(0), range(0))
        for first in range(0, len(wanted), SLICE):
            some = wanted[first : first + SLICE]
            if asyncio.get_running_loop().time() >= self._deadline:
                raise TooSlowError
            blobs: list[Any] = await self._redis.hmget(keys, some)
            told = await asyncio.to_thread(_told, some, blobs, picture.place, panes)
            for name in some:
                found.known.pop((partition, name), None)
            found.known.update(((partition, name), known) for name, known in told.items())


def _begin(picture: Picture) -> int | None:
    if picture.panes is None:
        return None
    return picture.panes.coarse.start if picture.panes.coarse else picture.panes.fine.start


def _told(
    names: Sequence[str], blobs: Sequence[bytes | None], place: tuple[str, str], panes: WindowPanes
) -> dict[str, Known]:
    """Those of some records that have to do with the window."""
    found = {}
    for name, blob in zip(names, blobs, strict=True):
        if blob is None:
            continue
        plain = thaw(blob)
        if not mentions(plain, place[0]):
            continue
        try:
            told = tell(name, plain)
        except msgspec.MsgspecError:
            continue
        lines = pieces(told, place, panes)
        if lines:
            is_open = KINDS[name[0]].is_open(told.state)
            native, unnamed = native_id(told.facts), unnamed_legs(told)
            found[name] = Known(lines, native, told.newest_ms, is_open, told.is_folded, unnamed)
    return found
