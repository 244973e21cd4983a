"""What the answers of the board are made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from redis.asyncio import Redis

from board.alerts_manager import Alertmanager
from board.alerts_watch import Alerts
from board.config import FloorFile
from board.door.auth import Auth
from board.gauges import MAX_QUEUES
from board.health import Health
from board.load import Loader
from board.notes import Notes
from board.publish import Publisher
from board.quiet import Quiets
from board.stream.sse import Clients
from board.web.reports import ReportMaker


@dataclass(frozen=True, slots=True)
class Parts:
    """What every route may use. `demo` allows to order a spike from the simulator.

    `report` makes reports, None where the board was not given it. `auth` says who asks. `alertmanager`
    knows what is silenced, None where none is named.
    """

    namespace: str
    redis: Redis
    publisher: Publisher
    loader: Loader
    health: Health
    config: FloorFile
    clients: Clients
    wall_ms: Callable[[], int]
    demo: bool = False
    max_queues: int = MAX_QUEUES
    revision: str = ""
    report: ReportMaker | None = None
    auth: Auth = field(default_factory=Auth)
    alertmanager: Alertmanager | None = None

    @property
    def notes(self) -> Notes:
        """The notes that the board knows."""
        return self.publisher.notes

    @property
    def alerts(self) -> Alerts:
        """The alerts that the board knows."""
        return self.publisher.alerts

    @property
    def quiets(self) -> Quiets:
        """The planned quiet that the board knows."""
        return self.publisher.quiets


def wall_clock_ms() -> int:
    """The wall clock, ms UTC."""
    return time.time_ns() // 1_000_000
