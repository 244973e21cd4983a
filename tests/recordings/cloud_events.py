"""Made-up files of CloudEvents together with the visits they tell of.

Contacts are decided first, then told by events, of which some never come: what counts then is the table "when something
never came" of the design, applied here to one contact at a time.
"""

import datetime as dt
import json
import random
from dataclasses import dataclass, field
from typing import Any

from tests.recordings.oracle import Visit

START = 1_795_168_800_000  # 2026-11-20T10:00:00Z
QUEUES = ("support", "售后在线", "billing & co", "a.b:{c}%")
AGENTS = ("ana", "SIP/100", "Local/2@x/n", "李雷", "o'neil.b")
REASONS = (
    "abandoned", "abandoned", "timeout", "key_exit", "overflow", "callback_requested", "empty", "withdrawn",
    "system_error", "transferred", "lost_unknown", "unknown_exit",
)  # fmt: skip
RESULTS = (
    "answered",
    "no_answer",
    "rejected",
    "busy",
    "agent_unavailable",
    "customer_left",
    "lost_race",
    "rescinded",
    "error",
)
_REFUSED = frozenset({"no_answer", "rejected", "busy", "agent_unavailable"})
_CHANNELS = ("voice", "voice", "chat", "video", "callback", "message", "social", "email", "ticket")

Said = dict[str, Any]


@dataclass
class File:
    """Lines in time order, the visits they tell, and what the ledger must say about those that tell nothing."""

    lines: list[str] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    dead: int = 0
    repeated: int = 0


def text_of(ms: int) -> str:
    """RFC 3339 with milliseconds."""
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


