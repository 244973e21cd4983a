"""Each Alertmanager is told by a task of its own: changes at once, all of it every 30 s, a sign of life every 5 s."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

from alerts.alertmanager import Alertmanager
from alerts.bulletin import Bulletin
from alerts.metrics import AlertMetrics
from alerts.notices import FLOOR, SOURCE, Labels, Notice

log = logging.getLogger("floorpulse.alerts")

BEAT_SECONDS = 5.0
RESEND_SECONDS = 30.0
RETRY_SECONDS = 1.0
AUDIENCE = ("audience", FLOOR)


class Voice(Enum):
    """What this engine may say. SILENT: another one speaks. HOLDING: Redis is away, so what is told already is kept."""

    SILENT = "silent"
    HOLDING = "holding"
    SPEAKING = "speaking"


class Delivery:
    """Tells one Alertmanager until it is cancelled. `voice` is asked right before every call; `beat`: the sign of life.

    `wall_ms` is the wall clock.
    """

    def __init__(
        self,
        to: Alertmanager,
        bulletin: Bulletin,
        voice: Callable[[], Voice],
        beat: Callable[[], Notice | None],
        metrics: AlertMetrics,
        wall_ms: Callable[[], int],
    ) -> None:
        self._to, self._bulletin, self._voice, self._beat = to, bulletin, voice, beat
        self._metrics, self._wall_ms = metrics, wall_ms
        self._changed = bulletin.listener()
        self._serial, self._full_at, self._beat_at = -1, 0.0, 0.0
        # Up to where the delay was measured: what is told again was not late.
        self._measured = 0
        self._failing_since: float | None = None
        metrics.expect(to.name)

    async def run(self) -> None:
        """Tell for ever."""
        while True:
            voice = self._voice()
            if voice is Voice.SILENT:
                # Whoever speaks again begins with everything.
                self._serial = -1
                await self._pause(RETRY_SECONDS, at_once=True)
                continue
            done = await self._tell(voice)
            await self._pause(self._wait() if done else RETRY_SECONDS, at_once=done)

    async def _tell(self, voice: Voice) -> bool:
        """One call, when anything is due; False when it has to be said again soon."""
        now, upto = time.monotonic(), self._bulletin.serial
        everything = now - self._full_at >= RESEND_SECONDS or (self._serial < 0 and voice is Voice.SPEAKING)
        is_time = now - self._beat_at >= BEAT_SECONDS
        due = self._bulletin.after(-1) if everything else self._bulletin.due_after(self._serial)
        if voice is Voice.HOLDING:
            due = await self._known(due, everything)
            upto = -1
        elif is_time and not everything:
            # An end that is ahead by Alertmanager's clock is none to it: a clock a moment behind ours would cost 30 s.
            due = [*due, *self._bulletin.ended_lately(self._serial, self._wall_ms())]
        beat = self._beat() if due or is_time else None
        if beat is not None:
            due = [*due, beat]
        elif is_time:
            # A replay gives no sign of life; it is asked for again as late.
            self._beat_at = now
        if not due:
            self._told(everything, upto, now)
            return True
        wall_ms, first_told = self._wall_ms(), self._bulletin.after(self._measured)
        told = await self._to.tell(due, wall_ms)
        self._metrics.posted(self._to.name, told, self._wall_ms(), on_guard=voice is Voice.SPEAKING)
        if told.error:
            self._failed(told.error)
            return False
        if voice is Voice.SPEAKING:
            self._metrics.delivered(first_told, self._wall_ms())
            self._measured = upto
        if self._failing_since is not None:
            log.info("%s takes alerts again", self._to.name)
            self._failing_since = None
        self._told(everything, upto, now)
        if beat is not None:
            self._beat_at = now
        return True

    def _told(self, everything: bool, upto: int, now: float) -> None:
        self._serial = upto
        if everything:
            self._full_at = now

    def _failed(self, error: str) -> None:
        self._serial = -1
        if self._failing_since is None:
            self._failing_since = time.monotonic()
            log.warning("%s does not take alerts, it is tried again every second: %s", self._to.name, error)

    async def _known(self, due: list[Notice], everything: bool) -> list[Notice]:
        """What may be said though nothing is seen of the queues: of them, when everything is due, what it still holds.

        Somebody else may have ended the rest. What is not about queues is known without them.
        """
        others = [notice for notice in due if AUDIENCE not in notice.labels]
        if not everything:
            return others
        held = await self._to.held([f'source="{SOURCE}"', f'audience="{FLOOR}"'])
        known = known_labels(held or ())
        return others + [notice for notice in due if notice.ended_ms is None and notice.labels in known]

    def _wait(self) -> float:
        now = time.monotonic()
        return max(0.05, min(self._full_at + RESEND_SECONDS, self._beat_at + BEAT_SECONDS) - now)

    async def _pause(self, seconds: float, *, at_once: bool = False) -> None:
        """Wait; with `at_once` no longer than until something is told."""
        if not at_once:
            await asyncio.sleep(seconds)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
        self._changed.clear()


def known_labels(alerts: Iterable[Mapping[str, Any]]) -> set[Labels]:
    """The labels of listed alerts, of any shape, unchecked; what has none that ours could have is left out."""
    every = (alert.get("labels") for alert in alerts)
    return {
        tuple(sorted(labels.items()))
        for labels in every
        if isinstance(labels, dict) and all(isinstance(value, str) for value in labels.values())
    }
