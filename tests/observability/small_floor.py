"""The small contact centre of `centre.py`, running: what its snapshots say and what the panels of the wall show."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from floorpulse.embedded import Servers
from floorpulse.processes import Children
from kpi.snapshot import QueueSnapshot
from tests.data_sets import ROOT
from tests.observability.centre import FLOOR, OFFERED, OPEN_CASES, write
from tests.observability.stack import Ours, Prometheus, eventually, page, start_alertmanager, start_ours
from tests.receiver import RecordingReceiver

WALL = json.loads((ROOT / "grafana" / "dashboards" / "wall.json").read_text(encoding="utf-8"))
PANELS: dict[str, dict[str, Any]] = {panel["title"]: panel for panel in WALL["panels"]}
AGE = "Age of the data"
Queue = tuple[str, str]
Result = tuple[str, dict[str, str], float]


@dataclass(frozen=True)
class Floor:
    """The small contact centre, running."""

    ours: Ours
    prometheus: Prometheus
    store: redis.Redis
    receiver: RecordingReceiver
    alertmanager: str

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

    def panel(self, title: str, at: float) -> list[Result]:
        """(refId, labels, value) of every result of a panel's queries, all queues chosen."""
        results = []
        for target in PANELS[title]["targets"]:
            promql = target["expr"].replace("$queue", ".+").replace("$channel", ".+")
            results += [(target["refId"], *result) for result in self.prometheus.query(promql, at)]
        return results


@contextmanager
def small_floor(children: Children, at: Servers, receiver: RecordingReceiver, folder: Path) -> Iterator[Floor]:
    """Everything from Kafka to Alertmanager, once every event is in the snapshots and Prometheus has read them."""
    (folder / "floor.toml").write_text(FLOOR, encoding="utf-8")
    ours = start_ours(children, at.env(), folder / "floor.toml")
    write(at.kafka, 2)
    alertmanager = start_alertmanager(children, folder / "alertmanager", receiver.address)
    prometheus = Prometheus(children, folder / "prometheus", ours, alertmanager)
    with redis.Redis.from_url(at.redis) as store:
        running = Floor(ours, prometheus, store, receiver, alertmanager)

        def all_in() -> bool:
            shots = {each.queue: each for each in running.snapshots().values()}
            offered = {queue: each.windows["30m"]["offered"] for queue, each in shots.items()}
            fresh = all(each.state == "fresh" for each in shots.values())
            return fresh and offered == OFFERED and shots["mail"].backlog.open == OPEN_CASES

        eventually(all_in, 30, "every event is in the snapshots")
        since = time.time()
        # Until every page has been read after that; the slowest is read every 5 s.
        read = f'count(timestamp(up{{job=~"cc-live|cc-board"}}) > {since}) == 2'
        eventually(lambda: prometheus.query(read), 30, "Prometheus has read it")
        yield running
