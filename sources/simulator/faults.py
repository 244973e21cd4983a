"""What goes wrong between a source and us: events lost, repeated, and delivered out of order."""

import heapq
from collections.abc import Iterable, Iterator
from random import Random

from kpi.events import Event


class Faults:
    """Delivers a stream of events badly, the same way for the same seed.

    `loss` and `duplicate` are probabilities per event (0 to 1). Every delivery, a repetition too, comes at most
    `disorder_ms` after the event's time; with 0 the order stays, and a repetition follows its event at once.
    """

    def __init__(self, seed: int, *, loss: float = 0.0, duplicate: float = 0.0, disorder_ms: int = 0) -> None:
        self._rng = Random(f"{seed}/faults")
        self._loss, self._duplicate, self._disorder_ms = loss, duplicate, disorder_ms
        self._under_way: list[tuple[int, int, Event]] = []
        self._count = 0
        self.lost = 0
        self.duplicated = 0

    def deliver(self, events: Iterable[Event], until_ms: int) -> Iterator[Event]:
        """The deliveries before `until_ms` (virtual time), given all events before it; the rest stays under way.

        How the time is cut into calls changes nothing. Lazy: it works as it is read.
        """
        for event in events:
            yield from self._due(event.time_ms)
            self._take(event)
        yield from self._due(until_ms)

    def drain(self) -> Iterator[Event]:
        """Everything that is still under way, in its order."""
        while self._under_way:
            yield heapq.heappop(self._under_way)[2]

    def _take(self, event: Event) -> None:
        rng = self._rng
        if self._loss and rng.random() < self._loss:
            self.lost += 1
            return
        self._send(event)
        if self._duplicate and rng.random() < self._duplicate:
            self.duplicated += 1
            self._send(event)

    def _send(self, event: Event) -> None:
        self._count += 1
        delay_ms = self._rng.randint(0, self._disorder_ms) if self._disorder_ms else 0
        heapq.heappush(self._under_way, (event.time_ms + delay_ms, self._count, event))

    def _due(self, before_ms: int) -> Iterator[Event]:
        while self._under_way and self._under_way[0][0] < before_ms:
            yield heapq.heappop(self._under_way)[2]
