"""A replay's plan and its driver: which event is sent when, and when the log's clock ticks.

The plan is pure. An event's *due* time is its place in the sending order, in ms of the replayed time; without shuffling
that is the event's own time. The driver walks over the plan at the wanted speed and writes the ticks between.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kpi.envelope import Event
from sources.cloudevents import RawLine

RAW_TOPIC = "calls.events"
SECOND_MS = 1000
#: How far behind its event a duplicate may be sent when the events themselves are not shuffled.
DUPLICATE_SPREAD_MS = 60_000
_TICKS_APART_SECONDS = 0.1
_STEP_SECONDS = 0.02
#: Records between two looks at the clock when sending as fast as possible.
SLICE = 500


@dataclass(frozen=True, slots=True)
class Due:
    """One record to send: `at_ms` is its place in the order, in replayed time, never before the item's own time."""

    at_ms: int
    item: Event | RawLine


@dataclass(frozen=True, slots=True)
class Plan:
    """What a replay sends, in order, and its span [from_ms, to_ms). `disorder_ms` bounds `at_ms` - the item's time."""

    due: Sequence[Due]
    from_ms: int
    to_ms: int
    disorder_ms: int


def make_plan(
    items: Sequence[Event | RawLine],
    *,
    shuffle_ms: int = 0,
    duplicate: float = 0.0,
    seed: int = 0,
    earliest_ms: int = 0,
) -> Plan:
    """The sending order of a history.

    Every event is put off by a random 0..`shuffle_ms`; with probability `duplicate` it is sent once more, later, and
    within the same bound (one minute when nothing is shuffled). Without both: by time, then by the source's sequence.
    `items` must hold at least one event. One before `earliest_ms` is sent, to be refused, and does not begin the span.
    """
    chance = random.Random(seed)
    known = [item.time_ms for item in items if isinstance(item, Event)]
    times = [time_ms for time_ms in known if time_ms >= earliest_ms] or known
    spread_ms = shuffle_ms or DUPLICATE_SPREAD_MS
    keyed: list[tuple[int, int, int, Due]] = []
    for number, item in enumerate(items):
        at_ms = item.time_ms + (chance.randint(0, shuffle_ms) if shuffle_ms else 0)
        # Shuffled, events of one due time are shuffled too; otherwise the source's own order decides.
        order = chance.getrandbits(30) if shuffle_ms else _sequence(item)
        keyed.append((at_ms, order, number, Due(at_ms, item)))
        if duplicate and chance.random() < duplicate:
            again_ms = chance.randint(at_ms, item.time_ms + spread_ms)
            keyed.append((again_ms, order, number + len(items), Due(again_ms, item)))
    keyed.sort(key=lambda entry: entry[:3])
    return Plan([entry[3] for entry in keyed], min(times), max(times) + 1, shuffle_ms)


def _sequence(item: Event | RawLine) -> int:
    found = item.data.get("sequence") if isinstance(item, Event) else None
    return found if isinstance(found, int) else 0


class Ticker:
    """Decides when to tick: whole seconds of replayed time, each at most once, ten per second of wall time.

    A tick says that every event up to its time has been sent. So it stays behind what was sent by the disorder.
    """

    def __init__(self, from_ms: int, disorder_ms: int) -> None:
        self._last_ms = from_ms - 1
        self._disorder_ms = disorder_ms
        self._last_wall = float("-inf")

    def due(self, sent_up_to_ms: int, wall_seconds: float) -> int | None:
        """The time (ms) to tick now that everything due up to `sent_up_to_ms` was sent, or None."""
        time_ms = (sent_up_to_ms - self._disorder_ms) // SECOND_MS * SECOND_MS
        if time_ms <= self._last_ms or wall_seconds - self._last_wall < _TICKS_APART_SECONDS:
            return None
        self._last_ms, self._last_wall = time_ms, wall_seconds
        return time_ms


class Sink(Protocol):
    """What the driver needs of a publisher."""

    async def send(self, event: Event) -> None:
        """Hand one event over."""

    async def send_raw(self, base: str, key: bytes, value: bytes) -> None:
        """Hand over bytes that are no event."""

    async def tick(self, time_ms: int) -> None:
        """Write a tick into every partition."""

    async def flush(self) -> None:
        """Return when all is acknowledged."""


async def _nothing(_sent: int) -> None:
    return None


class Driver:
    """Sends a plan. `speed`: seconds of replayed time per second of wall time; None is as fast as possible.

    `after_slice(sent)` is awaited after every few hundred records (every step when paced), `sent` being how many of the
    plan have been handed over.
    """

    def __init__(
        self,
        sink: Sink,
        plan: Plan,
        *,
        speed: float | None = None,
        after_slice: Callable[[int], Awaitable[None]] = _nothing,
        slice_size: int = SLICE,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self._sink, self._plan, self._speed = sink, plan, speed
        self._after_slice, self._slice_size = after_slice, slice_size
        self._now, self._sleep = now, sleep
        self._ticker = Ticker(plan.from_ms, plan.disorder_ms)

    async def run(self) -> None:
        """Send everything, then the tick of the span's end; returns when all is acknowledged."""
        await (self._run_flat_out() if self._speed is None else self._run_paced(self._speed))
        await self._sink.tick(self._plan.to_ms)
        await self._sink.flush()

    async def _run_flat_out(self) -> None:
        due = self._plan.due
        for start in range(0, len(due), self._slice_size):
            end = min(start + self._slice_size, len(due))
            for entry in due[start:end]:
                await self._hand_over(entry.item)
            if end < len(due):
                await self._tick(due[end].at_ms - 1)
            await self._after_slice(end)

    async def _run_paced(self, speed: float) -> None:
        due, sent, start = self._plan.due, 0, self._now()
        while sent < len(due):
            reached_ms = self._plan.from_ms + int((self._now() - start) * SECOND_MS * speed)
            while sent < len(due) and due[sent].at_ms <= reached_ms:
                await self._hand_over(due[sent].item)
                sent += 1
            await self._tick(reached_ms)
            await self._after_slice(sent)
            await self._sleep(_STEP_SECONDS)

    async def _tick(self, sent_up_to_ms: int) -> None:
        last_ms = self._plan.to_ms - 1 + self._plan.disorder_ms
        time_ms = self._ticker.due(min(sent_up_to_ms, last_ms), self._now())
        if time_ms is not None:
            await self._sink.tick(time_ms)

    async def _hand_over(self, item: Event | RawLine) -> None:
        if isinstance(item, Event):
            await self._sink.send(item)
        else:
            await self._sink.send_raw(RAW_TOPIC, item.raw, item.raw)
