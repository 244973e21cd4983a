"""The names of a pane's fields: which there are, what they are made of, and which stand the same on both bases.

Before a name: "@" is its twin on the arrival basis, "~" what one agent did, whose id then stands at the end.
"""

from functools import lru_cache
from typing import NamedTuple

OUTCOMES = ("answered", "abandoned", "other")
_PLAIN = {
    "offered": "offered", "answered": "answered", "abandoned": "abandoned", "unknown": "waits_unknown",
    "transfers": "transfers", "unanswered": "unanswered", "talk_ms": "talk_ms", "hold_ms": "hold_ms",
    "case_opened": "case_opened", "case_resolved": "case_resolved", "case_reopened": "case_reopened",
}  # fmt: skip
# `wrapup` and `response` without a key are an agent's own: how many there were, without their lengths.
_NUMBERS = frozenset({
    "contacts", "orphan", "hold_abandoned", "wrapup", "wrapup_ms", "out_attempted", "out_answered", "out_ended",
    "out_talk_ms", "callback_requested", "callback_attempted", "callback_reached", "callback_failed", "response",
    "response_ms", "first_response_ms", "handoff_ms", "missed", "reassigned_silent", "case_replied", "case_reply_ms",
    "case_resolve_ms", "case_contacts", "case_agents", "cust_arrived", "cust_abandoned",
})  # fmt: skip
# `<kind>.<text>`
_NAMED = frozenset({
    "join", "transfer_in", "transfer_out", "entry", "ended_by", "blocked", "rating", "reason", "case_met",
    "case_missed", "repeat",
})  # fmt: skip
# `<kind>.<whole number>`: seconds, but minutes until `recovered` and hours until `returned`.
_LENGTHS = frozenset({"callback_wait", "wrapup", "first_response", "response", "handoff", "recovered", "returned"})
# What has no second instant stands the same on both bases.
SAME_ON_BOTH_BASES = frozenset({
    "offered", "net", "contacts", "orphan", "join", "transfer_in", "entry", "out_attempted", "out_answered",
    "out_ended", "out_talk_ms", "blocked", "rating", "reason", "callback_requested", "callback_attempted",
    "callback_reached", "callback_failed", "response", "response_ms", "~response", "~response_ms", "first_response",
    "first_response_ms", "handoff", "handoff_ms", "missed", "reassigned_silent", "case_opened", "case_resolved",
    "case_reopened", "case_replied", "case_reply_ms", "case_resolve_ms", "case_contacts", "case_agents", "case_met",
    "case_missed", "cust_arrived", "cust_abandoned", "repeat", "recovered", "returned",
})  # fmt: skip


class Place(NamedTuple):
    """Where a field stands in a `Reading`: attribute, of those with several histograms which, and the key there."""

    attribute: str
    inner: str | None = None
    key: str | int | None = None


def split_agent_field(name: str) -> tuple[str, str]:
    """(plain field, agent id) of `~<field>.<agent>`; an agent id may hold dots, a histogram's field holds one."""
    kind, _, rest = name[1:].partition(".")
    if kind in ("talk", "hold"):
        seconds, _, agent = rest.partition(".")
        return f"{kind}.{seconds}", agent
    return kind, rest


@lru_cache(maxsize=65536)
def place_of(name: str) -> Place | None:
    """Where a field of the event basis stands in a `Reading`.

    None for what is passed over there: agents' fields, "@" twins, lengths of the queue, fields of a later version.
    """
    kind, dot, rest = name.partition(".")
    if not dot:
        return Place(_PLAIN[kind]) if kind in _PLAIN else Place("numbers", None, kind) if kind in _NUMBERS else None
    if kind in _NAMED:
        return Place("named", kind, rest)
    if kind == "exit":
        return Place("exits", None, rest)
    if kind == "wait_ms":
        return Place("wait_ms", None, rest) if rest in OUTCOMES else None
    if kind == "wait":
        outcome, _, rest = rest.partition(".")
        return Place("waits", outcome, int(rest)) if outcome in OUTCOMES and rest.isdecimal() else None
    if not rest.isdecimal():
        return None
    if kind in _LENGTHS:
        return Place("lengths", kind, int(rest))
    return Place(kind, None, int(rest)) if kind in ("talk", "hold") else None
