"""What a worker counts about itself and about live traffic, for Prometheus.

Counters and histograms count live events as they are applied. They never subtract, and stand still while a
partition catches up or is rebuilt: they are for rates. Exact numbers are the board's window gauges.
"""

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.registry import Collector

from kpi.catalogue import served_by
from kpi.envelope import AGENT_TOPIC
from kpi.facts import Count
from kpi.floor import Floor
from kpi.keys import BASE_TOPICS, CONTACT_TOPICS, NO_QUEUE
from kpi.metric_family import MetricDef
from kpi.overdue import REAPER
from streams.agent_time import AgentTime, teams_told
from streams.decode import REASONS
from streams.labels import Labels
from streams.partition import Taken
from streams.store import OPERATIONS
from streams.transport import Chunk

# While the watermark is older than this, history is being caught up or replayed.
LIVE_MS = 30_000
# With all reasons and kinds there are, a queue has 87 series: at most 17,400 of 20,000, and under 4 MB of 5.
MAX_QUEUES, MAX_QUEUE_BYTES = 200, 45_000
MAX_SOURCES = MAX_TEAMS = 40
_COUNTED = {
    "offered": "cc_contacts_offered_total",
    "answered": "cc_contacts_answered_total",
    "exit": "cc_contacts_exited_total",
    "transfer_out": "cc_contacts_transferred_total",
    "unanswered": "cc_offers_unanswered_total",
}
# Counts whose name goes on with what their last label says.
_NAMED = frozenset({"exit", "transfer_out"})
_LEDGERED = {"applied": "applied", "duplicate": "duplicate", "copies": "copy", "ticks": "tick", "conflict": "conflict"}


