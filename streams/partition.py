"""One partition in the worker's memory: a cache of Redis, dropped on any conflict.

`take` is where a chunk meets the records: each fact is judged by the watermark at its own offset, so the
result does not depend on how the log was cut into chunks.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from kpi.cold import freeze, thaw
from kpi.facts import Fact
from kpi.keys import NO_QUEUE, live_suffix
from kpi.kinds import KINDS
from kpi.record import Record, Verdict
from streams.decode import Decoded, Rejected
from streams.difference import Difference
from streams.store import Position

# Per partition; what is evicted is read back from Redis when its next event comes.
RECORDS_CACHED = 2_500


class DeadLetter(NamedTuple):
    """A refused record: where it stood in the log, and why."""

    offset: int
    reason: str
    detail: str


class Taken(NamedTuple):
    """What a chunk came to, before it is committed. `newest`: the newest event time (ms) by source.

    `late`: how many facts were applied though they are older than the watermark.
    """

    difference: Difference
    dead_letters: list[DeadLetter]
    watermark: int
    tick: int
    newest: dict[str, int]
    late: int = 0


class Partition:
    """The state of one partition as of its position. Times in ms; `lateness`: how old a fact may be.

    `sources`: the newest event time of each source system.
    """

    def __init__(
        self,
        prefix: str,
        position: Position,
        lateness: int,
        keeps_all: bool,
        sources: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.prefix, self.position = prefix, position
        self._sources = dict(sources)
        self.records: dict[str, Record] = {}
        self._lateness, self._keeps_all = lateness, keeps_all
        self._known_panes: set[str] = set()
        # What was written plain since it is in memory.
        self._warm: set[str] = set()

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Those record keys that are not in memory, once each."""
        return [key for key in dict.fromkeys(keys) if key not in self.records]

    def remember(self, keys: Iterable[str], blobs: dict[str, bytes]) -> None:
        """Take records from Redis into memory; a key without a blob is a record nobody knows yet."""
        for key in keys:
            blob = blobs.get(key)
            self.records[key] = Record(key) if blob is None else Record.unpack(key, thaw(blob))

    def take(self, offsets: Sequence[int], chunk: Sequence[Decoded | Rejected], due: list[str]) -> Taken:
        """Merge a chunk, whose records are all in memory, and say what it changes."""
        difference = Difference(self._keeps_all)
        ledger, dead_letters = difference.ledger, []
        watermark, tick, late = self.position.watermark, self.position.tick, 0
        touched: dict[str, Record] = {}
        newest: dict[str, int] = {}
        for offset, one in zip(offsets, chunk, strict=True):
            if isinstance(one, Rejected):
                ledger["dead_lettered"] += 1
                ledger[f"reason:{one.reason}"] += 1
                dead_letters.append(DeadLetter(offset, one.reason, one.detail))
                continue
            if one.is_tick:
                ledger["ticks"] += 1
                tick = max(tick, one.time)
            elif one.is_copy:
                # A copy is judged, and ledgered, where its original is; here it is only late, or known, or news.
                ledger["copies"] += 1
                if one.time < watermark - self._lateness:
                    continue
                if one.fact is not None and one.key is not None:
                    self._add(one.key, one.fact, watermark, touched, difference)
            elif one.time < watermark - self._lateness:
                ledger["late_dropped"] += 1
                ledger["reason:late"] += 1
                continue
            elif one.fact is None or one.key is None:
                ledger["applied"] += 1
                ledger["reason:unknown_type"] += 1
            else:
                verdict = self._add(one.key, one.fact, watermark, touched, difference)
                ledger[verdict] += 1
                if verdict == "late_dropped":
                    ledger["reason:folded"] += 1
                    continue
                late += verdict == "applied" and one.time < watermark
                newest[one.source] = max(newest.get(one.source, 0), one.time)
            watermark = max(watermark, one.time)
        self._settle(touched, difference)
        self._tell_sources(newest, difference)
        self._sweep(due, touched, watermark, difference)
        self._warm.update(touched)
        self._freeze(touched, difference)
        difference.roll_up(watermark, self._known_panes)
        return Taken(difference, dead_letters, watermark, tick, newest, late)

    def advance(self, new_next: int, taken: Taken, first: int) -> None:
        """The chunk is committed: this memory is what Redis holds, as of the new position."""
        for name, at in taken.newest.items():
            self._sources[name] = max(self._sources.get(name, 0), at)
        self.position = Position(new_next, self.position.epoch, taken.watermark, taken.tick, first)
        for key in taken.difference.records_gone:
            self.records.pop(key, None)
            self._warm.discard(key)
        for suffix in taken.difference.panes_gone:
            self._known_panes.discard(suffix)
        for key in self._leaving():
            del self.records[key]

    def _leaving(self) -> list[str]:
        """The records that memory has no room for: the oldest go first; `take` moves what it touches to the end."""
        return list(islice(self.records, max(len(self.records) - RECORDS_CACHED, 0)))

    def _freeze(self, touched: dict[str, Record], difference: Difference) -> None:
        """What leaves the memory and is over will hardly be asked for again: it is written once more, small."""
        for key in self._leaving():
            record = self.records[key]
            if key not in touched and key in self._warm and not record.is_open:
                difference.records[key] = freeze(record.pack())
            self._warm.discard(key)

    def _add(self, key: str, fact: Fact, watermark: int, touched: dict[str, Record], difference: Difference) -> Verdict:
        record = self.records.pop(key)
        if record.is_absent(watermark):
            # Past its horizon: what it counted stays, and this is a new story under an old name.
            self._settle_one(record, difference)
            difference.drop_lives(record.live)
            record = Record(key)
            touched[key] = record
        self.records[key] = record
        verdict = record.add(fact)
        if verdict in ("applied", "conflict"):
            touched[key] = record
        return verdict

    def _tell_sources(self, newest: dict[str, int], difference: Difference) -> None:
        """The newest event time of each source, which never goes back."""
        news = {name: at for name, at in newest.items() if at > self._sources.get(name, 0)}
        if news:
            difference.lives[live_suffix("source", NO_QUEUE, NO_QUEUE)] = dict(news)

    def _settle(self, touched: dict[str, Record], difference: Difference) -> None:
        for key, record in touched.items():
            new = not record.was_stored
            self._settle_one(record, difference)
            difference.records[key] = record.pack()
            if new:
                difference.expiry[f"r:{key}"] = record.newest + record.kind.horizon_ms
                record.was_stored = True

    @staticmethod
    def _settle_one(record: Record, difference: Difference) -> None:
        counts, gained, lost = record.settle()
        difference.counts += counts
        difference.change_lives(gained, lost)

    def _sweep(self, due: list[str], touched: dict[str, Record], watermark: int, difference: Difference) -> None:
        """Forget a bounded number of panes and records that are past their time by the watermark."""
        for member in due:
            kind, _, name = member.partition(":")
            if kind == "p":
                difference.panes_gone.append(name)
                difference.expiry[member] = False
                continue
            record = touched.get(name) or self.records[name]
            expires = record.expires_at
            if expires is not None and expires < watermark and name not in touched:
                difference.records_gone.append(name)
                difference.drop_lives(record.live)
                difference.expiry[member] = False
            else:
                difference.expiry[member] = watermark + KINDS[name[0]].horizon_ms if expires is None else expires


def due_records(due: Iterable[str]) -> list[str]:
    """The record keys among due entries of the expiry index."""
    return [member[2:] for member in due if member.startswith("r:")]
