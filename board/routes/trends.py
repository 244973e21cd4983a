"""/api/trends: the last hour of every queue, minute by minute."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.answers import answer
from board.parts import Parts
from board.trends import Trend, Trends, minutes_before

QUEUES_PER_BREATH = 20


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""
    trends = Trends()

    @app.get("/api/trends")
    async def of_all(queue: str | None = None, channel: str | None = None) -> Response:
        latest, views = parts.publisher.latest, parts.publisher.view.queues
        wanted = [
            key
            for key in latest.entries
            if (queue is None or key[0] == queue) and (channel is None or key[1] == channel)
        ]
        if not wanted and queue is not None:
            raise HTTPException(404, "no such queue")
        minutes = minutes_before(latest.verdict.now_ms)
        found: list[Trend] = []
        for index, key in enumerate(wanted, start=1):
            if key in views:
                found.append(trends.of(views[key], minutes))
            if index % QUEUES_PER_BREATH == 0:
                await asyncio.sleep(0)
        return answer({"now_ms": latest.verdict.now_ms, "minutes": minutes, "queues": found})
