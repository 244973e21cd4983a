"""A simulation beside the clock: from the past as fast as wanted, never beyond now."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from kpi.events import Event
from sources.simulator.control import SpikeOrder
from sources.simulator.faults import Faults
from sources.simulator.model import Simulation

STEP_SECONDS = 0.05
# While catching up, virtual time is cut into pieces of this length, so that orders and the end are noticed.
PIECE_MS = 30_000


@dataclass(slots=True)
class Live:
    """Drives a simulation. `now_ms` is the wall clock, `sleep` waits so many seconds, `send` takes one event.

    `speed` None: everything up to now at once, then real time. A number: so many times real time, and when now is
    reached it ends. Nothing is ever sent before its time, so a spike that is ordered happens now.
    """

    simulation: Simulation
    faults: Faults
    send: Callable[[Event], Awaitable[None]]
    now_ms: Callable[[], int]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    speed: float | None = None
    on_spike: Callable[[str, SpikeOrder], None] = lambda queue, order: None
    on_error: Callable[[str], None] = lambda text: None
    orders: list[SpikeOrder] = field(default_factory=list)
    stopping: bool = False

    def order(self, order: SpikeOrder) -> None:
        """Ask for a spike; it begins with the next step."""
        self.orders.append(order)

    def stop(self) -> None:
        """End after the event that is being sent."""
        self.stopping = True

    async def run(self, start_ms: int, seconds: float | None = None) -> None:
        """Run from `start_ms` (virtual), for so many seconds of wall time when given, else until stopped."""
        begun_ms = self.now_ms()
        reached = start_ms
        while not self.stopping and (seconds is None or self.now_ms() - begun_ms < seconds * 1000):
            now_ms = self.now_ms()
            paced = now_ms if self.speed is None else start_ms + round((now_ms - begun_ms) * self.speed)
            goal = max(reached, min(paced, now_ms))
            target = min(goal, reached + PIECE_MS)
            await self._advance(reached, target)
            reached = target
            if self.speed is not None and reached >= now_ms:
                break
            # A piece of the past needs no rest, but others must get their turn.
            await self.sleep(0 if reached < goal else STEP_SECONDS)

    async def _advance(self, reached: int, target: int) -> None:
        orders, self.orders = self.orders, []
        for order in orders:
            self._spike(order, reached)
        for event in self.faults.deliver(self.simulation.run_until(target), target):
            await self.send(event)
            if self.stopping:
                break

    def _spike(self, order: SpikeOrder, at_ms: int) -> None:
        try:
            queue = self.simulation.spike(order.spike, order.factor, at_ms, round(order.seconds * 1000), order.cause)
        except KeyError as error:
            self.on_error(str(error.args[0]))
            return
        self.on_spike(queue, order)
