"""Lines for people: contacts and cases looked up in Redis by name, told without anything about their customers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from redis.asyncio import Redis

from board.config import FloorFile
from board.evidence.explainer import Line
from board.evidence.read import SLICE
from board.pieces import prefix_of
from kpi.case import Case
from kpi.contact import Contact
from kpi.evidence.lines import (
    ContactLine,
    customer_key,
    line_of,
    line_of_case,
    link_of,
    native_id,
)
from kpi.evidence.pieces import Piece, Told, records_of, tell
from kpi.keys import CONTACT_TOPICS, live_member, records_key
from kpi.leg import Leg

Place = tuple[str, str]


class Lines:
    """Makes lines for one queue and channel at an instant."""

    def __init__(
        self, redis: Redis, namespace: str, config: FloorFile, place: Place, now_ms: int, partitions: Iterable[str]
    ) -> None:
        self._redis, self._namespace, self._config = redis, namespace, config
        self._place, self._now_ms = place, now_ms
        self._contacts = [name for name in partitions if name.rpartition("/")[0] in CONTACT_TOPICS]
        self._cases = [name for name in self._contacts if name.startswith("cases.events/")]
        self._customers = [name for name in partitions if name.startswith("customers.events/")]

    async def of_members(self, members: Sequence[str], *, is_case: bool = False) -> list[ContactLine]:
        """The lines of members of a live set, in their order; one whose record is gone has its ids alone."""
        told = await self.told(members, is_case=is_case)
        return [self._of_member(member, told.get(member), is_case=is_case) for member in members]

    async def told(self, members: Sequence[str], *, is_case: bool = False) -> dict[str, Told]:
        """Member -> its record."""
        names = {member: records_of(member, is_case=is_case) for member in members}
        records = await self._records(
            [name for some in names.values() for name in some], self._cases if is_case else self._contacts
        )
        found: dict[str, Told] = {}
        for member, some in names.items():
            known = [records[name] for name in some if name in records]
            mine = next((each for each in known if is_case or _leg_of(each, member) is not None), None)
            if mine is not None or known:
                found[member] = mine or known[0]
        return found

    async def customers(self, keys: Iterable[str]) -> dict[str, Told]:
        """The records of customers, to see what became of those who gave up."""
        records = await self._records([f"u:{key}" for key in keys], self._customers)
        return {told.name: told for told in records.values()}

    async def of_pieces(self, lines: Sequence[Line], natives: Mapping[str, str]) -> list[ContactLine]:
        """The lines of pieces of evidence, in their order."""
        cases = [piece.contact for piece, _ in lines if piece.record.startswith("k:")]
        told = await self.told(cases, is_case=True) if cases else {}
        of_customers = [live_member(piece.contact, "") for piece, _ in lines if piece.record.startswith("u:")]
        told |= await self.told(of_customers) if of_customers else {}
        return [self._of_piece(piece, told, natives) for piece, _ in lines]

    def _of_piece(self, piece: Piece, told: Mapping[str, Told], natives: Mapping[str, str]) -> ContactLine:
        if piece.record.startswith("k:"):
            return self._of_member(piece.contact, told.get(piece.contact), is_case=True)
        if piece.record.startswith("u:"):
            known = told.get(live_member(piece.contact, ""))
            legs = [] if known is None else [leg for leg in known.state.legs.values() if self._is_here(leg)]
            native = "" if known is None else native_id(known.facts)
            return self._line(piece.contact, legs[-1] if legs else None, native)
        return self._line(piece.contact, piece.leg, natives.get(piece.record, ""))

    def _of_member(self, member: str, told: Told | None, *, is_case: bool) -> ContactLine:
        if told is None:
            contact = member if is_case else (member.rpartition("|")[0] or member)
            line = ContactLine(
                contact,
                None if is_case else (member.rpartition("|")[2] if "|" in member else None),
                kind="case" if is_case else "contact",
                native_id=contact,
                channel=self._place[1],
            )
            return self._finished(line)
        native = native_id(told.facts)
        if isinstance(told.state, Case):
            return self._finished(line_of_case(told.name, told.state, native))
        leg = _leg_of(told, member)
        if leg is None and isinstance(told.state, Contact):
            leg = next((each for each in reversed(told.state.legs.values()) if self._is_here(each)), None)
        return self._line(told.name, leg, native)

    def _line(self, contact: str, leg: Leg | None, native: str) -> ContactLine:
        return self._finished(line_of(contact, leg, self._now_ms, native, self._place[1]))

    def _is_here(self, leg: Leg) -> bool:
        return (leg.queue, leg.channel) == self._place

    def _finished(self, line: ContactLine) -> ContactLine:
        """The line with its link, and its agent's name."""
        floor = self._config.floor
        name = None if line.agent is None else floor.agent(line.agent).name
        link = link_of(floor.links, line, self._place[0])
        return msgspec.structs.replace(line, link=link, agent_name=name)

    async def _records(self, names: Sequence[str], partitions: Sequence[str]) -> dict[str, Told]:
        """Those of the records that exist, wherever they stand."""
        found: dict[str, Told] = {}
        wanted = list(dict.fromkeys(names))
        for first in range(0, len(wanted) if partitions else 0, SLICE):
            some = wanted[first : first + SLICE]
            calls = self._redis.pipeline(transaction=False)
            for partition in partitions:
                calls.hmget(records_key(prefix_of(self._namespace, partition)), some)
            answers: list[Any] = await calls.execute()
            blobs = {
                name: blob for answer in answers for name, blob in zip(some, answer, strict=True) if blob is not None
            }
            found |= await asyncio.to_thread(_tell_all, blobs)
        return found


def _tell_all(blobs: Mapping[str, bytes]) -> dict[str, Told]:
    found = {}
    for name, blob in blobs.items():
        try:
            found[name] = tell(name, blob)
        except msgspec.MsgspecError:
            continue
    return found


def _leg_of(told: Told, member: str) -> Leg | None:
    """The leg that a member of a live set means."""
    if not isinstance(told.state, Contact):
        return None
    return next((leg for leg in told.state.legs.values() if live_member(told.name, leg.id) == member), None)


def returned_of(told: Mapping[str, Told], customers: Mapping[str, Told]) -> dict[str, bool]:
    """Member of `lost` -> whether its customer came again since, answered or not; left out when nobody can say."""
    found = {}
    for member, record in told.items():
        key = customer_key(record.facts)
        known = None if key is None else customers.get(key)
        if known is not None:
            one = known.state.lost.get(member) or known.state.recovered.get(member)
            found[member] = one is not None and one.returned is not None
    return found
