"""Files of any known kind -> a history: their events under the ids that floor.toml gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from floorpulse.backtest.history import History, is_plausible
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
        if isinstance(item, Event) and is_plausible(item.time_ms, item.recorded_ms, floor.earliest_ms):
            event = identified(item, floor)
            filled.spool.add(_item(event))
            filled.name(event.data.get("queue_id"))
        else:
            filled.refused += 1
    if filled.spool.count == 0:
        raise UserError("the files hold no event that could be counted: none has a time that can be right")
    return filled


def item_of(event: Event, floor: Floor) -> Item:
    """An event as it would stand in the log, with its copies."""
    return _item(identified(event, floor))


def _item(event: Event) -> Item:
    topics = dict.fromkeys((base_topic(event), *(topic for topic, _ in copies(event))))
    sequence = event.data.get("sequence")
    if isinstance(sequence, bool) or not isinstance(sequence, int) or not 0 <= sequence < 2**63:
        sequence = 0  # the contract refuses any other, wherever it stands
    return Item(
        event.time_ms,
        sequence,
        tuple(topic for topic in topics if topic in TOPICS),
        event.to_json(),
    )


def _lines(paths: Iterable[Path]) -> Iterator[Event | bytes]:
    for path in paths:
        yield from cloudevents.each_line(path)
