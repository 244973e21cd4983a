"""Speaks for one robot for as long as it is told to: what waits -> the next message -> sent, or tried again later."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from alerts.relay.budget import Budget, Spent
from alerts.relay.cards import draft
from alerts.relay.config import Robot
from alerts.relay.digest import Story, next_message, stories
from alerts.relay.metrics import RelayMetrics, Result
from alerts.relay.senders import Clock, Sender
from alerts.relay.spool import Spool, SpoolError
from alerts.relay.words import WORDS

log = logging.getLogger("floorpulse.relay")

#: Between two tries: doubled each time. WeCom and Feishu count by the minute; DingTalk blocks a robot for ten, and
#: whether a knock within them prolongs it is not documented.
FIRST_PAUSE_MS, MOST_PAUSE_MS = 1_000, 60_000
BUSY_PAUSE_MS, MOST_BUSY_MS = 60_000, 600_000
REFUSED_PAUSE_MS, MOST_REFUSED_MS = 10_000, 300_000
_PAUSES = {
    "busy": (BUSY_PAUSE_MS, MOST_BUSY_MS),
    "refused": (REFUSED_PAUSE_MS, MOST_REFUSED_MS),
    "content": (REFUSED_PAUSE_MS, MOST_REFUSED_MS),
}
#: The levels of plain text for a chat that does not take a card.
MOST_SHORT = 2
T = TypeVar("T")


def pause_ms(kind: str, failures: int, platform: str = "") -> int:
    """How long to wait after the `failures`-th failure in a row (from 1), of that kind."""
    first, most = _PAUSES.get(kind, (FIRST_PAUSE_MS, MOST_PAUSE_MS))
    if kind == "busy" and platform == "dingtalk":
        return most
    return int(min(first * 2 ** min(failures - 1, 20), most))


class Runner:
    """One robot's voice. `clock_ms`: ms UTC, never steps back while the process runs; `wake` is set when more waits."""

    def __init__(
        self,
        robot: Robot,
        spool: Spool,
        sender: Sender,
        metrics: RelayMetrics,
        clock_ms: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.robot, self.wake = robot, asyncio.Event()
        self._spool, self._sender, self._metrics = spool, sender, metrics
        self._clock_ms, self._sleep = clock_ms, sleep
        self._budget, self._spent = Budget(robot.messages_per_minute), Spent()
        self._failures, self._pause_until, self._short = 0, 0, 0
        self._telling = asyncio.Lock()

    async def run(self) -> None:
        """Speak until cancelled; whatever goes wrong is said in the log and tried again."""
        loaded = False
        while True:
            try:
                if not loaded:
                    self._spent, loaded = await self._disk(self._spool.spent, self.robot.name), True
                if not await self.step():
                    await self.wake.wait()
                    self.wake.clear()
                continue
            except SpoolError as error:
                self._count("failed")
                self._later("failed", str(error))
            except Exception as error:  # noqa: BLE001  # one message that cannot be made must not silence the robot
                self._short = min(self._short + 1, MOST_SHORT)
                self._count("failed")
                self._later("refused", f"{type(error).__name__} at {_place(error)}")
            await self._rest(self._pause_until)

    def follow(self, before: Runner) -> None:
        """Go on where another runner of the same robot stopped: its pause, and how plain its words have to be."""
        self._failures, self._pause_until, self._short = before._failures, before._pause_until, before._short

    async def hush(self) -> None:
        """Let the message that is on its way arrive and be marked as sent, and begin no other."""
        await self._telling.acquire()

    async def step(self) -> bool:
        """Wait for the budget and send one message; False when nothing waits."""
        name = self.robot.name
        if not (await self._disk(self._spool.waiting, name)).alerts:
            return False
        ready = max(self._budget.ready_ms(self._spent, self._clock_ms()), self._pause_until)
        await self._rest(ready)
        pending = await self._disk(self._spool.pending, name)
        told = await self._disk(self._spool.told, name, sorted({call.incident for call in pending}))
        waiting = stories(pending, told)
        silent = [id for story in waiting if story.is_silent for id in story.ids]
        if silent:
            await self._disk(self._spool.settle, name, silent, {}, self._clock_ms())
        waiting = [story for story in waiting if not story.is_silent]
        if waiting:
            async with self._telling:
                await self._tell(next_message(waiting, self._budget.free(self._spent, self._clock_ms())))
        return True

    async def _tell(self, told: Sequence[Story]) -> None:
        now = self._clock_ms()
        self._spent = self._budget.spend(self._spent, now)
        await self._disk(self._spool.spend, self.robot.name, self._spent)
        waited = now - min(story.arrived_ms for story in told)
        message = draft(told, WORDS[self.robot.language], waited, self.robot.keyword)
        short = self._short
        card = _card_of(told) if self._sender.can_change and not short else ""
        once = _once(self.robot.name, told, short=short)
        verdict = await self._sender.send(message, once=once, card=card, short=short)
        if verdict.kind == "sent":
            # A digest is no incident's card, and a text cannot be changed: what follows begins a card of its own.
            lasts = self._sender.can_change and len(told) == 1 and not short
            await self._sent(told, verdict.message_id if lasts else "")
        elif card and verdict.kind in ("gone", "refused"):
            # What is wrong with one card must not keep back what comes after it; wrong settings show at the new one.
            log.warning("relay_card_left", extra={"robot": self.robot.name, "result": verdict.kind, "why": verdict.why})
            forgotten = {story.incident: replace(story.told, message_id="") for story in told}
            await self._disk(self._spool.settle, self.robot.name, [], forgotten, now)
        else:
            if verdict.kind == "content":
                self._short = min(self._short + 1, MOST_SHORT)
            self._count("failed" if verdict.kind == "failed" else "rejected")
            self._later(verdict.kind, verdict.why)

    async def _sent(self, told: Sequence[Story], card: str) -> None:
        self._failures, self._short = 0, 0
        self._count("digested" if len(told) > 1 else "sent")
        after = {story.incident: story.after(card) for story in told}
        ids = [id for story in told for id in story.ids]
        while True:
            try:
                await self._disk(self._spool.settle, self.robot.name, ids, after, self._clock_ms())
                return
            except SpoolError as error:  # told already: to go on would be to tell it twice
                self._count("failed")
                log.error("relay_spool", extra={"robot": self.robot.name, "why": str(error)})
                await self._sleep(FIRST_PAUSE_MS / 1000)

    def _count(self, result: Result) -> None:
        self._metrics.message(self.robot.name, result, self._clock_ms())

    def _later(self, kind: str, why: str) -> None:
        self._failures += 1
        pause = pause_ms(kind, self._failures, self.robot.platform)
        self._pause_until = self._clock_ms() + pause
        extra = {"robot": self.robot.name, "result": kind, "why": why, "again_in_seconds": pause / 1000}
        log.warning("relay_not_sent", extra=extra)

    async def _rest(self, until_ms: int) -> None:
        left = until_ms - self._clock_ms()
        if left > 0:
            await self._sleep((left + 1) / 1000)

    async def _disk(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.to_thread(work, *arguments)


def _card_of(told: Sequence[Story]) -> str:
    """The card to change, "" for a new one: a change rings nowhere, so what is worse than before begins a new card."""
    if len(told) > 1:
        return ""
    story = told[0]
    worse = any(alert.rank < story.told.rank for alert in story.new)
    return "" if worse else story.told.message_id


def _once(robot: str, told: Sequence[Story], *, short: int) -> str:
    """At most 50 characters, the same after a crash between sending and marking."""
    ids = ",".join(str(id) for story in told for id in story.ids)
    return hashlib.sha256(f"{robot}:{ids}:{short}".encode()).hexdigest()[:40]


def _place(error: BaseException) -> str:
    """File and line of an error; its text may hold what was to be sent, and where to."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
