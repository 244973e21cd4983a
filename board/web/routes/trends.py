"""/api/trends: the last hour of every queue, minute by minute."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, Request
from starlette.responses import Response

from board.trends import Trend, Trends, minutes_before
from board.web.answers import answer
from board.web.asked import CHANNEL, QUEUE, check_queue
from board.web.params import check_known
from board.web.parts import Parts

QUEUES_PER_BREATH = 20


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""
    trends = Trends()

    @app.get("/api/trends")
    async def of_all(request: Request) -> Response:
        check_known(request.query_params, (QUEUE, CHANNEL))
        queue, channel = QUEUE.of(request.query_params), CHANNEL.of(request.query_params)
        check_queue(parts, queue)
        latest, views = parts.publisher.latest, parts.publisher.view.queues
        wanted = [key for key in latest.entries if queue in (None, key[0]) and channel in (None, key[1])]
        minutes = minutes_before(latest.verdict.now_ms)
        found: list[Trend] = []
        for index, key in enumerate(wanted, start=1):
            if key in views:
                found.append(trends.of(views[key], minutes))
            if index % QUEUES_PER_BREATH == 0:
                await asyncio.sleep(0)
        verdict = latest.verdict
        return answer({"state": verdict.state, "now_ms": verdict.now_ms, "minutes": minutes, "queues": found})
