"""What holds what back, on a real Alertmanager with the shipped configuration: in pairs, held back and not."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from alerts.alertmanager import Address
from alerts.alertmanager import Alertmanager as AlertmanagerClient
from alerts.alive import MATCHERS, is_alive
from floorpulse.processes import Children
from tests.eventually import eventually
from tests.observability.stack import Alertmanager

pytestmark = pytest.mark.observability

Labels = dict[str, str]


def of(name: str, **labels: str) -> Labels:
    """The labels of an alert that Prometheus tells the floor of, but for what is said otherwise."""
    return {"alertname": name, "audience": "floor", "source": "prometheus", "severity": "warning", **labels}


WAIT = of("QueueLongestWaitHigh", queue="a", channel="voice")
CRITICAL = {**WAIT, "severity": "critical"}
OF_ENGINE = {**WAIT, "source": "stream", "incident": "a-1"}
CRITICAL_OF_ENGINE = {**OF_ENGINE, "severity": "critical"}
OF_REPLAY = {**CRITICAL_OF_ENGINE, "namespace": "yesterday"}
#: Kubernetes gives what Prometheus tells a namespace of its own.
IN_CLUSTER = {"namespace": "floorpulse"}
STALE = of("BoardStale", reason="old")
ENGINE_IS_SILENT = of("StreamAlertEngineSilent", audience="platform", severity="critical", reason="old")
SILENT_PROMETHEUS = of("PrometheusSilent", audience="platform", severity="critical", source="stream")
NO_PROMETHEUS = of("PrometheusGone", audience="deadman", severity="none", source="stream")

#: (what it is, the alert that speaks, the other one, whether that is held back)
CASES = [
    ("the critical one speaks for the warning", CRITICAL, WAIT, True),
    ("also when another engine says it", {**CRITICAL, "source": "stream"}, WAIT, True),
    ("not of another channel", {**CRITICAL, "channel": "chat"}, WAIT, False),
    ("not of another alert", {**CRITICAL, "alertname": "QueueLengthHigh"}, WAIT, False),
    ("not of another team", of("OccupancyHigh", team="x", severity="critical"), of("OccupancyHigh", team="y"), False),
    (
        "of the same team it does",
        of("OccupancyHigh", team="x", severity="critical"),
        of("OccupancyHigh", team="x"),
        True,
    ),
    (
        "nor of another system",
        of("SourceSilent", system="x", severity="critical"),
        of("SourceSilent", system="y"),
        False,
    ),
    ("a warning speaks for nothing", WAIT, CRITICAL, False),
    ("the engine speaks for its twin", OF_ENGINE, WAIT, True),
    ("and for the critical one", CRITICAL_OF_ENGINE, CRITICAL, True),
    ("a stream warning does not hold back the critical twin", OF_ENGINE, CRITICAL, False),
    ("a critical one of the stream holds back the warning twin", CRITICAL_OF_ENGINE, WAIT, True),
    ("the critical twin holds back the warning of the stream", CRITICAL, OF_ENGINE, True),
    ("not the critical one of the stream", CRITICAL, CRITICAL_OF_ENGINE, False),
    ("the engine does not speak for the twin of another queue", {**OF_ENGINE, "queue": "b"}, WAIT, False),
    ("the twin does not speak for the engine", WAIT, OF_ENGINE, False),
    ("a replay does not hold back the live warning", OF_REPLAY, OF_ENGINE, False),
    ("nor what Prometheus says of the live queue", OF_REPLAY, CRITICAL, False),
    ("but its own warning", OF_REPLAY, {**OF_ENGINE, "namespace": "yesterday"}, True),
    ("in a cluster the engine speaks for its twin, too", OF_ENGINE, WAIT | IN_CLUSTER, True),
    ("and the critical one for the warning", CRITICAL | IN_CLUSTER, WAIT | IN_CLUSTER, True),
    ("old numbers hold back what Prometheus says of queues", STALE, WAIT, True),
    ("a stream that stands still does, too", of("StreamStalled", audience="platform", severity="critical"), WAIT, True),
    ("not what the engine says, which knows it", STALE, OF_ENGINE, False),
    ("nor the pipeline's own alerts", STALE, of("WorkerDown", audience="platform"), False),
    ("nor themselves", {**STALE, "reason": "absent"}, STALE, False),
    ("an engine that is gone cannot say that an alert is over", ENGINE_IS_SILENT, OF_ENGINE, True),
    ("one that was never seen may well speak", {**ENGINE_IS_SILENT, "reason": "absent"}, OF_ENGINE, False),
    (
        "and its own sign of life goes on",
        ENGINE_IS_SILENT,
        of("StreamWatchdog", audience="deadman", source="stream"),
        False,
    ),
    ("a Prometheus that is gone cannot either", NO_PROMETHEUS, WAIT, True),
    ("and its sign of life goes on", NO_PROMETHEUS, of("Watchdog", audience="deadman"), False),
    ("nor is what it says of the platform told", NO_PROMETHEUS, of("WorkerDown", audience="platform"), True),
    ("the engine goes on without it", NO_PROMETHEUS, OF_ENGINE, False),
    ("people hear that it is silent", NO_PROMETHEUS, SILENT_PROMETHEUS, False),
    ("one that only we do not hear goes on telling", SILENT_PROMETHEUS, WAIT, False),
    ("of the platform, too", SILENT_PROMETHEUS, of("WorkerDown", audience="platform"), False),
]


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    """The shipped configuration; whoever it would tell is not there."""
    with Children() as children:
        yield Alertmanager(children, Path(tmp_path_factory.mktemp("alertmanager")) / "am", "127.0.0.1:9")


@pytest.mark.parametrize(
    ("speaks", "other", "is_held_back"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_an_alert_holds_another_one_back(
    alertmanager: Alertmanager, speaks: Labels, other: Labels, is_held_back: bool
) -> None:
    now = datetime.fromtimestamp(time.time(), UTC)
    posted = [
        {"labels": labels, "startsAt": now.isoformat(), "endsAt": (now + timedelta(minutes=1)).isoformat()}
        for labels in (speaks, other)
    ]
    httpx.post(f"{alertmanager.url}/api/v2/alerts", json=posted).raise_for_status()
    matchers = {name: value for name, value in other.items() if name != "incident"}

    def states() -> set[str]:
        return {alert["status"]["state"] for alert in alertmanager.alerts(**matchers) if alert["labels"] == other}

    wanted = {"suppressed" if is_held_back else "active"}
    eventually(lambda: states() == wanted, 10)
    gone = [{**each, "endsAt": (now + timedelta(milliseconds=1)).isoformat()} for each in posted]
    httpx.post(f"{alertmanager.url}/api/v2/alerts", json=gone).raise_for_status()
    eventually(lambda: not alertmanager.alerts(alertname=other["alertname"]), 10)
    eventually(lambda: not alertmanager.alerts(alertname=speaks["alertname"]), 10)


async def test_a_sign_of_life_is_a_proof_until_it_is_not_renewed(alertmanager: Alertmanager) -> None:
    watchdog = of("Watchdog", audience="deadman", severity="none")
    of_others = of("Watchdog", source="", audience="")
    ours = AlertmanagerClient(Address(alertmanager.url))

    async def lives(later_ms: int = 0) -> bool:
        found = await ours.held_at(MATCHERS)
        assert found is not None and found[1] is not None
        return is_alive(found[0], found[1] + later_ms)

    def post(labels: Labels, lasts: float) -> None:
        now = datetime.fromtimestamp(time.time(), UTC)
        alert = {"labels": labels, "startsAt": (now - timedelta(hours=1)).isoformat(),
                 "endsAt": (now + timedelta(seconds=lasts)).isoformat()}  # fmt: skip
        httpx.post(f"{alertmanager.url}/api/v2/alerts", json=[alert]).raise_for_status()

    post(of_others, 40)
    assert not await lives()
    post(of_others, -1)
    post(watchdog, 40)
    assert await lives()
    assert await lives(10_000)
    assert not await lives(16_500)
    renewed = [alert["updatedAt"] for alert in alertmanager.alerts(**watchdog)]
    post(watchdog, 41)
    assert [alert["updatedAt"] for alert in alertmanager.alerts(**watchdog)] > renewed
    post(watchdog, -1)
    assert not await lives()
    await ours.close()
