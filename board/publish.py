"""View -> snapshots, four times a second: into Redis for everyone, and into memory for the page and the metrics."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
from redis.asyncio import Redis

from board.cards import card, looks_same, worst_first
from board.config import FloorFile
from board.floor import FloorAssembler, FloorEntry
from board.garbage import Garbage
from board.health import Health, Verdict
from board.load import REDIS_ERRORS
from board.snapshots import Assembler, Normals, snapshot_json
from board.view import FloorView
from board.write import SnapshotWriter
from kpi.floor import Floor, QueueConfig
from kpi.live_state import QueueStaff
from kpi.snapshot import QueueSnapshot

log = logging.getLogger("floorpulse.board")

TICK_SECONDS = 0.25
WRITE_SECONDS = 1.0
FORGET_TICKS = 40
QUEUES_PER_BREATH = 50
# Of more queues than this only those with news move on to the next pane at once; the others take turns, each once in
# at most MAX_TURNS ticks, or all windows of a thousand queues would be made anew in one tick.
QUEUES_PER_TURN = 250
MAX_TURNS = 4
Key = tuple[str, str]


@dataclass(slots=True)
class Entry:
    """One queue as published. `changed`: the tick at which its card last changed.

    `is_due`: to be written now; of a large floor a quiet queue is written once a second. `version` and `staff` are
    what it was made of.
    """

    snapshot: QueueSnapshot
    config: QueueConfig
    card: bytes
    changed: int
    version: int
    staff: QueueStaff
    is_due: bool
    texts: Mapping[str, msgspec.Raw]
    _json: bytes = b""

    @property
    def json(self) -> bytes:
        """The snapshot as JSON, made when somebody asks for it."""
        if not self._json:
            self._json = snapshot_json(self.snapshot, self.texts)
        return self._json


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published at one tick; `entries` are in the order worst first, `floor` is up to 2 s older."""

    tick: int = 0
    wall_ms: int = 0
    verdict: Verdict = field(default_factory=lambda: Verdict("rebuilding", "starting", 0, 0))
    entries: Mapping[Key, Entry] = field(default_factory=dict)
    unconfigured: tuple[str, ...] = ()
    floor: FloorEntry | None = None


