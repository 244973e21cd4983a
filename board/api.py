"""What the board answers: JSON, server-sent events, metrics, health, and the page."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from redis.asyncio import Redis
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from board.config import FloorFile
from board.gauges import MAX_QUEUES
from board.health import Health
from board.load import REDIS_ERRORS, Loader
from board.metrics import CONTENT_TYPE, full_page, live_page
from board.publish import Entry, Publisher
from board.security import SecurityHeaders, is_same_origin
from board.server import cut
from board.sse import MAX_CLIENTS, RETRY_MS, Clients, EventStream

log = logging.getLogger("floorpulse.board")

PING_SECONDS = 0.5
MAX_BODY_BYTES = 1_000
# The page's files and nothing else: a name that is not here is not looked for.
PAGE_FILES = {
    "style.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "format.js": "text/javascript; charset=utf-8",
    "people.js": "text/javascript; charset=utf-8",
    "rows.js": "text/javascript; charset=utf-8",
    "stream.js": "text/javascript; charset=utf-8",
    "words.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the answers are made of. `demo` allows to order a spike from the simulator."""

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


def make_app(parts: Parts) -> ASGIApp:
    """The application with its security headers."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _add_api(app, parts)
    _add_metrics(app, parts)
    _add_health(app, parts)
    _add_page(app, parts)
    if parts.demo:
        _add_simulator(app, parts)
    _add_errors(app)
    return SecurityHeaders(app)


def _json(entries: list[Entry]) -> list[msgspec.Raw]:
    return [msgspec.Raw(entry.json) for entry in entries]


def _answer(body: Any) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")


def _add_api(app: FastAPI, parts: Parts) -> None:
    @app.get("/api/queues")
    async def queues() -> Response:
        latest = parts.publisher.latest
        return _answer(
            {
                "namespace": parts.namespace,
                "state": latest.verdict.state,
                "reason": latest.verdict.reason,
                "unconfigured": latest.unconfigured,
                "config_error": parts.config.error,
                "queues": _json(list(latest.entries.values())),
            }
        )

    @app.get("/api/queues/{queue}")
    async def queue(queue: str) -> Response:
        found = [entry for entry in parts.publisher.latest.entries.values() if entry.snapshot.queue == queue]
        if not found:
            raise HTTPException(404, "no such queue")
        return _answer({"queues": _json(found)})

    @app.get("/api/floor")
    async def floor() -> Response:
        latest = parts.publisher.latest.floor
        if latest is None:
            raise HTTPException(503, "nothing was published yet")
        return Response(latest.json, media_type="application/json")

    @app.get("/api/stream")
    async def stream() -> Response:
        if parts.clients.count >= MAX_CLIENTS:
            raise HTTPException(503, "too many listeners", {"Retry-After": str(RETRY_MS // 1000 * 5)})
        return EventStream(parts.publisher, parts.clients, parts.namespace, cut)


def _add_metrics(app: FastAPI, parts: Parts) -> None:
    @app.get("/metrics/live")
    async def live() -> Response:
        return Response(live_page(parts.publisher.latest, parts.wall_ms(), parts.max_queues), media_type=CONTENT_TYPE)

    @app.get("/metrics")
    async def full() -> Response:
        page = full_page(
            parts.publisher.latest,
            parts.wall_ms(),
            redis_up=await _redis_answers(parts.redis),
            reload_failed=parts.config.error is not None,
            revision=parts.revision,
            max_queues=parts.max_queues,
        )
        return Response(page, media_type=CONTENT_TYPE)


def _add_health(app: FastAPI, parts: Parts) -> None:
    @app.get("/livez")
    async def livez() -> Response:
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    async def readyz() -> Response:
        if not await _redis_answers(parts.redis):
            return PlainTextResponse("not ready: Redis does not answer\n", 503)
        if not parts.publisher.ready:
            reason = parts.publisher.latest.verdict.reason or "nothing was loaded yet"
            return PlainTextResponse(f"not ready: {reason}\n", 503)
        return PlainTextResponse("ready\n")


async def _redis_answers(redis: Redis) -> bool:
    try:
        async with asyncio.timeout(PING_SECONDS):
            return bool(await redis.ping())
    except REDIS_ERRORS:
        return False


def _add_page(app: FastAPI, parts: Parts) -> None:
    folder = files("board.page")
    index = folder.joinpath("index.html").read_text("utf-8")
    page = index.replace('data-demo="no"', 'data-demo="yes"') if parts.demo else index
    static = {name: folder.joinpath(name).read_bytes() for name in PAGE_FILES}

    @app.get("/")
    async def home() -> Response:
        return Response(page, media_type="text/html; charset=utf-8")

    @app.get("/static/{name}")
    async def file(name: str) -> Response:
        if name not in static:
            raise HTTPException(404, "no such file")
        return Response(static[name], media_type=PAGE_FILES[name])


def _add_simulator(app: FastAPI, parts: Parts) -> None:
    @app.post("/api/simulator/spike")
    async def spike(request: Request) -> Response:
        if not is_same_origin(request.headers):
            raise HTTPException(403, "other sites may not order a spike")
        queue = await _wanted_queue(request)
        known = {key[0] for key in parts.publisher.latest.entries}
        if queue is not None and queue not in known:
            raise HTTPException(404, "no such queue")
        try:
            channel, order = f"fp:{parts.namespace}:simulator", json.dumps({"spike": queue})
            heard = await parts.redis.publish(channel, order)
        except REDIS_ERRORS:
            raise HTTPException(503, "Redis does not answer") from None
        client = request.client.host if request.client else "unknown"
        log.info("spike ordered", extra={"queue": queue, "client": client, "simulators": heard})
        return _answer({"queue": queue, "simulators": heard})


async def _wanted_queue(request: Request) -> str | None:
    """The queue id in a body like {"queue": "support"}, None for null or for no body."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, "too long")
    try:
        wanted = json.loads(body or b"{}").get("queue")
    except (ValueError, AttributeError):
        raise HTTPException(400, 'wanted a body like {"queue": "support"} or {"queue": null}') from None
    if wanted is not None and not isinstance(wanted, str):
        raise HTTPException(400, "queue: wanted a queue's id or null")
    return wanted


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return JSONResponse({"error": str(error.detail)}, error.status_code, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return JSONResponse({"error": "bad request"}, 400)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        number = secrets.token_hex(4)
        log.error("request failed", exc_info=error, extra={"path": request.url.path, "error_id": number})
        return JSONResponse({"error": "internal error", "id": number}, 500)


def wall_clock_ms() -> int:
    """The wall clock, ms UTC."""
    return time.time_ns() // 1_000_000
