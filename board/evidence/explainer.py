"""The evidence of a number: the records behind it, read until they add up to what the board shows, or time is up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from redis.asyncio import Redis

from board.evidence.picture import Key, Picture, picture_of
from board.evidence.read import REACHES, ROUNDS, Found, Reader, TooSlowError
from board.publish import Publisher
from kpi.evidence.pieces import Fields, Piece, bounds, total_of
from kpi.evidence.share import Frame, Shown, part_of, peak, shown, terms_of, waiting_of
from kpi.measures import with_waiting
from kpi.ratios import Measures
from kpi.service_level import Terms
from kpi.snapshot import window_counts
from kpi.tally import Tally

AT_ONCE = 2
LIMIT_SECONDS = 5.0
# A window that moves on while it is read is read again; a window of minutes moves on every 10 s.
GATHERINGS = 2
# What is kept for the next pages of a list, and for other numbers of the same window.
KEPT_PIECES, KEPT = 20_000, 6
# Numbers of which a part may have folded away in long records.
_FOLDING = ("response_seconds", "customers.")
Line = tuple[Piece, Shown]


class BusyError(Exception):
    """So many explanations are being made already."""


class Evidence:
    """What was found behind a window of a picture."""

    def __init__(self, picture: Picture, found: Found, reach: int = 0) -> None:
        self.picture, self.found, self.reach = picture, found, reach
        self.pieces = found.pieces
        self._lines: dict[str, list[Line]] = {}

    @property
    def frame(self) -> Frame:
        """What each line is seen under."""
        picture = self.picture
        waiting = {member: at for _, (member, at) in picture.members("waiting")}
        return Frame(picture.config, picture.now_ms, picture.ended_ms, waiting)

    @cached_property
    def total(self) -> Fields:
        """The fields of all lines together."""
        return total_of(self.pieces)

    @cached_property
    def waiting(self) -> tuple[int, int | None]:
        """How many wait at the end of the window, and of them past target; None when the window is over."""
        frame = self.frame
        if frame.ended_ms is not None:
            return sum(piece.waited_at(frame.ended_ms) for piece in self.pieces), None
        each = [waiting_of(piece, frame) for piece in self.pieces]
        return sum(waits for waits, _ in each), sum(over for _, over in each)

    @cached_property
    def peak(self) -> tuple[int, list[tuple[Piece, int]]]:
        """The largest number waiting in the window, and who they were."""
        return (0, []) if self.picture.panes is None else peak(self.pieces, *bounds(self.picture.panes))

    @cached_property
    def measures(self) -> Measures:
        """The measures that the lines make together; `max_waiting` stands apart, for it takes long."""
        counts, (waiting, over) = window_counts(Tally(self.total), self.picture.config), self.waiting
        return with_waiting(counts, open_legs=waiting, max_waiting=None, waiting_over_target=over)

    @property
    def terms(self) -> Terms:
        """What the formulas of the service level are made of."""
        return terms_of(self.total, self.picture.config, *self.waiting)

    def shown(self, path: str) -> Shown:
        """A number as the lines make it."""
        return Shown(self.peak[0], self.peak[0]) if path == "max_waiting" else shown(self.measures, path)

    def published(self, path: str) -> Shown:
        """The same number as on the board."""
        windows: Mapping[str, Any] = self.picture.snapshot.windows
        return shown(windows[self.picture.window or ""], path)

    def agrees(self, path: str) -> bool:
        """Whether the lines make the number that the board shows."""
        mine, theirs = self.shown(path), self.published(path)
        return mine == theirs if path != "target_percent" else True

    def gap(self, path: str) -> tuple[float, float]:
        """By how much the lines fall short, in numerator and denominator."""
        mine, theirs = self.shown(path), self.published(path)
        return (
            (theirs.numerator or 0) - (mine.numerator or 0),
            (theirs.denominator or 0) - (mine.denominator or 0),
        )

    def has_folded(self, path: str) -> bool:
        """Whether what is missing may have folded away, so that no further record would bring it back."""
        return path.startswith(_FOLDING) and any(known.is_folded for known in self.found.known.values())

    def lines(self, path: str) -> list[Line]:
        """The lines that have a part in a number, each with its part."""
        if path not in self._lines:
            self._lines[path] = self._peaked() if path == "max_waiting" else self._shared(path)
        return self._lines[path]

    def _peaked(self) -> list[Line]:
        return [(piece, Shown(there, there)) for piece, there in self.peak[1]]

    def _shared(self, path: str) -> list[Line]:
        frame = self.frame
        if "." not in path and path not in self.measures:
            # Of what was not counted at all there is no number, and nobody behind it.
            return []
        parts = ((piece, part_of(piece, frame, path)) for piece in self.pieces)
        return [(piece, part) for piece, part in parts if part.numerator or part.denominator]


class Explainer:
    """Finds evidence, for AT_ONCE at a time; what was found stays for a while, so that its pages fit together."""

    def __init__(self, redis: Redis, namespace: str, publisher: Publisher, limit_seconds: float | None = None) -> None:
        self._redis, self._namespace, self._publisher = redis, namespace, publisher
        self._limit = LIMIT_SECONDS if limit_seconds is None else limit_seconds
        self._running = 0
        self._kept: dict[tuple[Key, str, str, int], Evidence] = {}

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One of the AT_ONCE turns; BusyError when all are taken."""
        if self._running >= AT_ONCE:
            raise BusyError
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    async def evidence(self, place: Key, window: str, kind: str, path: str, at_ms: int | None = None) -> Evidence:
        """The evidence of a number of a window; `kind`: c, k or u, the records it is made of.

        `at_ms`: that of an earlier answer, whose further pages are wanted; when it is forgotten, the newest one.
        NoSuchQueueError, BusyError, TooSlowError, and what Redis raises.
        """
        known = self._kept.get((place, window, kind, at_ms or 0))
        if known is not None:
            return known
        with self.turn():
            return await self._collect(place, window, kind, path)

    async def _collect(self, place: Key, window: str, kind: str, path: str) -> Evidence:
        deadline = asyncio.get_running_loop().time() + self._limit
        best = await self._reused(place, window, kind)
        if best is not None and (best.agrees(path) or best.has_folded(path)):
            self._keep(place, window, kind, best)
            return best
        first = 0 if best is None else min(best.reach + 1, len(REACHES) - 1)
        reader = Reader(self._redis, self._namespace, kind, deadline)
        try:
            best, is_steady = await self._reached(reader, place, window, path, first)
        except TooSlowError:
            if best is None:
                raise
            return best
        for reach in range(first + 1, len(REACHES)):
            # What the numbers differ by while they change is not to be found further back.
            if not is_steady or best.agrees(path) or best.has_folded(path):
                break
            try:
                best, is_steady = await self._reached(reader, place, window, path, reach)
            except TooSlowError:
                break
        self._keep(place, window, kind, best)
        return best

    async def _reused(self, place: Key, window: str, kind: str) -> Evidence | None:
        """What was read for another number of the same window, while nothing has changed."""
        picture = await picture_of(self._publisher, place, window)
        for key, known in reversed(self._kept.items()):
            then = known.picture
            if key[:3] == (place, window, kind) and (then.panes, then.sums, then.live) == (
                picture.panes, picture.sums, picture.live,
            ):  # fmt: skip
                return Evidence(picture, known.found, known.reach)
        return None

    async def _reached(self, reader: Reader, place: Key, window: str, path: str, reach: int) -> tuple[Evidence, bool]:
        """What is found within one reach, read again while it changes; and whether what it lacks stayed the same."""
        for _ in range(GATHERINGS):
            found, picture = Found(), await picture_of(self._publisher, place, window)
            await reader.gather(picture, REACHES[reach], found)
            before, tick = None, -1
            for _ in range(ROUNDS):
                # After a reading the next picture: the view may be a moment behind Redis.
                now = await picture_of(self._publisher, place, window, tick)
                if now.panes != picture.panes:
                    break
                evidence = Evidence(now, found, reach)
                gap = evidence.gap(path)
                if evidence.agrees(path) or gap == before:
                    return evidence, True
                before, tick = gap, now.tick
                try:
                    await reader.freshen(now, found)
                except TooSlowError:
                    return evidence, False
            else:
                return evidence, False
        return Evidence(picture, found, reach), False

    def _keep(self, place: Key, window: str, kind: str, evidence: Evidence) -> None:
        self._kept[place, window, kind, evidence.picture.now_ms] = evidence
        while len(self._kept) > 1 and (
            len(self._kept) > KEPT or sum(len(each.pieces) for each in self._kept.values()) > KEPT_PIECES
        ):
            del self._kept[next(iter(self._kept))]
