"""A log without servers: events through the worker's own code into a board's memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush

from board.view import Delta, FloorView, Loaded
from kpi.envelope import Event, base_topic, copies
from kpi.keys import BASE_TOPICS
from streams.decode import Decoded, Limits, Rejected, decode
from streams.partition import Partition, due_records
from streams.store import Position

ALWAYS_MS = 10**12
# How much of what is due a chunk forgets, as in the worker: bounded, and more than it can add.
SWEPT_ALWAYS = 200
WantsPane = Callable[[str], bool]


class MemoryLog:
    """What a worker makes of events, straight into a view: one partition per topic, nothing written anywhere.

    `topics`: what goes to others is left out; `wants_pane`: which panes, by their suffix, the view gets. `ledger`: what
    became of the records. Memory holds what Redis would: records go when they are past their horizon.
    """

    def __init__(
        self,
        topics: Sequence[str] = BASE_TOPICS,
        *,
        lateness_ms: int = ALWAYS_MS,
        earliest_ms: int = 0,
        wants_pane: WantsPane | None = None,
    ) -> None:
        self.view = FloorView()
        self.ledger: Counter[str] = Counter()
        self._limits, self._wants_pane = Limits(earliest_ms, live=False), wants_pane
        self._partitions = {topic: Partition("P", Position(0, 1, 0, 0, 0), lateness_ms, True) for topic in topics}
        self._blobs: dict[str, dict[str, bytes]] = {topic: {} for topic in topics}
        self._expiry: dict[str, list[tuple[int, str]]] = {topic: [] for topic in topics}
        self._next = dict.fromkeys(topics, 0)
        self.view.expect(topics)
        for topic in topics:
            self.view.replace(topic, Loaded(epoch=1, next=0, tick=0))

    def take(self, events: Iterable[Event]) -> None:
        """Count these events, and what is copied of them."""
        raws: defaultdict[str, list[bytes]] = defaultdict(list)
        for event in events:
            raw = event.to_json()
            for topic in (base_topic(event), *(topic for topic, _ in copies(event))):
                if topic in self._partitions:
                    raws[topic].append(raw)
        for topic, some in raws.items():
            self.take_raw(topic, some)

    def take_raw(self, topic: str, raws: Sequence[bytes]) -> None:
        """Count one chunk of a topic's records."""
        partition, blobs, base = self._partitions[topic], self._blobs[topic], self._next[topic]
        chunk = [self._decoded(raw, topic) for raw in raws]
        due = self._due(topic, partition.position.watermark)
        wanted = [*(one.key for one in chunk if isinstance(one, Decoded) and one.key is not None), *due_records(due)]
        missing = partition.missing(wanted)
        partition.remember(missing, {key: blobs[key] for key in missing if key in blobs})
        taken = partition.take(range(base, base + len(chunk)), chunk, due)
        difference = taken.difference
        blobs.update(difference.records)
        for key in difference.records_gone:
            blobs.pop(key, None)
        for member, at in difference.expiry.items():
            if at is not False:
                heappush(self._expiry[topic], (int(at), member))
        self.ledger.update(difference.ledger)
        lives = {
            suffix: {member: None if score is False else int(score) for member, score in change.items()}
            for suffix, change in difference.lives.items()
        }
        panes, wants = difference.panes, self._wants_pane
        if wants is not None:
            panes = {suffix: fields for suffix, fields in panes.items() if wants(suffix)}
        self._next[topic] = base + len(chunk)
        partition.advance(self._next[topic], taken, 0)
        self.view.apply_delta(topic, Delta(epoch=1, base=base, next=self._next[topic], panes=panes, lives=lives))

    def _decoded(self, raw: bytes, topic: str) -> Decoded | Rejected:
        try:
            return decode(raw, topic, 2**52, self._limits)
        except Rejected as rejected:
            return rejected

    def _due(self, topic: str, watermark: int) -> list[str]:
        """What is past its time by the watermark; a record that lives on is put back by the partition."""
        expiry: list[tuple[int, str]] = self._expiry[topic]
        found: list[str] = []
        while expiry and expiry[0][0] < watermark and len(found) < SWEPT_ALWAYS:
            member = heappop(expiry)[1]
            if member.partition(":")[2] in self._blobs[topic]:
                found.append(member)
        return found
