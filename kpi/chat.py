"""What of a chat needs its messages and its legs: first response, bot hand-off, missed and silently reassigned chats.

All of it is a pure function of the state, told anew whenever one of the two changes; a contact counts the difference.
"""

from collections.abc import Iterable

from kpi.facts import CHAT_CHANNELS, PANE_MS, Count, second_up
from kpi.leg import Leg
from kpi.thread import Thread

HANDOFF = "bot_handoff"


def chat_counts(legs: Iterable[Leg], thread: Thread) -> list[Count]:
    """Everything of one contact that stands beside the turns."""
    counts: list[Count] = []
    known = list(legs)
    _first_response(known, thread, counts)
    for leg in known:
        if leg.channel in CHAT_CHANNELS and not leg.is_outbound:
            _missed(leg, thread, counts)
            _reassigned(leg, thread, counts)
    return counts


def _first_response(legs: list[Leg], thread: Thread, counts: list[Count]) -> None:
    """First human message minus the bot's hand-off, else minus the first question; none when an agent began it."""
    first = thread.first
    if first is None or (legs and legs[0].is_outbound):
        return
    handoffs = [leg.joined for leg in legs if leg.reason == HANDOFF and leg.joined <= first.time]
    if not handoffs and first.asked is None:
        return
    if first.queue is None:
        return
    start = max(handoffs) if handoffs else first.asked or 0
    waited, pane = max(first.time - start, 0), first.time - first.time % PANE_MS
    for name in ("first_response", "handoff") if handoffs else ("first_response",):
        counts.append((pane, first.queue, first.channel, f"{name}.{second_up(waited)}", 1))
        if waited:
            counts.append((pane, first.queue, first.channel, f"{name}_ms", waited))


def _missed(leg: Leg, thread: Thread, counts: list[Count]) -> None:
    """The customer left, or fell silent until it was closed, before any human wrote (Zendesk, Dixa)."""
    if leg.outcome == "abandoned":
        at = leg.left
    elif leg.outcome == "answered" and leg.ended is not None and leg.ended_by in ("customer", "inactivity"):
        at = leg.ended
    else:
        return
    if thread.first is None or thread.first.time > at:
        counts.append((at - at % PANE_MS, leg.queue, leg.channel, "missed", 1))


def _reassigned(leg: Leg, thread: Thread, counts: list[Count]) -> None:
    """An agent had the chat, wrote nothing, and it went to somebody else."""
    if leg.outcome != "answered" or leg.ended is None or (leg.ended_by != "transfer" and leg.transferred is None):
        return
    replied = thread.replied.get(leg.id)
    if replied is None or replied > leg.ended:
        counts.append((leg.ended - leg.ended % PANE_MS, leg.queue, leg.channel, "reassigned_silent", 1))
