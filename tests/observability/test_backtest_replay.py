"""One hour of a real day, replayed through Kafka, worker, board, engine and Alertmanager: the alerts of the back-test.

At speed 60 a board that publishes four times a second looks at every fifteenth second of the day, on a machine with
little to do; the back-test looks at every one. So what lasted for less than two such looks may be missed, and two
alerts with less than that between them may be one. Nothing else may differ.
"""

from __future__ import annotations

import csv
import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import redis

from alerts.incidents import Place, incident_for
from floorpulse.backtest.history import span_of
from floorpulse.backtest.incidents import Incident, incidents_of
from floorpulse.backtest.outcome import Alert
from floorpulse.backtest.runner import backtest
from floorpulse.backtest.sources import fill_from_files
from floorpulse.embedded import Servers
from floorpulse.loading import load_floor
from floorpulse.processes import Child, Children, floorpulse_command
from kpi.alert_state import Held
from kpi.keys import alerts_key, snapshot_key
from kpi.snapshot import QueueSnapshot
from tests.data_sets import NO_DATA, find_data
from tests.observability.stack import Alertmanager, start_alerts, start_ours
from tests.observability.webhook import Webhook

DATA = find_data("technion-day/calls_one_day.csv")
DAY = dt.date(1999, 8, 1)
NAMESPACE = "hour"
SPEED = 60
LOOK_MS = SPEED * 250
KEEP_MS = 60_000
FLOOR = """
[defaults.thresholds]
longest_wait_seconds = { warning = { enter = 120, exit = 90 }, critical = 300, keep_seconds = 60 }
waiting = { warning = { enter = 6, exit = 4 }, critical = 10, keep_seconds = 60 }

[queue.PS]
channel = "voice"
group = "private"
[queue.PE]
channel = "voice"
group = "private"
"""
Kind = tuple[str, str, str]


def one_hour(path: Path, first: str, last: str) -> Path:
    """The calls that came in from `first` on and before `last` (H:MM:SS)."""
    assert DATA is not None
    with DATA.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    entry = header.index("vru_entry")
    chosen = [row for row in rows if seconds(first) <= seconds(row[entry]) < seconds(last)]
    assert len(chosen) > 100
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *chosen])
    return path


def names_of(incident: Incident) -> set[str]:
    """The names that it may have, each after one of its alerts."""
    return {incident_for(Place(alert.queue, alert.channel), alert.from_ms, {}) for alert in incident.alerts}


def seconds(clock: str) -> int:
    hours, minutes, rest = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + rest


def kind_of(alert: Alert) -> Kind:
    return alert.rule, alert.severity, alert.queue


def must_be_told(alerts: list[Alert], look_ms: int) -> Iterator[Alert]:
    """Those that no look can miss, and that nothing makes one with the one before; `look_ms`: from look to look."""
    ended: dict[Kind, int] = {}
    for alert in alerts:
        before, lasted = ended.get(kind_of(alert)), (alert.to_ms or 2**52) - alert.fired_ms
        if lasted > 2 * look_ms + KEEP_MS and (before is None or alert.from_ms - before > 2 * look_ms):
            yield alert
        ended[kind_of(alert)] = alert.to_ms or 2**52


@dataclass
class Seen:
    """What the engine says is on (kind and true start), and which kinds Alertmanager holds.

    `looks`: the instants that snapshots were true for.
    """

    engine: set[tuple[Kind, int]] = field(default_factory=set)
    alertmanager: set[Kind] = field(default_factory=set)
    looks: set[int] = field(default_factory=set)

    @property
    def look_ms(self) -> int:
        """The longest time from one look to the next."""
        looks = sorted(self.looks)
        return max((after - before for before, after in pairwise(looks)), default=0)


