"""Publication -> what stands on the metrics pages: for each family its samples, as (labels, value). Pure.

Numbers of a state older than MAX_AGE_MS, and of one being rebuilt, are left out: they vanish, they never freeze.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from board.entries import Entry
from board.floor_gauges import floor_samples
from board.limit_gauges import behaviour_rows, floor_limits, limit_rows, name_rows
from board.overflow import MAX_QUEUES, cap, folded, folded_windows
from board.publish import Publication
from board.queue_gauges import Row, board_rows, now_rows, single_rows, target_rows, window_rows
from board.samples import Clock, Samples, put
from kpi.facts import CHAT_CHANNELS
from kpi.floor import Floor, parse_floor
from kpi.label_names import OVERFLOW
from kpi.quiet import Quiet
from kpi.snapshot import QueueSnapshot

__all__ = ["MAX_AGE_MS", "MAX_QUEUES", "OVERFLOW", "collect"]

# When a worker dies its last numbers must be gone from Prometheus, too, within 15 s: this, a scrape, and some to spare.
MAX_AGE_MS = 12_000
_NO_FILE = parse_floor("")


def collect(publication: Publication, wall_ms: int, max_queues: int = MAX_QUEUES, *, live: bool) -> Samples:
    """All samples of one page at `wall_ms`, the live one or the other. Queues beyond the cap are `__overflow__`."""
    verdict = publication.verdict
    clock = Clock(verdict.updated_wall_ms - verdict.true_at_ms)
    is_fresh = verdict.state != "rebuilding" and wall_ms - verdict.updated_wall_ms <= MAX_AGE_MS
    floor = publication.config or _NO_FILE
    quiet = [each for each in publication.quiet if each.from_ms <= verdict.now_ms < each.to_ms]
    shown, rest = cap(publication.entries.values(), max_queues, floor.defaults)
    samples: Samples = {}
    for entry in shown:
        _put(samples, entry.snapshot, _settings_rows(entry, floor, quiet, live=live))
        if is_fresh:
            _put(samples, entry.snapshot, _own_rows(entry.snapshot, clock, live=live))
        _updated(samples, entry.snapshot.queue, entry.snapshot.channel, verdict.updated_wall_ms, live=live)
    for channel, entries in _by_channel(rest).items():
        snapshots = [entry.snapshot for entry in entries]
        _updated(samples, OVERFLOW, channel, verdict.updated_wall_ms, live=live)
        if is_fresh:
            for family, labels, value in _rows_together(snapshots, clock, channel, live=live):
                put(samples, family, (OVERFLOW, channel, *labels), value)
    if is_fresh and publication.floor is not None:
        floor_samples(samples, publication.floor.snapshot, clock, live=live)
    if not live:
        floor_limits(samples, floor)
        samples["cc_exporter_overflow_queues"] = [((), len(rest))]
        samples["cc_queues_unconfigured"] = [((), len(publication.unconfigured))]
        samples["cc_board_queues"] = [((), len(publication.entries))]
        samples["cc_board_publications_total"] = [((), publication.tick)]
    return samples


def _settings_rows(entry: Entry, floor: Floor, quiet: Sequence[Quiet], *, live: bool) -> Iterator[Row]:
    """What floor.toml says, and who asked for quiet: true whatever the numbers are."""
    snapshot, config = entry.snapshot, entry.config
    yield from limit_rows(config, live=live)
    if not live:
        yield from target_rows(snapshot)
        yield from name_rows(config)
        yield from behaviour_rows(config, floor.defaults)
    elif any(each.covers(snapshot.queue, snapshot.channel, snapshot.group) for each in quiet):
        yield "cc_queue_quiet", (), 1


def _own_rows(snapshot: QueueSnapshot, clock: Clock, *, live: bool) -> Iterator[Row]:
    if live:
        yield from now_rows(snapshot, clock)
        yield from single_rows(snapshot)
    else:
        yield from board_rows(snapshot, clock)
        yield from window_rows(snapshot)


def _rows_together(snapshots: Sequence[QueueSnapshot], clock: Clock, channel: str, *, live: bool) -> Iterator[Row]:
    """The overflow of one channel: no names and no limits, for it has many."""
    rows = now_rows if live else board_rows
    yield from folded(chain.from_iterable(rows(snapshot, clock) for snapshot in snapshots))
    if not live:
        yield from folded_windows(snapshots, chats=channel in CHAT_CHANNELS)


def _put(samples: Samples, snapshot: QueueSnapshot, rows: Iterable[Row]) -> None:
    queue = snapshot.queue, snapshot.channel
    for family, labels, value in rows:
        put(samples, family, (*queue, *labels), value)


def _updated(samples: Samples, queue: str, channel: str, updated_wall_ms: int, *, live: bool) -> None:
    if live and updated_wall_ms:
        put(samples, "cc_queue_state_updated_timestamp_seconds", (queue, channel), updated_wall_ms / 1000)


def _by_channel(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.snapshot.channel, []).append(entry)
    return dict(sorted(found.items()))
