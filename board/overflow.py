"""Which queues have series of their own, and what becomes of the others: one queue `__overflow__` per channel. Pure.

Whoever can write events can write 100,000 names of queues; Prometheus must not break over them, and no contact may be
lost. So sums over all queues stay exact: what is shown of the kept ones and of the overflow adds up to all there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import fsum
from typing import Any

from board.entries import Entry
from board.exposition import label_text
from board.limit_gauges import behaviour_rows, limit_rows, name_rows
from board.queue_gauges import WINDOW_COLUMNS, Row, sparse_rows, window_values
from kpi.floor import QueueConfig
from kpi.label_names import OVERFLOW
from kpi.panes import METRIC_WINDOWS
from kpi.snapshot import QueueSnapshot

MAX_QUEUES = 200
# What all may cost in series of both pages, and in bytes of the larger one; who wants more queues gets more of both.
MAX_SERIES, MAX_BYTES = 20_000, 2_000_000
# What one does cost. What floor.toml names has a few reasons to leave and a few states of agents; a name from outside
# may come with all there are.
_SERIES_CONFIGURED, _SERIES_UNKNOWN = 120, 180
# Of these on the larger page, and how long a line is without the names of queue and channel.
_LINES_CONFIGURED, _LINES_UNKNOWN, _LINE_BYTES = 95, 140, 90
# The limits of a queue of which floor.toml says nothing; they are counted above.
_LIMITS = 10
# The floor's own: teams, sources, the board itself.
_SERIES_OF_FLOOR, _BYTES_OF_FLOOR = 2_500, 300_000

#: How several queues become one; everything else is summed up.
TOGETHER: dict[str, Callable[[Iterable[float]], float]] = {
    "cc_queue_oldest_contact_enqueued_timestamp_seconds": min,
    "cc_queue_oldest_unanswered_timestamp_seconds": min,
    "cc_backlog_oldest_contact_timestamp_seconds": min,
    "cc_queue_state_updated_timestamp_seconds": min,
    "cc_queue_window_max_wait_seconds": max,
    "cc_queue_severity": max,
    "cc_queue_open": max,
}


def cap(entries: Iterable[Entry], most: int, defaults: QueueConfig) -> tuple[list[Entry], list[Entry]]:
    """The queues that stand for themselves, configured ones first and then by name, and the rest.

    At most `most`, and as many as have room on the pages by what they may cost, which depends on names and floor.toml
    alone: a queue does not come and go with its traffic. `defaults`: what floor.toml says of all queues.
    """
    ordered = sorted(entries, key=lambda each: (not each.config.configured, each.snapshot.queue, each.snapshot.channel))
    own = [entry for entry in ordered if entry.snapshot.queue != OVERFLOW]
    scale, kept = max(1.0, most / MAX_QUEUES), 0
    series, room = scale * MAX_SERIES - _SERIES_OF_FLOOR, scale * MAX_BYTES - _BYTES_OF_FLOOR
    for entry in own[:most]:
        configured, snapshot = entry.config.configured, entry.snapshot
        settings = _settings(entry.config, defaults)
        series -= (_SERIES_CONFIGURED if configured else _SERIES_UNKNOWN) + settings
        line = _LINE_BYTES + len(label_text(snapshot.queue).encode()) + len(snapshot.channel)
        room -= ((_LINES_CONFIGURED if configured else _LINES_UNKNOWN) + settings) * line
        if kept and (series < 0 or room < 0):
            break
        kept += 1
    return own[:kept], [*own[kept:], *(entry for entry in ordered if entry.snapshot.queue == OVERFLOW)]


def _settings(config: QueueConfig, defaults: QueueConfig) -> int:
    """How many series floor.toml makes of a queue, beside the limits that every queue has."""
    limits = sum(1 for live in (True, False) for _ in limit_rows(config, live=live))
    return max(0, limits - _LIMITS) + sum(1 for _ in (*name_rows(config), *behaviour_rows(config, defaults)))


def folded(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of several queues as those of one."""
    groups: dict[tuple[str, tuple[str, ...]], list[float]] = {}
    for family, labels, value in rows:
        groups.setdefault((family, labels), []).append(value)
    for (family, labels), values in groups.items():
        # Sums of seconds are exact to the last digit: their order must not matter.
        yield family, labels, TOGETHER.get(family, fsum)(values)


def folded_windows(snapshots: Sequence[QueueSnapshot], *, chats: bool) -> Iterator[Row]:
    """The windows of several queues of one channel as those of one; column by column, for there may be thousands."""
    for name in METRIC_WINDOWS:
        windows = [(each.windows[name], each.now.waiting_over_target["1"]) for each in snapshots]
        columns = zip(*(window_values(*window) for window in windows), strict=True)
        for (family, more), column in zip(WINDOW_COLUMNS, columns, strict=True):
            yield family, (name, *more), fsum(column)
        yield from folded(_sparse(windows, name, chats=chats))


def _sparse(windows: Sequence[tuple[dict[str, Any], int]], name: str, *, chats: bool) -> Iterator[Row]:
    for measures, _ in windows:
        yield from sparse_rows(measures, name, chats=chats)
