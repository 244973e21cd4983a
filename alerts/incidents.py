"""One incident per cause: alerts of queues that share something and begin together bear one name: one message for all.

The name is a label of the alert, fixed when it fires; Alertmanager groups by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

# Alerts of one cause begin together: within this of the incident's first one.
TOGETHER_MS = 120_000
# Trouble that is back so soon after its end is the same incident: under a new name every swing of a value around its
# limit would be a message at once, which Alertmanager could not hold back.
STAYS_OPEN_MS = 300_000
# Bytes of UTF-8 of a queue and of a channel in a name: a label value that is too long would be cut, and an engine that
# reads it back from Alertmanager could not tell the whole.
MOST_QUEUE_BYTES, MOST_CHANNEL_BYTES = 120, 30
MOST_MS = 253_402_300_799_999


class Place(msgspec.Struct, frozen=True):
    """Where an alert is. `group`, `entry_point`, `source`: what queues may share; empty where nobody said."""

    queue: str
    channel: str
    group: str = ""
    entry_point: str = ""
    source: str = ""


class Member(msgspec.Struct, frozen=True):
    """One alert of an incident that is open, or was until a moment ago. `since_ms`: its true start, ms UTC."""

    place: Place
    since_ms: int


class Incidents:
    """The incidents that are open; quick however many there are, for all queues may be in trouble at once."""

    def __init__(self, open_: Mapping[str, Iterable[Member]] | None = None) -> None:
        self._began: dict[str, int] = {}
        self._by_queue: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._by_shared: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._numbers: dict[str, int] = {}
        for name, members in (open_ or {}).items():
            for member in members:
                self.add(name, member)

    def add(self, name: str, member: Member, *, is_shared: bool = True) -> None:
        """An alert is of this incident; `is_shared`: others of what its queue shares may join through it."""
        self._began[name] = min(member.since_ms, self._began.get(name, member.since_ms))
        self._by_queue[member.place.queue, member.place.channel].add(name)
        for shared in _shared(member.place) if is_shared else ():
            self._by_shared[shared].add(name)

    def name_for(self, place: Place, since_ms: int) -> str:
        """The incident that an alert which fires now belongs to: one that is open, or a new one.

        It belongs to an incident of the same queue and channel, whenever that began; else to one that shares its
        group, entry point or source and whose first alert began at most TOGETHER_MS apart. Of several, the one that
        began first.
        """
        found = self._by_queue.get((place.queue, place.channel)) or {
            name
            for shared in _shared(place)
            for name in self._by_shared.get(shared, ())
            if abs(since_ms - self._began[name]) <= TOGETHER_MS
        }
        return min(found, key=lambda name: (self._began[name], name)) if found else self._new_name(place, since_ms)

    def _new_name(self, place: Place, since_ms: int) -> str:
        """`<queue>-<start, UTC>`, told apart from open incidents of another cause by its channel, then by a number."""
        # An instant that no calendar holds becomes its edge: a broken clock must not cost the alert.
        start = datetime.fromtimestamp(min(max(since_ms, 0), MOST_MS) // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        queue = _plain(place.queue, MOST_QUEUE_BYTES)
        for name in (f"{queue}-{start}", f"{queue}-{_plain(place.channel, MOST_CHANNEL_BYTES)}-{start}"):
            if name not in self._began:
                return name
        # Long names may all look the same where they are cut, so nobody counts from the beginning each time.
        number = self._numbers.get(f"{queue}-{start}", 2)
        while f"{queue}-{start}-{number}" in self._began:
            number += 1
        self._numbers[f"{queue}-{start}"] = number
        return f"{queue}-{start}-{number}"


def incident_for(place: Place, since_ms: int, open_: Mapping[str, Sequence[Member]]) -> str:
    """The incident that one alert belongs to; `open_`: id -> its alerts."""
    return Incidents(open_).name_for(place, since_ms)


def _shared(place: Place) -> list[tuple[str, str]]:
    """What queues may have in common."""
    pairs = ("group", place.group), ("entry point", place.entry_point), ("source", place.source)
    return [pair for pair in pairs if pair[1]]


def _plain(text: str, most: int) -> str:
    """Letters and digits of any script, and what stands in names; the rest as `_`; at most so many bytes."""
    clean = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in text[:most])
    return clean.encode()[:most].decode(errors="ignore")
