"""What the workers' own code makes of a log, summed up outside of Redis, as `verify` would read it there."""

import random
from collections import defaultdict
from collections.abc import Sequence

from floorpulse.report_read import Position as StoredPosition
from floorpulse.verify import Stored, fact_ids
from kpi.keys import live_suffix
from streams.decode import Decoded, Limits, Rejected, decode
from streams.partition import Partition
from streams.store import Position
from tests.streams.made_up import Record

SOURCE_SET = live_suffix("source", "", "")


class Streamed:
    """A partition counted in chunks by workers that now and then forget everything but what is stored."""

    def __init__(self, topic: str, lateness: int, keeps_all: bool, chance: random.Random) -> None:
        self.topic, self.lateness, self.keeps_all, self.chance = topic, lateness, keeps_all, chance
        self.panes: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.live: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self.ledger: defaultdict[str, int] = defaultdict(int)
        self.blobs: dict[str, bytes] = {}
        self.partition = self._begun(Position(None, 1, 0, 0, 0))

    def take_all(self, log: Sequence[Record], limits: Limits) -> None:
        """Count a whole log."""
        start = 0
        while start < len(log):
            records = log[start : start + self.chance.choice([1, 3, 50])]
            chunk: list[Decoded | Rejected] = []
            for record in records:
                try:
                    chunk.append(decode(record.value, self.topic, 2**52, limits))
                except Rejected as rejected:
                    chunk.append(rejected)
            if self.chance.random() < 0.3:
                self.partition = self._begun(self.partition.position)
            self._take(start, chunk)
            start += len(records)

    def _begun(self, position: Position) -> Partition:
        return Partition("P", position, self.lateness, self.keeps_all, self.live.get(SOURCE_SET, {}))

    def _take(self, start: int, chunk: list[Decoded | Rejected]) -> None:
        names = [one.key for one in chunk if isinstance(one, Decoded) and one.key]
        self.partition.remember(self.partition.missing(names), self.blobs)
        taken = self.partition.take(range(start, start + len(chunk)), chunk, [])
        for suffix, fields in taken.difference.panes.items():
            for name, count in fields.items():
                self.panes[suffix][name] += count
        for suffix, members in taken.difference.lives.items():
            for member, score in members.items():
                self.live[suffix].pop(member, None)
                if score is not False:
                    self.live[suffix][member] = int(score)
        for name, count in taken.difference.ledger.items():
            self.ledger[name] += count
        self.blobs.update(taken.difference.records)
        self.partition.advance(start + len(chunk), taken, 0)

    def stored(self) -> Stored:
        """What stands in Redis by now."""
        position = self.partition.position
        panes = {suffix: {name: n for name, n in fields.items() if n} for suffix, fields in self.panes.items()}
        return Stored(
            StoredPosition(position.next or 0, 1, 0, position.watermark, position.tick),
            dict(self.ledger),
            {suffix: fields for suffix, fields in panes.items() if fields},
            {suffix: members for suffix, members in self.live.items() if members},
            {key: fact_ids(key, blob) for key, blob in self.blobs.items()},
        )
