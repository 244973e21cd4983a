"""One leg: a stay of one contact in one queue, what is known of it, and how its parts are counted.

The parts are joining, leaving, service, offers, a transfer and the work after it: `kpi.leg_counts`.
"""

from kpi.facts import Fact


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
    ``answered``, a reason of leaving, or None while it waits; `left` is when. `reason` is why it joined.
    """

    __slots__ = (
        "agent", "channel", "ended", "ended_by", "ended_lost", "entry", "had_hold", "held", "held_since",
        "hold", "hold_open", "id", "is_first", "is_outbound", "joined", "joined_by", "left", "offers",
        "outcome", "queue", "reason", "served_by", "talk_reported", "talk_unknown", "transfer_in",
        "transfer_kind", "transferred", "transferred_by", "wait", "wrapup", "wrapup_by", "wrapup_ended",
        "wrapup_since",
    )  # fmt: skip

    def __init__(self, leg_id: str, queue: str, channel: str, joined: int, joined_by: str) -> None:
        self.id, self.queue, self.channel = leg_id, queue, channel
        self.joined, self.joined_by = joined, joined_by
        self.is_first = False
        self.is_outbound = False
        self.reason: str | None = None
        self.entry: str | None = None
        self.transfer_in: str | None = None
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
        self.transfer_kind = "unknown"
        self.ended: int | None = None
        self.ended_by = "unknown"
        self.ended_lost = False
        self.talk_reported: int | None = None
        self.talk_unknown = False
        self.hold: int | None = None
        self.hold_open = False
        self.served_by: str | None = None
        self.wrapup_since: int | None = None
        self.wrapup_ended: int | None = None
        self.wrapup: int | None = None
        self.wrapup_by: str | None = None

    @property
    def waiting(self) -> bool:
        """In the queue, ringing included."""
        return self.outcome is None

    @property
    def in_service(self) -> bool:
        """Answered, and the conversation has not closed."""
        return self.outcome == "answered" and self.ended is None

    @property
    def is_open(self) -> bool:
        """Waiting or in service."""
        return self.outcome is None or (self.outcome == "answered" and self.ended is None)

    def offer(self, fact: Fact) -> Offer:
        """The offer a fact speaks of: by its id, or by its agent where the source gives none."""
        return self.offers.setdefault(fact.offer or f"agent {fact.agent}", Offer())

    @property
    def talk(self) -> int | None:
        """Answered to ended, holds included; None while it lasts, or when it is not known."""
        if self.ended is None or self.ended_lost or self.talk_unknown:
            return None
        return max(self.ended - self.left if self.talk_reported is None else self.talk_reported, 0)
