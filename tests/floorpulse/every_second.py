"""A back-test without any cleverness: the board publishes at every second, and every limit looks at every snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alerts.policy import CALM, State, step
from alerts.rulebook import limits_of, look_of
from board.config import FloorFile
from kpi.envelope import Event
from kpi.quiet import quiet_at
from tests.memory_floor import MemoryFloor

Told = tuple[str, str, str, str, int, int | None, float | None]
"""rule, severity, queue, channel, from, to (None: still on), peak."""


async def every_second(events: Sequence[Event], config: Path, after_ms: int = 0) -> list[Told]:
    """The alerts of events under a floor.toml, by their start, until `after_ms` after the last event."""
    file = FloorFile(config)
    floor = MemoryFloor(file)
    waiting = sorted(events, key=lambda event: event.time_ms)
    first, last = (-(-at.time_ms // 1000) * 1000 for at in (waiting[0], waiting[-1]))
    last += after_ms
    states: dict[tuple[str, str, str, str], State] = {}
    told: list[Told] = []
    taken = 0
    for now_ms in range(first, last + 1000, 1000):
        due = [event for event in waiting[taken:] if event.time_ms <= now_ms]
        taken += len(due)
        floor.take(due)
        for (queue, channel), entry in (await floor.tick(now_ms)).entries.items():
            quiet = quiet_at(file.floor.quiet, queue, channel, entry.config.group, now_ms) is not None
            for limit in limits_of(entry.config):
                key = (limit.rule.name, limit.severity, queue, channel)
                before = states.get(key, CALM)
                after = step(limit, before, look_of(limit, entry.snapshot, quiet=quiet), now_ms).state
                states[key] = after
                if before.is_on and not after.is_on:
                    told.append((*key, after.since_ms, now_ms, after.peak))
    told += [(*key, state.since_ms, None, state.peak) for key, state in states.items() if state.is_on]
    return sorted(told, key=lambda each: (each[4], each[:4], each[5] or last + 1))
