"""End to end: trouble in the simulator becomes an alert at a receiver, and its end becomes the end of the alert."""

import subprocess
import time
from pathlib import Path

import pytest
import redis

from floorpulse.embedded import Servers
from floorpulse.processes import Children, floorpulse_command
from kpi.snapshot import QueueSnapshot
from tests.observability.stack import Prometheus, eventually, start_alertmanager, start_ours
from tests.receiver import RecordingReceiver

ALERT = "QueueLongestWaitHigh"
# Only the queue of the spike has a limit, one that its usual waits do not reach.
FLOOR = """
[defaults.thresholds]
longest_wait_seconds = false

[queue.support]
name = "Technical support"
channel = "voice"
thresholds.longest_wait_seconds = { warning = 12, critical = 600 }
"""


@pytest.mark.slow
def test_a_spike_in_the_simulator_makes_the_alert_arrive_and_its_end_resolves_it(
    children: Children, at: Servers, receiver: RecordingReceiver, tmp_path: Path
) -> None:
    (tmp_path / "floor.toml").write_text(FLOOR, encoding="utf-8")
    ours = start_ours(children, at.env(), tmp_path / "floor.toml")
    children.start("the simulator", floorpulse_command("simulate", "--warm-up", "600", "--seed", "7"), at.env())
    alertmanager = start_alertmanager(children, tmp_path / "alertmanager", receiver.address)
    prometheus = Prometheus(children, tmp_path / "prometheus", ours, alertmanager)

    with redis.Redis.from_url(at.redis) as store:

        def runs() -> bool:
            children.check()
            text = store.get("fp:live:snapshot:support:voice")
            snapshot = QueueSnapshot.from_json(text) if isinstance(text, bytes) else None
            calm = snapshot is not None and snapshot.state == "fresh" and (snapshot.now.oldest_wait_seconds or 0) < 6
            return calm and bool(prometheus.query('cc_queue_info{queue="support"}'))

        eventually(runs, 60, "the simulated centre runs, and calmly")
    assert [one.labels for one in receiver.received if one.labels["alertname"] == ALERT] == []

    ordered = time.time()
    spike = floorpulse_command("simulate", "--spike", "support", "--factor", "11", "--lasting", "5")
    subprocess.run(spike, env=at.env(), check=True, capture_output=True, timeout=60)

    fired = receiver.wait_for(90, "firing", since=ordered, alertname=ALERT, queue="support", channel="voice")
    assert fired.labels["severity"] == "warning"
    assert fired.annotations["summary"].startswith("Technical support: longest wait 1")
    assert "(limit 12 s)" in fired.annotations["summary"]

    ended = receiver.wait_for(480, "resolved", since=fired.at, alertname=ALERT, queue="support", channel="voice")
    # It holds for 30 s after the line has cleared.
    assert ended.at - fired.at > 30
    assert not prometheus.query(f'ALERTS{{alertname="{ALERT}",alertstate="firing"}}')
