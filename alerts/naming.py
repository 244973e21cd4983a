"""Alerts that fire get the incident that they belong to: one that is open, or a new one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from alerts.due import FIRES, Due
from alerts.incidents import STAYS_OPEN_MS, Incidents, Member, Place
from kpi.alert_state import Held
from kpi.floor import Floor


def named_due(due: Sequence[Due], known: Iterable[Held], floor: Floor, wall_ms: int) -> Iterator[Due]:
    """What is due, what fires last and with its incident, in the order of the true starts: the first one names it.

    Names are given before anything is told in another order. `known`: the alerts there are; those that fire, or ended a
    short while ago, keep their incidents open.
    """
    yield from (each for each in due if each.what != FIRES)
    fired = sorted((each for each in due if each.what == FIRES), key=lambda each: (each.held.since_ms, each.held.field))
    if not fired:
        return
    open_ = Incidents()
    for held in known:
        if held.incident and (held.is_active or wall_ms - (held.ended_ms or 0) <= STAYS_OPEN_MS):
            open_.add(held.incident, _member(held, floor))
    for each in fired:
        member = _member(each.held, floor)
        incident = open_.name_for(member.place, each.held.since_ms)
        open_.add(incident, member)
        yield each._replace(held=msgspec.structs.replace(each.held, incident=incident))


def _member(held: Held, floor: Floor) -> Member:
    config = floor.queue(held.queue, held.channel)
    place = Place(held.queue, held.channel, held.group, config.entry_point, config.source)
    return Member(place, held.since_ms)
