"""How long a leg may plausibly wait, ring, be served and be worked up. Whatever lasts longer has lost its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kpi.floor_tables import Table
from kpi.floor_values import Wrong

LEAST_SECONDS, MOST_SECONDS = 60, 30 * 86_400

_MESSAGING = frozenset({"chat", "message", "social"})
# Nobody holds the line for these: a letter that waits over the weekend is no ghost.
_DEFERRED = frozenset({"email", "ticket"})


class Plausible(NamedTuple):
    """Limits in seconds; `ringing` holds for one offer."""

    waiting: int = 14_400
    ringing: int = 300
    in_service: int = 14_400
    wrapup: int = 3_600


def plausible(channel: str, told: Mapping[str, int]) -> Plausible:
    """The limits of a channel: those that were set, and built-in ones where nothing was."""
    if channel in _DEFERRED:
        limits = Plausible(waiting=604_800, in_service=604_800)
    else:
        limits = Plausible(in_service=86_400 if channel in _MESSAGING else 14_400)
    return limits._replace(**told)


def read_plausible(table: Table | None) -> dict[str, int]:
    """plausible_seconds = { waiting = 14400 }: the limits that were set, by name."""
    if table is None:
        return {}
    found = {name: table.get(name, _seconds) for name in Plausible._fields}
    table.done()
    return {name: seconds for name, seconds in found.items() if seconds is not None}


def _seconds(value: object) -> int:
    """Whole seconds, a minute to 30 days: the reaper looks twice a minute."""
    if not isinstance(value, int) or isinstance(value, bool) or not LEAST_SECONDS <= value <= MOST_SECONDS:
        raise Wrong(f"a whole number of seconds from {LEAST_SECONDS} to {MOST_SECONDS}, e.g. 14400")
    return value
