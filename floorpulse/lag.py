"""How far Redis is behind what a driver sent: the workers' positions against the ends of the log it has written.

The ends come from Kafka's acknowledgements, not from asking for the newest offset: the embedded broker answers that
with the first record of the newest batch.
"""

from collections.abc import Callable, Mapping

import redis

from kpi.keys import partition_prefix, position_key

Place = tuple[str, int]


class Lag:
    """`ends()`: by (base topic, partition), the offset behind the newest acknowledged record."""

    def __init__(self, store: redis.Redis, ns: str, ends: Callable[[], Mapping[Place, int]]) -> None:
        self._store, self._ns, self._ends = store, ns, ends

    def counted(self) -> int:
        """How many records of the log are in Redis: grows whenever a worker gets on."""
        return sum(self._positions(list(self._ends())).values())

    def total(self) -> int:
        """How many records the log holds."""
        return sum(self._ends().values())

    def behind(self) -> int:
        """How many records of the log are not in Redis yet."""
        ends = self._ends()
        positions = self._positions(list(ends))
        return sum(max(0, end - positions[place]) for place, end in ends.items())

    def _positions(self, places: list[Place]) -> dict[Place, int]:
        pipe = self._store.pipeline(transaction=False)
        for base, number in places:
            pipe.hget(position_key(partition_prefix(self._ns, base, number)), "next")
        return {place: int(text or 0) for place, text in zip(places, pipe.execute(), strict=True)}
