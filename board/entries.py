"""One queue as published: its snapshot with the reason of its trouble, its card, and who could help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from board.cards import card, looks_same
from board.causes import CauseWatch
from board.health import Verdict
from board.helping import Helper, helpers_of
from board.roster import Roster
from board.snapshots import Assembler, Normals, snapshot_json
from board.staffing import Staffing
from board.view import FloorView
from kpi.cause import People
from kpi.floor import Floor, QueueConfig
from kpi.live_state import QueueStaff
from kpi.snapshot import QueueSnapshot

# People are looked for once a second.
HELPERS_TICKS = 4
Key = tuple[str, str]


@dataclass(slots=True)
class Entry:
    """One queue as published. `changed`: the tick at which its card last changed; `tv_card`: without agents' names.

    `is_due`: to be written now; of a large floor a quiet queue is written once a second. `version` and `staff` are
    what it was made of.
    """

    snapshot: QueueSnapshot
    config: QueueConfig
    card: bytes
    tv_card: bytes
    helpers: tuple[Helper, ...]
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


class EntryMaker:
    """Makes the entries of all queues; what one was made of the last time is kept."""

    def __init__(
        self, namespace: str, view: FloorView, roster: Roster, staffing: Staffing, normals: Normals | None
    ) -> None:
        self._namespace, self._view, self._roster = namespace, view, roster
        self._staffing, self._normals = staffing, normals
        self._assemblers: dict[Key, Assembler] = {}
        self._watches: dict[Key, CauseWatch] = {}
        self._troubled: frozenset[str] = frozenset()
        self._channels: dict[str, set[str]] = {}

    def forget_configs(self) -> None:
        """The configuration of every queue may be another one from now on."""
        self._assemblers.clear()

    def know(self, key: Key) -> None:
        """There is this queue and channel."""
        self._channels.setdefault(key[0], set()).add(key[1])

    def see(self, troubled: frozenset[str]) -> None:
        """The queues in trouble, whose people stay where they are."""
        self._troubled = troubled

    def entry(
        self, floor: Floor, config: QueueConfig, key: Key, before: Entry | None, verdict: Verdict, wall_ms: int,
        number: int, *, is_turn: bool,
    ) -> Entry:  # fmt: skip
        """The entry of one queue at tick `number`; `before` is the one of the tick before."""
        assembler = self._assemblers.get(key)
        if assembler is None:
            assembler = self._assemblers[key] = Assembler(self._view.queues[key], config, self._normals)
        staff = self._roster.staff_of(key[0])
        snapshot = self._with_cause(assembler.snapshot(self._namespace, verdict, wall_ms, staff), key, verdict, staff)
        helpers = self._helpers(floor, snapshot, before, verdict, number)
        same = before is not None and before.config is config and before.helpers is helpers
        if before is not None and same and looks_same(before.snapshot, snapshot):
            shown, on_tv = before.card, before.tv_card
        else:
            shown = card(snapshot, config, helpers)
            on_tv = card(snapshot, config) if helpers else shown
        changed = before.changed if before is not None and before.card == shown else number
        version = assembler.view.version
        is_due = is_turn or before is None or changed == number or _is_other(before, snapshot, version, staff)
        return Entry(snapshot, config, shown, on_tv, helpers, changed, version, staff, is_due, assembler.texts)

    def _with_cause(self, snapshot: QueueSnapshot, key: Key, verdict: Verdict, staff: QueueStaff) -> QueueSnapshot:
        """The snapshot with the reason of its trouble, when there is any."""
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = CauseWatch()
        if verdict.state == "rebuilding":
            return snapshot
        people = People(staff.serving, self._staffing.before(key[0], verdict.now_ms))
        since_ms = verdict.now_ms if self._view.since_ms is None else self._view.since_ms
        view, windows = self._view.queues[key], snapshot.windows
        cause = watch.look(view, windows, people, verdict.now_ms, since_ms, troubled=snapshot.severity > 0)
        return snapshot if cause is None else msgspec.structs.replace(snapshot, cause=cause)

    def _helpers(
        self, floor: Floor, snapshot: QueueSnapshot, before: Entry | None, verdict: Verdict, number: int
    ) -> tuple[Helper, ...]:
        """Who could help a queue in trouble; the same object while nobody changed."""
        if not (snapshot.severity or snapshot.is_acute) or verdict.state == "rebuilding":
            return ()
        held = before.helpers if before is not None else ()
        if held and number % HELPERS_TICKS:
            return held
        found = helpers_of(snapshot.queue, self._roster, floor, self._troubled, self._channels)
        return held if found == held else found


def _is_other(before: Entry, now: QueueSnapshot, version: int, staff: QueueStaff) -> bool:
    """Whether anything but the clock is different; whoever passes the target just by waiting is seen in the windows."""
    was = before.snapshot
    return (
        before.version != version
        or before.staff is not staff
        or was.windows is not now.windows
        or _reason(was) != _reason(now)
        or (was.state, was.reason, was.epoch, was.severity_by) != (now.state, now.reason, now.epoch, now.severity_by)
    )


def _reason(snapshot: QueueSnapshot) -> tuple[object, object]:
    """What of the cause is news; its numbers move all the time."""
    return (None, None) if snapshot.cause is None else (snapshot.cause.kind, snapshot.cause.since_ms)
