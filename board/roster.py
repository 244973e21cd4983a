"""Who is on the floor, from the cards of the view: read once per change, and counted per queue once per change."""

from __future__ import annotations

from collections.abc import Mapping

from board.live_set import LiveSets
from kpi.live_state import ALL_GONE, NOBODY, QueueStaff
from kpi.staff import Card, headcount, heights, parse_card, parse_teams

# Names come from outside; whoever has more queues than this is not told that nobody serves the further ones.
MOST_KNOWN = 5_000


class Roster:
    """All agents who are not offline, and those of each queue.

    Of those who went home it knows the team, for their last hours still belong to it. `known`: the queues of which
    members were ever told: where nobody is any more, nobody serves. A source that names agents only while they talk
    says nothing of that.
    """

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.cards: dict[str, Card] = {}
        self.heights: dict[str, Mapping[str, int]] = {}
        self._read_at = self._teams_read_at = -1
        self._texts: dict[str, tuple[str, int]] = {}
        self._by_queue: dict[str, dict[str, Card]] = {}
        self._staff: dict[str, QueueStaff] = {}
        self._teams: dict[str, str] = {}

    def refresh(self, sets: LiveSets) -> None:
        """Take what changed in the live sets `agents` and `agent_team`."""
        cards, teams = sets["agents"], sets["agent_team"]
        if teams.version != self._teams_read_at:
            self._teams, self._teams_read_at = parse_teams(teams.members()), teams.version
        if cards.version == self._read_at:
            return
        self._read_at = cards.version
        known = {held: agent for agent, held in self._texts.items()}
        texts: dict[str, tuple[str, int]] = {}
        parsed: dict[tuple[str, int], Card] = {}
        for held in cards.members():
            agent = known.get(held)
            if agent is None:
                parsed[held] = parse_card(*held)
                agent = parsed[held].agent
            # Of two cards of one agent, which only a moment between two commits can show, the later one holds.
            if agent not in texts or texts[agent][1] <= held[1]:
                texts[agent] = held
        for agent, held in texts.items():
            if self._texts.get(agent) != held:
                self._change(agent, parsed[held])
        for agent in self._texts.keys() - texts.keys():
            self._change(agent, None)
        self._texts = texts

    def staff_of(self, queue: str) -> QueueStaff:
        """Who could take a contact of a queue; the very same object while nobody changed."""
        found = self._staff.get(queue)
        if found is None:
            serving = self._by_queue.get(queue)
            if not serving:
                return ALL_GONE if queue in self.known else NOBODY
            counts = headcount(list(serving.values()), queue)
            found = self._staff[queue] = QueueStaff(
                counts.states,
                counts.available,
                counts.staffed,
                counts.with_capacity,
                counts.free_slots,
                sum(card.serves(queue) for card in serving.values()),
                queue in self.known,
            )
        return found

    def serving(self) -> dict[str, int]:
        """How many serve each queue that has agents."""
        return {queue: self.staff_of(queue).serving for queue, cards in self._by_queue.items() if cards}

    def members(self, queue: str) -> Mapping[str, Card]:
        """The agents of a queue, by id: its members, and whoever is engaged in it."""
        return self._by_queue.get(queue, {})

    def team_of(self, agent: str, configured: str) -> str:
        """The configured team of an agent, else that of his card, else the one he had when he went home, else ""."""
        card = self.cards.get(agent)
        return configured or (card.team if card is not None else "") or self._teams.get(agent, "")

    def _change(self, agent: str, card: Card | None) -> None:
        before = self.cards.pop(agent, None)
        self.heights.pop(agent, None)
        if before is not None:
            for queue in _queues(before):
                self._by_queue[queue].pop(agent, None)
                self._staff.pop(queue, None)
        if card is None:
            return
        self.cards[agent], self.heights[agent] = card, heights(card)
        if len(self.known) < MOST_KNOWN:
            self.known.update(name for name, _ in card.queues)
        for queue in _queues(card):
            self._by_queue.setdefault(queue, {})[agent] = card
            self._staff.pop(queue, None)


def _queues(card: Card) -> set[str]:
    """The queues he is a member of or engaged in."""
    return {name for name, _ in card.queues} | {one.queue for one in card.engaged if one.queue}
