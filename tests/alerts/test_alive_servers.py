"""The sign of life of a real Prometheus in a real Alertmanager, both as shipped: as long as it lives, and killed."""

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from alerts.alertmanager import Address
from alerts.alertmanager import Alertmanager as Client
from alerts.alive import MATCHERS, is_alive
from alerts.notices import Notice
from alerts.tasks import end
from alerts.watch import Watch
from floorpulse.processes import Children
from tests import ports
from tests.alerts.engines import until
from tests.eventually import eventually
from tests.observability.stack import Alertmanager, Ours, Prometheus

pytestmark = pytest.mark.observability


class Pair:
    """A Prometheus whose worker and board are away, so that it has something to tell, and its Alertmanager."""

    def __init__(self, children: Children, folder: Path) -> None:
        nobody = children.start("nobody", ["sleep", "600"])
        self.alertmanager = Alertmanager(children, folder / "am", "127.0.0.1:9")
        away = Ours(nobody, nobody, "http://127.0.0.1:1", "http://127.0.0.1:1", {})
        self.prometheus = Prometheus(children, folder / "prometheus", away, self.alertmanager.address)
        self.asked = Client(Address(self.alertmanager.url))

    async def proves(self) -> bool:
        """What the engine finds."""
        found = await self.asked.held_at(MATCHERS)
        return found is not None and found[1] is not None and is_alive(found[0], found[1])

    def sign(self) -> list[str]:
        """When the sign of life was renewed."""
        return [alert["updatedAt"] for alert in self.alertmanager.alerts(alertname="Watchdog")]

    def is_renewed_after(self, sign: list[str]) -> bool:
        """Whether there is another one."""
        return self.sign() != sign

    def told(self) -> set[str]:
        """What goes on by the word of Prometheus."""
        return {alert["fingerprint"] for alert in self.alertmanager.alerts(source="prometheus")}


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    with Children() as children:
        made = Pair(children, tmp_path)
        # Prometheus may not know its Alertmanager yet when it gives its first sign of life.
        eventually(lambda: len(made.told()) >= 3 and bool(made.alertmanager.alerts(alertname="Watchdog")), 90)
        yield made
        await made.asked.close()


async def test_it_is_alive_for_as_long_as_it_lives_and_dead_before_the_first_of_its_alerts_ends(pair: Pair) -> None:
    said: list[Notice] = []
    # We do not reach it.
    watch = Watch(
        Address(f"http://127.0.0.1:{ports.port()}"), said.append, lambda: time.time_ns() // 1_000_000,
        alertmanagers=[pair.asked],
    )  # fmt: skip
    watching = asyncio.create_task(watch.run())
    try:
        await until(lambda: watch.is_silent, 60)
        for _ in range(2):
            await until(partial(pair.is_renewed_after, pair.sign()), 60)
        assert await pair.proves()
        # A sign of life that this machine made late holds it back for a moment only.
        await until(lambda: not watch.is_gone, 60)
        names = [dict(notice.labels)["alertname"] for notice in said if notice.ended_ms is None]
        assert names.count("PrometheusSilent") == 1 and names.count("PrometheusGone") <= 1

        pair.prometheus.kill()
        told = pair.told()
        await until(lambda: watch.is_gone, 60)
        assert pair.told() == told
    finally:
        await end([watching])
