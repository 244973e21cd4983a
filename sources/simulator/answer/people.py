"""One agent: what every system says of him and what he has in hand, as one state at a time."""

from collections import defaultdict
from typing import Any, NamedTuple

from sources.simulator.answer.bins import QUARTER_MS
from sources.simulator.answer.facts import Fact, in_order

CHATS = frozenset({"chat", "message", "social"})
ORDER = ("error", "busy", "acw", "ringing", "break", "has_capacity", "idle")


class Desk:
    """What one system says of the agent."""

    def __init__(self) -> None:
        self.login: bool | None = None
        self.state: str | None = None
        self.paused: dict[str, bool] = {}
        self.had_queues = False
        self.slots: dict[str, int] = {}

    @property
    def on(self) -> bool:
        """Whether he is logged in there."""
        if self.login is not None:
            return self.login
        if self.had_queues:
            return bool(self.paused)
        return self.state not in (None, "offline")

    @property
    def shown(self) -> str:
        """His state there, if he is logged in; a pause everywhere is a break, but no end of work in hand."""
        state = "idle" if self.state in (None, "offline") else self.state
        if self.paused and all(self.paused.values()) and ORDER.index(state) > ORDER.index("break"):
            return "break"
        return state

    @property
    def chats(self) -> int:
        """How many chats he may have there at once."""
        return sum(most for channel, most in self.slots.items() if channel in CHATS)

    def tell(self, fact: Fact) -> None:
        """The next thing the system says."""
        verb = fact.verb.partition(".")[2]
        if verb == "logged_in":
            self.login = True
            self.state = "idle" if self.state in (None, "offline") else self.state
        elif verb == "logged_out":
            self.login, self.state = False, "offline"
        elif verb == "state_changed":
            self._state(fact)
        elif verb == "membership_changed" and fact.queue is not None:
            self.had_queues = True
            if fact.more.get("member") is False:
                self.paused.pop(fact.queue, None)
            else:
                self.paused[fact.queue] = fact.more.get("paused", self.paused.get(fact.queue, False))

    def _state(self, fact: Fact) -> None:
        state: str = fact.more["state"]
        if "capacity" in fact.more:
            self.slots = {slot["channel"]: slot["max"] for slot in fact.more["capacity"] if "max" in slot}
        if fact.queue is not None:
            self.had_queues = True
            self.paused[fact.queue] = state == "break"
            if state != "break" and self.state == "break":
                self.state = "idle"
            return
        self.state = state
        if state == "offline":
            self.login = False
        elif self.login is False:
            self.login = True
        self.paused = dict.fromkeys(self.paused, state == "break")


class Person:
    """One agent across systems. `hands`: by contact and leg, what he does with it and on which channel."""

    def __init__(self) -> None:
        self.desks: defaultdict[str, Desk] = defaultdict(Desk)
        self.hands: dict[tuple[str, str | None], dict[str, Any]] = {}
        self.team = ""

    def tell(self, fact: Fact) -> None:
        """The next fact that names him."""
        if fact.verb.startswith("agent."):
            self.team = fact.more.get("team") or self.team
            self.desks[fact.source].tell(fact)
            if fact.verb == "agent.logged_out" and not any(desk.on for desk in self.desks.values()):
                # Who has gone home takes no work along, but may still be talking.
                self._drop("ring", "acw")
        elif fact.leg is None and fact.verb == "contact.ended":
            for key in [key for key in self.hands if key[0] == fact.contact]:
                self._work(key, "ended", fact)
        else:
            self._work((fact.contact, fact.leg), fact.verb.partition(".")[2], fact)

    def _work(self, key: tuple[str, str | None], verb: str, fact: Fact) -> None:
        hand = self.hands.setdefault(key, {"channel": fact.channel, "doing": set()})
        doing: set[str] = hand["doing"]
        if verb == "offered":
            doing.add("ring")
        elif verb in ("offer_ended", "left_queue"):
            doing.discard("ring")
        elif verb == "answered":
            doing.discard("ring")
            doing.add("talk")
        elif verb == "ended":
            doing -= {"ring", "talk"}
        elif verb == "wrapup_started":
            doing.discard("talk")
            doing.add("acw")
        elif verb == "wrapup_ended":
            doing -= {"talk", "acw"}
        if not doing:
            del self.hands[key]
        if verb == "answered" and fact.channel not in CHATS:
            # The next call would not have come to him before he was done with the last one.
            self._drop("acw")

    def _drop(self, *what: str) -> None:
        for hand in self.hands.values():
            hand["doing"].difference_update(what)
        self.hands = {key: hand for key, hand in self.hands.items() if hand["doing"]}

    @property
    def state(self) -> str:
        """His one state."""
        shown = {desk.shown for desk in self.desks.values() if desk.on}
        for hand in self.hands.values():
            shown |= {{"ring": "ringing", "talk": "busy", "acw": "acw"}[each] for each in hand["doing"]}
        return next((state for state in ORDER if state in shown), "offline")

    def levels(self) -> dict[str, int]:
        """What lasts: his state, how many chats he holds, and how many he could."""
        state = self.state
        chats = sum("talk" in hand["doing"] and hand["channel"] in CHATS for hand in self.hands.values())
        found = {"chats": chats, "chatting": min(chats, 1)}
        if state != "offline":
            found[state] = 1
        if state not in ("break", "offline", "error"):
            found["slots"] = sum(desk.chats for desk in self.desks.values() if desk.on)
        return {name: level for name, level in found.items() if level}


class Times(NamedTuple):
    """ms by quarter-hour, agent and level; and who is what at the end: agent -> (state, team)."""

    spent: dict[tuple[int, str], dict[str, int]]
    last: dict[str, tuple[str, str]]


def tell_agents(agents: dict[str, list[Fact]], to_ms: int) -> Times:
    """Follow every agent from his first fact to the end of the span."""
    spent: defaultdict[tuple[int, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    last: dict[str, tuple[str, str]] = {}
    for agent, facts in agents.items():
        person, since, levels = Person(), 0, dict[str, int]()
        for fact in in_order(facts):
            _spend(spent, agent, since, fact.time, levels)
            person.tell(fact)
            since, levels = fact.time, person.levels()
        _spend(spent, agent, since, to_ms, levels)
        last[agent] = (person.state, person.team)
    return Times(spent, last)


def _spend(
    spent: dict[tuple[int, str], dict[str, int]], agent: str, since: int, until: int, levels: dict[str, int]
) -> None:
    while levels and since < until:
        end = min(until, (since // QUARTER_MS + 1) * QUARTER_MS)
        there = spent[since // QUARTER_MS, agent]
        for name, level in levels.items():
            there[name] += level * (end - since)
        since = end
