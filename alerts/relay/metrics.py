"""What the relay counts, for Prometheus. Names and help come from the catalogue, labels from relay.toml."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from alerts.relay.spool import SpoolError, Waiting
from kpi.catalogue import BY_NAME

Result = Literal["sent", "digested", "rejected", "failed"]
RESULTS: tuple[Result, ...] = ("sent", "digested", "rejected", "failed")


class RelayMetrics:
    """The families of the relay in one registry. `waiting`: asks the spool what waits for a robot.

    `left`: asks it for whom anything waits, robots that relay.toml no longer names among them.
    """

    def __init__(
        self,
        robots: Iterable[str],
        waiting: Callable[[str], Waiting],
        revision: str = "unknown",
        left: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._messages = Counter(*_named("cc_relay_messages_total"), ("robot", "result"), registry=self.registry)
        self._last = Gauge(*_named("cc_relay_last_sent_timestamp_seconds"), ("robot",), registry=self.registry)
        build = Gauge(*_named("cc_build_info"), ("version", "revision", "python"), registry=self.registry)
        build.labels(version("floorpulse"), revision, platform.python_version()).set(1)
        self._waiting = _Waiting(waiting, left)
        self.expect(robots)
        self.registry.register(self._waiting)

    def expect(self, robots: Iterable[str]) -> None:
        """These are the robots from now on; what was counted of others stays until the process ends."""
        self._waiting.robots = tuple(robots)
        for robot in self._waiting.robots:
            for result in RESULTS:
                self._messages.labels(robot, result)  # a series that begins with its first fault has no rate there

    def message(self, robot: str, result: Result, now_ms: int) -> None:
        """A message was taken (sent: of one incident, digested: of several), refused, or lost on its way."""
        self._messages.labels(robot, result).inc()
        if result in ("sent", "digested"):
            self._last.labels(robot).set(now_ms / 1000)

    def page(self) -> bytes:
        """The text of /metrics."""
        return generate_latest(self.registry)


class _Waiting(Collector):
    """What waits, read when somebody asks. `robots`: those of relay.toml."""

    def __init__(self, waiting: Callable[[str], Waiting], left: Callable[[], Iterable[str]]) -> None:
        self._waiting, self._left = waiting, left
        self.robots: tuple[str, ...] = ()

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is read while this is registered."""
        return [self._family("cc_relay_pending_alerts"), self._family("cc_relay_oldest_pending_timestamp_seconds")]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        count, oldest = self.describe()
        robots = self.robots
        try:
            for robot in (*robots, *sorted(set(self._left()) - set(robots))):
                waiting = self._waiting(robot)
                count.add_metric([robot], waiting.alerts)
                # What was left behind on purpose is late for nobody.
                if waiting.oldest_ms is not None and robot in robots:
                    oldest.add_metric([robot], waiting.oldest_ms / 1000)
        except SpoolError:  # no number is better than a wrong one; the door says that the disk is gone
            pass
        yield count
        yield oldest

    def _family(self, name: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(*_named(name), labels=["robot"])


def _named(name: str) -> tuple[str, str]:
    return name, BY_NAME[name].help
