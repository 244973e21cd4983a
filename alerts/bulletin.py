"""What every Alertmanager is to know: one list of notices, from which each replica takes what is due to it. No I/O."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from alerts.notices import RETELL_MS, Labels, Notice


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
            if ended_ms is not None and wall_ms - ended_ms > RETELL_MS:
                del self._entries[labels]

    def after(self, serial: int) -> list[Notice]:
        """What changed after `serial`; everything after -1."""
        return [entry.notice for entry in self._entries.values() if entry.serial > serial]

    def listener(self) -> asyncio.Event:
        """An event that is set whenever something is told."""
        event = asyncio.Event()
        self._waiting.add(event)
        return event
