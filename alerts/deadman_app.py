"""The dead man's switch as a process: an address for Alertmanager to post to, and a voice of its own."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from alerts.deadman import DeadMan, webhook_body
from alerts.relay.answers import Verdict
from alerts.relay.app import refused
from alerts.relay.cards import draft
from alerts.relay.config import Robot
from alerts.relay.digest import Story
from alerts.relay.door import Door, read_body
from alerts.relay.notice import BadNoticeError, Notice, parse_notice
from alerts.relay.runner import pause_ms
from alerts.relay.senders import Clock, Sender, exchange
from alerts.relay.words import WORDS

log = logging.getLogger("floorpulse.deadman")
TICK_SECONDS = 1.0
MOST_PAUSE_MS = 30_000


class Voice(Protocol):
    """Tells people."""

    async def tell(self, notice: Notice) -> Verdict:
        """Say it once; the verdict's kind is `sent` when it was taken."""


class WebhookVoice:
    """Posts to an address what Alertmanager would post to a webhook. Any 2xx means that it was taken."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url, self._client = url, client

    async def tell(self, notice: Notice) -> Verdict:
        try:
            status, _ = await exchange(self._client, "POST", self._url, webhook_body(notice))
        except httpx.HTTPError as error:
            return Verdict("failed", type(error).__name__)
        return Verdict("sent") if 200 <= status < 300 else Verdict("failed", f"HTTP {status}")


class RobotVoice:
    """Speaks through a robot of relay.toml, without the relay. It says little, so it keeps no budget."""

    def __init__(self, robot: Robot, sender: Sender) -> None:
        self._robot, self._sender = robot, sender

    async def tell(self, notice: Notice) -> Verdict:
        story = Story(
            "deadman",
            (),
            0,
            new=tuple(alert for alert in notice.alerts if not alert.is_over),
            over=tuple(alert for alert in notice.alerts if alert.is_over),
        )
        message = draft([story], WORDS[self._robot.language], keyword=self._robot.keyword)
        return await self._sender.send(message, once=notice.key)


class Switch:
    """Listens and watches. `clock_ms`: never steps back while the process runs."""

    def __init__(self, man: DeadMan, voice: Voice, clock_ms: Clock, token: str = "") -> None:
        self._man, self._voice, self._clock_ms, self._door = man, voice, clock_ms, Door(token)
        self.app = Starlette(
            routes=[
                Route("/livez", self._livez, methods=["GET"]),
                Route("/", self._take, methods=["POST"]),
                Route("/deadman", self._take, methods=["POST"]),
            ],
            exception_handlers={HTTPException: refused},
        )

    async def watch(self) -> None:
        """Look once a second, and speak until somebody has taken it."""
        failures = 0
        while True:
            now = self._clock_ms()
            notice = self._man.due(now)
            if notice is None:
                await asyncio.sleep(TICK_SECONDS)
                continue
            try:
                verdict = await self._voice.tell(notice)
            except Exception as error:  # noqa: BLE001  # whatever it is, nobody else is left who would speak
                verdict = Verdict("failed", type(error).__name__)
            names = [alert.labels["missing"] for alert in notice.alerts if not alert.is_over]
            if verdict.kind == "sent":
                failures = 0
                self._man.said(notice, now)
                log.warning("deadman_said", extra={"silent": names})
            else:
                failures += 1
                pause = min(pause_ms("failed", failures), MOST_PAUSE_MS)
                why = {"silent": names, "why": verdict.why, "again_in_seconds": pause / 1000}
                log.error("deadman_not_sent", extra=why)
                await asyncio.sleep(pause / 1000)

    async def _take(self, request: Request) -> Response:
        self._door.check(request)
        try:
            notice = parse_notice(await read_body(request))
        except BadNoticeError as error:
            raise HTTPException(400, str(error)) from None
        alive = self._man.take(notice, self._clock_ms())
        return PlainTextResponse(f"alive: {', '.join(alive)}\n" if alive else "none that is expected\n")

    async def _livez(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")
