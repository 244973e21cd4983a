"""Made-up logs counted by the workers' own code, and what the board would make of them: the numbers to be explained."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from hypothesis import assume

from kpi.evidence.pieces import Fields, Piece, pieces, tell
from kpi.evidence.share import Frame
from kpi.floor import QueueConfig, parse_floor
from kpi.keys import parse_live_suffix, parse_pane_suffix
from kpi.lengths import waiting_over
from kpi.measures import with_waiting
from kpi.panes import COARSE_MS, FINE_MS, WINDOWS, WindowPanes, pane_start, window_panes
from kpi.ratios import Measures
from kpi.record import Record
from kpi.snapshot import window_counts
from kpi.tally import Tally
from streams.decode import Limits
from tests.streams.made_up import made_up_log
from tests.streams.streamed import Streamed

DAY_MS = 86_400_000
FLOOR = parse_floor("[defaults]\ntarget = { percent = 80, seconds = 20 }\nshort_abandon_seconds = 7")


@dataclass
class Counted:
    """A log of one topic as it stands in Redis, and a window of one queue in it."""

    streamed: Streamed
    place: tuple[str, str]
    panes: WindowPanes
    now_ms: int
    is_over: bool

    @property
    def config(self) -> QueueConfig:
        return FLOOR.queue(*self.place)

    @property
    def total(self) -> Fields:
        """The fields of the window, from the panes."""
        total: Fields = {}
        for suffix, fields in self.streamed.panes.items():
            res_ms, start, *place = parse_pane_suffix(suffix)
            if tuple(place) != self.place or start not in (self.panes.fine if res_ms == FINE_MS else self.panes.coarse):
                continue
            for name, n in fields.items():
                if name[0] not in "@~#" and not name.startswith("net."):
                    total[name] = total.get(name, 0) + n
        return {name: n for name, n in total.items() if n}

    @property
    def waiting(self) -> dict[str, int]:
        """The live set of who waits here."""
        for suffix, members in self.streamed.live.items():
            if parse_live_suffix(suffix) == ("waiting", *self.place):
                return dict(members)
        return {}

    @property
    def frame(self) -> Frame:
        return Frame(self.config, self.now_ms, self.panes.fine.stop if self.is_over else None, self.waiting)

    @property
    def measures(self) -> Measures:
        """The measures of the window as in a snapshot."""
        counts = window_counts(Tally(self.total), self.config)
        if self.is_over:
            open_legs = sum(piece.waited_at(self.panes.fine.stop) for piece in self.pieces)
            return with_waiting(counts, open_legs=open_legs, max_waiting=None, waiting_over_target=None)
        joined = sorted(self.waiting.values())
        over = waiting_over(joined, self.now_ms, self.config.target_seconds)
        return with_waiting(counts, open_legs=len(joined), max_waiting=None, waiting_over_target=over)

    @property
    def pieces(self) -> list[Piece]:
        """The evidence, from the stored records."""
        blobs = self.streamed.blobs.items()
        return [piece for key, blob in blobs for piece in pieces(tell(key, blob), self.place, self.panes)]


@contextmanager
def stories_begun_anew() -> Iterator[list[str]]:
    """The keys of the records that were found past their horizon meanwhile, and begun anew."""
    gone: list[str] = []
    is_absent = Record.is_absent

    def look(record: Record, watermark: int) -> bool:
        found = is_absent(record, watermark)
        if found:
            gone.append(record.key)
        return found

    with patch.object(Record, "is_absent", look):
        yield gone


def counted_log(seed: int, topic: str) -> Counted:
    """A log and a window that chance makes: near the newest event, for what is older than a week may be forgotten."""
    chance = random.Random(seed)
    streamed = Streamed(topic, 7 * DAY_MS, True, chance)
    with stories_begun_anew() as gone:
        streamed.take_all(made_up_log(chance, topic, most=40), Limits(earliest=0, live=False))
    # What a record counted stays when it is past its horizon and its name begins a new story; the old one is gone, and
    # with it the evidence. The answer says that it is not complete; there is no law about it.
    assume(not gone)
    places = sorted({(one.queue, one.channel) for one in map(parse_pane_suffix, streamed.panes) if one.queue})
    now_ms = streamed.partition.position.watermark + chance.choice((0, 0, 5_000, -3_600_000, 1_000_000))
    window = chance.choice([*WINDOWS, "day", "day"])
    start = pane_start(now_ms - chance.randrange(DAY_MS), COARSE_MS)
    panes = window_panes(window, now_ms, start)
    return Counted(streamed, chance.choice(places or [("q1", "voice")]), panes, now_ms, window == "previous")


def leaves(measures: dict[str, Any], before: str = "") -> Iterator[str]:
    """The paths of all numbers of a window."""
    for name, found in measures.items():
        path = before + name
        if isinstance(found, list):
            yield from (f"{path}.{each['from_seconds']}" for each in found)
        elif not isinstance(found, dict) or "denominator" in found:
            yield path
        else:
            yield from leaves(found, path + ".")
