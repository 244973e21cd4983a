"""Who could help a queue in trouble: free, in wrap-up or on a break, its own people first."""

from __future__ import annotations

from collections.abc import Container, Mapping

import msgspec

from board.roster import Roster
from kpi.floor import Floor
from kpi.staff import Card

# So many are told; a lead reads three names.
MOST = 8
_OWN = {"idle": 0, "has_capacity": 0, "acw": 1, "break": 2}
_OTHERS = {"idle": 3}


class Helper(msgspec.Struct, frozen=True):
    """An agent who could help. `member`: of that queue; else he is free elsewhere and would have to be moved."""

    id: str
    name: str
    team: str
    state: str
    reason: str
    since_ms: int
    member: bool


def helpers_of(
    queue: str, roster: Roster, floor: Floor, troubled: Container[str], channels: Mapping[str, set[str]]
) -> tuple[Helper, ...]:
    """At most MOST, in this order: own and free, own in wrap-up, own on a break, free elsewhere; longest first.

    `troubled`: queues whose people stay where they are. `channels`: those of each queue; people are moved only between
    queues that share one.
    """
    members = roster.members(queue)
    found = [(_OWN[card.state], card) for card in members.values() if card.state in _OWN]
    if len(found) < MOST:
        found += [
            (_OTHERS[card.state], card)
            for agent, card in roster.cards.items()
            if card.state in _OTHERS and agent not in members and _can_move(card, queue, troubled, channels)
        ]
    found.sort(key=lambda each: (each[0], each[1].since, each[1].agent))
    return tuple(_told(card, floor, member=card.agent in members) for _, card in found[:MOST])


def _can_move(card: Card, queue: str, troubled: Container[str], channels: Mapping[str, set[str]]) -> bool:
    wanted = channels.get(queue, set())
    own = [name for name, _ in card.queues]
    return any(channels.get(name, set()) & wanted for name in own) and not any(name in troubled for name in own)


def _told(card: Card, floor: Floor, *, member: bool) -> Helper:
    config = floor.agent(card.agent)
    return Helper(card.agent, config.name, config.team or card.team, card.state, card.reason, card.since, member)
