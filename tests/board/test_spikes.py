"""A spike in any queue, of either cause, at any time: the first row of the board two seconds later, with its cause."""

from __future__ import annotations

import random

import pytest

from board.config import FloorFile
from kpi.cause import CALM_MS, NEWS_MS
from kpi.events import parse_time
from sources.simulator import Simulation, default_profile
from sources.simulator.spikes import Cause
from tests.data_sets import ROOT
from tests.memory_floor import MemoryFloor

SEED = 1
START_MS = parse_time("2026-01-05T10:00:00+08:00")
WARM_MS, SPIKES, SPIKE_MS = 2_700_000, 10, 120_000
CAUSES: tuple[Cause, ...] = ("volume", "staff")
QUEUES = [queue.id for queue in default_profile("busy").queues if not queue.deferred]


@pytest.mark.slow
async def test_a_spike_is_the_first_row_within_two_seconds_and_says_what_it_is() -> None:
    chance = random.Random(SEED)
    simulation = Simulation(default_profile("busy"), SEED, START_MS)
    floor = MemoryFloor(FloorFile(ROOT / "floor.toml"))
    now_ms = START_MS
    missed = []

    async def pass_by(length_ms: int, step_ms: int) -> None:
        nonlocal now_ms
        end = now_ms + length_ms
        while now_ms < end:
            now_ms = min(end, now_ms + step_ms)
            floor.take(simulation.run_until(now_ms))
            await floor.tick(now_ms)

    await pass_by(WARM_MS, 30_000)
    for _ in range(SPIKES):
        await pass_by(chance.randrange(NEWS_MS + CALM_MS, 480_000), 5_000)
        queue, cause, factor = chance.choice(QUEUES), chance.choice(CAUSES), chance.choice([6.0, 8.0, 12.0])
        simulation.spike(queue, factor, now_ms, SPIKE_MS, cause)
        await pass_by(2_000, 250)
        (first, _), entry = next(iter(floor.publisher.latest.entries.items()))
        told = entry.snapshot.cause.kind if entry.snapshot.cause else None
        if (first, told) != (queue, cause):
            missed.append(f"{cause} x {factor:g} in {queue}: the first row is {first}, {told}")
        await pass_by(SPIKE_MS, 5_000)
    assert missed == []
