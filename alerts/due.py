"""What is due to be put into words, and in which order: in a storm the worst is told first, in slices. Pure.

Words are most of the work: a look at a queue takes some microseconds, an alert in all languages a quarter of a
millisecond. So everything is judged and named first, and then said, written and told slice by slice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from alerts.announced import Announced
from alerts.changes import Changes
from kpi.alert_state import Held
from kpi.floor import SEVERITIES, QueueConfig

# What an alert does: it begins, it is over, it enters another phase, or it has newer numbers.
FIRES, ENDS, TURNS, GOES_ON = "fires", "ends", "turns", "goes on"
# So many alerts are the first commit and told together, then twice as many each time: people hear of the first at once,
# and a storm is no storm of calls.
FIRST_SLICE = 100
MOST_IN_SLICE = 500
# Newer numbers wait for the next look when there are more of them, or a floor in trouble would hide what begins.
MOST_GOING_ON = 200

_AFTER_FIRING = {ENDS: 10, TURNS: 11, GOES_ON: 12}


class Due(NamedTuple):
    """An alert in its new state, without its words; `announced`: the snapshot they are made of, if any."""

    what: str
    held: Held
    announced: Announced | None
    config: QueueConfig


def in_order(due: Sequence[Due], known: Mapping[str, Held]) -> list[Due]:
    """What is said in this round: what fires, the critical first, by incident; then what ends, turns, and goes on.

    `due`: of each kind in its own order. `known`: the alerts so far, by field. Of what goes on only the incidents that
    were written longest ago; the others are due again with their next snapshot.
    """
    incidents: dict[str, int] = {}
    for each in due:
        if each.what == FIRES:
            incidents.setdefault(each.held.incident, len(incidents))
    others = (each for each in due if each.what != GOES_ON)
    return [
        *sorted(others, key=lambda each: (_rank(each), incidents.get(each.held.incident, 0))),
        *_going_on((each for each in due if each.what == GOES_ON), known),
    ]


def _going_on(due: Iterable[Due], known: Mapping[str, Held]) -> list[Due]:
    """At most MOST_GOING_ON, those written longest ago first; of an incident all, unless it alone has more."""
    incidents: defaultdict[str, list[tuple[int, Due]]] = defaultdict(list)
    for each in due:
        before = known.get(each.held.field)
        incidents[each.held.incident].append((before.updated_ms if before else 0, each))
    found: list[Due] = []
    for _, members in sorted(incidents.items(), key=lambda item: (min(at for at, _ in item[1]), item[0])):
        if found and len(found) + len(members) > MOST_GOING_ON:
            break
        found += [each for _, each in sorted(members, key=lambda member: member[0])[:MOST_GOING_ON]]
    return found


def slice_of(due: Sequence[Due], size: int) -> int:
    """How many of what `in_order` gave are the next slice: at most `size`.

    What fires of one severity and incident stays in one slice when that is possible: it is one message then.
    """
    if size >= len(due) or due[size].what != FIRES:
        return min(size, len(due))
    begin = size
    while begin and _belongs(due[begin - 1]) == _belongs(due[size]):
        begin -= 1
    # One that is larger than a slice is cut wherever a slice ends.
    return begin or size


def parts(changes: Changes, most: int) -> Iterator[Changes]:
    """Changes in parts of at most `most` alerts, in their order; what is told goes with what is stored of it."""
    told = {held.field: held for held in changes.told}
    stored = list(changes.stored.items())
    for first in range(0, max(len(stored), len(changes.gone)), most):
        some = dict(stored[first : first + most])
        yield Changes(some, changes.gone[first : first + most], [told[name] for name in some if name in told])


def overtake(said: Changes, rest: Changes) -> None:
    """Leave out of `rest`, which is written later, what was so before `said`."""
    for name in said.stored:
        rest.stored.pop(name, None)
    if rest.gone:
        rest.gone = [name for name in rest.gone if name not in said.stored]


def _rank(due: Due) -> int:
    if due.what != FIRES:
        return _AFTER_FIRING[due.what]
    return -SEVERITIES.index(due.held.severity) if due.held.severity in SEVERITIES else 1


def _belongs(due: Due) -> tuple[int, str]:
    return _rank(due), due.held.incident
