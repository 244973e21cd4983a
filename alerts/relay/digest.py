"""What a robot has to say next, from what waits and what it has said: pure, and nothing is ever left out.

Alerts that wait are told incident by incident. When more incidents wait than the budget has messages, one message tells
all of them. An alert is known by its labels and its beginning (`Alert.id`), so one that came, went and came again while
the robot was blocked is two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from alerts.relay.notice import Alert

#: Remembered per incident: ends, so that a second Alertmanager's word of the same end is no news; and all alerts, for
#: one that was silenced while it was on is never told to be over.
MOST_ENDS, MOST_KNOWN = 500, 5_000


class Pending(NamedTuple):
    """What one call said of one incident, in the order of `id`. `unnamed`: alerts that Alertmanager left out."""

    id: int
    incident: str
    arrived_ms: int
    alerts: Sequence[Alert]
    unnamed: int = 0


class Told(msgspec.Struct, frozen=True):
    """What the chat knows of an incident: alert id -> is it over. `message_id`: its card, where cards can be changed.

    `rank`: of the worst alert the card has rung for; 99 once nothing is on any more, so that what comes next rings.
    """

    alerts: dict[str, bool] = {}
    message_id: str = ""
    rank: int = 99


@dataclass(frozen=True, slots=True)
class Story:
    """What is to be said of one incident, worst first. `ids`: the pending calls that are dealt with by saying it.

    `flashes`: ids of alerts in `over` that nobody was told of while they were on.
    """

    incident: str
    ids: tuple[int, ...]
    arrived_ms: int
    new: tuple[Alert, ...] = ()
    over: tuple[Alert, ...] = ()
    still: tuple[Alert, ...] = ()
    flashes: frozenset[str] = frozenset()
    unnamed: int = 0
    told: Told = field(default_factory=Told)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All of them, what is new first."""
        return (*self.new, *self.over, *self.still)

    @property
    def is_silent(self) -> bool:
        """Whether everything in it has been said: a second Alertmanager repeated an end."""
        return not self.alerts and not self.unnamed

    @property
    def is_over(self) -> bool:
        """Whether the whole incident is over, as far as the chat knows.

        It is not for sure while one that it was told of is not named: who acknowledged it silenced it, too. A group
        without incidents goes on for ever, and what was silenced in it a month ago says nothing of today.
        """
        if self.new or self.still or self.unnamed:
            return False
        if not any("incident" in alert.labels for alert in self.over):
            return True
        named = {alert.id for alert in self.over}
        return all(is_over or id in named for id, is_over in self.told.alerts.items())

    @property
    def rank(self) -> int:
        """Of the worst alert that is on; 99 when all are over."""
        return min((alert.rank for alert in (*self.new, *self.still)), default=99)

    def after(self, message_id: str = "") -> Told:
        """What the chat knows once the story is told, in the card `message_id` if it can be changed."""
        ends = [id for id, is_over in self.told.alerts.items() if is_over]
        known: dict[str, bool] = {id: False for id, is_over in self.told.alerts.items() if not is_over}
        known |= dict.fromkeys(ends[-MOST_ENDS:], True)
        for alert in self.alerts:
            known.pop(alert.id, None)
            known[alert.id] = alert.is_over
        known = dict(list(known.items())[-MOST_KNOWN:])
        is_changed = bool(message_id) and message_id == self.told.message_id
        # A card that says that nothing is on has rung for nothing: what comes back begins another one.
        kept = self.told.rank if is_changed and (self.new or self.still) else 99
        return Told(known, message_id, min(self.rank, kept))


def stories(pending: Iterable[Pending], told: Mapping[str, Told]) -> list[Story]:
    """What waits, by incident, most urgent first: what is new and bad, then by when it came."""
    calls: dict[str, list[Pending]] = {}
    for call in pending:
        calls.setdefault(call.incident, []).append(call)
    found = [_story(incident, waiting, told.get(incident, Told())) for incident, waiting in calls.items()]
    return sorted(found, key=lambda story: (min((a.rank for a in story.new), default=99), story.arrived_ms))


def next_message(waiting: Sequence[Story], free: int) -> Sequence[Story]:
    """The stories of the next message: one while the budget has one for each, else all. `free`: messages left now."""
    return waiting[:1] if len(waiting) <= max(free, 1) else waiting


def _story(incident: str, calls: Sequence[Pending], told: Told) -> Story:
    latest: dict[str, Alert] = {}
    for call in calls:
        latest |= {alert.id: alert for alert in call.alerts}
    new, over, still = [], [], []
    for id, alert in latest.items():
        known = told.alerts.get(id)
        if alert.is_over:
            if not known:
                over.append(alert)
        elif known is False:
            still.append(alert)
        else:
            new.append(alert)
    return Story(
        incident,
        tuple(call.id for call in calls),
        min(call.arrived_ms for call in calls),
        new=_worst_first(new),
        over=_worst_first(over),
        still=_worst_first(still),
        flashes=frozenset(alert.id for alert in over if alert.id not in told.alerts),
        unnamed=max(call.unnamed for call in calls),
        told=told,
    )


def _worst_first(alerts: list[Alert]) -> tuple[Alert, ...]:
    return tuple(sorted(alerts, key=lambda alert: (alert.rank, alert.began_ms)))
