"""The contacts behind a number: what each of them counted in a window, so that the sum over all is the number.

What stands in the panes is the sum of the counts of all records, and a record's counts are told again from its facts
(`Kind.fold`). So the counts of one record that lie in the panes of a window are its part of that window. A contact is
taken apart by legs, for all counts are of legs; what is said of it as a whole goes with its last one.

What cannot be told again is what folded into a base: the turns of a long chat, and the doings of a customer of more
than 64 facts; and what a record counted that was past its horizon when its name began a new story. Then the sum is
smaller than the number, and whoever asks can say by how much.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from kpi.chat import chat_counts
from kpi.cold import thaw
from kpi.contact import Contact
from kpi.customer import Customer
from kpi.facts import LEFT_QUEUE, Count, Fact
from kpi.keys import live_member
from kpi.kinds import KINDS
from kpi.leg import Leg
from kpi.leg_counts import count_all
from kpi.panes import COARSE_MS, WindowPanes, pane_start
from kpi.record import opened
from kpi.thread import Thread

Fields = dict[str, int]
Place = tuple[str, str]
"""Queue and channel."""


class Told(NamedTuple):
    """A record, told again. `is_folded`: some of its facts are gone into a base, and their counts with them."""

    key: str
    state: Any
    counts: list[Count]
    facts: list[Fact]
    is_folded: bool

    @property
    def name(self) -> str:
        """The id of the contact, case or customer."""
        return self.key.partition(":")[2]

    @property
    def newest_ms(self) -> int:
        """When its last fact was, ms UTC; 0 without any."""
        return self.facts[-1].time if self.facts else 0


class Piece(NamedTuple):
    """One line of evidence: a leg, or what is said of a contact without one, and what it counted in a window.

    `record` is the record's key; `contact` is the contact's or the case's id, "" when it is not known. `fields` are
    pane fields of the event basis, lengths of the queue (`net.`) left out.
    """

    record: str
    contact: str
    leg: Leg | None
    fields: Fields

    @property
    def joined_ms(self) -> int:
        """When the leg joined, 0 without one."""
        return 0 if self.leg is None else self.leg.joined

    @property
    def waits(self) -> bool:
        """Whether it waits now, as the live set `waiting` has it."""
        return self.leg is not None and self.leg.waiting and not self.leg.is_outbound

    @property
    def member(self) -> str:
        """How the leg stands in live sets."""
        return live_member(self.contact, "" if self.leg is None else self.leg.id)

    def waited_at(self, at_ms: int) -> int:
        """1 when it was in the queue just before an instant, by joins minus leaves."""
        leg = self.leg
        if leg is None or leg.is_outbound:
            return 0
        return (leg.joined < at_ms) - (leg.outcome is not None and leg.left < at_ms)


def records_of(member: str, *, is_case: bool = False) -> list[str]:
    """The keys of the records that a member of a live set may belong to: ids may hold a bar themselves."""
    if is_case:
        return [f"k:{member}"]
    return [f"c:{member[:place]}" for place, sign in enumerate(member) if sign == "|"] or [f"c:{member}"]


def mentions(blob: bytes, queue: str) -> bool:
    """Whether a record may have anything to do with a queue: False is sure, and far cheaper than telling it."""
    return queue.encode() in thaw(blob)


def tell(key: str, blob: bytes) -> Told:
    """A stored record, told again from its first fact. msgspec.MsgspecError when it is none."""
    kind = KINDS[key.partition(":")[0]]
    _, packed, facts = opened(thaw(blob))
    base = None if packed is None or kind.folding is None else msgspec.msgpack.decode(packed, type=kind.folding.base)
    state, counts = kind.fold(base, facts)
    if isinstance(base, Thread):
        # What the folded messages say of the chat as a whole is kept with them; the fold tells only what changed since.
        counts += chat_counts((), base)
    return Told(key, state, counts, facts, base is not None)


def is_in(panes: WindowPanes, start_ms: int) -> bool:
    """Whether a 10 s pane is in a window, by itself or within one of its 15 min panes."""
    return start_ms in panes.fine or pane_start(start_ms, COARSE_MS) in panes.coarse


def bounds(panes: WindowPanes) -> tuple[int, int]:
    """Where a window begins and ends, ms UTC."""
    return (panes.coarse.start if panes.coarse else panes.fine.start), panes.fine.stop


def contribution(counts: Iterable[Count], place: Place, panes: WindowPanes) -> Fields:
    """What of these counts stands in a queue and channel, in the panes of a window: fields as the board sums them."""
    found: Fields = {}
    for start, queue, channel, field, n in counts:
        if (queue, channel) == place and field[0] not in "@~" and field[:4] != "net." and is_in(panes, start):
            found[field] = found.get(field, 0) + n
    return {field: n for field, n in found.items() if n}


def pieces(told: Told, place: Place, panes: WindowPanes) -> list[Piece]:
    """What one record has to do with a window of a queue: what it counted there, and who was in the queue meanwhile."""
    fields = contribution(told.counts, place, panes)
    if isinstance(told.state, Customer):
        return _of_customer(told, place, panes) if fields else []
    if not isinstance(told.state, Contact):
        return [Piece(told.key, told.name, None, fields)] if fields else []
    legs = [leg for leg in told.state.legs.values() if (leg.queue, leg.channel) == place]
    if not legs:
        return [Piece(told.key, told.name, None, fields)] if fields else []
    found = [Piece(told.key, told.name, leg, part) for leg, part in _by_leg(legs, fields, place, panes)]
    return [piece for piece in found if piece.fields or _was_there(piece, panes)]


def _by_leg(legs: list[Leg], fields: Fields, place: Place, panes: WindowPanes) -> list[tuple[Leg, Fields]]:
    """What each leg counted; the rest, which is of the contact as a whole, goes with the last one."""
    if len(legs) == 1:
        return [(legs[0], fields)]
    found, rest = [], dict(fields)
    for leg in legs[:-1]:
        counts: list[Count] = []
        count_all(leg, 1, counts)
        mine = contribution(counts, place, panes)
        for field, n in mine.items():
            rest[field] = rest.get(field, 0) - n
        found.append((leg, mine))
    return [*found, (legs[-1], {field: n for field, n in rest.items() if n})]


def _was_there(piece: Piece, panes: WindowPanes) -> bool:
    leg = piece.leg
    if leg is None or leg.is_outbound:
        return False
    begin, end = bounds(panes)
    return leg.waiting or (leg.joined < end and leg.left >= begin)


def _of_customer(told: Told, place: Place, panes: WindowPanes) -> list[Piece]:
    """A customer's counts under the contacts that they are about; whose they are is nobody's business.

    Abandonments stand in the pane in which a contact was lost, arrivals in that of its first fact.
    """
    lost: dict[int, str] = {}
    first: dict[int, str] = {}
    seen: set[str] = set()
    for fact in told.facts:
        contact, start = (fact.leg or "").partition("|")[0], fact.time - fact.time % 10_000
        if fact.rank == LEFT_QUEUE and fact.what == "abandoned" and fact.queue == place[0]:
            lost.setdefault(start, contact)
        if contact not in seen:
            seen.add(contact)
            first.setdefault(start, contact)
    parts: dict[str, list[Count]] = {}
    for count in told.counts:
        about = first if count[3] == "cust_arrived" or count[3].startswith("repeat.") else lost
        parts.setdefault(about.get(count[0], ""), []).append(count)
    found = [Piece(told.key, contact, None, contribution(counts, place, panes)) for contact, counts in parts.items()]
    return [piece for piece in found if piece.fields]


def total_of(found: Iterable[Piece]) -> Fields:
    """The fields of all pieces together; what comes to nothing is left out."""
    total: Fields = {}
    for piece in found:
        for field, n in piece.fields.items():
            total[field] = total.get(field, 0) + n
    return {field: n for field, n in total.items() if n}
