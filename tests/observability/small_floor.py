"""The small contact centre of `centre.py` and `centre_more.py`, running: what its snapshots say, what panels show."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import redis

from floorpulse.embedded import Servers
from floorpulse.processes import Children
from kpi.floor_snapshot import FloorSnapshot
from kpi.snapshot import QueueSnapshot
from tests.observability.centre import FLOOR, OFFERED, OPEN_CASES, half_an_hour, write
from tests.observability.centre_more import more, write_trickle
from tests.observability.shown import PANELS, Queue, Value
from tests.observability.stack import Ours, Prometheus, eventually, page, start_alertmanager, start_ours
from tests.receiver import RecordingReceiver


@dataclass(frozen=True)
class Floor:
    """The small contact centre, running."""

    ours: Ours
    prometheus: Prometheus
    store: redis.Redis
    receiver: RecordingReceiver
    alertmanager: str
    kafka: str

    def held_back(self, name: str) -> dict[str, bool]:
        """severity -> whether Alertmanager holds the alert of the queue `support` back."""
        alerts = json.loads(page(f"http://{self.alertmanager}/api/v2/alerts?filter=alertname={name}") or "[]")
        of_support = [alert for alert in alerts if alert["labels"].get("queue") == "support"]
        return {alert["labels"]["severity"]: bool(alert["status"]["inhibitedBy"]) for alert in of_support}

    def snapshots(self) -> dict[Queue, QueueSnapshot]:
        """The published snapshot of every queue."""
        texts = [self.store.get(key) for key in self.store.scan_iter("fp:live:snapshot:*")]
        found = [QueueSnapshot.from_json(text) for text in texts if isinstance(text, bytes)]
        return {(each.queue, each.channel): each for each in found}

    def people(self) -> FloorSnapshot:
        """The published snapshot of the floor as a whole."""
        text = self.store.get("fp:live:floor")
        assert isinstance(text, bytes)
        return FloorSnapshot.from_json(text)

    def show(self, key: str, at: float, snapshots: dict[Queue, QueueSnapshot]) -> list[Value]:
        """Everything that a panel shows at an instant; the dashboard of one queue is asked for each of them."""
        panel = PANELS[key]
        if panel.board != "queue":
            return panel.values(self.prometheus, at)
        found = []
        for queue, channel in sorted(snapshots):
            for value in panel.values(self.prometheus, at, queue=queue, channel=channel):
                # A number without a queue is that of the queue that was chosen.
                labels = {"queue": queue, "channel": channel, **value.labels}
                found.append(Value(value.ref, labels, value.number))
        return found

    def trickle(self, number: int) -> None:
        """A few more contacts, read by Prometheus; the first trickle makes series, each later `number` moves them."""
        write_trickle(self.kafka, time.time_ns() // 1_000_000, f"trickle{number}-")
        read = f'sum(cc_contacts_abandoned_total{{queue="general"}}) > {2 * number - 1}'
        eventually(partial(self.prometheus.query, read), 60, "Prometheus has read the counters")


@contextmanager
def small_floor(
    children: Children, at: Servers, receiver: RecordingReceiver, folder: Path, slow: str = "15s"
) -> Iterator[Floor]:
    """Everything from Kafka to Alertmanager, once every event is in the snapshots and Prometheus has read them."""
    (folder / "floor.toml").write_text(FLOOR, encoding="utf-8")
    ours = start_ours(children, at.env(), folder / "floor.toml")
    centre = half_an_hour(time.time_ns() // 1_000_000)
    more(centre)
    write(at.kafka, 2, sorted(centre.events, key=lambda event: event.time_ms))
    alertmanager = start_alertmanager(children, folder / "alertmanager", receiver.address)
    prometheus = Prometheus(children, folder / "prometheus", ours, alertmanager, slow)
    with redis.Redis.from_url(at.redis) as store:
        running = Floor(ours, prometheus, store, receiver, alertmanager, at.kafka)

        def all_in() -> bool:
            shots = {each.queue: each for each in running.snapshots().values()}
            offered = {queue: each.windows["30m"]["offered"] for queue, each in shots.items()}
            fresh = all(each.state == "fresh" for each in shots.values())
            return fresh and offered == OFFERED and shots["mail"].backlog.open == OPEN_CASES

        eventually(all_in, 60, "every event is in the snapshots")
        since = time.time()
        # Until every page has been read after that; the slowest of the board is read every 5 s.
        read = f'count(timestamp(up{{job=~"cc-live|cc-board"}}) > {since}) == 2'
        eventually(lambda: prometheus.query(read), 60, "Prometheus has read it")
        yield running
