"""The people of a floor, from their cards: how many do what, who could take a contact, who is lost, how busy they are.

A card is a member of the live set `agents`, made by `kpi.agent.memberships`; its score is since when the agent is in
that state. Agents who are offline have no card. Every function counts an agent once, whatever their queues.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

import msgspec

from kpi.agent_state import slots_of
from kpi.facts import CHAT_CHANNELS

LOGGED_IN_STATES = ("error", "busy", "acw", "ringing", "break", "has_capacity", "idle")
# Whoever is logged in without a sign of life for longer than this is shown as a phantom.
PHANTOM_MS = 300_000

_FREE = frozenset({"idle", "has_capacity"})
_NOT_STAFFED = frozenset({"break", "error"})


class Engaged(msgspec.Struct, array_like=True, frozen=True):
    """One leg in an agent's hands; phase: ringing, talking, hold or acw, since ms UTC."""

    queue: str
    channel: str
    phase: str
    since: int


class Card(msgspec.Struct, array_like=True):
    """One agent who is not offline, in `state` since ms UTC. `queues`: each with the reason of its pause, else None."""

    agent: str
    state: str
    reason: str
    team: str
    site: str
    queues: tuple[tuple[str, str | None], ...]
    capacity: dict[str, int]
    engaged: tuple[Engaged, ...]
    since: int = 0

    @property
    def slots(self) -> int:
        """How many chats at once."""
        return slots_of(self.capacity)

    @property
    def slots_used(self) -> int:
        """Chats that ring, run or are worked up: each holds a slot."""
        return sum(one.channel in CHAT_CHANNELS for one in self.engaged)

    @property
    def is_staffed(self) -> bool:
        """At work: not on a break, not in error."""
        return self.state not in _NOT_STAFFED

    def is_available(self, queue: str | None = None) -> bool:
        """Has nothing in hand and may be offered a contact, of one queue or of any."""
        return self.state in _FREE and (queue is None or self._is_open_to(queue))

    def serves(self, queue: str) -> bool:
        """At work, and not paused in that queue."""
        return self.is_staffed and self._is_open_to(queue)

    def has_room(self, queue: str | None = None) -> bool:
        """Could take one more contact now: available, or busy with nothing but chats and fewer than the slots."""
        if self.state in _FREE:
            return self.is_available(queue)
        chats = [one for one in self.engaged if one.channel in CHAT_CHANNELS]
        if self.state != "busy" or not 0 < len(chats) == len(self.engaged) or len(chats) >= self.slots:
            return False
        # Who finishes his chats before a break is busy, and has every queue paused.
        return self._is_open_to(queue)

    def free_slots(self, queue: str | None = None) -> int:
        """How many more chats he could take now."""
        return max(0, self.slots - self.slots_used) if self.has_room(queue) else 0

    def _is_open_to(self, queue: str | None) -> bool:
        """Not paused in that queue, or (None) in all; who is a member of none is open to each."""
        return not self.queues or any(pause is None and queue in (None, name) for name, pause in self.queues)


_decode = msgspec.json.Decoder(Card).decode
_decode_place = msgspec.json.Decoder(tuple[str, str, str]).decode


def parse_card(text: str | bytes, since_ms: int = 0) -> Card:
    """A member of the live set `agents` and its score. msgspec.DecodeError when it is no card."""
    card = _decode(text)
    card.since = since_ms
    return card


def parse_cards(members: Iterable[tuple[str, int]]) -> dict[str, Card]:
    """The cards of (member, score) pairs by agent; should an agent have two, the later one holds."""
    found: dict[str, Card] = {}
    for text, since_ms in members:
        card = parse_card(text, since_ms)
        known = found.get(card.agent)
        if known is None or known.since <= since_ms:
            found[card.agent] = card
    return found


def parse_teams(members: Iterable[tuple[str, int]]) -> dict[str, str]:
    """agent -> team, from (member, score) pairs of the live set `agent_team`; should he have two, the later one holds.

    It knows those who went home, too. A member is JSON, [agent, team, site]; msgspec.DecodeError when it is not.
    """
    found: dict[str, tuple[int, str]] = {}
    for text, since_ms in members:
        agent, team, _ = _decode_place(text)
        if agent not in found or found[agent][0] <= since_ms:
            found[agent] = since_ms, team
    return {agent: team for agent, (_, team) in found.items()}


