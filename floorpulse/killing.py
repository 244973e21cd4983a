"""Killing the worker with SIGKILL at random moments, each while there is work left: what `replay --kill-worker` does.

The moments are spread over the history. Each kill comes when records are waiting, most often after the worker has begun
on them, sometimes while it still starts; its successor starts at once and must go on where Redis says.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from floorpulse.errors import UserError
from floorpulse.lag import Lag
from floorpulse.processes import Child

_START_SECONDS = 90.0
_LOOK_SECONDS = 0.02
#: One kill in five hits a worker that is still starting.
_EARLY = 0.2


class Killer:
    """Kills `kills` times. `start` makes a new worker; `flush` returns when all records are acknowledged."""

    def __init__(
        self,
        kills: int,
        records: int,
        chance: random.Random,
        start: Callable[[], Child],
        stop: Callable[[Child], None],
        flush: Callable[[], Awaitable[None]],
        lag: Lag,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.done = 0
        self.worker = start()
        self._records, self._kills, self._chance = records, kills, chance
        self._start, self._stop, self._flush, self._lag = start, stop, flush, lag
        self._sleep = sleep
        self._moments = [int(records * (number + chance.random()) / (kills + 1)) for number in range(kills)]
        self._began_at = lag.counted()

    async def after_slice(self, sent: int) -> None:
        """Kill once when the next moment has come and there is work left; if not, another slice gives a new chance."""
        if self.done < self._kills and sent >= self._moments[self.done]:
            await self._flush()
            await self._kill_at_work()

    async def finish(self) -> None:
        """The kills still to come, now that everything was sent. Raises UserError when no work is left for them."""
        while self.done < self._kills:
            if not await self._kill_at_work():
                raise UserError(
                    f"only {self.done} of {self._kills} kills fell while there was work left: "
                    f"{self._records} records are too few; kill less often or replay more"
                )

    async def _kill_at_work(self) -> bool:
        """Wait for the worker to be at work, kill it and start the next. False when it had finished before."""
        if self._chance.random() < _EARLY:
            await self._sleep(self._chance.uniform(0, 2))
        else:
            await self._wait_for_progress()
            await self._sleep(self._chance.uniform(0, _LOOK_SECONDS))
        if not self._lag.behind():
            return False
        self.worker.kill()
        self._stop(self.worker)
        await self._sleep(_LOOK_SECONDS)  # what it had sent to Redis may still be carried out
        behind = self._lag.behind()
        self._began_at = self._lag.counted()
        self.worker = self._start()
        self.done += behind > 0
        return behind > 0

    async def _wait_for_progress(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while self._lag.counted() <= self._began_at:
            self.worker.check()
            if time.monotonic() > end:
                raise UserError(f"the worker did nothing for {_START_SECONDS:g} s: {self.worker.last_words()}")
            await self._sleep(_LOOK_SECONDS)
