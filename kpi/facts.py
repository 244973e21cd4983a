"""A fact: one event, reduced to what the core needs, in the total order that decides every story.

Order of facts: (time, sequence, rank of type, id). `kpi.events.RANKS` gives the rank.
"""

from typing import Any

import msgspec

from kpi.events import RANKS, TYPES

PANE_MS = 10_000

# One count: (start of the 10 s pane in ms UTC, queue id, channel, pane field, how many).
Count = tuple[int, str, str, str, int]
# One membership: (set, queue id, channel, member) -> score in ms UTC.
Memberships = dict[tuple[str, str, str, str], int]

# Channels on which people write instead of talk: their messages make turns.
CHAT_CHANNELS = frozenset({"chat", "message", "social"})
# How much of a free text (an entry point, a reason) becomes the name of a count.
TEXT_KEPT = 64

NOUN_VERBS: tuple[str, ...] = tuple(TYPES)

QUEUED = RANKS["contact.queued"]
BLOCKED = RANKS["contact.blocked"]
OFFERED = RANKS["contact.offered"]
OFFER_ENDED = RANKS["contact.offer_ended"]
ANSWERED = RANKS["contact.answered"]
LEFT_QUEUE = RANKS["contact.left_queue"]
HELD = RANKS["contact.held"]
RESUMED = RANKS["contact.resumed"]
MESSAGE = RANKS["contact.message"]
TRANSFERRED = RANKS["contact.transferred"]
ENDED = RANKS["contact.ended"]
WRAPUP_STARTED = RANKS["contact.wrapup_started"]
WRAPUP_ENDED = RANKS["contact.wrapup_ended"]
CALLBACK_REQUESTED = RANKS["contact.callback_requested"]
CALLBACK_ATTEMPTED = RANKS["contact.callback_attempted"]
CALLBACK_COMPLETED = RANKS["contact.callback_completed"]
RATED = RANKS["contact.rated"]
UPDATED = RANKS["contact.updated"]
CASE_OPENED = RANKS["case.opened"]
CASE_REOPENED = RANKS["case.reopened"]
CASE_RESOLVED = RANKS["case.resolved"]
CASE_SLA_SET = RANKS["case.sla_set"]


class Fact(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """One fact of one record. Times and durations in ms; `None` where the event does not say.

    `what` is the type's own word: the reason, result, kind, author, state or clock. `more` holds the
    contract's remaining fields, which change no number but make two bodies of one id comparable.
    """

    time: int
    sequence: int
    rank: int
    id: str
    source: str
    leg: str | None = None
    queue: str | None = None
    channel: str | None = None
    agent: str | None = None
    offer: str | None = None
    what: str | None = None
    wait: int | None = None
    talk: int | None = None
    hold: int | None = None
    due: int | None = None
    more: dict[str, Any] | None = None


def canonical(fact: Fact) -> bytes:
    """The bytes by which two bodies of one id are compared: the smaller ones win, whichever came first."""
    return msgspec.json.encode(fact, order="deterministic")


def second_up(ms: int) -> int:
    """Whole seconds, rounded up, so that `wait <= T` is exact for every whole T."""
    return -(-ms // 1000)
