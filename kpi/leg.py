"""One leg, and what it counts: a part each for joining, leaving, service, offers and a transfer.

Every part is a pure function of the leg, counted with sign +1 or taken back with -1. In the event basis
a count stands in the pane of its own instant; its arrival twin (prefix ``@``) in the pane of the join.
"""

from kpi.facts import PANE_MS, Count, Fact, second_up


class Offer:
    """One offer of a leg to an agent: since when it rings, when and how it ended."""

    __slots__ = ("agent", "ended", "since", "unanswered")

    def __init__(self) -> None:
        self.since: int | None = None
        self.ended: int | None = None
        self.unanswered = False
        self.agent: str | None = None


class Leg:
    """One stay of one contact in one queue. Times and durations in ms.

    `joined_by` tells how the join is known: ``queued`` (said so), ``reported`` (from the wait its end
    reported) or ``fact`` (nothing better than its first fact: the wait is unknown). `outcome` is
    ``answered``, a reason of leaving, or None while it waits; `left` is when.
    """

    __slots__ = (
        "agent", "channel", "ended", "ended_lost", "had_hold", "held", "held_since", "hold", "id", "joined",
        "joined_by", "left", "offers", "outcome", "queue", "served_by", "talk_reported", "talk_unknown",
        "transferred", "transferred_by", "wait",
    )  # fmt: skip

    def __init__(self, leg_id: str, queue: str, channel: str, joined: int, joined_by: str) -> None:
        self.id, self.queue, self.channel = leg_id, queue, channel
        self.joined, self.joined_by = joined, joined_by
        self.outcome: str | None = None
        self.left = 0
        self.wait: int | None = None
        self.agent: str | None = None
        self.offers: dict[str, Offer] = {}
        self.had_hold = False
        self.held = 0
        self.held_since: int | None = None
        self.transferred: int | None = None
        self.transferred_by: str | None = None
        self.ended: int | None = None
        self.ended_lost = False
        self.talk_reported: int | None = None
        self.talk_unknown = False
        self.hold: int | None = None
        self.served_by: str | None = None

    @property
    def waiting(self) -> bool:
        """In the queue, ringing included."""
        return self.outcome is None

    @property
    def in_service(self) -> bool:
        """Answered, and the conversation has not closed."""
        return self.outcome == "answered" and self.ended is None

    def offer(self, fact: Fact) -> Offer:
        """The offer a fact speaks of: by its id, or by its agent where the source gives none."""
        return self.offers.setdefault(fact.offer or f"agent {fact.agent}", Offer())

    @property
    def talk(self) -> int | None:
        """Answered to ended, holds included; None while it lasts, or when it is not known."""
        if self.ended is None or self.ended_lost or self.talk_unknown:
            return None
        return max(self.ended - self.left if self.talk_reported is None else self.talk_reported, 0)


def count_join(leg: Leg, sign: int, counts: list[Count]) -> None:
    """One leg more was offered, and one more waits from the second of its join."""
    pane = leg.joined - leg.joined % PANE_MS
    counts.append((pane, leg.queue, leg.channel, "offered", sign))
    counts.append((pane, leg.queue, leg.channel, f"net.{(leg.joined - pane) // 1000}", sign))


def count_leave(leg: Leg, sign: int, counts: list[Count]) -> None:
    """The leg was decided: one less waits, its outcome and its wait are counted on both bases."""
    outcome = leg.outcome or ""
    pane = leg.left - leg.left % PANE_MS
    counts.append((pane, leg.queue, leg.channel, f"net.{(leg.left - pane) // 1000}", -sign))
    if outcome in ("answered", "abandoned"):
        kind = name = outcome
    else:
        kind, name = "other", f"exit.{outcome}"
    _both(leg, pane, name, sign, counts)
    if outcome == "answered" and leg.agent is not None:
        _both(leg, pane, f"~answered.{leg.agent}", sign, counts)
    if leg.wait is None:
        _both(leg, pane, "unknown", sign, counts)
    else:
        _both(leg, pane, f"wait.{kind}.{second_up(leg.wait)}", sign, counts)
        if leg.wait:
            _both(leg, pane, f"wait_ms.{kind}", sign * leg.wait, counts)


def count_service(leg: Leg, sign: int, counts: list[Count]) -> None:
    """The conversation closed: talk, and hold where there was one; nothing for a leg an agent never had."""
    if leg.outcome != "answered" or leg.ended is None:
        return
    pane = leg.ended - leg.ended % PANE_MS
    for name, length in (("talk", leg.talk), ("hold", leg.hold)):
        if length is None:
            continue
        _both(leg, pane, f"{name}.{second_up(length)}", sign, counts)
        if length:
            _both(leg, pane, f"{name}_ms", sign * length, counts)
        if leg.served_by is not None:
            _both(leg, pane, f"~{name}.{second_up(length)}.{leg.served_by}", sign, counts)
            if length:
                _both(leg, pane, f"~{name}_ms.{leg.served_by}", sign * length, counts)


def count_offer(leg: Leg, offer: Offer, sign: int, counts: list[Count]) -> None:
    """An offer that ended without an answer, by the agent who did not take it."""
    if offer.ended is None or not offer.unanswered:
        return
    pane = offer.ended - offer.ended % PANE_MS
    _both(leg, pane, "unanswered", sign, counts)
    if offer.agent is not None:
        _both(leg, pane, f"~unanswered.{offer.agent}", sign, counts)


def count_transfer(leg: Leg, sign: int, counts: list[Count]) -> None:
    """The agent handed the contact on."""
    if leg.transferred is None:
        return
    pane = leg.transferred - leg.transferred % PANE_MS
    _both(leg, pane, "transfers", sign, counts)
    if leg.transferred_by is not None:
        _both(leg, pane, f"~transfers.{leg.transferred_by}", sign, counts)


def count_all(leg: Leg, sign: int, counts: list[Count]) -> None:
    """Every part of the leg: what is taken back, and counted anew, when its story changes."""
    count_join(leg, sign, counts)
    if leg.outcome is not None:
        count_leave(leg, sign, counts)
    count_service(leg, sign, counts)
    count_transfer(leg, sign, counts)
    for offer in leg.offers.values():
        count_offer(leg, offer, sign, counts)


def _both(leg: Leg, pane: int, field: str, n: int, counts: list[Count]) -> None:
    counts.append((pane, leg.queue, leg.channel, field, n))
    counts.append((leg.joined - leg.joined % PANE_MS, leg.queue, leg.channel, "@" + field, n))
