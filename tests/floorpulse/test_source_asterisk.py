"""The service around the follower: the position moves behind acknowledgements, and Kafka's silence is survived."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from floorpulse.commands import source_asterisk
from kpi.events import Event
from sources.asterisk_follow import QueueLogFollower
from sources.errors import SourceError

T = 1_795_317_000


class Kafka:
    """Takes events; the first `refusals` flushes fail. Stops the service once it has acknowledged `enough`."""

    def __init__(self, enough: int, *, refusals: int = 0) -> None:
        self.stopped = asyncio.Event()
        self.acknowledged: list[Event] = []
        self._sent: list[Event] = []
        self._enough, self._refusals = enough, refusals

    async def send(self, event: Event) -> None:
        self._sent.append(event)

    async def flush(self) -> None:
        if self._refusals:
            self._refusals -= 1
            self._sent.clear()
            raise SourceError("Kafka does not answer")
        self.acknowledged += self._sent
        self._sent.clear()
        if len(self.acknowledged) >= self._enough:
            self.stopped.set()

    @property
    def types(self) -> list[str]:
        return [event.noun_verb for event in self.acknowledged]


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[QueueLogFollower]:
    (tmp_path / "queue_log").write_text(f"{T}|c|support|NONE|ENTERQUEUE||x|1\n{T + 3}|c|support|NONE|ABANDON|1|1|3\n")
    with QueueLogFollower(tmp_path / "queue_log", tmp_path / "position", from_start=True) as follower:
        yield follower


async def run(follower: QueueLogFollower, kafka: Kafka, clock_ms: int = 60_000) -> None:
    await asyncio.wait_for(source_asterisk.follow(follower, [], kafka, kafka.stopped, lambda: clock_ms), 20)


async def test_what_the_log_holds_is_acknowledged_and_then_remembered(
    follower: QueueLogFollower, tmp_path: Path
) -> None:
    kafka = Kafka(enough=3)
    await run(follower, kafka)
    assert kafka.types == ["source.heartbeat", "contact.queued", "contact.left_queue"]
    with QueueLogFollower(tmp_path / "queue_log", tmp_path / "position") as again:
        assert again.poll() == []


async def test_while_kafka_does_not_answer_nothing_is_remembered_and_everything_sent_again(
    follower: QueueLogFollower, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_asterisk, "RETRY_SECONDS", 0.0)
    kafka = Kafka(enough=3, refusals=3)
    first = follower.poll()
    await asyncio.wait_for(source_asterisk.follow(follower, first, kafka, kafka.stopped, lambda: 60_000), 20)
    assert kafka.types == ["contact.queued", "contact.left_queue", "source.heartbeat"]


async def test_told_to_stop_while_kafka_does_not_answer_it_stops_without_remembering(
    follower: QueueLogFollower, tmp_path: Path
) -> None:
    kafka = Kafka(enough=1, refusals=1_000)
    kafka.stopped.set()
    await asyncio.wait_for(source_asterisk.follow(follower, follower.poll(), kafka, kafka.stopped, lambda: 0), 20)
    assert kafka.acknowledged == []
    assert not (tmp_path / "position").exists()


async def test_a_heartbeat_comes_every_ten_seconds(follower: QueueLogFollower, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_asterisk, "POLL_SECONDS", 0.0)
    now = iter(range(60_000, 10**9, 500))
    kafka = Kafka(enough=5)
    await asyncio.wait_for(source_asterisk.follow(follower, [], kafka, kafka.stopped, lambda: next(now)), 20)
    beats = [event.time_ms for event in kafka.acknowledged if event.noun_verb == "source.heartbeat"]
    assert len(beats) == 3
    assert all(10_000 <= later - earlier < 11_500 for earlier, later in pairwise(beats))
