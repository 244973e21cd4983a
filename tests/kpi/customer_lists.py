"""One customer recomputed from the whole list of facts, abandonment by abandonment: a second opinion, no state."""

from collections import Counter

from hypothesis import strategies as st

from kpi.events import RANKS
from kpi.facts import PANE_MS, Fact
from tests.builders import SOURCE, T0

HOUR, DAY = 3600, 86_400
WEEK_MS = 7 * DAY * 1000
ANSWERED, LEFT_QUEUE, ENDED = (RANKS[f"contact.{verb}"] for verb in ("answered", "left_queue", "ended"))

# Seconds between one fact and the next: together, and around every border there is.
_STEPS = st.sampled_from([0, 0, 1, 59, 60, 3599, 3600, 43_200, 86_399, 86_401, 4 * DAY])
_QUEUES = st.sampled_from(["support", "sales"])


@st.composite
def stories(draw: st.DrawFn, longest: int = 9 * DAY) -> list[Fact]:
    """Any story of one customer, sensible or not: up to 16 facts of four contacts with two legs each."""
    facts, at = [], 0
    for number in range(draw(st.integers(1, 16))):
        at = min(at + draw(_STEPS), longest)
        kind = draw(st.sampled_from(["queued", "answered", "left_queue", "left_queue", "ended"]))
        leg = f"{draw(st.sampled_from('abcd'))}|{draw(st.sampled_from('12'))}"
        what = {"left_queue": draw(st.sampled_from(["abandoned", "abandoned", "timeout"]))}.get(kind)
        queue = draw(_QUEUES | st.none() if kind == "ended" else _QUEUES)
        facts.append(
            Fact(
                T0 + at * 1000, draw(st.integers(0, 2)), RANKS[f"contact.{kind}"], f"e{number:02}", SOURCE, leg, queue,
                "voice", what=what,
            )
        )  # fmt: skip
    return facts


def brute_force(story: list[Fact]) -> tuple[dict[tuple[int, str, str], int], dict[str, int]]:
    """Counts by pane, queue and field, and who is lost since when, of facts in order."""
    arrivals = [n for n in range(len(story)) if _is_new(story, n)]
    found = Counter[tuple[int, str, str]]()
    for n in arrivals:
        if story[n].queue is not None:
            found[_place(story[n], "cust_arrived")] += 1
            since = story[n].time - story[n - 1].time if n else WEEK_MS + 1
            for name, seconds in (("1h", HOUR), ("24h", DAY), ("7d", 7 * DAY)):
                found[_place(story[n], f"repeat.{name}")] += since <= seconds * 1000
    lost: dict[str, int] = {}
    for n in _abandonments(story):
        one = story[n]
        answers = [m for m in _week_after(story, n) if story[m].rank == ANSWERED]
        if any(story[m].leg == one.leg for m in answers):
            continue
        found[_place(one, "cust_abandoned")] += 1
        if answers:
            found[_place(one, f"recovered.{-(-(story[answers[0]].time - one.time) // 60_000)}")] += 1
        elif story[-1].time - one.time <= WEEK_MS:
            lost[one.leg or ""] = one.time
        back = [m for m in _week_after(story, n) if m in arrivals and _contact(story[m]) != _contact(one)]
        if back:
            found[_place(one, f"returned.{-(-(story[back[0]].time - one.time) // 3_600_000)}")] += 1
    return {key: n for key, n in found.items() if n}, lost


def _place(one: Fact, field: str) -> tuple[int, str, str]:
    return one.time - one.time % PANE_MS, one.queue or "", field


def _contact(one: Fact) -> str:
    return (one.leg or "")[0]


def _is_new(story: list[Fact], n: int) -> bool:
    """Nobody remembers this contact when its fact comes."""
    earlier = [one for one in story[:n] if _contact(one) == _contact(story[n])]
    keep = DAY if earlier and earlier[-1].rank in (ENDED, LEFT_QUEUE) else 8 * DAY
    return not earlier or story[n].time - earlier[-1].time > keep * 1000


def _week_after(story: list[Fact], n: int) -> list[int]:
    return [m for m in range(n + 1, len(story)) if story[m].time - story[n].time <= WEEK_MS]


def _abandonments(story: list[Fact]) -> list[int]:
    """The facts that begin an abandonment: no earlier one of the leg is remembered and stands."""
    found: list[int] = []
    for n, one in enumerate(story):
        if one.what == "abandoned" and not any(_stands(story, m, n) for m in found):
            found.append(n)
    return found


def _stands(story: list[Fact], m: int, n: int) -> bool:
    between = [story[k] for k in range(m, n) if story[k].leg == story[n].leg]
    return (
        story[m].leg == story[n].leg
        and n in _week_after(story, m)
        and not any(one.rank == ANSWERED for one in between)
    )  # fmt: skip
