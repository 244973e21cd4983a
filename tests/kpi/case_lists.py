"""One case recomputed from the whole list of its facts, clock by clock: a second opinion that keeps no state.

A clock's budget is the time between its setting and its due time; it is met when no more than that was spent, between
its setting and its end, in any status but pending.
"""

from collections import Counter
from itertools import pairwise

from hypothesis import strategies as st

from kpi.events import RANKS
from kpi.facts import Fact
from tests.builders import SOURCE, T0

CLOCKS = ("first_response", "next_response", "resolution")
_VERBS = ("opened", "assigned", "replied", "waiting_customer", "reopened", "resolved", "sla_set")
_NAMES = {RANKS[f"case.{verb}"]: verb for verb in _VERBS}


@st.composite
def stories(draw: st.DrawFn) -> list[Fact]:
    """Any story of one case, sensible or not: up to 16 facts within 40 seconds, many at the same instant."""
    facts = []
    for number in range(draw(st.integers(1, 16))):
        verb = draw(st.sampled_from(_VERBS))
        more = {"status": draw(st.sampled_from([None, None, None, "new", "open", "pending", "on_hold"]))}
        if verb == "replied":
            more["author"] = draw(st.sampled_from(["customer", "agent", "bot", None]))
        facts.append(
            Fact(
                T0 + 1000 * draw(st.integers(0, 40)), draw(st.integers(0, 1)), RANKS[f"case.{verb}"], f"e{number:02}",
                SOURCE, None, draw(st.sampled_from(["support", "support", None])), "email",
                draw(st.sampled_from(["ana", "bo", None])), None, draw(st.sampled_from([*CLOCKS, None])),
                due=draw(st.none() | st.integers(-5, 60).map(lambda at: T0 + 1000 * at)),
                more={name: value for name, value in more.items() if value} or None,
            )
        )  # fmt: skip
    return facts


def brute_force(facts: list[Fact]) -> tuple[dict[str, int], dict[str, int]]:
    """Totals per field, and scores per live set."""
    story = sorted(facts)
    while story and story[0].queue is None:
        story = story[1:]
    if not story:
        return {}, {}
    found = Counter({"case_opened": 1}) + _outcomes(story)
    due: dict[str, int] = {}
    for clock in CLOCKS:
        ended, still = _clock(story, clock)
        found += ended
        due |= still
    return dict(found), _sets(story, due)


def _verb(one: Fact) -> str:
    return _NAMES[one.rank]


def _more(one: Fact, name: str) -> str | None:
    return (one.more or {}).get(name)


def _author(one: Fact) -> str | None:
    if _verb(one) != "replied":
        return None
    return _more(one, "author") or ("agent" if one.agent else "customer")


def _by_agent(story: list[Fact]) -> list[int]:
    return [n for n, one in enumerate(story) if _author(one) == "agent"]


def _statuses(story: list[Fact]) -> list[str]:
    """The status after each fact."""
    found, now = [], "new"
    for one in story:
        verb, said = _verb(one), _more(one, "status")
        if verb == "resolved" or (now == "resolved" and verb != "reopened"):
            said = "resolved"
        elif not said and ((verb == "assigned" and now == "new") or verb == "reopened"):
            said = "open"
        elif not said and verb == "waiting_customer":
            said = "pending"
        elif not said and _author(one) == "customer" and now == "pending":
            said = "open"
        now = said or now
        found.append(now)
    return found


def _changes(story: list[Fact]) -> tuple[list[int], list[int]]:
    """Where the story was resolved, and where it was reopened."""
    before = ["new", *_statuses(story)]
    verbs = [_verb(one) for one in story]
    resolved = [n for n, verb in enumerate(verbs) if verb == "resolved" and before[n] != "resolved"]
    return resolved, [n for n, verb in enumerate(verbs) if verb == "reopened" and before[n] == "resolved"]


def _outcomes(story: list[Fact]) -> Counter[str]:
    """What is counted of the first reply, the resolutions and the reopenings."""
    resolved, reopened = _changes(story)
    replies, opened = _by_agent(story), story[0].time
    found = Counter({"case_resolved": len(resolved), "case_reopened": len(reopened), "case_replied": bool(replies)})
    found["case_reply_ms"] = story[replies[0]].time - opened if replies else 0
    for end in resolved:
        so_far = range(end + 1)
        took_part = [n for n in so_far if n in replies or _verb(story[n]) in ("assigned", "resolved")]
        asked = [n for n in so_far if _author(story[n]) == "customer" or n in reopened]
        found["case_resolve_ms"] += story[end].time - opened
        found["case_contacts"] += 1 + len(asked)
        found["case_agents"] += len({story[n].agent for n in took_part} - {None})
    return found


def _clock(story: list[Fact], clock: str) -> tuple[Counter[str], dict[str, int]]:
    """How often the clock was met and missed, and when it is due if it runs at the end of the story."""
    resolved, _ = _changes(story)
    ends = resolved if clock == "resolution" else sorted({*resolved, *_by_agent(story)})
    told = [(n, one) for n, one in enumerate(story) if _verb(one) in ("opened", "sla_set", "reopened")]
    setting = [(n, one.due) for n, one in told if one.due is not None and (one.what or "resolution") == clock]
    found, last = Counter[str](), len(story) - 1
    for (start, due), (following, _) in pairwise([*setting, (len(story), 0)]):
        budget = due - story[start].time
        end = next((n for n in ends if start < n < following), None)
        if end is not None:
            found[f"case_met.{clock}" if _ran(story, start, end) <= budget else f"case_missed.{clock}"] += 1
        elif following > last:
            return found, {f"due_{clock}": story[last].time + budget - _ran(story, start, last)}
    return found, {}


def _ran(story: list[Fact], start: int, end: int) -> int:
    """The time between two facts of the story that was not spent waiting for the customer."""
    statuses = _statuses(story)
    return sum(story[n + 1].time - story[n].time for n in range(start, end) if statuses[n] != "pending")


def _sets(story: list[Fact], due: dict[str, int]) -> dict[str, int]:
    status, opened = _statuses(story)[-1], story[0].time
    if status == "resolved":
        return {}
    sets = {"open_cases": opened, f"case_{status}": opened}
    owners = [one.agent for n, one in enumerate(story) if _verb(one) == "assigned" or n in _by_agent(story)]
    if status in ("new", "open") and not any(owners):
        sets["unassigned"] = opened
    if status != "pending" and due:
        sets |= {**due, "due": min(due.values())}
    return sets
