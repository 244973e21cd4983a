"""The alert engine: one of however many run evaluates, as long as it holds the lease; the others wait.

A term of office: take the lease, load the states, listen, look at every snapshot, write what changed, tell it. A term
ends with the lease, or when Redis does not answer; everything that was heard in it is thrown away, so that nobody acts
on what was true before a pause.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from alerts.adopt import adopted
from alerts.alertmanager import Alertmanager
from alerts.bulletin import Bulletin
from alerts.changes import Changes
from alerts.delivery import Voice
from alerts.due import Due
from alerts.evaluate import Evaluator, Texts
from alerts.metrics import AlertMetrics
from alerts.notices import FLOOR, RETELL_MS, SOURCE, Labels, Notice, notice_of, watchdog
from alerts.rounds import Rounds
from alerts.snapshots import Inbox, Quiets, listen, read_missed
from alerts.store import Lost, Store
from alerts.tasks import together
from kpi.alert_state import Held
from kpi.floor import Floor
from kpi.keys import LIVE

log = logging.getLogger("floorpulse.alerts")

REDIS_ERRORS = (RedisError, OSError, asyncio.TimeoutError)
RENEW_SECONDS = 0.5
WAIT_SECONDS = 0.5
POLL_SECONDS = 1.0
SWEEP_SECONDS = 5.0
IDLE_SECONDS = 0.25
ADOPT_SECONDS = 1.0


class Config(Protocol):
    """floor.toml as somebody else keeps it; another object after every change."""

    @property
    def floor(self) -> Floor: ...


class Engine:
    """Evaluates one namespace. `voice` and `beat` are for those who tell Alertmanagers; `wall_ms` is the wall clock."""

    def __init__(
        self,
        redis: Redis,
        namespace: str,
        owner: str,
        config: Config,
        texts: Texts,
        metrics: AlertMetrics,
        wall_ms: Callable[[], int],
        alertmanagers: Sequence[Alertmanager] = (),
    ) -> None:
        self._redis, self._namespace, self._config = redis, namespace, config
        self._metrics, self._wall_ms, self._alertmanagers = metrics, wall_ms, alertmanagers
        self.store = Store(redis, namespace, owner)
        self.bulletin = Bulletin()
        self.evaluator = Evaluator(config.floor, texts)
        self._floor = config.floor
        self._watchdog = watchdog(wall_ms())
        self._others: dict[Labels, Notice] = {}
        self._leads = self._is_loaded = self._is_away = False
        self.rounds = Rounds(self.evaluator, self.store, self.bulletin, namespace, wall_ms, self._turns)
        self._turns()

    def voice(self) -> Voice:
        """What may be said right now. The lease has to be certain: a stopped process may wake up much later."""
        if self._leads and self._is_loaded and time.monotonic() < self.store.held_until:
            return Voice.SPEAKING
        return Voice.HOLDING if self._leads and self._is_away else Voice.SILENT

    def beat(self) -> Notice | None:
        """The sign of life; a replay gives none, or it would hide the death of the live engine."""
        return self._watchdog if self._namespace == LIVE else None

    def tell(self, notice: Notice) -> None:
        """Tell something that is not about a queue; who waits remembers it for its own term."""
        self._others[notice.labels] = notice
        if self._leads:
            self.bulletin.tell([notice])

    async def run(self) -> None:
        """Take turns with other engines for ever."""
        while True:
            self._turns()
            try:
                if await self.store.acquire():
                    await self._lead()
                elif self._leads or self._is_away:
                    self._step_down("another engine evaluates")
                self._is_back()
            except Lost:
                self._step_down("the lease is lost")
            except REDIS_ERRORS as error:
                self._is_gone(error)
            await asyncio.sleep(WAIT_SECONDS)

    async def leave(self) -> None:
        """Hand the lease back, so that another engine takes over at once. Nothing ends and nothing is told."""
        if self._leads:
            self._step_down("stopping")
            await self.store.release()

    async def _lead(self) -> None:
        """One term of office; ends with Lost, or with an error of Redis."""
        # What was told in the last term may have ended since, by the word of another engine.
        self._is_loaded = False
        await together(self._renew(), self._work(), least=REDIS_ERRORS)

    async def _work(self) -> None:
        inbox, quiets, subscribed = Inbox(self.evaluator.failures), Quiets(), asyncio.Event()
        await self._load()
        await quiets.refresh(self._redis, self._namespace)
        self.evaluator.quiets = quiets.latest
        await together(
            listen(self._redis, self._namespace, inbox, subscribed),
            self._poll(inbox, quiets, subscribed),
            self._evaluate(inbox),
            least=REDIS_ERRORS,
        )

    async def _load(self) -> None:
        """Go on from where whoever evaluated before stopped."""
        wall_ms, stored = self._wall_ms(), await self.store.load()
        helds: Iterable[Held] = stored.helds
        whole = False
        if self.store.is_newer_than(stored.version) and self.evaluator.helds:
            # Redis lost what we had written, and nobody has written since: our memory is the newer truth.
            helds, whole = list(self.evaluator.helds.values()), True
            log.warning("Redis lost states of alerts, they are written again", extra={"alerts": len(helds)})
        elif stored.version is None:
            helds, whole = await self._adopt(), True
        self._floor = self._config.floor
        changes = self.evaluator.load(helds, self._floor, wall_ms)
        held = self.evaluator.helds
        await self.store.commit(held.values() if whole else changes.stored.values(), changes.gone, whole=whole)
        self.bulletin.clear()
        self._leads = self._is_loaded = True
        self._is_back()
        self._metrics.leads(is_leader=True)
        self.bulletin.tell(
            notice_of(each, self._namespace)
            for each in held.values()
            if each.is_active or (each.ended_ms is not None and abs(wall_ms - each.ended_ms) <= RETELL_MS)
        )
        self.bulletin.tell(self._others.values())
        self._metrics.firing(self.evaluator.active())
        log.info("this engine evaluates", extra={"alerts": len(self.evaluator.active())})

    async def _adopt(self) -> tuple[Held, ...]:
        """The states that the Alertmanagers know, for Redis knows none."""
        matchers = [f'source="{SOURCE}"', f'audience="{FLOOR}"']
        asked = [asyncio.create_task(each.held(matchers)) for each in self._alertmanagers]
        # One that is away must not keep everybody else waiting for their alerts.
        answered, late = await asyncio.wait(asked, timeout=ADOPT_SECONDS) if asked else (set(), set())
        for task in late:
            task.cancel()
        present, _ = await read_missed(self._redis, self._namespace, Inbox({}), time.monotonic())
        configured = {(config.id, config.channel) for config in self._config.floor.configured}
        told = [alert for task in answered for alert in task.result() or ()]
        found = adopted(told, self._namespace, present | configured)
        if found:
            log.warning("Redis knows of no alerts, those that Alertmanager holds go on", extra={"alerts": len(found)})
        return found

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await self.store.renew()

    async def _poll(self, inbox: Inbox, quiets: Quiets, subscribed: asyncio.Event) -> None:
        """Read what is not announced, and what may have been missed."""
        await subscribed.wait()
        swept, since = 0.0, time.monotonic()
        while True:
            now = time.monotonic()
            if now - swept >= SWEEP_SECONDS:
                present, is_fresh = await read_missed(self._redis, self._namespace, inbox, since)
                swept, since = now, now
                if is_fresh:
                    await self._end(partial(self.evaluator.missing, present))
                else:
                    self.evaluator.unsure()
                await self.rounds.take(self.evaluator.tidy)
                self.bulletin.forget(self._wall_ms())
            await quiets.refresh(self._redis, self._namespace)
            self.evaluator.quiets = quiets.latest
            await asyncio.sleep(POLL_SECONDS)

    async def _evaluate(self, inbox: Inbox) -> None:
        while True:
            snapshots = await inbox.take(IDLE_SECONDS)
            self._turns()
            if self._config.floor is not self._floor:
                self._floor = self._config.floor
                await self._end(partial(self.evaluator.configure, self._floor))
            if await self.rounds.look(snapshots, inbox.more):
                self._metrics.firing(self.evaluator.active())
            self._metrics.counted(self.evaluator.looks, self.evaluator.failures)

    async def _end(self, make: Callable[[int, list[Due]], Changes]) -> None:
        if await self.rounds.end(make):
            self._metrics.firing(self.evaluator.active())

    def _turns(self) -> None:
        self.turned = time.monotonic()

    def _step_down(self, why: str) -> None:
        if self._leads:
            log.info("this engine waits: %s", why)
        self._leads = self._is_away = False
        self.bulletin.clear()
        self._metrics.leads(is_leader=False)
        self._metrics.firing(())

    def _is_gone(self, error: BaseException) -> None:
        if not self._is_away:
            log.warning("Redis does not answer, it is tried again until it does: %s", error)
        self._is_away = True

    def _is_back(self) -> None:
        if self._is_away:
            log.info("Redis answers again")
        self._is_away = False
