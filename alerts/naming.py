"""Alerts that fire get the incident that they belong to: one that is open, or a new one. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from alerts.incidents import STAYS_OPEN_MS, Incidents, Member, Place
from kpi.alert_state import Held
from kpi.floor import Floor


def named(fired: Iterable[Held], known: Iterable[Held], floor: Floor, wall_ms: int) -> list[Held]:
    """Alerts that fire together, each with its incident, in the order of their true starts: the first one names it.

    `known`: the alerts there are; those that fire, or ended a short while ago, keep their incidents open.
    """
    open_ = Incidents()
    for held in known:
        if held.incident and (held.is_active or wall_ms - (held.ended_ms or 0) <= STAYS_OPEN_MS):
            open_.add(held.incident, _member(held, floor))
    found = []
    for held in sorted(fired, key=lambda each: (each.since_ms, each.field)):
        member = _member(held, floor)
        incident = open_.name_for(member.place, held.since_ms)
        open_.add(incident, member)
        found.append(msgspec.structs.replace(held, incident=incident))
    return found


def _member(held: Held, floor: Floor) -> Member:
    config = floor.queue(held.queue, held.channel)
    place = Place(held.queue, held.channel, held.group, config.entry_point, config.source)
    return Member(place, held.since_ms)
