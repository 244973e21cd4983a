"""Entries of queues -> the cards of their groups, for the wall; made anew only where a queue of a group changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from board.roster import Roster
from kpi.floor import QueueConfig
from kpi.group_card import GroupCard, group_card
from kpi.live_state import QueueStaff
from kpi.snapshot import QueueSnapshot
from kpi.staff import Card

_encode = msgspec.json.Encoder().encode


class Part(NamedTuple):
    """One queue of a group, as published: `changed` is the tick at which its card last did."""

    snapshot: QueueSnapshot
    config: QueueConfig
    changed: int
    staff: QueueStaff

    def is_as(self, before: Part) -> bool:
        """Whether nothing is different that the card of a group shows."""
        return self.config is before.config and self.changed == before.changed and self.staff is before.staff


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups as published, worst first. `changed`: the tick at which any of the cards last changed."""

    cards: tuple[GroupCard, ...] = ()
    json: bytes = b"[]"
    changed: int = 0


def worst_group_first(card: GroupCard) -> tuple[int, int, int, str]:
    """Sort key: spiking, severity, how many measures are at fault, then the name; closed ones come last."""
    faults = sum(card.severity_by.values())
    return -int(card.acute), -card.severity, -faults if card.severity else int(not card.open), card.group


class GroupAssembler:
    """Makes the cards of all groups; `roster` tells who is on the floor."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._latest = Groups()
        self._known: dict[str, tuple[list[Part], GroupCard]] = {}

    def groups(self, entries: Iterable[Part], tick: int) -> Groups:
        """The groups at `tick`. `entries`: every queue, worst first.

        A queue without a group stands for itself, under its display name.
        """
        parts: dict[str, list[Part]] = {}
        for entry in entries:
            parts.setdefault(entry.snapshot.group or entry.snapshot.display_name, []).append(entry)
        cards, known = [], {}
        for name, some in parts.items():
            before = self._known.get(name)
            same = before is not None and len(before[0]) == len(some) and all(map(Part.is_as, some, before[0]))
            card = before[1] if before is not None and same else self._card(name, some)
            known[name] = some, card
            cards.append(card)
        self._known = known
        cards.sort(key=worst_group_first)
        found = tuple(cards)
        if found != self._latest.cards:
            self._latest = Groups(found, _encode(found), tick)
        return self._latest

    def _card(self, name: str, some: list[Part]) -> GroupCard:
        snapshots = [part.snapshot for part in some]
        names = {(part.snapshot.queue, part.snapshot.channel): part.config.display_names for part in some}
        available, staffed = free_and_serving(self._roster, {snapshot.queue for snapshot in snapshots})
        config = some[0].config
        own = config.group_names if config.group else config.display_names
        return group_card(name, snapshots, names, own, available, staffed)


def free_and_serving(roster: Roster, queues: Iterable[str]) -> tuple[int, int]:
    """Agents of any of these queues who are available for one, and who serve one; each counted once."""
    available: set[str] = set()
    serving: set[str] = set()
    for queue in queues:
        members: Mapping[str, Card] = roster.members(queue)
        for agent, card in members.items():
            if card.is_available(queue):
                available.add(agent)
            if card.serves(queue):
                serving.add(agent)
    return len(available), len(serving)
