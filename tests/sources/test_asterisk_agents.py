"""Eight minutes of a real Asterisk: what each agent does at every second is what a small program reads from the log."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from kpi.agent import Agent, memberships, step
from kpi.agent_state import STATES
from kpi.envelope import AGENT_TOPIC, Event, copies
from kpi.events import RANKS
from kpi.facts import Count, Fact
from kpi.floor import parse_floor
from kpi.keys import live_member
from kpi.levels import Levels
from kpi.panes import FINE_MS, pane_start
from kpi.staff import parse_card, state_ms
from sources.asterisk import QueueLogTranslator, read_files

LOG = Path(__file__).parents[1] / "data" / "asterisk-calm" / "queue_log"
LINES = [line.split("|") for line in LOG.read_text().splitlines()]
FIRST, LAST = int(LINES[0][0]), int(LINES[-1][0])
STARTS = {"CONNECT"}
ENDS = {"COMPLETECALLER", "COMPLETEAGENT", "BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER"}
# Asterisk writes these with a telephone's address where every other line has the name of its owner.
PHONES = {
    "Local/vary-4-14@agents/n": "Ana Ruiz", "Local/vary-5-18@agents/n": "Bilal Haddad",
    "Local/vary-3-9@agents/n": "Chen Wei", "Local/vary-6-20@agents/n": "Dora Lind",
    "Local/vary-4-16@agents/n": "Farah Aziz", "5001": "Nadia Ferrer", "5002": "Tom Okafor",
}  # fmt: skip
FLOOR = "\n".join(
    f'[[ids]]\nsource = "asterisk"\nnative = "{phone}"\nagent = "{name}"' for phone, name in PHONES.items()
)


class Person:
    """What the lines so far say of one agent."""

    def __init__(self) -> None:
        self.login: bool | None = None
        self.paused: dict[str, str | None] = {}
        self.calls: set[str] = set()

    @property
    def state(self) -> tuple[str, str]:
        """(state, reason of a pause)."""
        if self.calls:
            return "busy", ""
        if not (bool(self.paused) if self.login is None else self.login):
            return "offline", ""
        reasons = list(self.paused.values())
        return ("break", reasons[-1] or "") if reasons and None not in reasons else ("idle", "")

    def read(self, call: str, queue: str, event: str, data: Sequence[str]) -> None:
        if event in STARTS:
            self.calls.add(call)
        elif event in ENDS:
            self.calls.discard(call)
        elif event in ("AGENTLOGIN", "AGENTLOGOFF"):
            self.login = event == "AGENTLOGIN"
        elif event in ("ADDMEMBER", "REMOVEMEMBER"):
            self.paused.pop(queue, None)
            if event == "ADDMEMBER":
                self.paused[queue] = "paused" if data[:1] == ["PAUSED"] else None
        else:
            for name in self.paused if event.endswith("ALL") else [queue]:
                self.paused[name] = data[0] if event.startswith("PAUSE") else None


def said_by_the_log(names: dict[str, str]) -> list[dict[str, tuple[str, str]]]:
    """(state, reason) of each agent after every second of the log; who is offline is left out."""
    told = STARTS | ENDS | {"AGENTLOGIN", "AGENTLOGOFF", "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL",
                            "UNPAUSEALL"}  # fmt: skip
    people: dict[str, Person] = {}
    found: list[dict[str, tuple[str, str]]] = []
    lines = iter([*LINES, [str(LAST + 1), "", "", "", ""]])
    line = next(lines)
    for second in range(FIRST, LAST + 1):
        while int(line[0]) == second:
            _, call, queue, agent, event, *data = line
            if event in told:
                people.setdefault(names.get(agent, agent), Person()).read(call, queue, event, data)
            line = next(lines)
        found.append({name: one.state for name, one in people.items() if one.state[0] != "offline"})
    return found


def facts_of(events: Iterable[Event]) -> dict[str, list[Fact]]:
    """What stands in each agent's record: their own events, and the copies of contacts' events that name them."""
    found: dict[str, list[Fact]] = {}
    for event in events:
        data, rank = event.data, RANKS[event.noun_verb]
        what = data.get("state") or data.get("reason") or data.get("result") or data.get("ended_by")
        if event.noun_verb.startswith("agent."):
            more: dict[str, Any] = {
                name: data[name] for name in ("member", "paused", "level", "reason") if name in data
            }
            agents, leg = [data["agent_id"]], None
        else:
            more = {}
            agents = [key for topic, key in copies(event) if topic == AGENT_TOPIC]
            leg = live_member(data["contact_id"], data["leg_id"]) if agents else None
        for agent in agents:
            found.setdefault(agent, []).append(
                Fact(
                    event.time_ms, data.get("sequence", 0), rank, event.id, event.source, leg, data.get("queue_id"),
                    data.get("channel"), agent, what=what, more=more or None,
                )
            )  # fmt: skip
    return {agent: sorted(facts) for agent, facts in found.items()}


class Told:
    """The states of all agents after every second, and everything they counted, by `kpi.agent`."""

    def __init__(self, records: dict[str, list[Fact]]) -> None:
        self.seconds: list[dict[str, tuple[str, str]]] = [{} for _ in range(FIRST, LAST + 1)]
        self.counts: list[Count] = []
        self.last: dict[str, Agent] = {}
        for agent, facts in records.items():
            state, rest = Agent(), iter([*facts, None])
            fact = next(rest)
            for n, second in enumerate(range(FIRST, LAST + 1)):
                while fact is not None and fact.time < (second + 1) * 1000:
                    state, counts = step(state, fact)
                    self.counts += counts
                    fact = next(rest)
                if state.state != "offline":
                    self.seconds[n][agent] = (state.state, state.reason)
            self.last[agent] = state


@pytest.fixture(scope="module")
def mapped() -> Told:
    """The telephones and agents' numbers of the log are given their owners' names, as a floor.toml does."""
    return Told(facts_of(read_files([LOG], floor=parse_floor(FLOOR)).events))


def test_every_agent_does_at_every_second_what_the_log_says(mapped: Told) -> None:
    wanted = said_by_the_log(PHONES)

    assert mapped.seconds == wanted
    seen = Counter(state for second in wanted for state, _ in second.values())
    assert len(wanted) == LAST - FIRST + 1 == 481
    assert min(seen[state] for state in ("busy", "idle", "break")) > 50
    assert {why for second in wanted for _, why in second.values()} == {
        "", "lunch", "coaching", "wrap up: notes", "break"
    }  # fmt: skip


def test_without_names_for_them_everybody_else_agrees_all_the_same() -> None:
    wanted = said_by_the_log({})
    named = {name for second in wanted for name in second}
    told = Told(facts_of(read_files([LOG]).events))

    assert [{name: second[name] for name in second.keys() & named} for second in told.seconds] == wanted


def test_time_in_state_is_every_second_of_the_log(mapped: Told) -> None:
    panes: dict[int, dict[str, int]] = {}
    for start, _, _, field, n in mapped.counts:
        fields = panes.setdefault(start, {})
        fields[field] = fields.get(field, 0) + n
    levels = Levels((start, FINE_MS, fields) for start, fields in panes.items())
    start, end = pane_start(FIRST * 1000, FINE_MS), (LAST + 1) * 1000
    spent = levels.forward(start, end)
    wanted: dict[str, dict[str, int]] = {}
    for second in said_by_the_log(PHONES):
        for name, (state, _) in second.items():
            wanted.setdefault(name, {})[state] = wanted.setdefault(name, {}).get(state, 0) + 1000

    assert {name: {state: ms for state, ms in of.items() if state in STATES} for name, of in spent.items()} == wanted
    for of in spent.values():
        assert sum(state_ms(of, end - start).values()) == end - start


def test_an_agent_in_four_queues_is_one_agent() -> None:
    lines = [
        f"1795317340|MANAGER|{queue}|Ana Ruiz|ADDMEMBER|" for queue in ("billing", "sales", "support", "vip")
    ]  # fmt: skip
    facts = facts_of(_events([*lines, "1795317350|NONE|sales|Ana Ruiz|PAUSE|lunch"]))["Ana Ruiz"]
    counts: list[Count] = []
    state = Agent()
    for fact in facts:
        state, more = step(state, fact)
        counts += more

    assert [(field, n) for *_, field, n in counts if field.startswith("step.")] == [("step.idle.Ana Ruiz", 1)]
    (card,) = [parse_card(member) for name, *_, member in memberships("Ana Ruiz", state) if name == "agents"]
    assert card.queues == (("billing", None), ("sales", "lunch"), ("support", None), ("vip", None))


def test_whoever_pauses_everywhere_and_goes_home_comes_back_ready() -> None:
    lines = ["1795317340|MANAGER|sales|Ivo|ADDMEMBER|", "1795317350|NONE|NONE|Ivo|PAUSEALL|lunch",
             "1795317350|NONE|sales|Ivo|PAUSE|lunch", "1795317360|MANAGER|sales|Ivo|REMOVEMEMBER|",
             "1795317370|MANAGER|sales|Ivo|ADDMEMBER|"]  # fmt: skip
    found = []
    state = Agent()
    for fact in facts_of(_events(lines))["Ivo"]:
        state, _ = step(state, fact)
        found.append((state.state, state.reason))

    assert found == [("idle", ""), ("break", "lunch"), ("offline", ""), ("idle", "")]


def _events(lines: Sequence[str]) -> list[Event]:
    translator = QueueLogTranslator()
    return [event for line in lines for event in translator.feed(line)]