class Headcount(NamedTuple):
    """Of some agents: how many in each state, and how many could do what (domain research 1.6)."""

    states: dict[str, int]
    logged_in: int
    staffed: int
    available: int
    with_capacity: int
    free_slots: int


def headcount(cards: Collection[Card], queue: str | None = None) -> Headcount:
    """How many of these agents do what; with `queue` only those count as free who could take a contact of it."""
    return Headcount(
        states=count_states(cards),
        logged_in=len(cards),
        staffed=sum(card.is_staffed for card in cards),
        available=sum(card.is_available(queue) for card in cards),
        with_capacity=sum(card.has_room(queue) for card in cards),
        free_slots=sum(card.free_slots(queue) for card in cards),
    )


def count_states(cards: Iterable[Card]) -> dict[str, int]:
    """state -> agents, by name; states without agents are left out."""
    found: dict[str, int] = {}
    for card in cards:
        found[card.state] = found.get(card.state, 0) + 1
    return dict(sorted(found.items()))


def by_queue(cards: Iterable[Card]) -> dict[str, list[Card]]:
    """queue -> its members and whoever is engaged in it, each once."""
    found: dict[str, list[Card]] = {}
    for card in cards:
        for queue in {name for name, _ in card.queues} | {one.queue for one in card.engaged if one.queue}:
            found.setdefault(queue, []).append(card)
    return dict(sorted(found.items()))


def by_team(cards: Iterable[Card], team_of: Callable[[str], str]) -> dict[str, list[Card]]:
    """team -> its agents; `team_of` says the configured team of an agent's id, "" for none."""
    found: dict[str, list[Card]] = {}
    for card in cards:
        found.setdefault(team_of(card.agent) or card.team, []).append(card)
    return dict(sorted(found.items()))


def longest(cards: Iterable[Card]) -> dict[str, Card]:
    """state -> the agent who is in it for longest, by name of the state; of two the first by id."""
    found: dict[str, Card] = {}
    for card in cards:
        first = found.get(card.state)
        if first is None or (card.since, card.agent) < (first.since, first.agent):
            found[card.state] = card
    return dict(sorted(found.items()))


def phantoms(heartbeats: Mapping[str, int], now_ms: int, after_ms: int = PHANTOM_MS) -> list[str]:
    """The agents who are logged in but gave no sign of life for longer than `after_ms`, longest silence first.

    `heartbeats`: the live set `agent_heartbeat`; agents whose sources send none are not in it.
    """
    silent = [(at_ms, agent) for agent, at_ms in heartbeats.items() if now_ms - at_ms > after_ms]
    return [agent for _, agent in sorted(silent)]


# --- Levels: how high each stands now, and what integrals of them say ----------------------------------------------


def levels_of(card: Card) -> dict[str, int]:
    """The levels of an agent as they stand now, for `kpi.levels.Levels.backwards`; what is 0 is left out."""
    chats = sum(one.channel in CHAT_CHANNELS and one.phase in ("talking", "hold") for one in card.engaged)
    slots = card.slots if card.is_staffed else 0
    found = {card.state: 1, "chats": chats, "chatting": int(chats > 0), "slots": slots}
    return {level: height for level, height in found.items() if height}


heights = levels_of


def state_ms(levels: Mapping[str, int], span_ms: int) -> dict[str, int]:
    """Milliseconds per state of a span that long (times the number of agents), offline included; by name, no zeroes."""
    found = {state: levels.get(state, 0) for state in LOGGED_IN_STATES}
    found["offline"] = span_ms - sum(found.values())
    return {state: found[state] for state in sorted(found) if found[state]}


def occupancy(levels: Mapping[str, int]) -> tuple[int, int]:
    """(busy + acw, busy + acw + idle + has_capacity) in ms (domain research 1.6, `occupancy`)."""
    handling = levels.get("busy", 0) + levels.get("acw", 0)
    return handling, handling + levels.get("idle", 0) + levels.get("has_capacity", 0)


def slot_occupancy(levels: Mapping[str, int]) -> tuple[int, int]:
    """(chats, slots): slot-milliseconds busy, and there were (domain research 1.6, `slot_occupancy`)."""
    return levels.get("chats", 0), levels.get("slots", 0)


def chat_concurrency(levels: Mapping[str, int]) -> tuple[int, int]:
    """(chats, time with at least one) in ms: how many at once while serving (domain research 1.7)."""
    return levels.get("chats", 0), levels.get("chatting", 0)
