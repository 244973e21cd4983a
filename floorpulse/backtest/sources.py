"""Files of any known kind -> a history: their events under the ids that floor.toml gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from floorpulse.backtest.history import History
from floorpulse.backtest.runner import TOPICS
from floorpulse.backtest.spool import Item
from floorpulse.errors import UserError
from floorpulse.loading import load
from kpi.envelope import Event, base_topic, copies
from kpi.floor import Floor
from sources import cloudevents
from sources.cloudevents import RawLine
from sources.identity import identified


def fill_from_files(
    paths: Sequence[Path],
    kind: str,
    floor: Floor,
    *,
    mapping: Path | None = None,
    date: str | None = None,
    zone: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> History:
    """Read files as `floorpulse.loading.load` does, with its errors; those of CloudEvents line by line."""
    filled = History()
    items: Iterable[Event | RawLine | bytes]
    if kind == "cloudevents" and not mapping and not date:
        items = _lines(paths)
    else:
        history = load(paths, kind, mapping=mapping, date=date, zone=zone)
        items, filled.zone, filled.remarks = history.items, history.zone, history.remarks
    for number, item in enumerate(items):
        if number % 1000 == 0:
            progress(number)
        if isinstance(item, Event) and item.time_ms >= floor.earliest_ms:
            filled.spool.add(item_of(item, floor))
        else:
            filled.refused += 1
    if filled.spool.count == 0:
        raise UserError("the files hold no event that could be counted")
    return filled


def item_of(event: Event, floor: Floor) -> Item:
    """An event as it would stand in the log, with its copies."""
    event = identified(event, floor)
    topics = dict.fromkeys((base_topic(event), *(topic for topic, _ in copies(event))))
    sequence = event.data.get("sequence")
    return Item(
        event.time_ms,
        sequence if isinstance(sequence, int) else 0,
        tuple(topic for topic in topics if topic in TOPICS),
        event.to_json(),
    )


def _lines(paths: Iterable[Path]) -> Iterator[Event | bytes]:
    for path in paths:
        yield from cloudevents.each_line(path)
