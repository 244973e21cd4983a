"""Who listens to the stream: how many there may be, and each event made once for all that have seen the same."""

from __future__ import annotations

import asyncio
from collections import Counter

from board.publish import Publication
from board.stream.events import event
from board.stream.listener_counts import ListenerCounts

Key = tuple[str, str]


class Clients:
    """Who listens now; `closing` ends all streams. The limits: of all, and of one token at one address."""

    def __init__(self, most: int = 200, most_each: int = 10) -> None:
        self.most, self.most_each = most, most_each
        self.closing = asyncio.Event()
        self.shared = SharedEvents()
        self.counts = ListenerCounts()
        self._listening: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many listen."""
        return self._listening.total()

    def enter(self, listener: str) -> int:
        """One more of `listener`: 0 when he may, else the status of his refusal, 503 or 429."""
        if self.count >= self.most:
            self.counts.refuse("total")
            return 503
        if self._listening[listener] >= self.most_each:
            self.counts.refuse("address")
            return 429
        self._listening[listener] += 1
        return 0

    def leave(self, listener: str) -> None:
        """One less."""
        self._listening[listener] -= 1
        if not self._listening[listener]:
            del self._listening[listener]


class SharedEvents:
    """The events of the newest publication, one for each tick that somebody has last seen."""

    def __init__(self) -> None:
        self._publication: Publication | None = None
        self._order: list[Key] = []
        self._order_tick = 0
        self._made: dict[tuple[int, bool], bytes] = {}

    def text(self, publication: Publication, since_tick: int, namespace: str, *, tv: bool) -> bytes:
        """What a listener gets who has seen the publication of `since_tick` (0: none)."""
        if publication is not self._publication:
            self._publication = publication
            self._made.clear()
            order = list(publication.entries)
            # Whoever has seen a tick has seen it through here, so the order of then is the one that was kept.
            if order != self._order:
                self._order, self._order_tick = order, publication.tick
        key = (since_tick, tv)
        found = self._made.get(key)
        if found is None:
            order_is_new = since_tick == 0 or since_tick < self._order_tick
            found = self._made[key] = event(publication, since_tick, namespace, order=order_is_new, tv=tv)
        return found
