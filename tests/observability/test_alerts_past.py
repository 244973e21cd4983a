"""Nobody is woken about the past: the whole chain from Kafka on, behind by an hour and catching up."""

import time
from pathlib import Path

import pytest

from floorpulse.embedded import Servers
from floorpulse.processes import Children, floorpulse_command
from kpi.instants import parse_time
from tests.observability.alert_floor import ALERT
from tests.observability.centre import Centre, write
from tests.observability.stack import Alertmanager, start_alerts, start_ours
from tests.observability.webhook import Webhook

LIMIT_SECONDS = 5
FLOOR = f"""
[defaults.thresholds]
longest_wait_seconds = {{ warning = {LIMIT_SECONDS}, critical = false, keep_seconds = 2 }}
waiting = {{ warning = 5, critical = false, for_seconds = 2 }}
"""
HOUR = 3600
QUEUES = [f"past{number}" for number in range(10)]


def an_hour(now_ms: int) -> Centre:
    """Ten queues in trouble again and again, all of it over for a minute; one customer has waited for 40 minutes."""
    centre = Centre(now_ms, "past")
    for queue in QUEUES:
        for ago in range(HOUR, 120, -10):
            centre.contact(queue, ago, left=(55, "abandoned"))
    centre.contact("forgotten", 40 * 60)
    return centre


def join_now(kafka: str, queue: str, name: str) -> int:
    """Somebody joins a queue; since when (ms)."""
    joined_ms = time.time_ns() // 1_000_000
    centre = Centre(joined_ms, name)
    centre.contact(queue, 0)
    write(kafka, 2, centre.events)
    return joined_ms


@pytest.mark.slow
def test_catching_up_an_hour_tells_nothing_of_it_and_then_the_true_start(
    children: Children, at: Servers, tmp_path: Path
) -> None:
    config = tmp_path / "floor.toml"
    config.write_text(FLOOR, encoding="utf-8")
    with Webhook() as webhook:
        ours = start_ours(children, at.env(), config)
        alertmanager = Alertmanager(children, tmp_path / "am", webhook.address)
        start_alerts(children, at.env(), config, [alertmanager.url])

        joined_ms = join_now(at.kafka, "before", "b")
        message = webhook.wait_for(30, "firing", alertname=ALERT, queue="before")
        # G5, from Kafka to the receiver.
        assert message.at - joined_ms / 1000 - LIMIT_SECONDS <= 5

        children.remove(ours.worker)
        now_ms = time.time_ns() // 1_000_000
        hour = an_hour(now_ms)
        write(at.kafka, 2, sorted(hour.events, key=lambda event: event.time_ms))
        worker = children.start("the worker", floorpulse_command("worker"), ours.env)
        found = webhook.wait_for(90, "firing", alertname=ALERT, queue="forgotten")
        [alert] = found.holds("firing", queue="forgotten")
        assert parse_time(alert["startsAt"]) == now_ms - 40 * 60_000 + LIMIT_SECONDS * 1000

        # The chain is there again: what happens now arrives as it did before.
        joined_ms = join_now(at.kafka, "after", "a")
        message = webhook.wait_for(30, "firing", alertname=ALERT, queue="after")
        assert message.at - joined_ms / 1000 - LIMIT_SECONDS <= 5
        told = {alert["labels"]["queue"] for each in webhook.about("firing", audience="floor") for alert in each.alerts}
        assert told == {"before", "forgotten", "after"}
        assert webhook.about("resolved", queue="before") == []
        worker.check()
