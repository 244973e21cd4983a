"""One incident per cause: alerts of queues that share something and begin together bear one name: one message for all.

The name is a label of the alert, fixed when it fires; Alertmanager groups by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

# Alerts of one cause begin together: within this of the incident's first one.
TOGETHER_MS = 120_000
# Trouble that is back so soon after its end is the same incident: under a new name every swing of a value around its
# limit would be a message at once, which Alertmanager could not hold back.
STAYS_OPEN_MS = 300_000
MOST_LETTERS = 80


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


def incident_for(place: Place, since_ms: int, open_: Mapping[str, Sequence[Member]]) -> str:
    """The incident that an alert which fires now belongs to: one of `open_` (id -> its alerts), or a new one.

    It belongs to an incident of the same queue and channel, whenever that began; else to one that shares its group,
    entry point or source and whose first alert began at most TOGETHER_MS apart. Of several, the one that began first.
    """
    open_ = {name: members for name, members in open_.items() if members}
    began = {name: min(member.since_ms for member in members) for name, members in open_.items()}
    same = [name for name, members in open_.items() if any(_is_same(place, member.place) for member in members)]
    near = [
        name
        for name, members in open_.items()
        if abs(since_ms - began[name]) <= TOGETHER_MS and any(_shares(place, member.place) for member in members)
    ]
    if found := same or near:
        return min(found, key=lambda name: (began[name], name))
    return _new_name(place, since_ms, open_)


def _is_same(place: Place, other: Place) -> bool:
    return (place.queue, place.channel) == (other.queue, other.channel)


def _shares(place: Place, other: Place) -> bool:
    pairs = (place.group, other.group), (place.entry_point, other.entry_point), (place.source, other.source)
    return any(mine and mine == its for mine, its in pairs)


def _new_name(place: Place, since_ms: int, taken: Mapping[str, Sequence[Member]]) -> str:
    """`<queue>-<start, UTC>`, told apart from open incidents of another cause by its channel, then by a number."""
    start = datetime.fromtimestamp(since_ms // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    queue = _plain(place.queue)
    for name in (f"{queue}-{start}", f"{queue}-{_plain(place.channel)}-{start}"):
        if name not in taken:
            return name
    return next(name for number in range(2, len(taken) + 3) if (name := f"{queue}-{start}-{number}") not in taken)


def _plain(text: str) -> str:
    """Letters and digits of any script, and what stands in names; the rest as `_`."""
    return "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in text[:MOST_LETTERS])
