"""One partition with a worker, and in plain dictionaries what Redis would hold of it: records, panes, live sets."""

import copy
from collections import Counter
from collections.abc import Iterable
from typing import Any

from kpi.envelope import Event, make_event
from streams.decode import Decoded, Limits, Rejected, decode
from streams.partition import Partition, due_records
from streams.store import Position

LATENESS_MS = 7 * 86_400_000
LIMITS = Limits(earliest=0, live=False)
Fields = dict[str, int]


class Worker:
    """Counts what it is given, a chunk per call; `restart` loses its memory, never what Redis holds."""

    def __init__(self, topic: str = "calls.events", keeps_all: bool = False) -> None:
        self.topic, self.keeps_all = topic, keeps_all
        self.blobs: dict[str, bytes] = {}
        self.panes: dict[str, Fields] = {}
        self.lives: dict[str, Fields] = {}
        self.expiry: Fields = {}
        self.ledger: Counter[str] = Counter()
        self.position = Position(0, 1, 0, 0, 0)
        self.restart()

    def restart(self) -> None:
        """A new process that goes on from the stored position."""
        self.partition = Partition("fp:{test}", self.position, LATENESS_MS, self.keeps_all)

    def take(self, *events: Event) -> Fields:
        """Count these events as one chunk; what became of them."""
        chunk = [self._decoded(event) for event in events]
        names = [one.key for one in chunk if isinstance(one, Decoded) and one.key is not None]
        due = [name for name, at in sorted(self.expiry.items()) if at < self.position.watermark][:200]
        wanted = self.partition.missing([*names, *due_records(due)])
        self.partition.remember(wanted, self.blobs)
        base = self.position.next or 0
        taken = self.partition.take(range(base, base + len(chunk)), chunk, due)
        self.partition.advance(base + len(chunk), taken, 0)
        self.position = self.partition.position
        self._apply(taken.difference)
        self.ledger.update(taken.difference.ledger)
        return dict(taken.difference.ledger)

    def tick(self, time_ms: int, count: int = 1) -> None:
        """Let the log's clock reach an instant; more than one tick gives the sweep more turns."""
        for number in range(count):
            self.take(make_event("tick", source="/clock", id=f"t{number}", time_ms=time_ms, data={}))

    def total(self, res: int = 10) -> Fields:
        """The fields of all panes of one length together, net counts left out."""
        found: Counter[str] = Counter()
        for name, fields in self.panes.items():
            if name.startswith(f"{res}:"):
                found.update({field: n for field, n in fields.items() if not field.startswith(("net.", "into."))})
        return {field: n for field, n in sorted(found.items()) if n}

    def members(self, kind: str) -> Fields:
        """Who is in a live set, of whichever queue."""
        return {
            member: at
            for name, some in self.lives.items()
            if name.partition(":")[0] == kind
            for member, at in some.items()
        }

    def state(self) -> dict[str, Any]:
        """Everything the numbers are made of, but for 10 s panes that go with their time."""
        panes = {name: some for name, some in self.panes.items() if some and (self.keeps_all or name[:2] != "10")}
        return copy.deepcopy({"panes": panes, "lives": {name: some for name, some in self.lives.items() if some}})

    def _decoded(self, event: Event) -> Decoded | Rejected:
        try:
            return decode(event.to_json(), self.topic, 2**52, LIMITS)
        except Rejected as error:
            return error

    def _apply(self, difference: Any) -> None:
        self.blobs.update(difference.records)
        self.blobs = {name: blob for name, blob in self.blobs.items() if name not in difference.records_gone}
        self.panes = {name: some for name, some in self.panes.items() if name not in difference.panes_gone}
        _set(self.expiry, difference.expiry)
        for name, fields in difference.panes.items():
            held = self.panes.setdefault(name, {})
            for field, n in fields.items():
                held[field] = held.get(field, 0) + n
                if not held[field]:
                    del held[field]
        for name, members in difference.lives.items():
            _set(self.lives.setdefault(name, {}), members)


def _set(held: Fields, change: dict[str, int | bool]) -> None:
    """Set what has a number, drop what is False."""
    for name, at in change.items():
        if at is False:
            held.pop(name, None)
        else:
            held[name] = at


def in_turn(worker: Worker, events: Iterable[Event]) -> None:
    """Each event a chunk of its own."""
    for event in events:
        worker.take(event)