def watch(replay: Child, alertmanager: Alertmanager, store: redis.Redis) -> Seen:
    """Look at both until the replay is over."""
    seen, end = Seen(), time.monotonic() + 240
    while replay.exit_code is None:
        assert time.monotonic() < end, "the replay does not come to its end"
        stored: Any = store.hgetall(alerts_key(NAMESPACE))
        for name, text in stored.items():
            if name != b"#" and (held := Held.from_json(text)).is_active:
                seen.engine.add(((held.rule, held.severity, held.queue), held.since_ms))
        for alert in alertmanager.alerts(namespace=NAMESPACE):
            label = alert["labels"]
            seen.alertmanager.add((label["alertname"], label["severity"], label["queue"]))
        snapshot: Any = store.get(snapshot_key(NAMESPACE, "PS", "voice"))
        if snapshot is not None:
            seen.looks.add(QueueSnapshot.from_json(snapshot).true_at_ms)
        time.sleep(0.05)
    assert replay.exit_code == 0, replay.last_words()
    return seen


@pytest.mark.slow
@pytest.mark.skipif(DATA is None, reason=NO_DATA)
def test_an_hour_replayed_at_speed_60_notifies_the_incidents_of_the_back_test(
    children: Children, at: Servers, tmp_path: Path
) -> None:
    config, hour = tmp_path / "floor.toml", one_hour(tmp_path / "hour.csv", "10:00:00", "11:00:00")
    config.write_text(FLOOR, encoding="utf-8")
    floor = load_floor(config)
    history = fill_from_files([hour], "table", floor, mapping=Path("technion"), date=DAY.isoformat())
    span = span_of(history, None, None)
    outcome = backtest(history.spool, floor, looks_from_ms=span.looks_from_ms, from_ms=span.from_ms, to_ms=span.to_ms)
    expected = [alert for alert in outcome.alerts if alert.rule in ("QueueLongestWaitHigh", "QueueLengthHigh")]
    assert len({kind_of(alert) for alert in must_be_told(expected, LOOK_MS)}) >= 5, "a test of nearly nothing"

    with Webhook() as webhook:
        env = {**at.env(), "FLOORPULSE_NAMESPACE": NAMESPACE}
        start_ours(children, env, config)
        alertmanager = Alertmanager(children, tmp_path / "am", webhook.address)
        engine = start_alerts(children, env, config, [alertmanager.url])
        arguments = [
            "replay", str(hour), "--as", "table", "--mapping", "technion", "--date", DAY.isoformat(), "--speed",
            str(SPEED), "--namespace", NAMESPACE, "--config", str(config), "--report", str(tmp_path / "report.json"),
        ]  # fmt: skip
        replay = children.start("the replay", floorpulse_command(*arguments), env)
        with redis.Redis.from_url(at.redis) as store:
            seen = watch(replay, alertmanager, store)
        engine.child.check()
        time.sleep(16)  # group_interval
        told = {
            alert["labels"]["incident"]
            for message in webhook.about(audience="floor", source="stream", namespace=NAMESPACE)
            for alert in message.alerts
        }

    by_kind: dict[Kind, list[Alert]] = {}
    for alert in expected:
        by_kind.setdefault(kind_of(alert), []).append(alert)
    for kind, start_ms in seen.engine:
        assert any(alert.from_ms <= start_ms <= (alert.to_ms or span.to_ms) for alert in by_kind.get(kind, [])), (
            f"{kind} since {start_ms} is no alert of the back-test"
        )
    for alert in must_be_told(expected, seen.look_ms):
        assert any(
            kind == kind_of(alert) and alert.from_ms <= start_ms <= alert.from_ms + seen.look_ms
            for kind, start_ms in seen.engine
        ), f"{alert} was not seen, though no two looks were more than {seen.look_ms} ms apart"
    assert seen.alertmanager == {kind for kind, _ in seen.engine}
    # An incident stays open for so long by the clock on the wall: here that is some hours of the day.
    incidents = incidents_of(expected, floor, stays_open_ms=SPEED * 300_000)
    # Named after its first alert, or after the next one, where that was over between two looks.
    names = {name: incident.id for incident in incidents for name in names_of(incident)}
    assert told <= names.keys()
    certain = {incident.id for incident in incidents if any(must_be_told(incident.alerts, seen.look_ms))}
    assert certain <= {names[name] for name in told}
    assert len({names[name] for name in told}) == len(told), "one incident under two names"
