"""What the engine remembers of each queue: its limits, their states, and when it was seen last. No I/O, no clock."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field

from alerts.policy import State
from alerts.rulebook import Limit, limits_of
from kpi.floor import Floor, QueueConfig

log = logging.getLogger("floorpulse.alerts")

Key = tuple[str, str]
# Whoever can bring events can bring names. Those in floor.toml are always looked at; of others so many.
MOST_QUEUES = 5_000
# No snapshot lives longer: one that is older still was made by a clock that was put back since.
SNAPSHOT_LIVES_MS = 15_000
# A queue that nobody publishes any more while others are fresh: so long, and its alerts end.
QUEUE_GONE_MS = 60_000


@dataclass(slots=True)
class SeenQueue:
    """One queue and channel. `newest`: (epoch, publication) of the last snapshot."""

    config: QueueConfig
    limits: tuple[Limit, ...]
    states: dict[tuple[str, str], State] = field(default_factory=dict)
    newest: tuple[int, int] = (0, 0)
    missing_since_ms: int = 0

    def takes(self, epoch: int, published_at_ms: int) -> bool:
        """Whether a snapshot is newer than the last one, or of a clock that was put back; then it is the last one."""
        newest_epoch, newest_ms = self.newest
        if epoch < newest_epoch:
            return False
        if epoch == newest_epoch and newest_ms - SNAPSHOT_LIVES_MS <= published_at_ms <= newest_ms:
            return False
        self.newest, self.missing_since_ms = (epoch, published_at_ms), 0
        return True

    def has(self, rule: str, severity: str) -> bool:
        """Whether there is a limit for it."""
        return any((limit.rule.name, limit.severity) == (rule, severity) for limit in self.limits)


class SeenQueues:
    """The queues of a floor, as far as they were seen."""

    def __init__(self, floor: Floor, most: int = MOST_QUEUES) -> None:
        self.floor, self._most = floor, most
        self._queues: dict[Key, SeenQueue] = {}
        self._is_full = False

    def __getitem__(self, key: Key) -> SeenQueue:
        """A queue, seen or not."""
        if key not in self._queues:
            config = self.floor.queue(*key)
            self._queues[key] = SeenQueue(config, _stream_limits(config))
        return self._queues[key]

    def let_in(self, key: Key) -> SeenQueue | None:
        """A queue that has a snapshot; None for one too many."""
        if key in self._queues or len(self._queues) < self._most or self.floor.queue(*key).configured:
            return self[key]
        if not self._is_full:
            log.warning("more than %d queues have events; those beyond raise no alerts", self._most)
        self._is_full = True
        return None

    def forget(self, floor: Floor) -> None:
        """Begin anew."""
        self.floor, self._queues = floor, {}

    def configure(self, floor: Floor) -> None:
        """Another floor.toml; the states stay."""
        self.floor = floor
        for key, queue in self._queues.items():
            queue.config = floor.queue(*key)
            queue.limits = _stream_limits(queue.config)

    def gone(self, present: Collection[Key], wall_ms: int) -> set[Key]:
        """Queues that have been missing among `present` for QUEUE_GONE_MS."""
        found = set()
        for key, queue in self._queues.items():
            if key in present:
                queue.missing_since_ms = 0
            elif not queue.missing_since_ms:
                queue.missing_since_ms = wall_ms
            elif wall_ms - queue.missing_since_ms >= QUEUE_GONE_MS:
                found.add(key)
        return found

    def unsure(self) -> None:
        """Nobody publishes fresh numbers: which queues are gone is seen only once there are some again."""
        for queue in self._queues.values():
            queue.missing_since_ms = 0

    def drop(self, keys: Collection[Key]) -> None:
        """Forget queues."""
        for key in keys:
            del self._queues[key]


def _stream_limits(config: QueueConfig) -> tuple[Limit, ...]:
    return tuple(limit for limit in limits_of(config) if limit.rule.engine == "stream")
