"""Short makers of what is told of one agent, ana: by sources of themselves, and by copies of contacts' events."""

import json
from collections.abc import Iterable
from typing import Any

from kpi.agent import Agent, memberships, step
from kpi.events import RANKS
from kpi.facts import PANE_MS, Count, Fact
from kpi.panes import COARSE_MS, pane_start
from kpi.staff import Card, parse_card
from tests.builders import T0

Panes = dict[int, dict[str, int]]


def told(verb: str, at: float, source: str = "acd", queue: str | None = None, **more: Any) -> Fact:
    """An agent's own event `at` seconds after T0; `state` and `reason` stand where a reader puts them."""
    what = more.pop("state") if "state" in more else more.get("reason")
    more = {name: value for name, value in more.items() if value is not None}
    time = T0 + round(at * 1000)
    id = f"{verb} {source} {queue} {what} {at} {sorted(more.items())}"
    return Fact(time, 0, RANKS[f"agent.{verb}"], id, source, None, queue, agent="ana", what=what, more=more or None)


def copied(verb: str, at: float, leg: str | None = "c1/1", *, queue: str = "support", channel: str = "voice") -> Fact:
    """A copy of an event of contact c1 `at` seconds after T0, as it stands in the agent's record."""
    time, contact = T0 + round(at * 1000), "c1" if leg is None else leg.partition("/")[0]
    return Fact(
        time, 0, RANKS[f"contact.{verb}"], f"{verb} {leg} {at}", "", f"{contact}|{leg or ''}", queue, channel, "ana"
    )


def after(*facts: Fact) -> Agent:
    """The state after these facts."""
    return run(facts)[0]


def run(facts: Iterable[Fact], state: Agent | None = None) -> tuple[Agent, list[Count]]:
    """The state after these facts, in their order, and all counts."""
    state, counts = state or Agent(), []
    for fact in sorted(facts):
        state, more = step(state, fact)
        counts += more
    return state, counts


def state_of(*facts: Fact) -> tuple[str, str]:
    """(state, reason) after these facts."""
    state = after(*facts)
    return state.state, state.reason


def card_of(*facts: Fact) -> Card | None:
    """The card after these facts; None while offline."""
    found = memberships("ana", after(*facts))
    return next((parse_card(member, score) for (name, *_, member), score in found.items() if name == "agents"), None)


def team_of(*facts: Fact) -> tuple[list[str], float] | None:
    """([agent, team, site], since when in seconds after T0) as the floor knows it; None without any."""
    found = memberships("ana", after(*facts))
    told = [(json.loads(member), (at - T0) / 1000) for (name, *_, member), at in found.items() if name == "agent_team"]
    return told[0] if told else None


def fine_panes(counts: Iterable[Count]) -> Panes:
    """The 10 s panes of an agent's counts."""
    panes: Panes = {}
    for start, queue, channel, field, n in counts:
        assert (queue, channel, start % PANE_MS) == ("", "agents", 0)
        fields = panes.setdefault(start, {})
        fields[field] = fields.get(field, 0) + n
    return panes


def coarse_panes(fine: Panes) -> Panes:
    """The 15 min panes they roll up to: a step lasts on to the end of the longer pane."""
    panes: Panes = {}
    for start, fields in fine.items():
        coarse = pane_start(start, COARSE_MS)
        into = panes.setdefault(coarse, {})
        for field, n in fields.items():
            into[field] = into.get(field, 0) + n
            if field.startswith("step."):
                name = f"into.{field[5:]}"
                into[name] = into.get(name, 0) + n * (coarse + COARSE_MS - start - PANE_MS)
    return panes
