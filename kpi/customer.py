"""One customer: when each contact came, which abandonments were made good, and whether the customer came back.

The facts are copies from several queues and systems, named by leg: ``<contact>|<leg>``. An **abandonment** is lost
until a later answer of another leg of the same customer recovers it; an answer of the same leg withdraws it. What
became of an abandonment is counted in the abandonment's own pane, so that a rate is one sum over another.

The state is bounded whatever the key stands for: of each sort of thing only the newest KEPT are remembered, enough for
a person, and for the callers at one time of a key that thousands of anonymous callers share.
"""

from typing import Any

import msgspec

from kpi.facts import ANSWERED, ENDED, LEFT_QUEUE, PANE_MS, Count, Fact, Memberships

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
KEPT = 200
# How long a contact is known after its last fact: once it is over, and while it is not.
OVER_MS = DAY_MS
ACTIVE_MS = 8 * DAY_MS
LOST_MS = 7 * DAY_MS
REPEATS = (("repeat.1h", HOUR_MS), ("repeat.24h", DAY_MS), ("repeat.7d", 7 * DAY_MS))


class Abandonment(msgspec.Struct, array_like=True):
    """One leg that the customer left. `recovered` is in minutes, `returned` in hours, None when it has not happened."""

    at: int
    queue: str
    channel: str
    recovered: int | None = None
    returned: int | None = None


class Customer(msgspec.Struct, array_like=True):
    """The story so far of one customer key; plain types, so that it is stored as it stands. Times in ms.

    `active` and `over` hold the time of the last fact of each contact, the oldest first; `lost` and `recovered` the
    abandonments by leg, the oldest first; `away` when those legs were abandoned after which no other contact came.
    """

    latest: int | None = None
    active: dict[str, int] = msgspec.field(default_factory=dict)
    over: dict[str, int] = msgspec.field(default_factory=dict)
    lost: dict[str, Abandonment] = msgspec.field(default_factory=dict)
    recovered: dict[str, Abandonment] = msgspec.field(default_factory=dict)
    away: dict[str, int] = msgspec.field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Never: when nobody has heard of a customer for long, what was lost stays lost."""
        return False


def step(state: Customer, fact: Fact) -> tuple[Customer, list[Count]]:
    """The state after `fact`, and what it adds to the panes. The given state is used up.

    `fact` must sort after every fact the state has seen. A contact arrives with its first fact, in that fact's queue.
    """
    counts: list[Count] = []
    leg = fact.leg or ""
    contact = leg.partition("|")[0]
    _forget(state, fact.time)
    if state.active.pop(contact, None) is None and state.over.pop(contact, None) is None:
        if fact.queue is not None:
            _arrive(state, fact, fact.queue, counts)
        _come_back(state, fact.time, contact, counts)
    _remember(state.over if fact.rank in (ENDED, LEFT_QUEUE) else state.active, contact, fact.time)
    state.latest = fact.time
    if fact.rank == ANSWERED:
        _withdraw(state, leg, counts)
        _recover(state, fact.time, counts)
    elif fact.rank == LEFT_QUEUE and fact.what == "abandoned" and fact.queue is not None:
        _abandon(state, fact, leg, counts)
    return state, counts


def memberships(customer_key: str, state: Customer) -> Memberships:
    """The live set `lost`: legs (contact|leg) that were abandoned and not made good yet, scored by when."""
    return {("lost", one.queue, one.channel, leg): one.at for leg, one in state.lost.items()}


def _arrive(state: Customer, fact: Fact, queue: str, counts: list[Count]) -> None:
    """A new contact, and a repeat if the customer was here lately."""
    _count(fact.time, queue, _channel(fact), "cust_arrived", 1, counts)
    if state.latest is not None:
        for field, most in REPEATS:
            if fact.time - state.latest <= most:
                _count(fact.time, queue, _channel(fact), field, 1, counts)


def _come_back(state: Customer, time: int, contact: str, counts: list[Count]) -> None:
    """A new contact is the return of a customer who had gone away from another one."""
    for leg in [leg for leg in state.away if leg.partition("|")[0] != contact]:
        del state.away[leg]
        one = state.lost.get(leg) or state.recovered.get(leg)
        if one is not None:
            one.returned = -(-(time - one.at) // HOUR_MS)
            _count(one.at, one.queue, one.channel, f"returned.{one.returned}", 1, counts)


def _abandon(state: Customer, fact: Fact, leg: str, counts: list[Count]) -> None:
    if leg in state.lost or leg in state.recovered:
        return
    one = Abandonment(fact.time, fact.queue or "", _channel(fact))
    _count(one.at, one.queue, one.channel, "cust_abandoned", 1, counts)
    _remember(state.lost, leg, one)
    _remember(state.away, leg, one.at)


def _withdraw(state: Customer, leg: str, counts: list[Count]) -> None:
    """The leg was answered after all: everything that its abandonment counted is taken back."""
    one = state.lost.pop(leg, None) or state.recovered.pop(leg, None)
    if one is None:
        return
    _count(one.at, one.queue, one.channel, "cust_abandoned", -1, counts)
    if one.recovered is not None:
        _count(one.at, one.queue, one.channel, f"recovered.{one.recovered}", -1, counts)
    if one.returned is not None:
        _count(one.at, one.queue, one.channel, f"returned.{one.returned}", -1, counts)
    state.away.pop(leg, None)


def _recover(state: Customer, time: int, counts: list[Count]) -> None:
    """The customer spoke to somebody: whatever was lost before is recovered now."""
    for leg, one in state.lost.items():
        one.recovered = -(-(time - one.at) // MINUTE_MS)
        _count(one.at, one.queue, one.channel, f"recovered.{one.recovered}", 1, counts)
        _remember(state.recovered, leg, one)
    state.lost.clear()


def _remember(things: dict[str, Any], name: str, thing: Any) -> None:
    """Put the newest last, and forget the oldest beyond KEPT."""
    things[name] = thing
    if len(things) > KEPT:
        del things[next(iter(things))]


def _forget(state: Customer, now: int) -> None:
    """Drop what is too old to matter at `now`; the oldest stand first everywhere."""
    for contacts, keep in ((state.active, ACTIVE_MS), (state.over, OVER_MS)):
        while contacts and contacts[first := next(iter(contacts))] < now - keep:
            del contacts[first]
    for abandonments in (state.lost, state.recovered):
        while abandonments and abandonments[first := next(iter(abandonments))].at < now - LOST_MS:
            del abandonments[first]


def _channel(fact: Fact) -> str:
    return fact.channel or "voice"


def _count(time: int, queue: str, channel: str, field: str, n: int, counts: list[Count]) -> None:
    counts.append((time - time % PANE_MS, queue, channel, field, n))
