"""/metrics/live and /metrics: what Prometheus reads."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import Response

from board.load import answers
from board.metrics import CONTENT_TYPE, BoardState, full_page, live_page
from board.stream.wire import connections
from board.web.parts import Parts


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/metrics/live")
    async def live() -> Response:
        return Response(live_page(parts.publisher.latest, parts.wall_ms(), parts.max_queues), media_type=CONTENT_TYPE)

    @app.get("/metrics")
    async def full() -> Response:
        state = BoardState(
            redis_up=await answers(parts.redis),
            reload_failed=parts.config.error is not None,
            revision=parts.revision,
            listeners=parts.clients.count,
            connections=connections(),
            counts=parts.clients.counts,
        )
        page = full_page(parts.publisher.latest, parts.wall_ms(), state, parts.max_queues)
        return Response(page, media_type=CONTENT_TYPE)
