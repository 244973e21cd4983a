"""What the tests of alerts run on: a board that does as it is told, engines, Alertmanagers and their receivers."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from floorpulse.embedded import Servers, start_redis
from floorpulse.processes import Children
from kpi.floor import parse_floor
from kpi.instants import parse_time
from tests.observability.fake_board import FakeBoard
from tests.observability.stack import Alertmanager, Engine, eventually, start_alerts
from tests.observability.webhook import Message, Webhook

#: How many incidents each fault is tried on. FLOORPULSE_ALERT_RUNS=100 is the long run, which also waits until
#: Alertmanager ends by itself what nobody tells any more.
RUNS = int(os.environ.get("FLOORPULSE_ALERT_RUNS", "20"))
ALERT = "QueueLongestWaitHigh"
LIMIT_SECONDS = 2
KEEP_SECONDS = 2
#: The shipped group_interval of the floor's route: the end of an alert leaves with its next turn.
GROUP_INTERVAL_SECONDS = 15
#: Only one rule, with a limit that is reached at once. No queue shares anything with another: each is an incident.
FLOOR = f"""
[defaults.thresholds]
longest_wait_seconds = {{ warning = {LIMIT_SECONDS}, critical = false, keep_seconds = {KEEP_SECONDS} }}
waiting = false
unattended_contacts = false
closed_wait_seconds = false
abandonment_ratio = false
service_level_ratio = false
"""


@dataclass
class AlertFloor:
    """A running floor. `engines`: those that were started; each of `sites` is an Alertmanager with its receiver."""

    children: Children
    at: Servers
    folder: Path
    board: FakeBoard
    sites: list["Site"]
    engines: list[Engine] = field(default_factory=list)

    def start_engine(self) -> Engine:
        """One more engine, which posts to every Alertmanager."""
        urls = [site.alertmanager.url for site in self.sites]
        engine = start_alerts(self.children, self.at.env(), self.folder / "floor.toml", urls)
        self.engines.append(engine)
        return engine

    def kill(self, engine: Engine) -> None:
        """SIGKILL."""
        engine.child.kill()
        self.engines.remove(engine)
        self.children.remove(engine.child)

    def leader(self) -> Engine:
        """The engine that evaluates, once there is one."""
        return eventually(lambda: [each for each in self.engines if each.leads()], 10, "an engine evaluates")[0]


@dataclass(frozen=True)
class Site:
    """An Alertmanager and who listens to it."""

    alertmanager: Alertmanager
    webhook: Webhook

    def told(self, queue: str) -> list[Message]:
        """The messages that say that a queue is in trouble."""
        return self.webhook.about("firing", alertname=ALERT, queue=queue)

    def ended(self, queue: str) -> list[Message]:
        """The messages that say that it is over."""
        return self.webhook.about("resolved", alertname=ALERT, queue=queue)


@contextmanager
def alert_floor(folder: Path, sites: int = 1, floor: str = FLOOR) -> Iterator[AlertFloor]:
    """A floor whose queues are empty, without an engine yet."""
    (folder / "floor.toml").write_text(floor, encoding="utf-8")
    with ExitStack() as stack:
        children = stack.enter_context(Children())
        redis = start_redis(children)
        webhooks = [stack.enter_context(Webhook()) for _ in range(sites)]
        managers = [Alertmanager(children, folder / f"am{n}", each.address) for n, each in enumerate(webhooks)]
        board = stack.enter_context(FakeBoard(redis, parse_floor(floor)))
        both = [Site(*pair) for pair in zip(managers, webhooks, strict=True)]
        yield AlertFloor(children, Servers("127.0.0.1:1", redis, redis), folder, board, both)


def queues_named(name: str, number: int) -> list[str]:
    """So many queues."""
    return [f"{name}{n}" for n in range(number)]


def crossing(joined_ms: int) -> float:
    """When somebody who joined then has waited for too long (Unix seconds)."""
    return joined_ms / 1000 + LIMIT_SECONDS


def all_told(sites: Sequence[Site], queues: Sequence[str], seconds: float) -> None:
    """Wait until every receiver has heard of every queue."""

    def missing() -> list[str]:
        return [queue for site in sites for queue in queues if not site.told(queue)]

    eventually(lambda: not missing(), seconds, f"every receiver has heard of every queue: {queues[0]} ...")


def all_ended(sites: Sequence[Site], queues: Sequence[str], seconds: float) -> None:
    """Wait until every receiver has heard that it is over, for every queue."""

    def missing() -> list[str]:
        return [queue for site in sites for queue in queues if not site.ended(queue)]

    eventually(lambda: not missing(), seconds, f"every receiver has heard of the end: {queues[0]} ...")


def starts_ms(messages: Sequence[Message], queue: str) -> set[int]:
    """The true starts that these messages name for a queue."""
    return {parse_time(alert["startsAt"]) for message in messages for alert in message.holds(queue=queue)}
