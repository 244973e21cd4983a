"""The worked hour of the domain research as events: Q 100, A 80, B 15, O 3, two still waiting. T 20 s, S 5 s."""

from collections.abc import Iterable

from kpi.facts import Fact
from kpi.kinds import KINDS
from kpi.measures import Group, Measures, summary_of
from kpi.tally import Tally
from tests.builders import fact

# (how many, what became of them, seconds they waited); who still waits has joined so long before the end.
STORIES = (
    (60, "answered", 12.0), (20, "answered", 41.5),
    (5, "abandoned", 4.2), (5, "abandoned", 19.0), (5, "abandoned", 70.0),
    (1, "callback_requested", 15.0), (2, "timeout", 90.0),
    (1, "waiting", 45.0), (1, "waiting", 6.0),
)  # fmt: skip
ENDS = 3_600.0


def hour() -> list[list[Fact]]:
    """The facts of each of its 100 contacts, in order."""
    contacts: list[list[Fact]] = []
    for count, what, wait in STORIES:
        for _ in range(count):
            number = len(contacts)
            joined = ENDS - wait if what == "waiting" else 20.0 * number
            contacts.append(_contact(f"c{number}", joined, what, wait))
    return contacts


def _contact(name: str, joined: float, what: str, wait: float) -> list[Fact]:
    leg = f"{name}/1"
    facts = [fact("queued", joined, leg, what="initial")]
    if what == "answered":
        facts.append(fact("answered", joined + wait, leg, agent="ana"))
        facts.append(fact("ended", joined + wait + 60, leg, what="customer"))
    elif what != "waiting":
        facts.append(fact("left_queue", joined + wait, leg, what=what))
    return facts


def tally_of(contacts: Iterable[list[Fact]], queue: str = "support") -> Tally:
    """What the real step counts of these contacts, in all panes of a queue."""
    tally = Tally()
    for facts in contacts:
        _, counts = KINDS["c"].fold(None, sorted(facts))
        for _, name, _, field, n in counts:
            if name == queue:
                tally.add({field: n})
    return tally


def told(target_seconds: int = 20, short_seconds: int = 5) -> Measures:
    """M of the hour under a target and a short limit; of those who wait, who is past it follows from the stories."""
    waits = [wait for _, what, wait in STORIES if what == "waiting"]
    over = sum(wait > target_seconds for wait in waits)
    group = Group(tally_of(hour()), target_seconds, short_seconds, over, 80)
    return summary_of([group], within_seconds=(15, 20, 30), open_legs=len(waits), max_waiting=None)
