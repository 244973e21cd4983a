"""Any story of one agent, sensible or not, and a program of its own that says what is true at an instant.

The program asks for the last fact of each kind up to that instant; it shares nothing with `kpi.agent`.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from kpi.facts import NOUN_VERBS, Fact
from tests.builders import T0
from tests.kpi.agent_facts import copied, told

SPAN_S = 2_400  # two whole quarter-hours and a part
STATES = ("error", "busy", "acw", "ringing", "break", "has_capacity", "idle")

_DECLARED = st.sampled_from([*STATES, "offline"])
_QUEUES = st.sampled_from(["sales", "support"])
_LEGS = st.sampled_from([("c1/1", "voice"), ("c2/1", "chat"), ("c3/1", "message")])
_TEAMS = st.sampled_from([None, "", "day", "night"])
_VERBS = st.sampled_from(["offered", "offer_ended", "answered", "ended", "wrapup_started", "wrapup_ended"])


@st.composite
def stories(draw: st.DrawFn) -> list[Fact]:
    """Up to 30 facts on whole seconds: logins and states at source a, memberships and pauses at source b, contacts."""
    found: dict[str, Fact] = {}
    for at in draw(st.lists(st.integers(0, SPAN_S - 1), min_size=1, max_size=30)):
        kind = draw(st.sampled_from(["login", "declare", "member", "pause", "contact", "contact", "contact"]))
        fact = _fact(draw, kind, at)
        found[fact.id] = fact
    return list(found.values())


def _fact(draw: st.DrawFn, kind: str, at: int) -> Fact:
    if kind == "login":
        verb = draw(st.sampled_from(["logged_in", "logged_out"]))
        return told(verb, at, "a", team=draw(_TEAMS), site=draw(_TEAMS))
    if kind == "declare":
        room = draw(st.sampled_from([None, {"chat": 2, "voice": 1}, {"message": 3, "chat": 1}]))
        return told("state_changed", at, "a", state=draw(_DECLARED), capacity=room)
    if kind == "member":
        return told("membership_changed", at, "b", draw(_QUEUES), member=draw(st.booleans()))
    if kind == "pause":
        return told("state_changed", at, "b", draw(_QUEUES), state=draw(st.sampled_from(["break", "idle"])))
    leg, channel = draw(_LEGS)
    return copied(draw(_VERBS), at, leg, channel=channel)


class Truth(NamedTuple):
    """What is true at an instant."""

    state: str
    chats: int
    slots: int


def truth_at(facts: Iterable[Fact], second: int) -> Truth:
    """What is true after all facts up to a second of the story."""
    known = [fact for fact in sorted(facts) if fact.time <= T0 + second * 1000]
    logged_in, declared = _at_a([fact for fact in known if fact.source == "a"])
    states = {declared} if logged_in else set()
    states |= _at_b([fact for fact in known if fact.source == "b"])
    chats, homes = 0, _homes(known)
    for leg in {fact.leg for fact in known if fact.leg}:
        verbs = [word for fact in known for word in _words(fact, leg, homes)]
        talking = _last(verbs, "answered", "ended", "wrapup_started", "wrapup_ended") == "answered"
        if talking:
            states.add("busy")
            chats += not leg.startswith("c1")
        if _last(verbs, "wrapup_started", "wrapup_ended", "call", "home") == "wrapup_started":
            states.add("acw")
        if _last(verbs, "offered", "offer_ended", "answered", "ended", "home") == "offered":
            states.add("ringing")
    state = next((state for state in STATES if state in states), "offline")
    rooms = [fact.more["capacity"] for fact in known if fact.more and fact.more.get("capacity")]
    slots = sum(n for channel, n in rooms[-1].items() if channel != "voice") if rooms else 0
    return Truth(state, chats, slots if logged_in and state not in ("break", "error") else 0)


def place_at(facts: Iterable[Fact]) -> tuple[str, str, int] | None:
    """(team, site, since when in ms) after all facts; None when neither was told."""
    found = [("", "", 0)]
    for fact in sorted(facts):
        more = fact.more or {}
        place = more.get("team") or found[-1][0], more.get("site") or found[-1][1]
        if place != found[-1][:2]:
            found.append((*place, fact.time))
    return found[-1] if len(found) > 1 else None


def _homes(known: Sequence[Fact]) -> set[str]:
    """The ids of the logouts after which he is logged in nowhere."""
    found = set()
    for n, fact in enumerate(known, 1):
        told_a, told_b = ([one for one in known[:n] if one.source == source] for source in "ab")
        if NOUN_VERBS[fact.rank] == "agent.logged_out" and not _at_a(told_a)[0] and not _at_b(told_b):
            found.add(fact.id)
    return found


def _words(fact: Fact, leg: str, homes: Collection[str]) -> list[str]:
    """What a fact says of a leg: its verb; and, whatever it names, `call` when a call is answered, `home`."""
    verb = NOUN_VERBS[fact.rank].removeprefix("contact.")
    words = [verb] if fact.leg == leg else []
    if verb == "answered" and fact.channel == "voice":
        words.append("call")
    return [*words, "home"] if fact.id in homes else words


def _last(verbs: Sequence[str], *of: str) -> str | None:
    return next((verb for verb in reversed(verbs) if verb in of), None)


def _at_a(facts: Sequence[Fact]) -> tuple[bool, str]:
    """(logged in, state) at the source with logins."""
    declared: str | None = None
    for fact in facts:
        verb = NOUN_VERBS[fact.rank]
        if verb == "agent.state_changed":
            declared = fact.what
        elif verb == "agent.logged_out":
            declared = "offline"
        elif declared in (None, "offline"):
            declared = "idle"
    return declared not in (None, "offline"), declared or "offline"


def _at_b(facts: Sequence[Fact]) -> set[str]:
    """The state at the source with memberships, none when he is a member nowhere."""
    pauses = []
    for queue in ("sales", "support"):
        mine = [fact for fact in facts if fact.queue == queue]
        words = [fact.what or ("join" if (fact.more or {}).get("member") else "leave") for fact in mine]
        if words and words[-1] != "leave":
            pauses.append(_last(words, "leave", "break", "idle") == "break")
    return set() if not pauses else {"break"} if all(pauses) else {"idle"}
