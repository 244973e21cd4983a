"""A record: the set of facts known of one contact, case, agent, customer or source, and what they tell.

`add` is where a duplicate changes nothing, a conflict is decided by the smaller bytes, and a fact that
sorts after all known ones costs one `step`. A fact that belongs earlier only marks the record: `settle`
folds it once per chunk, and the difference is effect(new) - effect(old). It is the same `step` both ways.
"""

from bisect import insort
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple

import msgspec

from kpi import case, contact
from kpi.facts import MESSAGE, Count, Fact, Memberships, canonical

DAY_MS = 86_400_000
MESSAGE_FOLD_MS = 600_000
AGENT_FOLD_MS = 3_600_000

Verdict = Literal["applied", "duplicate", "conflict", "late_dropped"]


class Kind(NamedTuple):
    """What a kind of record does with its facts. Times in ms.

    `horizon_ms`: how long after its newest fact a record that is not open still counts as there.
    `fold_ms`: facts older than the record's newest by more than this are folded and refused from then on.
    `folds`: the rank of the facts that fold, or None for all of them.
    """

    new: Callable[[], Any]
    step: Callable[[Any, Fact], tuple[Any, list[Count]]]
    fold: Callable[[Iterable[Fact]], tuple[Any, list[Count]]]
    memberships: Callable[[str, Any], Memberships]
    is_open: Callable[[Any], bool]
    horizon_ms: int
    fold_ms: int | None = None
    folds: int | None = None


def _keeps(state: None, fact: Fact) -> tuple[None, list[Count]]:
    return None, []


def _folds_to_nothing(facts: Iterable[Fact]) -> tuple[None, list[Count]]:
    return None, []


def _facts_only(horizon_ms: int, fold_ms: int) -> Kind:
    """Facts that are kept, once each, and count nothing by themselves."""
    return Kind(
        lambda: None, _keeps, _folds_to_nothing, lambda name, state: {}, lambda state: False, horizon_ms, fold_ms
    )


KINDS: dict[str, Kind] = {
    "c": Kind(
        contact.Contact, contact.step, contact.fold, contact.memberships, lambda state: state.is_open,
        7 * DAY_MS, MESSAGE_FOLD_MS, MESSAGE,
    ),
    "k": Kind(case.Case, case.step, case.fold, case.memberships, lambda state: state.is_open, 35 * DAY_MS),
    "a": _facts_only(8 * DAY_MS, AGENT_FOLD_MS),
    "f": _facts_only(8 * DAY_MS, AGENT_FOLD_MS),
}  # fmt: skip


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[int, list[Fact]])


class Record:
    """The facts of one record, its state, and what changed since it was last committed.

    `key` is kind and id: ``c:<contact>``, ``k:<case>``, ``a:<agent>``, ``f:<queue or source>``.
    """

    __slots__ = (
        "_by_id",
        "_committed",
        "_live",
        "_packed",
        "_refold",
        "counts",
        "facts",
        "key",
        "kind",
        "name",
        "newest",
        "state",
        "was_stored",
    )

    def __init__(self, key: str, facts: Iterable[Fact] = (), newest: int = 0) -> None:
        self.key = key
        prefix, _, self.name = key.partition(":")
        self.kind = KINDS[prefix]
        self.facts: list[Fact] = list(facts)
        self._by_id = {fact.id: fact for fact in self.facts}
        # A fact is packed once, however often its record is written.
        self._packed = {fact.id: msgspec.Raw(_encoder.encode(fact)) for fact in self.facts}
        self.newest = newest
        self.was_stored = bool(newest)
        self.state, _ = self.kind.fold(self.facts)
        self.counts: list[Count] = []
        self._committed: list[Fact] | None = None
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
        if not self.facts or self.newest + self.kind.horizon_ms >= watermark:
            return False
        self._tell()
        return not self.is_open

    def add(self, fact: Fact) -> Verdict:
        """Take one fact in, and say what became of it."""
        kind = self.kind
        folding = kind.fold_ms is not None and (kind.folds is None or kind.folds == fact.rank)
        if folding and fact.time < self.newest - (kind.fold_ms or 0):
            return "late_dropped"
        known = self._by_id.get(fact.id)
        if known is not None:
            if known == fact:
                return "duplicate"
            if canonical(fact) < canonical(known):
                self._replace(known, fact)
            return "conflict"
        self._before_change()
        self._by_id[fact.id] = fact
        self._packed[fact.id] = msgspec.Raw(_encoder.encode(fact))
        if not self.facts or self.facts[-1] < fact:
            self.facts.append(fact)
            if not self._refold:
                self.state, counts = kind.step(self.state, fact)
                self.counts += counts
        else:
            insort(self.facts, fact)
            self._refold = True
        if fact.time > self.newest:
            self.newest = fact.time
            if kind.fold_ms is not None:
                self._forget(fact.time - kind.fold_ms)
        return "applied"

    def settle(self) -> tuple[list[Count], Memberships, Memberships]:
        """What to commit: counts, memberships gained or moved, memberships lost. Then nothing is open."""
        if self._refold:
            _, old = self.kind.fold(self._committed or ())
            self.state, new = self.kind.fold(self.facts)
            self.counts = new + [(*count[:4], -count[4]) for count in old]
        counts, before = self.counts, self._live
        after = self.kind.memberships(self.name, self.state)
        gained = {key: score for key, score in after.items() if before.get(key) != score}
        lost = {key: score for key, score in before.items() if key not in after}
        self.counts, self._committed, self._refold, self._live = [], None, False, after
        return counts, gained, lost

    def pack(self) -> bytes:
        """The record as it stands in Redis."""
        packed = self._packed
        return _encoder.encode((self.newest, [packed[fact.id] for fact in self.facts]))

    @classmethod
    def unpack(cls, key: str, blob: bytes) -> "Record":
        """The record a blob holds."""
        newest, facts = _decoder.decode(blob)
        return cls(key, facts, newest)

    def _before_change(self) -> None:
        if self._committed is None:
            self._committed = self.facts.copy()

    def _replace(self, known: Fact, fact: Fact) -> None:
        self._before_change()
        self.facts.remove(known)
        insort(self.facts, fact)
        self._by_id[fact.id] = fact
        self._packed[fact.id] = msgspec.Raw(_encoder.encode(fact))
        self.newest = max(self.newest, fact.time)
        self._refold = True

    def _tell(self) -> None:
        """Bring the state up to date when a fact came out of order; the counts wait for `settle`."""
        if self._refold:
            self.state, _ = self.kind.fold(self.facts)

    def _forget(self, point: int) -> None:
        """Drop folded facts: they count nothing any more, and their like is refused from now on."""
        folds = self.kind.folds
        if self.facts[0].time >= point:
            return
        self.facts = [fact for fact in self.facts if fact.time >= point or (folds is not None and fact.rank != folds)]
        if len(self.facts) < len(self._by_id):
            self._by_id = {fact.id: fact for fact in self.facts}
            self._packed = {id: self._packed[id] for id in self._by_id}
