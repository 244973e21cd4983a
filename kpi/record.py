"""A record: the set of facts known of one contact, case, agent, customer or source, and what they tell.

`add` is where a duplicate changes nothing, a conflict is decided by the smaller bytes, and a fact that
sorts after all known ones costs one `step`. A fact that belongs earlier only marks the record: `settle`
folds it once per chunk, and the difference is effect(new) - effect(old). It is the same `step` both ways.
Facts that `kpi.kinds` lets fold are put into a base, some at a time, once none before them can come any more.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from kpi.facts import ENDED, LEFT_QUEUE, Count, Fact, Memberships, canonical
from kpi.kinds import KINDS

# Folding is put off until so many facts have come: what a record says is the same before and after.
FOLD_AT_LEAST = 64
LOST = "lost_unknown"
_ENDS = frozenset({LEFT_QUEUE, ENDED})

Verdict = Literal["applied", "duplicate", "conflict", "late_dropped"]

_encode = msgspec.msgpack.Encoder().encode
_Raw = msgspec.Raw
_decoder = msgspec.msgpack.Decoder(tuple[int, bytes | None, list[Fact]])


class Record:
    """The facts of one record, its state, and what changed since it was last committed.

    `key` is kind and id: ``c:<contact>``, ``k:<case>``, ``a:<agent>``, ``u:<customer>``, ``f:<queue or source>``.
    `base` is what folded facts told, None as long as none did.
    """

    __slots__ = (
        "_base_packed",
        "_by_id",
        "_committed",
        "_fold_at",
        "_live",
        "_packed",
        "_refold",
        "_stored",
        "base",
        "counts",
        "facts",
        "key",
        "kind",
        "name",
        "newest",
        "state",
        "was_stored",
    )

    def __init__(self, key: str, facts: Iterable[Fact] = (), newest: int = 0, base_packed: bytes | None = None) -> None:
        self.key = key
        prefix, _, self.name = key.partition(":")
        self.kind = KINDS[prefix]
        self._base_packed = base_packed
        self.base: Any = None
        if base_packed is not None and self.kind.folding is not None:
            self.base = msgspec.msgpack.decode(base_packed, type=self.kind.folding.base)
        self.facts: list[Fact] = list(facts)
        self._by_id = {fact.id: fact for fact in self.facts}
        # A fact is packed once, however often its record is written; these stand in the order of the facts.
        self._packed = [_Raw(_encode(fact)) for fact in self.facts]
        self.newest = newest
        self.was_stored = bool(newest)
        self._fold_at = FOLD_AT_LEAST
        self.state, _ = self.kind.fold(self.base, self.facts)
        self.counts: list[Count] = []
        self._committed: list[Fact] = []
        self._stored = len(self.facts)
        self._refold = False
        self._live = self.kind.memberships(self.name, self.state)

    @property
    def is_open(self) -> bool:
        """True while the record must stay, however old it is."""
        return self.kind.is_open(self.state)

    @property
    def expires_at(self) -> int | None:
        """The watermark (ms) beyond which the record counts as absent; None while it is open."""
        return None if self.is_open else self.newest + self.kind.horizon_ms

    def is_absent(self, watermark: int) -> bool:
        """True when nothing is known any more: older than its horizon by the watermark, and not open."""
        if not self.newest or self.newest + self.kind.horizon_ms >= watermark:
            return False
        self._tell()
        return not self.is_open

    def add(self, fact: Fact) -> Verdict:
        """Take one fact in, and say what became of it."""
        kind = self.kind
        # Whose time is the newest is not folded, and most are.
        if fact.time < self.newest and self._is_folded(fact):
            return "late_dropped"
        known = self._by_id.get(fact.id)
        # Of what is folded by now no id is known, whether or not it stands among the facts still.
        if known is not None and not self._is_folded(known):
            if known == fact:
                return "duplicate"
            if canonical(fact) < canonical(known):
                self._replace(known, fact)
            return "conflict"
        self._by_id[fact.id] = fact
        facts = self.facts
        if not facts or facts[-1] < fact:
            facts.append(fact)
            self._packed.append(_Raw(_encode(fact)))
            if not self._refold:
                self.state, counts = kind.step(self.state, fact)
                self.counts += counts
        else:
            self._insert(fact)
        if fact.time > self.newest and not (fact.what == LOST and fact.rank in _ENDS and self.newest):
            # What the reaper tells lies ahead of what a source still has to tell: it makes nothing old.
            self.newest = fact.time
        return "applied"

    def settle(self) -> tuple[list[Count], Memberships, Memberships]:
        """What to commit: counts, memberships gained or moved, memberships lost. Then nothing is open."""
        if self._refold:
            _, old = self.kind.fold(self.base, self._committed)
            self.state, new = self.kind.fold(self.base, self.facts)
            self.counts = new + [(*count[:4], -count[4]) for count in old]
        counts, before = self.counts, self._live
        after = self.kind.memberships(self.name, self.state)
        gained = {key: score for key, score in after.items() if before.get(key) != score}
        lost = {key: score for key, score in before.items() if key not in after}
        self.counts, self._committed, self._refold, self._live = [], [], False, after
        if len(self.facts) > self._fold_at:
            self._forget()
        self._stored = len(self.facts)
        return counts, gained, lost

    @property
    def live(self) -> Memberships:
        """The memberships as of the last `settle`."""
        return self._live

    def pack(self) -> bytes:
        """The record as it stands in Redis."""
        return _encode((self.newest, self._base_packed, self._packed))

    @classmethod
    def unpack(cls, key: str, blob: bytes) -> "Record":
        """The record a blob holds."""
        newest, base, facts = _decoder.decode(blob)
        return cls(key, facts, newest, base)

    def _is_folded(self, fact: Fact) -> bool:
        """Whether a fact lies before the point up to which its like is folded."""
        folding = self.kind.folding
        if folding is None or (folding.rank is not None and folding.rank != fact.rank):
            return False
        return fact.time < self.newest - folding.after_ms

    def _insert(self, fact: Fact) -> None:
        """Put a fact where it belongs, between others: the story has to be told anew."""
        if not self._refold:
            # Until now facts were only added at the end.
            self._committed, self._refold = self.facts[: self._stored], True
        place = bisect_left(self.facts, fact)
        self.facts.insert(place, fact)
        self._packed.insert(place, _Raw(_encode(fact)))

    def _replace(self, known: Fact, fact: Fact) -> None:
        place = self.facts.index(known)
        if not self._refold:
            self._committed, self._refold = self.facts[: self._stored], True
        del self.facts[place], self._packed[place]
        self._insert(fact)
        self._by_id[fact.id] = fact
        if not (fact.what == LOST and fact.rank in _ENDS):
            self.newest = max(self.newest, fact.time)

    def _tell(self) -> None:
        """Bring the state up to date when a fact came out of order; the counts wait for `settle`."""
        if self._refold:
            self.state, _ = self.kind.fold(self.base, self.facts)

    def _forget(self) -> None:
        """Put into the base what folds by now. Nothing before it can come any more: its like is refused."""
        folding = self.kind.folding
        if folding is not None:
            point, rank = self.newest - folding.after_ms, folding.rank
            stays: list[Fact] = []
            packed: list[msgspec.Raw] = []
            for fact, raw in zip(self.facts, self._packed, strict=True):
                if fact.time < point and (rank is None or rank == fact.rank):
                    self.base = folding.take(folding.base() if self.base is None else self.base, fact)
                else:
                    stays.append(fact)
                    packed.append(raw)
            if len(stays) < len(self.facts):
                self._base_packed = _encode(self.base)
                self.facts, self._packed = stays, packed
                self._by_id = {fact.id: fact for fact in stays}
        self._fold_at = len(self.facts) + FOLD_AT_LEAST


def opened(blob: bytes) -> tuple[int, bytes | None, list[Fact]]:
    """What `Record.pack` wrote: newest time (ms), packed base, facts. For those who read a record and add nothing."""
    return _decoder.decode(blob)
