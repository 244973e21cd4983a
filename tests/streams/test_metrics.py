"""What a worker counts of live traffic, label by label."""

from faust.types import TP

from kpi.facts import Count
from kpi.floor import parse_floor
from streams.difference import Difference
from streams.metrics import LIVE_MS, WorkerMetrics
from streams.partition import Taken
from streams.transport import Chunk
from tests.streams.harness import KafkaRecord

NOW = 1_795_168_830_000
TOPIC = "chats.events"


def applied(*counts: Count, newest: dict[str, int] | None = None, watermark: int = NOW) -> WorkerMetrics:
    """The metrics after one chunk with these counts, whose one record Kafka stamped at NOW."""
    metrics, difference = WorkerMetrics(parse_floor("")), Difference(keeps_all=False)
    difference.counts += counts
    chunk = Chunk(TP(TOPIC, 0), 7, 8, [KafkaRecord(7, NOW, None, b"{}")], 8)
    taken = Taken(difference, [], watermark, NOW, newest if newest is not None else {"/crm": NOW - 2_000})
    metrics.applied(chunk, TOPIC, taken, 0.0, NOW)
    return metrics


def count(field: str, n: int = 1, queue: str = "support", channel: str = "chat") -> Count:
    return NOW, queue, channel, field, n


def value(metrics: WorkerMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_transfers_are_counted_by_their_kind() -> None:
    metrics = applied(count("transfers"), count("transfer_out.blind"), count("transfer_out.unknown", 2))

    same = {"queue": "support", "channel": "chat"}
    assert value(metrics, "cc_contacts_transferred_total", **same, kind="blind") == 1
    assert value(metrics, "cc_contacts_transferred_total", **same, kind="unknown") == 2


def test_a_first_response_falls_into_the_buckets_of_its_length() -> None:
    metrics = applied(count("first_response.12"), count("first_response_ms", 11_500))

    name = "cc_chat_first_response_duration_seconds"
    assert value(metrics, f"{name}_count", queue="support") == 1
    assert value(metrics, f"{name}_bucket", queue="support", le="10.0") == 0
    assert value(metrics, f"{name}_bucket", queue="support", le="15.0") == 1


def test_a_source_whose_events_are_ahead_of_kafka_s_clock_has_its_clock_wrong() -> None:
    metrics = applied(newest={"/ahead": NOW + 1_500, "/behind": NOW - 2_000})

    assert value(metrics, "cc_stream_source_clock_skew_seconds", source="/ahead") == 1.5
    assert value(metrics, "cc_stream_source_clock_skew_seconds", source="/behind") == -2
    assert value(metrics, "cc_stream_event_delay_seconds_sum", topic=TOPIC) == 2


def test_what_agents_did_is_neither_traffic_nor_a_correction() -> None:
    steps = count("step.idle.ana", -1, "", "agents"), count("into.idle.ana", -4_000, "", "agents")

    assert value(applied(*steps), "cc_stream_corrections_total", topic=TOPIC) is None
    assert value(applied(count("answered", -1)), "cc_stream_corrections_total", topic=TOPIC) == 1


def test_nothing_is_counted_while_history_is_caught_up() -> None:
    behind = applied(count("answered"), watermark=NOW - LIVE_MS - 1)

    assert value(behind, "cc_contacts_answered_total", queue="support", channel="chat") is None
    live = applied(count("answered"))
    assert value(live, "cc_contacts_answered_total", queue="support", channel="chat") == 1
