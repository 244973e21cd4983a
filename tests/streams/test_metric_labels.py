"""A worker's page stays small whatever names events bring, and no count is lost over it."""

from typing import get_args

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest

from kpi.events import LeaveReason
from kpi.facts import Count
from kpi.floor import parse_floor
from kpi.label_names import OVERFLOW
from streams.difference import Difference
from streams.labels import MOST_APART, Labels
from streams.metrics import MAX_QUEUES, MAX_SOURCES, WorkerMetrics
from streams.partition import Taken
from streams.transport import Chunk
from tests.laws import LAW
from tests.streams.harness import KafkaRecord

NOW = 1_795_168_830_000
TOPIC = "calls.events"
FLOOR = parse_floor('[queue."known one"]\nchannel = "voice"\n[agent.ana]\nteam = "Front"\n')
REASONS: tuple[str, ...] = get_args(LeaveReason)
#: Everything that can be counted of a queue.
EVERYTHING = [
    "offered", "answered", "unanswered", "wait.answered.7", "wait.abandoned.3", "wait.abandoned.90", "talk.30",
    "first_response.12", *(f"exit.{reason}" for reason in REASONS if reason != "abandoned"),
    *(f"transfer_out.{kind}" for kind in ("blind", "consult", "conference", "unknown")),
]  # fmt: skip


def feed(metrics: WorkerMetrics, counts: list[Count], base: int = 0, sources: tuple[str, ...] = ("/acd",)) -> None:
    difference = Difference(keeps_all=False)
    difference.counts += counts
    chunk = Chunk(TP(TOPIC, 0), base, base + 1, [KafkaRecord(base, NOW, None, b"{}")], base + 1)
    metrics.applied(chunk, TOPIC, Taken(difference, [], NOW, NOW, dict.fromkeys(sources, NOW)), 0.0, NOW)


def summed(metrics: WorkerMetrics, name: str) -> dict[str, float]:
    """queue -> sum over everything else."""
    found: dict[str, float] = {}
    for family in metrics.registry.collect():
        for sample in family.samples:
            if sample.name == name:
                found[sample.labels["queue"]] = found.get(sample.labels["queue"], 0) + sample.value
    return found


def test_a_hundred_thousand_names_of_queues_are_two_hundred_and_an_exact_rest() -> None:
    metrics, names = WorkerMetrics(FLOOR), [f"queue-{number:06}" for number in range(100_000)]
    feed(metrics, [(NOW, name, "voice", "offered", 1) for name in names])
    offered = summed(metrics, "cc_contacts_offered_total")
    assert len(offered) == MAX_QUEUES + 1
    assert sum(offered.values()) == 100_000
    assert offered[OVERFLOW] == 100_000 - (MAX_QUEUES - 1)
    assert offered["known one"] == 0
    overflow = metrics.registry.get_sample_value("cc_stream_overflow_queues")
    assert overflow == 100_000 - (MAX_QUEUES - 1) <= MOST_APART


@pytest.mark.parametrize("longer", ["", '"' * 300], ids=["short names", "long names"])
def test_the_page_is_within_its_limits_when_all_that_can_happen_happens_everywhere(longer: str) -> None:
    metrics = WorkerMetrics(FLOOR)
    for number in range(MAX_QUEUES + 50):
        feed(metrics, [(NOW, f"{number:03}{longer}", "voice", field, 1) for field in EVERYTHING], number)
    page = generate_latest(metrics.registry)
    assert 4_000 < sum(not line.startswith(b"#") for line in page.splitlines()) <= 20_000
    assert len(page) <= 5_000_000
    assert sum(summed(metrics, "cc_contacts_exited_total").values()) == (MAX_QUEUES + 50) * (len(REASONS) - 1)


def test_sources_beyond_the_cap_share_one_series() -> None:
    metrics = WorkerMetrics(FLOOR)
    feed(metrics, [], sources=tuple(f"/acd/{number}" for number in range(MAX_SOURCES + 9)))
    [family] = [each for each in metrics.registry.collect() if each.name == "cc_stream_last_event_timestamp_seconds"]
    assert len(family.samples) == MAX_SOURCES + 1
    assert OVERFLOW in {sample.labels["source"] for sample in family.samples}


@LAW
@given(
    most=st.integers(0, 4),
    counts=st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from(("voice", "chat")), st.integers(1, 9))),
)
def test_whatever_the_cap_all_that_was_counted_is_there(most: int, counts: list[tuple[str, str, int]]) -> None:
    labels, found = Labels(most), dict[tuple[str, str], int]()
    for name, channel, n in counts:
        key = labels.name(name, channel), channel
        found[key] = found.get(key, 0) + n
    assert sum(found.values()) == sum(n for _, _, n in counts)
    assert len([key for key in found if key[0] != OVERFLOW]) <= most
    for channel in ("voice", "chat"):
        of_channel = sum(n for _, beside, n in counts if beside == channel)
        assert sum(n for (_, beside), n in found.items() if beside == channel) == of_channel


def test_a_name_that_had_a_series_keeps_it_and_one_that_had_none_never_gets_one() -> None:
    labels = Labels(2, [("configured", "voice")])
    assert [labels.name(name, "voice") for name in ("a", "b", "a", "b", "configured")] == [
        "a", OVERFLOW, "a", OVERFLOW, "configured",
    ]  # fmt: skip
    assert labels.turned_away == 1


def test_a_queue_that_calls_itself_the_overflow_is_in_it() -> None:
    labels = Labels(2)
    assert labels.name(OVERFLOW, "voice") == OVERFLOW
    assert [labels.name(name, "voice") for name in "ab"] == ["a", "b"]


def test_names_that_break_a_label_are_cleaned() -> None:
    metrics = WorkerMetrics(FLOOR)
    feed(metrics, [(NOW, "line\nbreak", "voice", "offered", 2), (NOW, "客" * 200, "voice", "offered", 3)])
    names = summed(metrics, "cc_contacts_offered_total").keys() - {"known one"}
    assert len(names) == 2
    assert all(len(name.encode()) <= 200 and name.isprintable() for name in names)
