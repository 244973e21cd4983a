"""/api/simulator/spike: with `--demo`, trouble for the simulated floor."""

from __future__ import annotations

import json

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.door.audit import audit
from board.load import REDIS_ERRORS
from board.web.answers import answer
from board.web.parts import Parts

MAX_BODY_BYTES = 1_000
CAUSES = ("volume", "staff")


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`, on a board of a demo."""
    if not parts.demo:
        return

    @app.post("/api/simulator/spike")
    async def spike(request: Request) -> Response:
        queue, cause = await _wanted(request)
        known = {key[0] for key in parts.publisher.latest.entries}
        if queue is not None and queue not in known:
            raise HTTPException(404, "no such queue")
        try:
            channel, order = f"fp:{parts.namespace}:simulator", json.dumps({"spike": queue, "cause": cause})
            heard = await parts.redis.publish(channel, order)
        except REDIS_ERRORS:
            raise HTTPException(503, "Redis does not answer") from None
        audit(request, "spike_ordered", queue=queue, cause=cause, simulators=heard)
        return answer({"queue": queue, "cause": cause, "simulators": heard})


async def _wanted(request: Request) -> tuple[str | None, str]:
    """Queue id (None for null or for no body) and cause of a body like {"queue": "support", "cause": "staff"}."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, "too long")
    try:
        order = json.loads(body or b"{}")
        queue, cause = order.get("queue"), order.get("cause", "volume")
    except (ValueError, AttributeError):
        raise HTTPException(400, 'wanted a body like {"queue": "support", "cause": "volume"}') from None
    if queue is not None and not isinstance(queue, str):
        raise HTTPException(400, "queue: wanted a queue's id or null")
    if cause not in CAUSES:
        raise HTTPException(400, f"cause: wanted {' or '.join(CAUSES)}")
    return queue, cause