class Publisher:
    """Publishes until it is cancelled. `latest` is the newest publication; waiters on `next_tick` see each one."""

    def __init__(
        self,
        redis: Redis,
        namespace: str,
        view: FloorView,
        health: Health,
        config: FloorFile,
        wall_ms: Callable[[], int],
        garbage: Garbage | None = None,
        normals: Normals | None = None,
    ) -> None:
        self._namespace, self._view, self._health = namespace, view, health
        self._config, self._wall_ms = config, wall_ms
        self._assemblers: dict[Key, Assembler] = {}
        self._configs: dict[Key, QueueConfig] = {}
        self._configs_of: Floor | None = None
        self._writer = SnapshotWriter(redis, namespace)
        self._garbage, self._normals = garbage, normals
        self._floor = FloorAssembler(view, namespace)
        self._written_floor: FloorEntry | None = None
        self._ticked = asyncio.Event()
        self.latest = Publication()
        # True once a publication was made of everything in Redis: noughts of an empty memory are no answer.
        self.ready = False

    async def run(self) -> None:
        """Publish every TICK_SECONDS for ever; a Redis that does not answer holds up nobody in memory."""
        while True:
            began = time.monotonic()
            await self.tick()
            try:
                async with asyncio.timeout(WRITE_SECONDS):
                    await self.write()
            except REDIS_ERRORS as error:
                log.debug("snapshots not written: %s", error)
            if self._garbage is not None:
                self._garbage.after_tick(time.monotonic() - began)
            await asyncio.sleep(max(0.0, TICK_SECONDS - (time.monotonic() - began)))

    async def next_tick(self) -> Publication:
        """Wait for the next publication."""
        await self._ticked.wait()
        return self.latest

    async def tick(self) -> Publication:
        """Make one publication in memory."""
        wall_ms, number = self._wall_ms(), self.latest.tick + 1
        partitions = self._view.partitions
        loaded = bool(partitions) and all(partition.loaded for partition in partitions.values())
        verdict = self._health.judge(self._view.partitions, wall_ms)
        self._configure()
        calendars = {key: (config.zone, config.reset_minutes) for key, config in self._configs.items()}
        of_floor = self._config.floor.queue("", "")
        turns = min(MAX_TURNS, -(-len(self._configs) // QUEUES_PER_TURN))
        waits = {key for index, key in enumerate(self._configs) if (index + number) % turns and not self._has_news(key)}
        self._view.advance(verdict.now_ms, calendars, (of_floor.zone, of_floor.reset_minutes), waits)
        self._floor.roster.refresh(self._view.staff.sets)
        if number % FORGET_TICKS == 0:
            self._view.forget(verdict.now_ms)
        entries = []
        for index, (key, config) in enumerate(self._configs.items()):
            entries.append((key, self._entry(key, config, verdict, wall_ms, number, is_turn=key not in waits)))
            if index % QUEUES_PER_BREATH == QUEUES_PER_BREATH - 1:
                await asyncio.sleep(0)
        entries.sort(key=lambda each: worst_first(each[1].snapshot))
        unconfigured = sorted({key[0] for key, config in self._configs.items() if not config.configured})
        snapshots = [entry.snapshot for _, entry in entries]
        floor = self._floor.entry(self._config.floor, snapshots, verdict, wall_ms, number)
        self.latest = Publication(number, wall_ms, verdict, dict(entries), tuple(unconfigured), floor)
        self.ready = self.ready or loaded
        self._ticked.set()
        self._ticked = asyncio.Event()
        return self.latest

    async def write(self) -> int:
        """Write the latest publication to Redis; gives how many snapshots of queues were written."""
        floor = self.latest.floor
        if floor is not None and floor is not self._written_floor:
            await self._writer.write_floor(floor.snapshot, floor.json)
            self._written_floor = floor
        due = [entry for entry in self.latest.entries.values() if entry.is_due]
        return await self._writer.write((entry.snapshot, entry.json) for entry in due)

    def _has_news(self, key: Key) -> bool:
        before = self.latest.entries.get(key)
        return before is None or before.version != self._view.queues[key].version

    def _configure(self) -> None:
        """Configuration of every queue that is configured for a channel or was seen, anew after a reload."""
        floor = self._config.floor
        if floor is not self._configs_of:
            self._configs_of, self._configs, self._assemblers = floor, {}, {}
            for config in floor.configured:
                if config.channel:
                    self._view.see(config.id, config.channel)
        for key in self._view.queues:
            if key not in self._configs:
                self._configs[key] = floor.queue(*key)

    def _entry(
        self, key: Key, config: QueueConfig, verdict: Verdict, wall_ms: int, number: int, *, is_turn: bool
    ) -> Entry:
        assembler = self._assemblers.get(key)
        if assembler is None:
            assembler = self._assemblers[key] = Assembler(self._view.queues[key], config, self._normals)
        staff = self._floor.roster.staff_of(key[0])
        snapshot = assembler.snapshot(self._namespace, verdict, wall_ms, staff)
        before = self.latest.entries.get(key)
        same = before is not None and before.config is config and looks_same(before.snapshot, snapshot)
        shown = before.card if before is not None and same else card(snapshot, config)
        changed = before.changed if before is not None and before.card == shown else number
        version = assembler.view.version
        is_due = is_turn or before is None or changed == number or _is_other(before, snapshot, version, staff)
        return Entry(snapshot, config, shown, changed, version, staff, is_due, assembler.texts)


def _is_other(before: Entry, now: QueueSnapshot, version: int, staff: QueueStaff) -> bool:
    """Whether anything but the clock is different; whoever passes the target just by waiting is seen in the windows."""
    was = before.snapshot
    return (
        before.version != version
        or before.staff is not staff
        or was.windows is not now.windows
        or (was.state, was.reason, was.epoch, was.severity_by) != (now.state, now.reason, now.epoch, now.severity_by)
    )
