"""View -> snapshots, four times a second: into Redis for everyone, and into memory for the page and the metrics."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from redis.asyncio import Redis

from board.alerts_told import AlertsTeller, ToldAlerts
from board.alerts_watch import Alerts
from board.cards import worst_first
from board.config import FloorFile
from board.entries import Entry, EntryMaker, Key
from board.floor import FloorAssembler, FloorEntry
from board.garbage import Garbage
from board.groups import GroupAssembler, Groups, Part
from board.health import Health, Verdict
from board.load import REDIS_ERRORS
from board.notes import Note, Notes
from board.quiet import Quiets
from board.roster import Roster
from board.snapshots import Normals
from board.staffing import Staffing, load_staffing, write_sample
from board.view import FloorView
from board.write import SnapshotWriter
from kpi.floor import Floor, QueueConfig
from kpi.panes import MINUTE_MS
from kpi.quiet import Quiet

log = logging.getLogger("floorpulse.board")

TICK_SECONDS = 0.25
WRITE_SECONDS = 1.0
FORGET_TICKS = 40
QUEUES_PER_BREATH = 50
# Of more queues than this only those with news move on to the next pane at once; the others take turns, each once in
# at most MAX_TURNS ticks, or all windows of a thousand queues would be made anew in one tick.
QUEUES_PER_TURN = 250
MAX_TURNS = 4
NOTES_MS = 75 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published at one tick; `entries` are in the order worst first, `floor` is up to 2 s older.

    `config` is the floor.toml that it was made with, `quiet` all that is planned.
    """

    tick: int = 0
    wall_ms: int = 0
    verdict: Verdict = field(default_factory=lambda: Verdict("rebuilding", "starting", 0, 0))
    entries: Mapping[Key, Entry] = field(default_factory=dict)
    unconfigured: tuple[str, ...] = ()
    floor: FloorEntry | None = None
    groups: Groups = field(default_factory=Groups)
    notes: tuple[Note, ...] = ()
    notes_changed: int = 0
    alerts: ToldAlerts = field(default_factory=ToldAlerts)
    config: Floor | None = None
    quiet: tuple[Quiet, ...] = ()


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
        self._redis, self._namespace, self.view, self._health = redis, namespace, view, health
        self._config, self._wall_ms = config, wall_ms
        self._configs: dict[Key, QueueConfig] = {}
        self._configs_of: Floor | None = None
        self._writer = SnapshotWriter(redis, namespace)
        self._garbage = garbage
        self._floor = FloorAssembler(view, namespace)
        self._groups = GroupAssembler(self._floor.roster)
        self.staffing = Staffing()
        self.notes, self.alerts, self.quiets = Notes(), Alerts(), Quiets()
        self._teller = AlertsTeller(self.alerts, self.quiets)
        self._notes: tuple[tuple[int, int], int, tuple[Note, ...]] = (-1, -1), 0, ()
        self._maker = EntryMaker(namespace, view, self._floor.roster, self.staffing, normals)
        self._written_floor: FloorEntry | None = None
        self._written_sample_ms = 0
        self._ticked = asyncio.Event()
        self.latest = Publication()
        # True once a publication was made of everything in Redis: noughts of an empty memory are no answer.
        self.ready = False

    async def run(self) -> None:
        """Publish every TICK_SECONDS for ever; a Redis that does not answer holds up nobody in memory."""
        with suppress(*REDIS_ERRORS):
            async with asyncio.timeout(WRITE_SECONDS):
                await self.remember()
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

    async def remember(self) -> None:
        """Take from Redis what boards before this one saw and no log tells."""
        self._floor.roster.known |= await load_staffing(self._redis, self._namespace, self.staffing)

    @property
    def roster(self) -> Roster:
        """Who is on the floor."""
        return self._floor.roster

    async def next_tick(self) -> Publication:
        """Wait for the next publication."""
        await self._ticked.wait()
        return self.latest

    async def tick(self) -> Publication:
        """Make one publication in memory."""
        wall_ms, number = self._wall_ms(), self.latest.tick + 1
        partitions = self.view.partitions
        loaded = bool(partitions) and all(partition.loaded for partition in partitions.values())
        verdict = self._health.judge(self.view.partitions, wall_ms)
        self._configure()
        calendars = {key: (config.zone, config.reset_minutes) for key, config in self._configs.items()}
        of_floor = self._config.floor.queue("", "")
        turns = min(MAX_TURNS, -(-len(self._configs) // QUEUES_PER_TURN))
        waits = {key for index, key in enumerate(self._configs) if (index + number) % turns and not self._has_news(key)}
        self.view.advance(verdict.now_ms, calendars, (of_floor.zone, of_floor.reset_minutes), waits)
        self._floor.roster.refresh(self.view.staff.sets)
        if verdict.state == "fresh" and verdict.now_ms >= self.staffing.due_ms:
            self.staffing.take(verdict.now_ms, self._floor.roster.serving())
        if number % FORGET_TICKS == 0:
            self.view.forget(verdict.now_ms)
        entries = []
        for index, (key, config) in enumerate(self._configs.items()):
            before = self.latest.entries.get(key)
            made = self._maker.entry(
                self._config.floor, config, key, before, verdict, wall_ms, number, is_turn=key not in waits
            )
            entries.append((key, made))
            if index % QUEUES_PER_BREATH == QUEUES_PER_BREATH - 1:
                await asyncio.sleep(0)
        entries.sort(key=lambda each: worst_first(each[1].snapshot))
        unconfigured = sorted({key[0] for key, config in self._configs.items() if not config.configured})
        snapshots = [entry.snapshot for _, entry in entries]
        floor = self._floor.entry(self._config.floor, snapshots, verdict, wall_ms, number)
        groups = self._groups.groups(
            (Part(entry.snapshot, entry.config, entry.changed, entry.staff) for _, entry in entries), number
        )
        self._maker.see(frozenset(each.queue for each in snapshots if each.severity or each.is_acute))
        notes, notes_changed = self._told_notes(verdict.now_ms, number)
        of_file = self._config.floor
        alerts = self._teller.told(of_file, verdict.now_ms, number)
        self.latest = Publication(
            number, wall_ms, verdict, dict(entries), tuple(unconfigured), floor, groups, notes, notes_changed, alerts,
            of_file, self.quiets.of(of_file),
        )  # fmt: skip
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
        sample = self.staffing.newest()
        if sample is not None and sample[0] > self._written_sample_ms:
            await write_sample(self._redis, self._namespace, *sample, staffed=self._floor.roster.known)
            self._written_sample_ms = sample[0]
        due = [entry for entry in self.latest.entries.values() if entry.is_due]
        return await self._writer.write((entry.snapshot, entry.json) for entry in due)

    def _told_notes(self, now_ms: int, number: int) -> tuple[tuple[Note, ...], int]:
        """The notes of the hour that the page shows, and the tick at which they last changed."""
        as_of = self.notes.changed, now_ms // MINUTE_MS
        if as_of != self._notes[0]:
            since_ms = now_ms - NOTES_MS
            found = tuple(note for note in self.notes.latest if since_ms <= note.at_ms)
            self._notes = as_of, self._notes[1] if found == self._notes[2] else number, found
        return self._notes[2], self._notes[1]

    def _has_news(self, key: Key) -> bool:
        before = self.latest.entries.get(key)
        return before is None or before.version != self.view.queues[key].version

    def _configure(self) -> None:
        """Configuration of every queue that is configured for a channel or was seen, anew after a reload."""
        floor = self._config.floor
        if floor is not self._configs_of:
            self._configs_of, self._configs = floor, {}
            self._maker.forget_configs()
            for config in floor.configured:
                if config.channel:
                    self.view.see(config.id, config.channel)
        for key in self.view.queues:
            if key not in self._configs:
                self._configs[key] = floor.queue(*key)
                self._maker.know(key)
