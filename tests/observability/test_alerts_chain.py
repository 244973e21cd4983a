"""The whole chain, from Kafka to the receiver, with one part of it killed; beside it, waves around a limit.

One message for one incident, in time, and never that something is over which is not.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

import pytest

from floorpulse.embedded import HOST, Servers, start_kafka, start_redis
from floorpulse.processes import Children, floorpulse_command
from kpi.instants import parse_time
from tests import ports
from tests.observability.alert_floor import ALERT, GROUP_INTERVAL_SECONDS, RUNS
from tests.observability.centre import Centre, write
from tests.observability.stack import (
    Alertmanager,
    Engine,
    Ours,
    Prometheus,
    answers,
    eventually,
    start_alerts,
    start_ours,
)
from tests.observability.waves import QUEUES, Waves, waves
from tests.observability.webhook import Message, Webhook

LIMIT_SECONDS = 5
FOR_SECONDS = 15
FLOOR = f"""
[defaults]
target = {{ percent = 80, seconds = 20 }}

[defaults.thresholds]
longest_wait_seconds = {{ warning = {LIMIT_SECONDS}, critical = false, keep_seconds = 2 }}
service_level_ratio = {{ critical = false, for_seconds = {FOR_SECONDS} }}
waiting = false
unattended_contacts = false
closed_wait_seconds = false
abandonment_ratio = false
"""
# G5.
NORMAL_SECONDS = 5.0
STANDARD_SECONDS = 30.0
PROMETHEUS_SECONDS = FOR_SECONDS + 30.0
DEADMAN_SECONDS = 90.0
# So much longer than another one a message may be on its way to us, on a machine that is busy.
LATE_SECONDS = 3.0
LONG = RUNS >= 100


@dataclass
class Chain:
    """Everything, running; every number is on the board."""

    children: Children
    at: Servers
    ours: Ours
    config: Path
    webhook: Webhook
    alertmanager: Alertmanager
    engine: Engine
    prometheus: Prometheus
    env: dict[str, str]

    def start_engine(self) -> None:
        """Start an alert engine where the last one was."""
        self.engine = start_alerts(self.children, self.env, self.config, [self.alertmanager.url], self.engine.port)

    def die(self) -> None:
        """SIGKILL to all of it."""
        for child in (self.engine.child, self.ours.worker, self.ours.board):
            child.kill()
            self.children.remove(child)
        self.prometheus.kill()
        self.alertmanager.kill()

    def join(self, queue: str) -> float:
        """Somebody joins a queue, and waits; when that will have been for too long (Unix seconds)."""
        joined_ms = time.time_ns() // 1_000_000
        centre = Centre(joined_ms, f"{queue}-{joined_ms}-")
        centre.contact(queue, 0)
        write(self.at.kafka, 2, centre.events)
        return joined_ms / 1000 + LIMIT_SECONDS

    def fail(self, queue: str) -> None:
        """Everybody of the last minutes was answered far too late."""
        centre = Centre(time.time_ns() // 1_000_000, f"{queue}-")
        for number in range(25):
            centre.contact(queue, 240 - number, answered=70, talk=20)
        write(self.at.kafka, 2, sorted(centre.events, key=lambda event: event.time_ms))

    def told(self, name: str, queue: str, status: str = "firing") -> list[Message]:
        """The messages about an alert of a queue."""
        return self.webhook.about(status, alertname=name, queue=queue)

    def inhibited(self, name: str, **labels: str) -> bool:
        """Whether Alertmanager holds an alert back."""
        return any(alert["status"]["inhibitedBy"] for alert in self.alertmanager.alerts(alertname=name, **labels))


@contextmanager
def whole_chain(folder: Path, deadman: str | None = None) -> Iterator[Chain]:
    """Start all of it; `deadman`: where the alerts that always fire go."""
    config = folder / "floor.toml"
    config.write_text(FLOOR, encoding="utf-8")
    with ExitStack() as stack:
        children = stack.enter_context(Children())
        webhook = stack.enter_context(Webhook())
        redis = start_redis(children)
        at = Servers(start_kafka(children), redis, redis, embedded_kafka=True)
        ours = start_ours(children, at.env(), config)
        alertmanager = Alertmanager(children, folder / "alertmanager", webhook.address, deadman)
        prometheus_port = ports.port()
        env = at.env(FLOORPULSE_PROMETHEUS=f"http://{HOST}:{prometheus_port}")
        engine = start_alerts(children, env, config, [alertmanager.url])
        prometheus = Prometheus(
            children, folder / "prometheus", ours, alertmanager.address, alerts=engine.address, port=prometheus_port
        )
        chain = Chain(children, at, ours, config, webhook, alertmanager, engine, prometheus, env)
        eventually(engine.leads, 10, "the engine evaluates")
        eventually(lambda: prometheus.query("cc_alert_last_post_timestamp_seconds"), 60, "Prometheus reads the engine")
        yield chain


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with whole_chain(tmp_path) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def swinging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Waves]:
    """Waves take two minutes; they run while the other tests of this file do."""
    with waves(tmp_path_factory.mktemp("waves")) as running:
        yield running


def test_a_value_that_swings_around_its_limit_is_told_once_per_group_interval_and_direction(swinging: Waves) -> None:
    swinging.wait()
    for queue, period in QUEUES.items():
        for status in ("firing", "resolved"):
            told = swinging.told(status, queue)
            # Of any two; a message may be late on its way, which makes no difference over several intervals.
            apart = [(later - earlier) - (n - m) * GROUP_INTERVAL_SECONDS
                     for (m, earlier), (n, later) in combinations(enumerate(told), 2)]  # fmt: skip
            assert [seconds for seconds in apart if seconds < -LATE_SECONDS] == [], (queue, status)
        if queue.startswith("kept"):
            # Good for less long than an alert is kept: it never ended. The second swing of two minutes may begin too
            # late to be looked at.
            assert 1 <= len(swinging.told("firing", queue)) <= (1 if period <= 60 else 2), queue


def test_prometheus_killed_while_an_alert_is_pending_tells_it_within_its_for_and_30_s(chain: Chain) -> None:
    chain.fail("slow")
    pending = 'queue_channel_severity_measure:cc_alert_windows:since{queue="slow"}'
    eventually(lambda: chain.prometheus.query(pending), 30, "the service level is low")
    chain.prometheus.kill()
    crossed = chain.join("quick")
    # What our own engine evaluates does not need it.
    message = chain.webhook.wait_for(LIMIT_SECONDS + 2 * NORMAL_SECONDS, "firing", alertname=ALERT, queue="quick")
    assert message.at - crossed <= NORMAL_SECONDS
    assert chain.told("ServiceLevelLow", "slow") == []
    chain.prometheus.start()
    chain.webhook.wait_for(PROMETHEUS_SECONDS, "firing", alertname="ServiceLevelLow", queue="slow")

    chain.prometheus.kill()
    eventually(lambda: chain.inhibited("ServiceLevelLow", queue="slow"), 40, "what only Prometheus could end is kept")
    chain.webhook.wait_for(60, "firing", alertname="PrometheusSilent")
    if LONG:
        # Alertmanager ends what Prometheus said 4 minutes after its last word.
        time.sleep(270)
    chain.prometheus.start()
    # Long enough to be evaluated and told again.
    time.sleep(20)
    for name, queue in (("ServiceLevelLow", "slow"), (ALERT, "quick")):
        assert len(chain.told(name, queue)) == 1
        assert chain.told(name, queue, "resolved") == []


def test_when_the_engine_is_gone_prometheus_speaks_for_it_and_nothing_is_over(chain: Chain) -> None:
    chain.join("old")
    chain.webhook.wait_for(LIMIT_SECONDS + 2 * NORMAL_SECONDS, "firing", alertname=ALERT, queue="old", source="stream")
    chain.engine.child.kill()
    chain.children.remove(chain.engine.child)
    chain.join("new")
    message = chain.webhook.wait_for(90, "firing", alertname=ALERT, queue="new")
    [alert] = message.holds("firing", queue="new")
    assert alert["labels"]["source"] == "prometheus"
    chain.webhook.wait_for(60, "firing", alertname="StreamAlertEngineSilent")
    # Our engine's alerts end by themselves 5 minutes after its last word; nobody is to hear of that.
    eventually(lambda: chain.inhibited(ALERT, queue="old", source="stream"), 30, "the end of the old alert is kept")
    assert (len(chain.told(ALERT, "old")), len(chain.told(ALERT, "new"))) == (1, 1)
    if LONG:
        time.sleep(330)
        assert chain.webhook.about("resolved", alertname=ALERT) == []

    chain.start_engine()
    eventually(chain.engine.leads, 10, "the engine evaluates again")
    crossed = chain.join("newest")
    # Until Prometheus sees that it is back, its word does not count.
    message = chain.webhook.wait_for(60, "firing", alertname=ALERT, queue="newest")
    assert message.at - crossed <= STANDARD_SECONDS
    time.sleep(GROUP_INTERVAL_SECONDS + 1)
    assert chain.webhook.about("resolved", alertname=ALERT) == []
    # Once our engine's word has ended, that of Prometheus counts: a reminder.
    assert len(chain.told(ALERT, "old")) <= (2 if LONG else 1)


def test_when_the_whole_chain_is_dead_the_dead_man_says_so_within_90_s(tmp_path: Path) -> None:
    port = ports.port()
    with Webhook() as people, Children() as elsewhere:
        with whole_chain(tmp_path, deadman=f"{HOST}:{port}") as chain:
            for name in ("Watchdog", "StreamWatchdog"):
                eventually(partial(chain.alertmanager.alerts, alertname=name), 60, f"{name} fires")
            command = floorpulse_command("deadman", "--port", str(port), "--notify", f"http://{people.address}/")
            switch = elsewhere.start("the dead man's switch", command)
            answers(switch, f"http://{HOST}:{port}/livez")
            # Both are told again every 10 s.
            time.sleep(12)
            died = time.time()
            chain.die()
        assert people.messages == []
        for name in ("Watchdog", "StreamWatchdog"):
            message = people.wait_for(died + DEADMAN_SECONDS - time.time(), "firing", missing=name)
            assert message.at - died <= DEADMAN_SECONDS
            [alert] = message.holds(missing=name)
            # It was heard until the end.
            assert died - 20 <= parse_time(alert["startsAt"]) / 1000 <= died + 1
