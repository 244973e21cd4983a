"""The board's two metrics pages, made from the catalogue and the latest publication at every scrape.

They are made anew each time, so a series that is no longer true is not there any more; nothing has a timestamp
of its own, because that would switch Prometheus' staleness handling off.
"""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from board.exposition import CONTENT_TYPE, exposition
from board.gauges import MAX_QUEUES, collect
from board.publish import Publication
from board.samples import Samples
from board.stream.listener_counts import ListenerCounts
from kpi.catalogue import served_by

__all__ = ["CONTENT_TYPE", "BoardState", "full_page", "live_page"]


@dataclass(frozen=True, slots=True)
class BoardState:
    """What a page says of the board itself. `listeners`, `connections`: how many there are now."""

    redis_up: bool = True
    reload_failed: bool = False
    revision: str = ""
    listeners: int = 0
    connections: int = 0
    counts: ListenerCounts = field(default_factory=ListenerCounts)


def live_page(publication: Publication, wall_ms: int, max_queues: int = MAX_QUEUES) -> bytes:
    """`/metrics/live`: state now, severities and the thresholds of the fast rules."""
    return exposition(served_by("board_live"), collect(publication, wall_ms, max_queues, live=True))


def full_page(publication: Publication, wall_ms: int, state: BoardState, max_queues: int = MAX_QUEUES) -> bytes:
    """`/metrics`: windows, backlog, targets, and the board itself."""
    began = time.perf_counter()
    samples = collect(publication, wall_ms, max_queues, live=False)
    _put_board(samples, state)
    # Its own and the next one come on top.
    samples["cc_exporter_series"] = [((), sum(map(len, samples.values())) + 2)]
    samples["cc_exporter_collect_duration_seconds"] = [((), time.perf_counter() - began)]
    return exposition(served_by("board"), samples)


def _put_board(samples: Samples, state: BoardState) -> None:
    samples["cc_exporter_redis_up"] = [((), state.redis_up)]
    samples["cc_config_reload_failed"] = [((), state.reload_failed)]
    samples["cc_build_info"] = [((own_version(), state.revision, platform.python_version()), 1)]
    samples["cc_board_listeners"] = [((), state.listeners)]
    samples["cc_board_connections"] = [((), state.connections)]
    samples["cc_board_listeners_dropped_total"] = [((reason,), n) for reason, n in state.counts.dropped.items()]
    samples["cc_board_listeners_refused_total"] = [((reason,), n) for reason, n in state.counts.refused.items()]


def own_version() -> str:
    """The installed version of this project."""
    try:
        return version("floorpulse")
    except PackageNotFoundError:
        return "unknown"
