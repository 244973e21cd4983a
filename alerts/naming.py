"""Alerts that fire get the incident that they belong to: one that is open, or a new one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from alerts.due import FIRES, Due
from alerts.incidents import STAYS_OPEN_MS, Incidents, Member, Place
from kpi.alert_state import Held
from kpi.floor import QueueConfig

ConfigOf = Callable[[tuple[str, str]], QueueConfig]


def named_due(due: Sequence[Due], known: Iterable[Held], config_of: ConfigOf, wall_ms: int) -> Iterator[Due]:
    """What is due, what fires last and with its incident, in the order of the true starts: the first one names it.

    Names are given before anything is told in another order. `known`: the alerts there are; those that fire, or ended a
    short while ago, keep their incidents open. `config_of`: the settings of a queue and channel.
    """
    yield from (each for each in due if each.what != FIRES)
    fired = sorted((each for each in due if each.what == FIRES), key=lambda each: (each.held.since_ms, each.held.field))
    if not fired:
        return
    open_ = Incidents()
    for held in known:
        if held.incident and (held.is_active or wall_ms - (held.ended_ms or 0) <= STAYS_OPEN_MS):
            # One that waits to fire again knows its new start only, and would make its incident look young.
            open_.add(held.incident, _member(held, config_of), is_shared=held.phase != "pending")
    for each in fired:
        member = _member(each.held, config_of)
        incident = open_.name_for(member.place, each.held.since_ms)
        open_.add(incident, member)
        yield each._replace(held=msgspec.structs.replace(each.held, incident=incident))


def _member(held: Held, config_of: ConfigOf) -> Member:
    config = config_of((held.queue, held.channel))
    place = Place(held.queue, held.channel, held.group, config.entry_point, config.source)
    return Member(place, held.since_ms)
