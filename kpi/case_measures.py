"""Deferred work as it flows: opened, resolved, how long that took, how many of the promised times were kept."""

from kpi.ratios import Measures, ratio, seconds
from kpi.tally import Reading

# What became of a promised time, by field.
_OUTCOMES = {"case_met": "met", "case_missed": "missed"}


def has_cases(read: Reading) -> bool:
    """Whether anything of a case was counted."""
    if read.case_opened or read.case_resolved or read.case_reopened or not _OUTCOMES.keys().isdisjoint(read.named):
        return True
    return any(name.startswith("case_") for name in read.numbers)


def case_measures(read: Reading) -> Measures:
    """Counts and sums at their own instants: a case opened on Monday and resolved on Friday is in both days.

    reopen_rate          reopened / resolved
    contacts_to_resolve  contacts (1 + replies of the customer + reopens) of the cases resolved / resolved
    agents_to_resolve    different agents of the cases resolved / resolved
    first_reply_seconds, resolve_seconds: sums, since the case was opened
    """
    resolved = read.case_resolved
    return {
        "opened": read.case_opened,
        "resolved": resolved,
        "reopened": read.case_reopened,
        "reopen_rate": ratio(read.case_reopened, resolved),
        "first_replies": read.number("case_replied"),
        "first_reply_seconds": seconds(read.number("case_reply_ms")),
        "resolve_seconds": seconds(read.number("case_resolve_ms")),
        "contacts_to_resolve": ratio(read.number("case_contacts"), resolved),
        "agents_to_resolve": ratio(read.number("case_agents"), resolved),
        "clocks": _clocks(read),
    }


def _clocks(read: Reading) -> Measures:
    """Per clock that ran out or was kept: due times met and missed."""
    names = sorted({clock for kind in _OUTCOMES for clock in read.named.get(kind, ())})
    return {
        clock: {word: read.named.get(kind, {}).get(clock, 0) for kind, word in _OUTCOMES.items()} for clock in names
    }
