"""What every Alertmanager is to know: one list of notices, from which each replica takes what is due to it. No I/O."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from alerts.notices import INCIDENT, RETELL_MS, Labels, Notice

# Of what goes on in an incident that changed, so many are told once more with the change.
MOST_OTHERS = 100
# An end is told again for so long with every sign of life: two of them at least.
AGAIN_MS = 10_000


@dataclass(slots=True)
class _Entry:
    notice: Notice
    serial: int


class Bulletin:
    """The notices by their labels. A change gets the next `serial`, so that a replica knows up to where it was told."""

    def __init__(self) -> None:
        self._entries: dict[Labels, _Entry] = {}
        self._waiting: set[asyncio.Event] = set()
        self.serial = 0

    def __len__(self) -> int:
        return len(self._entries)

    def tell(self, notices: Iterable[Notice]) -> None:
        """Something began or ended: every replica is told at once, of all of it together."""
        before = self.serial
        for notice in notices:
            self.serial += 1
            self._entries[notice.labels] = _Entry(notice, self.serial)
        if self.serial != before:
            for event in self._waiting:
                event.set()

    def refresh(self, notices: Iterable[Notice]) -> None:
        """What goes on has other words now; they go out with the next round."""
        for notice in notices:
            entry = self._entries.get(notice.labels)
            if entry is None:
                self.tell([notice])
            elif entry.notice.ended_ms is None:
                entry.notice = notice

    def clear(self) -> None:
        """Forget all of it."""
        self._entries.clear()

    def forget(self, wall_ms: int) -> None:
        """What ended some minutes ago was told often enough."""
        for labels, entry in list(self._entries.items()):
            ended_ms = entry.notice.ended_ms
            if ended_ms is not None and abs(wall_ms - ended_ms) > RETELL_MS:
                del self._entries[labels]

    def after(self, serial: int) -> list[Notice]:
        """What changed after `serial`; everything after -1."""
        return [entry.notice for entry in self._entries.values() if entry.serial > serial]

    def due_after(self, serial: int) -> list[Notice]:
        """What changed after `serial`, and with it what goes on in the same incidents.

        They stand in one message: its lines are to be numbers of one time. An incident of a whole floor has no room for
        the lines of all, so what goes on in it stays as it was told last.
        """
        changed = self.after(serial)
        if len(changed) == len(self._entries):
            return changed
        incidents = {dict(notice.labels).get(INCIDENT) for notice in changed} - {None}
        if not incidents:
            return changed
        others = [
            entry.notice
            for entry in self._entries.values()
            if entry.serial <= serial
            and entry.notice.ended_ms is None
            and dict(entry.notice.labels).get(INCIDENT) in incidents
        ]
        return changed + others if len(others) <= MOST_OTHERS else changed

    def ended_lately(self, upto: int, wall_ms: int) -> list[Notice]:
        """What was told up to the serial `upto` and ended a moment ago."""
        return [
            entry.notice
            for entry in self._entries.values()
            if entry.serial <= upto
            and entry.notice.ended_ms is not None
            and abs(wall_ms - entry.notice.ended_ms) <= AGAIN_MS
        ]

    def listener(self) -> asyncio.Event:
        """An event that is set whenever something is told."""
        event = asyncio.Event()
        self._waiting.add(event)
        return event
