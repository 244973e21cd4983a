"""The relay's address: POST /robots/NAME takes Alertmanager's calls, GET /metrics and /livez say how it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import httpx
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from alerts.relay.config import RelayConfigError, Robot
from alerts.relay.door import Door, read_body
from alerts.relay.feishu_app import FeishuApp
from alerts.relay.metrics import RelayMetrics
from alerts.relay.notice import BadNoticeError, parse_notice
from alerts.relay.runner import Runner
from alerts.relay.senders import Clock, Sender, Webhook, make_client
from alerts.relay.spool import Spool, SpoolError
from alerts.relay.voices import Voices

log = logging.getLogger("floorpulse.relay")
RETRY_AFTER_SECONDS = 10
STOP_SECONDS = 5.0


class Relay:
    """The robots of a relay.toml, the spool, and the application in front of them.

    `wall_ms`: the clock signatures are made with; `clock_ms`: one that never steps back while the process runs.
    """

    def __init__(
        self, robots: Mapping[str, Robot], spool: Spool, *, token: str = "", clock_ms: Clock, wall_ms: Clock
    ) -> None:
        self._robots, self._spool, self._door = robots, spool, Door(token)
        self._clock_ms, self._wall_ms = clock_ms, wall_ms
        self.metrics = RelayMetrics(robots, spool.waiting, left=spool.robots)
        self._voices = Voices(self._runner)
        self._changing: set[asyncio.Task[None]] = set()
        self.app = Starlette(
            routes=[
                Route("/robots/{name}", self._take, methods=["POST"]),
                Route("/metrics", self._metrics, methods=["GET"]),
                Route("/livez", self._livez, methods=["GET"]),
            ],
            exception_handlers={HTTPException: refused},
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Within it every robot speaks; at the end what waits stays in the spool."""
        self._say_unclaimed()
        async with make_client() as self._client:
            await self._voices.take(self._robots)
            try:
                yield
            finally:
                for task in self._changing:
                    task.cancel()
                await self._voices.stop(STOP_SECONDS)

    def reload(self, read: Callable[[], Mapping[str, Robot]]) -> None:
        """Speak for the robots that `read` gives from now on; when it raises RelayConfigError, for those of before.

        What waits for a robot that is gone stays in the spool. To be called on the loop, while it is running.
        """
        try:
            robots = read()
        except RelayConfigError as error:
            log.error("relay.toml not read again, the old one stays in force: %s", error)
            return
        self._robots = robots
        self.metrics.expect(robots)
        task = asyncio.create_task(self._change(robots), name="relay.toml")
        self._changing.add(task)
        task.add_done_callback(self._changing.discard)

    async def _change(self, robots: Mapping[str, Robot]) -> None:
        await self._voices.take(robots)
        log.info("relay_reloaded", extra={"robots": sorted(robots)})
        try:
            await asyncio.to_thread(self._say_unclaimed)
        except SpoolError as error:
            log.error("relay_spool", extra={"why": str(error)})

    def _say_unclaimed(self) -> None:
        for name in sorted(set(self._spool.robots()) - set(self._robots)):
            log.warning("relay_unclaimed", extra={"robot": name, "alerts": self._spool.waiting(name).alerts})

    def _runner(self, robot: Robot) -> Runner:
        sender = sender_for(robot, self._client, self._wall_ms)
        return Runner(robot, self._spool, sender, self.metrics, self._clock_ms)

    async def _take(self, request: Request) -> Response:
        self._door.check(request)
        name = request.path_params["name"]
        if name not in self._robots:
            raise HTTPException(404, "no such robot in relay.toml")
        try:
            notice = parse_notice(await read_body(request))
        except BadNoticeError as error:
            raise HTTPException(400, str(error)) from None
        try:
            is_new = await asyncio.to_thread(self._spool.put, name, notice, self._clock_ms())
        except SpoolError as error:
            log.error("relay_spool", extra={"robot": name, "why": str(error)})
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            raise HTTPException(503, "the spool cannot be written; try again", headers) from None
        self._voices.wake(name)
        return PlainTextResponse("kept\n" if is_new else "known\n")

    async def _metrics(self, request: Request) -> Response:
        page = await asyncio.to_thread(self.metrics.page)
        return Response(page, media_type=None, headers={"content-type": CONTENT_TYPE_LATEST})

    async def _livez(self, request: Request) -> Response:
        ended = self._voices.ended()
        if ended:
            return PlainTextResponse(f"ended: {', '.join(ended)}\n", 503)
        return PlainTextResponse("ok\n")


def sender_for(robot: Robot, client: httpx.AsyncClient, wall_ms: Clock) -> Sender:
    """What speaks for a robot."""
    return FeishuApp(robot, client, wall_ms) if robot.is_app else Webhook(robot, client, wall_ms)


async def refused(request: Request, error: Exception) -> Response:
    """One line, never a traceback; 401 and 413 close the connection, for the rest of a body may follow."""
    if not isinstance(error, HTTPException):
        raise error
    headers = {**(error.headers or {}), **({"connection": "close"} if error.status_code in (401, 413) else {})}
    return PlainTextResponse(f"{error.detail}\n", error.status_code, headers)