class WorkerMetrics:
    """Every family the catalogue gives to the worker, in one registry; known labels start at zero."""

    def __init__(self, floor: Floor, revision: str = "unknown") -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.floor = floor
        self._children: dict[tuple[str, tuple[str, ...]], Any] = {}
        queues = [(queue.id, queue.channel or "voice") for queue in floor.configured]
        self._queues = Labels(MAX_QUEUES, queues, MAX_QUEUE_BYTES)
        self._sources = Labels(MAX_SOURCES)
        self._teams = Labels(MAX_TEAMS, {(agent.team, "") for agent in floor.agents.values()})
        self._agents = AgentTime()
        self._families: dict[str, Any] = {m.name: self._family(m) for m in served_by("worker")}
        self["cc_build_info"].labels(version("floorpulse"), revision, platform.python_version()).set(1)
        for queue, channel in queues:
            for name in ("offered", "answered", "answered_in_target"):
                self._child(f"cc_contacts_{name}_total", self._queues.name(queue, channel), channel)
        for topic in (*CONTACT_TOPICS, AGENT_TOPIC):
            self["cc_stream_reaped_legs_total"].labels(topic)
        self._expect_trouble()

    def _expect_trouble(self) -> None:
        """A series that begins with its first fault has no rate there: what an alert watches stands at 0 before."""
        for topic in BASE_TOPICS:
            self._child("cc_stream_events_duplicate_total", topic)
            for reason in REASONS:
                self._child("cc_stream_events_invalid_total", topic, reason)
                self._child("cc_stream_dead_letters_total", topic, reason)
        for operation in OPERATIONS:
            self._child("cc_stream_redis_errors_total", operation)

    def __getitem__(self, name: str) -> Any:
        return self._families[name]

    def _family(self, metric: MetricDef) -> Collector:
        if metric.kind == "histogram":
            return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=self.registry)
        kind = Counter if metric.kind == "counter" else Gauge
        return kind(metric.name, metric.help, metric.labels, registry=self.registry)

    def applied(self, chunk: Chunk, topic: str, taken: Taken, cpu_seconds: float, now_ms: int) -> None:
        """A chunk is in Redis. `now_ms`: the wall clock, ms UTC."""
        ledger, n = taken.difference.ledger, len(chunk.records)
        place = (topic, str(chunk.tp.partition))
        self._add("cc_stream_events_consumed_total", n, topic)
        for field, stage in _LEDGERED.items():
            self._add("cc_stream_events_processed_total", ledger[field], stage)
        self._add("cc_stream_events_duplicate_total", ledger["duplicate"], topic)
        self._add("cc_stream_events_late_total", ledger["late_dropped"], topic, "dropped")
        self._add("cc_stream_events_late_total", taken.late, topic, "applied")
        for letter in taken.dead_letters:
            self._add("cc_stream_events_invalid_total", 1, topic, letter.reason)
            self._add("cc_stream_dead_letters_total", 1, topic, letter.reason)
        self._child("cc_stream_watermark_timestamp_seconds", *place).set(taken.watermark / 1000)
        self._child("cc_stream_heartbeat_timestamp_seconds", *place).set(taken.tick / 1000)
        self._child("cc_stream_consumer_lag_records", *place).set(max(chunk.end - chunk.next, 0))
        if n:
            self._child("cc_stream_process_duration_seconds", "chunk").observe(cpu_seconds / n)
        if now_ms - taken.watermark <= LIVE_MS:
            self._agent_time("/".join(place), chunk, taken)
            if taken.newest:
                self._live(chunk, topic, taken, now_ms)

    def _live(self, chunk: Chunk, topic: str, taken: Taken, now_ms: int) -> None:
        for source, newest in taken.newest.items():
            if source == REAPER:
                # What it tells lies hours back by its nature; that is no delay.
                continue
            name = self._sources.name(source)
            self._child("cc_stream_last_event_timestamp_seconds", name).set(newest / 1000)
            ahead = (newest - chunk.records[-1].timestamp) / 1000 if chunk.records else 0.0
            self._child("cc_stream_source_clock_skew_seconds", name).set(ahead)
            self._child("cc_stream_event_delay_seconds", topic).observe(max(-ahead, 0.0))
            self._child("cc_stream_board_delay_seconds", "redis").observe(max(now_ms - newest, 0) / 1000)
        self._add("cc_stream_corrections_total", self._count(taken.difference.counts), topic)
        self["cc_stream_overflow_queues"].set(self._queues.turned_away)

    def _agent_time(self, place: str, chunk: Chunk, taken: Taken) -> None:
        """The agent-seconds of states that this chunk ended; a chunk that is not live leaves a gap in the offsets."""
        difference, teams = taken.difference, None
        for agent, state, seconds in self._agents.over(place, chunk.base, chunk.next, difference.counts):
            teams = teams_told(difference.lives) if teams is None else teams
            team = self.floor.agent(agent).team or teams.get(agent, "")
            self._child("cc_agent_state_seconds_total", self._teams.name(team), state).inc(seconds)

    def _count(self, counts: Iterable[Count]) -> int:
        """Count the floor's own families from the event basis; the number of counts that were taken back."""
        back = 0
        for _, queue, channel, field, n in counts:
            if queue == NO_QUEUE or field[0] in "@~" or field.startswith("net."):
                continue
            if n < 0:
                back += 1
                continue
            name, _, rest = field.partition(".")
            label = self._queues.name(queue, channel)
            if name in _COUNTED:
                self._add(_COUNTED[name], n, label, channel, *([rest] if name in _NAMED else []))
            elif name == "talk":
                self._add("cc_contacts_completed_total", n, label, channel)
                self._observe("cc_contact_handle_duration_seconds", n, int(rest), label, channel)
            elif name == "first_response":
                self._observe("cc_chat_first_response_duration_seconds", n, int(rest), label)
            elif name == "wait":
                outcome, _, seconds = rest.partition(".")
                self._wait(queue, channel, outcome, int(seconds), n)
        return back

    def _wait(self, queue: str, channel: str, outcome: str, seconds: int, n: int) -> None:
        if outcome == "other":
            return
        config, label = self.floor.queue(queue, channel), self._queues.name(queue, channel)
        self._observe("cc_contact_wait_duration_seconds", n, seconds, label, channel, outcome)
        if outcome == "answered" and seconds <= config.target_seconds:
            self._add("cc_contacts_answered_in_target_total", n, label, channel)
        if outcome == "abandoned":
            kind = "short" if seconds <= config.short_abandon_seconds else "late"
            self._add("cc_contacts_abandoned_total", n, label, channel, kind)

    def _add(self, name: str, n: int, *labels: str) -> None:
        if n:
            self._child(name, *labels).inc(n)

    def _observe(self, name: str, n: int, seconds: int, *labels: str) -> None:
        """Counts of one chunk may stand together: so many contacts of the same length."""
        for _ in range(n):
            self._child(name, *labels).observe(seconds)

    def _child(self, name: str, *labels: str) -> Any:
        """The series of these labels; looking it up in the library costs more than counting."""
        found = self._children.get((name, labels))
        if found is None:
            found = self._children[name, labels] = self[name].labels(*labels)
        return found

    def reaped(self, topic: str, ends: int) -> None:
        """So many ends that never came were told into a base topic."""
        self._add("cc_stream_reaped_legs_total", ends, topic)

    def redis_call(self, operation: str, seconds: float, done: bool) -> None:
        """One call to Redis came back, or failed."""
        if done:
            self._child("cc_stream_redis_write_duration_seconds", operation).observe(seconds)
        else:
            self._add("cc_stream_redis_errors_total", 1, operation)

    def owned(self, partitions: Mapping[str, int]) -> None:
        """How many partitions of each base topic this worker owns."""
        for topic, n in partitions.items():
            self["cc_stream_partitions_assigned"].labels(topic).set(n)
