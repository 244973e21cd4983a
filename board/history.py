"""What is normal for each queue now: reads the 15 min panes of the last weeks from Redis, a few at a time.

Needed are the panes of the same quarter-hour of the week one to four weeks ago. Those for the present quarter-hour are
read while it lasts, so they are there at the moment it is over and gets compared. What was read holds for one state of
Redis and one floor.toml: a partition that is loaded again, rebuilt, new or gone, and a reload, make it unknown at once.
A fact that comes days late changes what is shown here only from the next quarter-hour on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from redis.asyncio import Redis

from board.config import FloorFile
from board.load import REDIS_ERRORS
from board.pieces import prefix_of, read_positions
from board.view import FloorView
from kpi.baseline import Sample, is_needed, normal, same_quarters, sample, whole_quarter
from kpi.floor import Floor, QueueConfig
from kpi.keys import CONTACT_TOPICS, NO_QUEUE, pane_key, pane_suffix
from kpi.panes import COARSE_MS

log = logging.getLogger("floorpulse.board")

CHECK_SECONDS = 1.0
PAUSE_SECONDS = 0.01
PANES_PER_CALL = 50
QUEUES_PER_ROUND = 50
Key = tuple[str, str]
Normal = dict[str, Any]


async def breathe() -> None:
    """Let the others run, and leave them most of the time: nothing here is in a hurry."""
    await asyncio.sleep(PAUSE_SECONDS)


class Baselines:
    """Knows what is normal for every queue of a view. `now_ms` gives the log's clock, 0 while it is not known.

    Bounded: of each queue two quarter-hours are kept, each a few numbers.
    """

    def __init__(
        self,
        redis: Redis,
        namespace: str,
        view: FloorView,
        config: FloorFile,
        now_ms: Callable[[], int],
        between: Callable[[], Awaitable[None]] = breathe,
    ) -> None:
        self._redis, self._namespace, self._view, self._config = redis, namespace, view, config
        self._now_ms, self._between = now_ms, between
        self._floor: Floor | None = None
        self._partitions = 0
        self._epochs: dict[str, int] = {}
        self._known: dict[int, dict[Key, Normal | None]] = {}

    def normal(self, queue: str, channel: str, now_ms: int) -> Normal | None:
        """What is normal for the last whole quarter-hour before `now_ms` (`kpi.baseline.normal`); None: not known.

        The very same object as long as it is the same.
        """
        known = self._known.get(whole_quarter(now_ms))
        return known.get((queue, channel)) if known is not None and self._holds() else None

    async def run(self) -> None:
        """Keep it known for ever; a Redis that does not answer is asked again."""
        while True:
            try:
                await self.refresh()
            except REDIS_ERRORS as error:
                log.debug("what is normal was not read: %s", error)
            await asyncio.sleep(CHECK_SECONDS)

    async def refresh(self) -> None:
        """Read what is missing for this quarter-hour and the last whole one; what no longer holds is forgotten."""
        if not self._holds():
            self._begin()
        now_ms = self._now_ms()
        if not self._epochs or now_ms <= 0:
            return
        last = whole_quarter(now_ms)
        self._known = {quarter: self._known.get(quarter, {}) for quarter in (last, last + COARSE_MS)}
        for quarter, known in self._known.items():
            missing = [key for key in self._view.queues if key not in known and key[0] != NO_QUEUE]
            for first in range(0, len(missing), QUEUES_PER_ROUND):
                found = await self._read(quarter, missing[first : first + QUEUES_PER_ROUND], now_ms)
                # After a reload or a rebuild nothing of this would be shown: better begin anew.
                if found is None or not self._holds():
                    return
                known.update(found)

    def _holds(self) -> bool:
        """Whether floor.toml and all partitions still are what they were when reading began."""
        if self._floor is not self._config.floor or not self._epochs:
            return False
        partitions = self._view.partitions
        if len(partitions) != self._partitions:
            return False
        for name, epoch in self._epochs.items():
            partition = partitions.get(name)
            if partition is None or not partition.loaded or partition.epoch != epoch:
                return False
        return True

    def _begin(self) -> None:
        """Forget everything, and take the state that is there now as the one to read."""
        partitions = self._view.partitions
        contacts = {name: each for name, each in partitions.items() if name.partition("/")[0] in CONTACT_TOPICS}
        self._known, self._floor, self._partitions, self._epochs = {}, self._config.floor, len(partitions), {}
        if all(partition.loaded for partition in contacts.values()):
            self._epochs = {name: partition.epoch for name, partition in contacts.items()}

    async def _read(self, quarter: int, keys: Sequence[Key], now_ms: int) -> dict[Key, Normal | None] | None:
        """What is normal for a quarter-hour of these queues; None when Redis is not in the state that the view has."""
        prefixes = {name: prefix_of(self._namespace, name) for name in self._epochs}
        if not await self._is_settled(prefixes, now_ms):
            return None
        found: dict[Key, Normal | None] = {}
        for key in keys:
            config = self._config.floor.queue(*key)
            samples = await self._samples(key, config, quarter, list(prefixes.values()))
            found[key] = normal(quarter, config.zone, config.opening, samples)
        return found if await self._is_settled(prefixes, now_ms) else None

    async def _is_settled(self, prefixes: Mapping[str, str], now_ms: int) -> bool:
        """Whether every partition is whole in Redis, of our epoch, and has caught up: in a rebuild the past is part."""
        positions = await read_positions(self._redis, prefixes)
        return all(
            position is not None
            and not position.dirty
            and position.epoch == self._epochs[name]
            and position.tick >= now_ms - COARSE_MS
            for name, position in positions.items()
        )

    async def _samples(
        self, key: Key, config: QueueConfig, quarter: int, prefixes: Sequence[str]
    ) -> list[Sample | None]:
        """One sample per week, None where there was no such time or nothing happened."""
        starts = same_quarters(quarter, config.zone)
        names = [
            (week, pane_key(prefix, pane_suffix(COARSE_MS, start, *key)))
            for week, start in enumerate(starts)
            if start is not None
            for prefix in prefixes
        ]
        sums: list[dict[str, int]] = [{} for _ in starts]
        for first in range(0, len(names), PANES_PER_CALL):
            some = names[first : first + PANES_PER_CALL]
            calls = self._redis.pipeline(transaction=False)
            for _, name in some:
                calls.hgetall(name)
            for (week, _), fields in zip(some, await calls.execute(), strict=True):
                _add(sums[week], fields)
            await self._between()
        return [sample(fields, config.target_seconds, config.short_abandon_seconds) for fields in sums]


def _add(total: dict[str, int], fields: Mapping[bytes, bytes]) -> None:
    for raw, count in fields.items():
        name = raw.decode()
        if is_needed(name):
            total[name] = total.get(name, 0) + int(count)
