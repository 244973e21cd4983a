"""Everything in this folder needs Prometheus and Alertmanager: `make test-observability`."""

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from floorpulse.embedded import Servers
from floorpulse.processes import Children
from floorpulse.report import build_report
from kpi.floor import parse_floor
from kpi.panes import METRIC_WINDOWS
from kpi.snapshot import QueueSnapshot
from tests.observability.centre import FLOOR
from tests.observability.expected import Seen
from tests.observability.shown import PANELS, Value
from tests.observability.small_floor import Floor, small_floor
from tests.observability.stack import eventually
from tests.receiver import RecordingReceiver


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("observability")


#: A rate looks back over a minute: at the instant that is looked at, the counters moved no longer ago than this.
TRICKLE_SECONDS, MOVED_SECONDS = 25.0, 45.0


@pytest.fixture(scope="module")
def receiver() -> Iterator[RecordingReceiver]:
    """Where the alerts arrive."""
    with RecordingReceiver() as listening:
        yield listening


@pytest.fixture(scope="module")
def floor(
    children: Children, at: Servers, receiver: RecordingReceiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Floor]:
    """The small contact centre, running."""
    with small_floor(children, at, receiver, tmp_path_factory.mktemp("floor")) as running:
        yield running


@pytest.fixture(scope="module")
def busy_floor(
    children: Children, at: Servers, receiver: RecordingReceiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Floor]:
    """The small contact centre with workers that are read every 2 s, after a trickle that made their series."""
    with small_floor(children, at, receiver, tmp_path_factory.mktemp("floor"), slow="2s") as floor:
        floor.trickle(1)
        yield floor


def counted(snapshots: dict[Any, QueueSnapshot], floor: Floor) -> object:
    """What must stand still around the instant that is looked at: everything that does not move with the clock."""
    people = floor.people()
    return (
        {key: (each.severity_by, each.now.waiting_over_target, each.now.agents, each.now.at_risk, each.now.in_service,
               each.backlog.clocks, each.backlog.status, each.now.callbacks,
               {name: each.windows[name] for name in METRIC_WINDOWS}) for key, each in snapshots.items()},
        {name: (team.states, team.slots, team.phantoms) for name, team in people.teams.items()},
        people.doubts,
    )  # fmt: skip


@pytest.fixture(scope="module")
def seen(busy_floor: Floor) -> Seen:
    """One instant around which nothing changed, and which Prometheus has read and recorded."""
    recorded = "min(timestamp(queue_channel:cc_queue_service_level:ratio30m))"

    trickles, newest = count(2), 0.0

    def still() -> Seen | None:
        nonlocal newest
        if time.time() - newest > TRICKLE_SECONDS:
            busy_floor.trickle(next(trickles))
            newest = time.time()
        before = counted(busy_floor.snapshots(), busy_floor)
        # Read every 5 s, recorded every 5 s.
        since = time.time() + 6
        eventually(lambda: busy_floor.prometheus.query(f"{recorded} > {since}"), 40, "Prometheus has recorded it")
        at, snapshots = time.time(), busy_floor.snapshots()
        if counted(snapshots, busy_floor) != before:
            return None
        to_ms = round(at * 1000)
        report = build_report(
            busy_floor.store,
            "live",
            span_from_ms=to_ms - 1_750_000,
            span_to_ms=to_ms,
            by=("queue",),
            floor=parse_floor(FLOOR),
        )
        if at - newest > MOVED_SECONDS:
            return None
        return Seen(at, snapshots, busy_floor.people(), report["per_queue"])

    return eventually(still, 240, "half a minute in which nothing changes")


@pytest.fixture(scope="module")
def shown(busy_floor: Floor, seen: Seen) -> dict[str, list[Value]]:
    """What every panel shows at that instant."""
    return {key: busy_floor.show(key, seen.at, dict(seen.snapshots)) for key in PANELS}
