"""What a worker counts about itself and about live traffic, for Prometheus.

Counters and histograms count live events as they are applied. They never subtract, and stand still while a
partition catches up or is rebuilt: they are for rates. Exact numbers are the board's window gauges.
"""

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.registry import Collector

from kpi.catalogue import MetricDef, served_by
from kpi.facts import Count
from kpi.floor import Floor
from streams.partition import Taken
from streams.transport import Chunk

# A chunk whose newest record is older than this is history being caught up.
LIVE_MS = 30_000
_LEDGERED = {"applied": "applied", "duplicate": "duplicate", "copies": "copy", "ticks": "tick", "conflict": "conflict"}
__all__ = ["REGISTRY", "WorkerMetrics"]


class WorkerMetrics:
    """Every family the catalogue gives to the worker, in one registry; known labels start at zero."""

    def __init__(self, floor: Floor, revision: str = "unknown") -> None:
        disable_created_metrics()
        self.registry = CollectorRegistry()
        self._floor = floor
        self._families: dict[str, Any] = {m.name: self._family(m) for m in served_by("worker")}
        self["cc_build_info"].labels(version("floorpulse"), revision, platform.python_version()).set(1)
        for queue in floor.configured:
            for name in ("offered", "answered", "answered_in_target"):
                self[f"cc_contacts_{name}_total"].labels(queue.id, queue.channel or "voice")

    def __getitem__(self, name: str) -> Any:
        return self._families[name]

    def _family(self, metric: MetricDef) -> Collector:
        if metric.kind == "histogram":
            return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=self.registry)
        kind = Counter if metric.kind == "counter" else Gauge
        return kind(metric.name, metric.help, metric.labels, registry=self.registry)

    def applied(self, chunk: Chunk, topic: str, taken: Taken, cpu_seconds: float, now_ms: int) -> None:
        """A chunk is in Redis."""
        ledger, n = taken.difference.ledger, len(chunk.records)
        self["cc_stream_events_consumed_total"].labels(topic).inc(n)
        for field, stage in _LEDGERED.items():
            if ledger[field]:
                self["cc_stream_events_processed_total"].labels(stage).inc(ledger[field])
        if ledger["duplicate"]:
            self["cc_stream_events_duplicate_total"].labels(topic).inc(ledger["duplicate"])
        if ledger["late_dropped"]:
            self["cc_stream_events_late_total"].labels(topic, "dropped").inc(ledger["late_dropped"])
        for letter in taken.dead_letters:
            self["cc_stream_events_invalid_total"].labels(topic, letter.reason).inc()
            self["cc_stream_dead_letters_total"].labels(topic, letter.reason).inc()
        place = (topic, str(chunk.tp.partition))
        self["cc_stream_watermark_timestamp_seconds"].labels(*place).set(taken.watermark / 1000)
        if taken.tick:
            self["cc_stream_heartbeat_timestamp_seconds"].labels(*place).set(taken.tick / 1000)
        self["cc_stream_consumer_lag_records"].labels(*place).set(max(chunk.end - chunk.next, 0))
        if n:
            self["cc_stream_process_duration_seconds"].labels("chunk").observe(cpu_seconds / n)
            if now_ms - chunk.records[-1].timestamp <= LIVE_MS:
                self._live(chunk, topic, taken, now_ms)

    def _live(self, chunk: Chunk, topic: str, taken: Taken, now_ms: int) -> None:
        for source, newest in taken.newest.items():
            self["cc_stream_last_event_timestamp_seconds"].labels(source).set(newest / 1000)
            self["cc_stream_event_delay_seconds"].labels(topic).observe(
                max(chunk.records[-1].timestamp - newest, 0) / 1000
            )
            self["cc_stream_board_delay_seconds"].labels("redis").observe(max(now_ms - newest, 0) / 1000)
        back = self._count(taken.difference.counts)
        if back:
            self["cc_stream_corrections_total"].labels(topic).inc(back)

    def _count(self, counts: Iterable[Count]) -> int:
        """Count the floor's own families from the event basis; the number of counts that were taken back."""
        back = 0
        for _, queue, channel, field, n in counts:
            if field[0] in "@~" or field.startswith("net."):
                continue
            if n < 0:
                back += 1
                continue
            name, _, rest = field.partition(".")
            match name:
                case "offered" | "answered":
                    self[f"cc_contacts_{name}_total"].labels(queue, channel).inc(n)
                case "exit":
                    self["cc_contacts_exited_total"].labels(queue, channel, rest).inc(n)
                case "transfers":
                    self["cc_contacts_transferred_total"].labels(queue, channel).inc(n)
                case "unanswered":
                    self["cc_offers_unanswered_total"].labels(queue, channel).inc(n)
                case "talk":
                    self["cc_contacts_completed_total"].labels(queue, channel).inc(n)
                    self["cc_contact_handle_duration_seconds"].labels(queue, channel).observe(int(rest))
                case "wait":
                    self._wait(queue, channel, *rest.split("."), n)
                case _:
                    pass
        return back

    def _wait(self, queue: str, channel: str, outcome: str, seconds: str, n: int) -> None:
        if outcome == "other":
            return
        config = self._floor.queue(queue, channel)
        self["cc_contact_wait_duration_seconds"].labels(queue, channel, outcome).observe(int(seconds))
        if outcome == "answered" and int(seconds) <= config.target_seconds:
            self["cc_contacts_answered_in_target_total"].labels(queue, channel).inc(n)
        if outcome == "abandoned":
            kind = "short" if int(seconds) <= config.short_abandon_seconds else "late"
            self["cc_contacts_abandoned_total"].labels(queue, channel, kind).inc(n)

    def owned(self, partitions: Mapping[str, int]) -> None:
        """How many partitions of each base topic this worker owns."""
        for topic, n in partitions.items():
            self["cc_stream_partitions_assigned"].labels(topic).set(n)
