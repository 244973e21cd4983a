"""/api/simulator/spike: with `--demo`, trouble for the simulated floor."""

from __future__ import annotations

import json
from typing import Literal

import msgspec
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.door.audit import audit
from board.load import REDIS_ERRORS
from board.web.answers import answer
from board.web.asked import check_queue
from board.web.json_body import read_body
from board.web.params import check_known
from board.web.parts import Parts
from kpi.keys import simulator_channel

EXAMPLE = '{"queue": "support", "cause": "volume"}'


class SpikeOrder(msgspec.Struct, forbid_unknown_fields=True):
    """What is sent for a spike: in which queue, None for any, and what it is made of."""

    queue: str | None = None
    cause: Literal["volume", "staff"] = "volume"


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`, on a board of a demo."""
    if not parts.demo:
        return

    @app.post("/api/simulator/spike")
    async def spike(request: Request) -> Response:
        check_known(request.query_params, ())
        sent = await read_body(request, SpikeOrder, EXAMPLE)
        queue, cause = sent.queue, sent.cause
        check_queue(parts, queue)
        order = json.dumps({"spike": queue, "cause": cause})
        try:
            heard = await parts.redis.publish(simulator_channel(parts.namespace), order)
        except REDIS_ERRORS:
            raise HTTPException(503, "Redis does not answer") from None
        audit(request, "spike_ordered", queue=queue, cause=cause, simulators=heard)
        return answer({"queue": queue, "cause": cause, "simulators": heard})
