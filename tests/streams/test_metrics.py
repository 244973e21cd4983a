"""What a worker counts of live traffic, label by label."""

import re
from pathlib import Path

from faust.types import TP

from kpi.facts import QUEUED, Count, Fact
from kpi.floor import parse_floor
from kpi.keys import BASE_TOPICS, live_suffix
from streams.decode import REASONS, Decoded, decode
from streams.difference import Difference
from streams.metrics import LIVE_MS, WorkerMetrics
from streams.partition import Partition, Taken
from streams.store import Position
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


def test_agent_seconds_are_those_of_the_configured_team_else_of_the_card() -> None:
    floor = parse_floor('[agent.ana]\nteam = "Front"\n')
    for agent, team in (("ana", "Front"), ("bo", "Back")):
        metrics, difference = WorkerMetrics(floor), Difference(keeps_all=False)
        for change, at in ((1, 0), (-1, 4_000)):
            difference.counts += [
                (NOW, "", "agents", f"step.busy.{agent}", change),
                (NOW, "", "agents", f"into.busy.{agent}", change * (10_000 - at)),
            ]
        card = f'["{agent}","idle","","Back","",[],{{}},[]]'
        difference.lives[live_suffix("agents", "", "")] = {card: NOW}
        metrics.applied(Chunk(TP(TOPIC, 0), 0, 8, [], 8), TOPIC, Taken(difference, [], NOW, NOW, {}), 0.0, NOW)
        assert value(metrics, "cc_agent_state_seconds_total", team=team, state="busy") == 4


def test_facts_older_than_the_watermark_are_late_whether_applied_or_dropped() -> None:
    metrics, difference = WorkerMetrics(parse_floor("")), Difference(keeps_all=False)
    difference.ledger["late_dropped"] = 2
    taken = Taken(difference, [], NOW, NOW, {}, late=5)
    metrics.applied(Chunk(TP(TOPIC, 0), 0, 8, [], 8), TOPIC, taken, 0.0, NOW)

    assert value(metrics, "cc_stream_events_late_total", topic=TOPIC, action="dropped") == 2
    assert value(metrics, "cc_stream_events_late_total", topic=TOPIC, action="applied") == 5


def joined(number: int, at_ms: int) -> Decoded:
    fact = Fact(at_ms, 1, QUEUED, f"e{number}", "/acd", leg="1", queue="support", channel="voice")
    return Decoded(at_ms, f"c:contact{number}", fact, "/acd")


def test_a_partition_says_how_many_facts_it_took_behind_its_watermark() -> None:
    partition = Partition("p", Position(None, 1, 0, 0, 0), lateness=100_000, keeps_all=True)
    told = [joined(number, NOW + 1_000 * shift) for number, shift in enumerate((0, 5, 2, 3, 9))]
    partition.remember([one.key for one in told if one.key], {})

    taken = partition.take(range(len(told)), told, [])

    assert taken.late == 2
    assert taken.difference.ledger["applied"] == 5


def test_what_an_alert_watches_stands_at_0_before_its_first_fault() -> None:
    metrics = WorkerMetrics(parse_floor(""))

    for topic in BASE_TOPICS:
        assert value(metrics, "cc_stream_events_duplicate_total", topic=topic) == 0
        for reason in ("malformed", "schema", "schema_version", "time_range", "future_time"):
            assert value(metrics, "cc_stream_events_invalid_total", topic=topic, reason=reason) == 0
            assert value(metrics, "cc_stream_dead_letters_total", topic=topic, reason=reason) == 0
    assert value(metrics, "cc_stream_redis_errors_total", operation="commit") == 0


def test_every_reason_to_refuse_a_record_is_a_known_one() -> None:
    source = Path(decode.__code__.co_filename).read_text(encoding="utf-8")

    assert set(re.findall(r'Rejected\("(\w+)"', source)) == set(REASONS)
