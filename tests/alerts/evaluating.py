"""Evaluators that are shown who waits for how long, and what that changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from alerts.announced import Announced
from alerts.changes import Changes
from alerts.due import Due
from alerts.evaluate import Evaluator
from kpi.alert_state import Held
from kpi.floor import Floor, QueueConfig
from kpi.snapshot import QueueSnapshot, State
from tests.alerts.published import FLOOR, snapshot

T0 = 1_795_168_800_000
KEEP_MS = 30_000


def words(held: Held, snapshot: QueueSnapshot | None, config: QueueConfig) -> dict[str, str]:
    """Texts that show the value."""
    return {"summary": f"{config.display_name} {held.value}"}


def evaluator(floor: Floor = FLOOR, **more: int) -> Evaluator:
    """One that nobody asked for anything yet."""
    return Evaluator(floor, words, **more)


def look(
    one: Evaluator,
    at: int,
    *waits: float,
    queue: str = "support",
    floor: Floor = FLOOR,
    state: State = "fresh",
    wall: int | None = None,
) -> Changes:
    """What people who wait so long change, `at` ms after T0; `wall`: by the wall clock, if that is another."""
    shot = snapshot(waits, at_ms=T0 + at, queue=queue, floor=floor, state=state)
    return looked(one, shot, wall_ms=None if wall is None else T0 + wall)


def looked(one: Evaluator, *snapshots: QueueSnapshot, wall_ms: int | None = None) -> Changes:
    """What snapshots that were announced together change, at the time of the first."""
    at_ms = snapshots[0].true_at_ms if wall_ms is None else wall_ms
    return looked_at(one, [Announced.read(shot.to_json()) for shot in snapshots], at_ms)


def looked_at(one: Evaluator, snapshots: Iterable[Announced], wall_ms: int) -> Changes:
    """What snapshots change, all of it at once."""
    changes, due = one.judge(snapshots, wall_ms)
    changes.add(one.say(one.named(due, wall_ms)))
    return changes


def configured(one: Evaluator, floor: Floor, wall_ms: int) -> Changes:
    """What another floor.toml changes."""
    due: list[Due] = []
    changes = one.configure(floor, wall_ms, due)
    changes.add(one.say(due))
    return changes


def missed(one: Evaluator, present: Collection[tuple[str, str]], wall_ms: int) -> Changes:
    """What it changes that nobody publishes any other queues."""
    due: list[Due] = []
    changes = one.missing(present, wall_ms, due)
    changes.add(one.say(due))
    return changes


def ended(one: Evaluator, at: int, *waits: float, floor: Floor = FLOOR) -> Held:
    """Nobody waits longer than `waits` from `at` on until what fired is over; the end."""
    for moment in range(at, at + KEEP_MS, 10_000):
        assert told(look(one, moment, *waits, floor=floor)) == []
    assert told(look(one, at + KEEP_MS - 1, *waits, floor=floor)) == []
    (held,) = look(one, at + KEEP_MS, *waits, floor=floor).told
    return held


def told(changes: Changes) -> list[tuple[str, str, str]]:
    """Rule, severity and phase of what people hear of."""
    return [(held.rule, held.severity, held.phase) for held in changes.told]
