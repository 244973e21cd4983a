"""The alerts that a board knows: read in Redis every second, asked of Alertmanager every two, side by side.

When Alertmanager does not answer, what it told last stays until it would be over anyway, and `delivery` says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from operator import is_
from typing import Any

import msgspec
from redis.asyncio import Redis

from board.alerts import Alert, Sources, alerts_of
from board.alerts_manager import Alertmanager, AlertmanagerError
from board.alerts_silences import Silences
from board.alerts_wire import Told, ms_of
from board.load import REDIS_ERRORS
from kpi.alert_state import VERSION_FIELD, Held
from kpi.keys import alerts_key, alerts_lease_key

log = logging.getLogger("floorpulse.board")

POLL_SECONDS = 1.0
ASK_SECONDS = 2.0
HELD_PER_BREATH = 100
# The engine's lease lasts 2 s; another one may take over meanwhile.
DEAD_SECONDS = 5.0
MAX_MS = 32_503_680_000_000
NOT_SET = "FLOORPULSE_ALERTMANAGER is not set"


class Delivery(msgspec.Struct, frozen=True):
    """Whether alerts reach people. `why`: one sentence where they do not; `engine_alive`: somebody evaluates them."""

    configured: bool = False
    reachable: bool = False
    why: str = NOT_SET
    engine_known: bool = False
    engine_alive: bool = False


class Alerts:
    """What is known of alerts. `latest`: the worst first; `changed` grows with every change of them."""

    def __init__(self) -> None:
        self.latest: tuple[Alert, ...] = ()
        self.changed = 0
        self.delivery = Delivery()
        self.was_read = False
        self._held: dict[bytes, tuple[bytes, Held | None]] = {}
        self._version: bytes | None = b"never read"
        self._told: list[Told] = []
        self._silences = Silences()
        # What `latest` was made of, and until when (wall clock) it stays as it is without any news.
        self._made_of: tuple[object, ...] = ()
        self._until_ms = 0
        self._unled_polls = self._counted_ms = 0

    @property
    def told(self) -> list[Told]:
        """What Alertmanager told last."""
        return self._told

    @property
    def silences(self) -> Silences:
        """The silences that were in force then."""
        return self._silences

    def find(self, id: str) -> Alert | None:
        """The alert of that id."""
        return next((each for each in self.latest if each.id == id), None)

    async def refresh(self, redis: Redis, namespace: str, now_ms: int) -> None:
        """Read what the engine told, if that is other than before."""
        key = alerts_key(namespace)
        async with redis.pipeline(transaction=False) as calls:
            calls.hget(key, VERSION_FIELD)
            calls.exists(alerts_lease_key(namespace))
            version, is_led = await calls.execute()
        if version != self._version:
            fields: Any = await redis.hgetall(key)
            await self._take(fields)
            self._version = version
        self._count_unled(bool(is_led), now_ms)
        alive = bool(is_led) or (self.delivery.engine_alive and self._unled_polls * POLL_SECONDS < DEAD_SECONDS)
        self._deliver(engine_known=alive or bool(self._held), engine_alive=alive)
        self.was_read = True
        self.sum_up(namespace, now_ms)

    def _count_unled(self, is_led: bool, now_ms: int) -> None:
        """Polls that met no engine; who asks for the list in between, however often, is none of them."""
        if is_led:
            self._unled_polls, self._counted_ms = 0, now_ms
        elif abs(now_ms - self._counted_ms) >= POLL_SECONDS * 900:
            self._unled_polls, self._counted_ms = self._unled_polls + 1, now_ms

    async def ask(self, manager: Alertmanager) -> None:
        """Ask Alertmanager for its alerts and silences."""
        try:
            told, silences = await asyncio.gather(manager.alerts(), manager.silences())
        except AlertmanagerError as error:
            if self.delivery.reachable or not self.delivery.configured:
                log.warning("alerts: %s", error)
            self._deliver(configured=True, reachable=False, why=str(error))
            return
        if told != self._told:
            self._told = told
        if silences != self._silences.all:
            self._silences = Silences(silences)
        self._deliver(configured=True, reachable=True, why="")

    def sum_up(self, namespace: str, now_ms: int) -> None:
        """Make one list of what is known, at `now_ms` (wall clock), unless it would be the same as before."""
        made_of = self._held, self._told, self._silences, self.delivery.engine_alive, namespace
        same = len(self._made_of) == len(made_of) and all(map(is_, self._made_of, made_of))
        if same and now_ms < self._until_ms:
            return
        self._made_of, self._until_ms = made_of, self._next_end(now_ms)
        held = [each for _, each in self._held.values() if each is not None]
        sources = Sources(held, self._told, self._silences, self.delivery.engine_alive)
        found = alerts_of(sources, namespace, now_ms)
        if found != self.latest:
            self.latest, self.changed = found, self.changed + 1

    def _next_end(self, now_ms: int) -> int:
        """When something begins or ends that nobody tells of again."""
        ends = [ms for each in self._silences.all for ms in (each.from_ms, each.to_ms)]
        ends += [ms_of(each.ends_at) for each in self._told]
        return min((ms for ms in ends if ms > now_ms), default=MAX_MS)

    def _deliver(self, **changes: Any) -> None:
        new = msgspec.structs.replace(self.delivery, **changes)
        # The same object while it says the same: whoever compares is quick.
        if new != self.delivery:
            self.delivery = new

    async def _take(self, fields: dict[bytes, bytes]) -> None:
        fields.pop(VERSION_FIELD.encode(), None)
        found: dict[bytes, tuple[bytes, Held | None]] = {}
        for index, (name, raw) in enumerate(fields.items(), start=1):
            before = self._held.get(name)
            found[name] = before if before is not None and before[0] == raw else (raw, _held(raw))
            if index % HELD_PER_BREATH == 0:
                await asyncio.sleep(0)
        self._held = found


def _held(raw: bytes) -> Held | None:
    try:
        return Held.from_json(raw)
    except (ValueError, UnicodeDecodeError):
        log.warning("an alert in Redis is none, it is passed over")
        return None


async def watch_alerts(
    alerts: Alerts, redis: Redis, namespace: str, manager: Alertmanager | None, wall_ms: Callable[[], int]
) -> None:
    """Keep `alerts` current for ever; what does not answer is asked again."""

    async def read() -> None:
        while True:
            try:
                await alerts.refresh(redis, namespace, wall_ms())
            except REDIS_ERRORS as error:
                log.debug("alerts were not read: %s", error)
                alerts.sum_up(namespace, wall_ms())
            await asyncio.sleep(POLL_SECONDS)

    async def ask(manager: Alertmanager) -> None:
        while True:
            await alerts.ask(manager)
            await asyncio.sleep(ASK_SECONDS)

    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        if manager is not None:
            group.create_task(ask(manager))
