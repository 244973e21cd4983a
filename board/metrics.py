"""The board's two metrics pages, made from the catalogue and the latest publication at every scrape.

Families are built anew each time, so a series that is no longer true is not there any more; nothing has a timestamp
of its own, because that would switch Prometheus' staleness handling off.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from board.gauges import MAX_QUEUES, collect
from board.publish import Publication
from board.samples import Samples
from kpi.catalogue import Page, served_by

CONTENT_TYPE = CONTENT_TYPE_LATEST


class BoardCollector(Collector):
    """One page: the families that the catalogue gives to `page`, with the samples of `samples()`."""

    def __init__(self, page: Page, samples: Callable[[], Samples]) -> None:
        self._families, self._samples = served_by(page), samples

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: what there is changes from scrape to scrape."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The families that have a sample now."""
        samples = self._samples()
        for metric in self._families:
            rows = samples.get(metric.name)
            if rows:
                family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
                for labels, value in rows:
                    family.add_metric(labels, value)
                yield family


def page_text(page: Page, samples: Callable[[], Samples]) -> bytes:
    """The text of one page in the Prometheus exposition format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(BoardCollector(page, samples))
    return generate_latest(registry)


def live_page(publication: Publication, wall_ms: int, max_queues: int = MAX_QUEUES) -> bytes:
    """`/metrics/live`: state now, severities and the thresholds of the fast rules."""
    return page_text("board_live", lambda: collect(publication, wall_ms, max_queues))


def full_page(
    publication: Publication,
    wall_ms: int,
    *,
    redis_up: bool,
    reload_failed: bool,
    revision: str = "",
    max_queues: int = MAX_QUEUES,
) -> bytes:
    """`/metrics`: windows, backlog, targets, and the board itself."""
    began = time.perf_counter()

    def samples() -> Samples:
        found = collect(publication, wall_ms, max_queues)
        found["cc_exporter_redis_up"] = [((), int(redis_up))]
        found["cc_config_reload_failed"] = [((), int(reload_failed))]
        found["cc_build_info"] = [((own_version(), revision, platform.python_version()), 1)]
        found["cc_exporter_collect_duration_seconds"] = [((), time.perf_counter() - began)]
        return found

    return page_text("board", samples)


def own_version() -> str:
    """The installed version of this project."""
    try:
        return version("floorpulse")
    except PackageNotFoundError:
        return "unknown"