class Desk:
    """A seeded desk with `contacts` contacts within `seconds` from `start` (ms UTC, the start of a pane)."""

    def __init__(self, seed: int, contacts: int = 60, seconds: int = 4000, start: int = START) -> None:
        self.chance = random.Random(seed)
        self._contacts, self._seconds, self._start = contacts, seconds, start
        self._told: list[tuple[int, int, str]] = []
        self._sequence = 0

    def file(self) -> File:
        """The whole file."""
        # A span that begins at a pane's start: who joined before it is out of it to the millisecond.
        self._tell("agent.logged_in", self._start, {"agent_id": "ana"})
        visits: list[Visit] = []
        for number in range(self._contacts):
            visits += self._contact(f"c{number}")
        made = File(visits=visits)
        for _ in range(6):
            at = self._start + self.chance.randrange(self._seconds * 1000)
            self._tell("agent.state_changed", at, {"agent_id": "ana", "state": "break"})
            self._tell("contact.danced", at, {"contact_id": "c1"})
        lines = [line for _, _, line in sorted(self._told)]
        known = [line for line in lines if "contact.danced" not in line]
        for line in self.chance.sample(known, len(known) // 20):
            lines.insert(self.chance.randrange(lines.index(line) + 1, len(lines) + 1), line)
            made.repeated += 1
        for bad in ("{broken", "[1, 2]", '{"specversion":"1.0","id":"only"}', "no event at all"):
            lines.insert(self.chance.randrange(1, len(lines)), bad)
            made.dead += 1
        made.lines = lines
        return made

    def _tell(self, noun_verb: str, at: int, data: Said) -> None:
        self._sequence += 1
        event = {
            "specversion": "1.0", "id": f"e{self._sequence}", "source": "/acd/made/up",
            "type": f"io.floorpulse.{noun_verb}.v1", "time": text_of(at),
            "data": {**data, "sequence": self._sequence},
        }  # fmt: skip
        self._told.append((at, self._sequence, json.dumps(event, ensure_ascii=False)))

    def _chance(self, p: float) -> bool:
        return self.chance.random() < p

    def _span(self, most: int = 120_000) -> int:
        """A length in ms: often one that a limit depends on."""
        return self.chance.choice((0, 1, 999, 5_000, 5_001, 20_000, 20_001, 60_000, *[self.chance.randrange(most)] * 6))

    def _contact(self, name: str) -> list[Visit]:
        at = self._start + self.chance.randrange(self._seconds * 1000)
        channel = self.chance.choice(_CHANNELS)
        visits: list[Visit] = []
        waiting: Visit | None = None
        for number in range(self.chance.choice((1, 1, 1, 2, 3))):
            visit, end = self._visit(
                {"contact_id": name, "channel": channel}, f"{name}/{number}", at, waiting is not None
            )
            if visit is None:
                break
            if waiting is not None:
                self._gone(waiting, visit.joined)
            visits.append(visit)
            waiting = visit if visit.left is None else None
            at = end + self.chance.choice((0, 0, 1, 700, 30_000))
        if self._chance(0.2):
            self._tell("contact.ended", at + 5_000, {"contact_id": name, "channel": channel})
            self._contact_ends(visits, at + 5_000)
        return visits

    @staticmethod
    def _gone(visit: Visit, at: int) -> None:
        """Nobody told how it left: it did when the contact joined again, or ended."""
        visit.outcome, visit.left = "unknown_exit", max(at, visit.joined)
        visit.wait = visit.left - visit.joined if visit.known else None

    def _contact_ends(self, visits: list[Visit], at: int) -> None:
        for visit in visits:
            if visit.left is None:
                self._gone(visit, at)
            elif visit.outcome == "answered" and visit.ended is None:
                visit.ended, visit.talk = at, at - visit.left

    def _visit(self, contact: Said, leg: str, joined: int, told: bool) -> tuple[Visit | None, int]:
        """Tell one visit; what is to be counted of it (None: no fact came), and when it was over."""
        queue = self.chance.choice(QUEUES)
        data = {**contact, "leg_id": leg, "queue_id": queue}
        visit = Visit(queue, joined, contact["channel"])
        facts: list[int] = []
        told_queued = told or self._chance(0.85)
        if told_queued:
            self._tell("contact.queued", joined, data)
            facts.append(joined)
        left = joined + self._span()
        facts += self._offers(data, visit, joined, left)
        if self._chance(0.6):
            end = self._served(data, visit, told_queued, left, facts)
        else:
            end = self._leaves(data, visit, told_queued, left, facts)
        return (visit if facts else None), end

    def _offers(self, data: Said, visit: Visit, joined: int, left: int) -> list[int]:
        facts = []
        for number in range(self.chance.choice((0, 0, 1, 3))):
            begin, end = sorted(self.chance.randint(joined, left) for _ in range(2))
            agent = self.chance.choice(AGENTS)
            offer = {**data, "offer_id": f"o{number}", "agent_id": agent}
            if self._chance(0.8):
                self._tell("contact.offered", begin, offer)
                facts.append(begin)
            if self._chance(0.8):
                result = self.chance.choice(RESULTS)
                self._tell("contact.offer_ended", end, {**offer, "result": result})
                facts.append(end)
                if result in _REFUSED:
                    visit.refusals.append((end, agent))
        return facts

    def _decided(self, visit: Visit, told_queued: bool, left: int, wait: int | None, facts: list[int]) -> None:
        """When it left, and its wait and join as far as they are known."""
        visit.left = left
        if told_queued:
            visit.wait = left - visit.joined if wait is None else wait
        elif wait is not None:
            visit.joined, visit.wait = left - wait, wait
        else:
            visit.joined, visit.wait = min([*facts, left]), None

    def _leaves(self, data: Said, visit: Visit, told_queued: bool, left: int, facts: list[int]) -> int:
        wait = max(0, left - visit.joined + self.chance.choice((-300, 0, 300))) if self._chance(0.4) else None
        if self._chance(0.9):
            visit.outcome = self.chance.choice(REASONS)
            reported = {} if wait is None else {"reported": {"wait_ms": wait}}
            self._tell("contact.left_queue", left, {**data, "reason": visit.outcome, **reported})
            self._decided(visit, told_queued, left, wait, facts)
            facts.append(left)
        else:
            self._waits_on(visit, told_queued, facts)
        return left

    @staticmethod
    def _waits_on(visit: Visit, told_queued: bool, facts: list[int]) -> None:
        """Neither an exit nor an answer came."""
        if not told_queued and facts:
            visit.joined, visit.known = min(facts), False

    def _served(self, data: Said, visit: Visit, told_queued: bool, left: int, facts: list[int]) -> int:
        agent = self.chance.choice(AGENTS)
        wait = max(0, left - visit.joined + self.chance.choice((-300, 0, 300))) if self._chance(0.4) else None
        ended = left + self._span(400_000)
        told_answered, told_ended = self._chance(0.85), self._chance(0.85)
        if told_answered:
            reported = {} if wait is None else {"reported": {"wait_ms": wait}}
            self._tell("contact.answered", left, {**data, "agent_id": agent, **reported})
            visit.outcome, visit.agent = "answered", agent
            self._decided(visit, told_queued, left, wait, facts)
            facts.append(left)
            self._holds(data, visit, left, ended, resumed=not told_ended or self._chance(0.7))
        if self._chance(0.2):
            at = self.chance.randint(left, ended) if told_answered else ended
            self._tell("contact.transferred", at, {**data, "kind": "blind", "from_agent": agent})
            visit.transferred = (at, agent)
            facts.append(at)
        if told_ended:
            self._ends(data, visit, told_queued, told_answered, (left, ended, wait), agent, facts)
            facts.append(ended)
        elif not told_answered:
            self._waits_on(visit, told_queued, facts)
        return ended

    def _holds(self, data: Said, visit: Visit, left: int, ended: int, resumed: bool) -> None:
        if not self._chance(0.3):
            return
        begin, end = sorted(self.chance.randint(left, ended) for _ in range(2))
        self._tell("contact.held", begin, {**data, "agent_id": visit.agent})
        if resumed:
            self._tell("contact.resumed", end, {**data, "agent_id": visit.agent})
        else:
            end = ended
        visit.hold = end - begin

    def _ends(
        self, data: Said, visit: Visit, told_queued: bool, told_answered: bool, times: tuple[int, int, int | None],
        agent: str, facts: list[int],
    ) -> None:  # fmt: skip
        left, ended, wait = times
        talk = max(0, ended - left + self.chance.choice((-300, 0, 300))) if self._chance(0.5) else None
        reported: dict[str, int] = {} if talk is None else {"talk_ms": talk}
        if talk is not None and wait is not None:
            reported["wait_ms"] = wait
        if visit.hold is not None and self._chance(0.3):
            visit.hold = reported["hold_ms"] = self._span()
        by = self.chance.choice(("customer", "agent", "system", "transfer", "inactivity", "lost_unknown"))
        if not told_answered and by == "lost_unknown":
            by = "agent"
        self._tell("contact.ended", ended, {**data, "agent_id": agent, "ended_by": by, "reported": reported})
        visit.ended = ended
        if told_answered:
            visit.talk = talk if talk is not None else ended - (visit.left or 0)
            if by == "lost_unknown":
                visit.talk = visit.hold = None
            return
        visit.outcome, visit.agent = "answered", agent
        if talk is None:
            self._decided(visit, told_queued, ended, None, facts)
            visit.wait = visit.talk = None
        else:
            answered = max(ended - talk, visit.joined) if told_queued else ended - talk
            self._decided(visit, told_queued, answered, wait, facts)
            visit.talk = talk
