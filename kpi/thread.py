"""The messages of one chat as turns: who asked, who answered, and how long the customer waited for it.

A thread is told by messages alone, so that old messages can fold into it (`kpi.record`) whatever is learned of the
legs later. What needs both, the first response above all, is derived from thread and legs in `kpi.chat`. Only public
messages of customers and agents count; a bot's or the system's never answer anybody.
"""

import msgspec

from kpi.facts import CHAT_CHANNELS, PANE_MS, Count, Fact, second_up


class FirstReply(msgspec.Struct):
    """The first message an agent wrote: when (ms), where, and the first question before it (None: nobody asked)."""

    time: int
    queue: str | None
    channel: str
    asked: int | None


class Thread(msgspec.Struct):
    """The story so far. `turn_since`: when the customer began to wait for the answer that is due now, ms.

    `queue`, `channel`: the place of the last message that named one. `replied`: per leg the first answer naming it.
    """

    queue: str | None = None
    channel: str = "chat"
    asked: int | None = None
    turn_since: int | None = None
    first: FirstReply | None = None
    replied: dict[str, int] = {}


def tell(thread: Thread, fact: Fact, counts: list[Count]) -> bool:
    """Take one message in and add what it counts; True when it changed something that legs' measures depend on.

    A turn opens with the first customer message after an agent's and closes with the agent's next one:
    several customer messages are one turn (Zendesk).
    """
    author = fact.what
    if fact.channel not in CHAT_CHANNELS or author not in ("customer", "agent"):
        return False
    if fact.more is not None and fact.more.get("visibility") == "private":
        return False
    if fact.queue is not None:
        thread.queue, thread.channel = fact.queue, fact.channel or "chat"
    if author == "customer":
        changed = thread.asked is None
        if thread.asked is None:
            thread.asked = fact.time
        if thread.turn_since is None:
            thread.turn_since = fact.time
        return changed
    return _answer(thread, fact, counts)


def _answer(thread: Thread, fact: Fact, counts: list[Count]) -> bool:
    changed = False
    if thread.turn_since is not None:
        if thread.queue is not None:
            _count_response(thread, fact, thread.turn_since, counts)
        thread.turn_since = None
    if thread.first is None:
        thread.first = FirstReply(fact.time, thread.queue, thread.channel, thread.asked)
        changed = True
    if fact.leg is not None and fact.leg not in thread.replied:
        thread.replied[fact.leg] = fact.time
        changed = True
    return changed


def _count_response(thread: Thread, fact: Fact, since: int, counts: list[Count]) -> None:
    waited, pane = fact.time - since, fact.time - fact.time % PANE_MS
    queue, channel = thread.queue or "", thread.channel
    counts.append((pane, queue, channel, f"response.{second_up(waited)}", 1))
    if waited:
        counts.append((pane, queue, channel, "response_ms", waited))
    if fact.agent is not None:
        counts.append((pane, queue, channel, f"~response.{fact.agent}", 1))
        if waited:
            counts.append((pane, queue, channel, f"~response_ms.{fact.agent}", waited))
