"""The last hour minute by minute equals what a report says of the same minutes."""

from __future__ import annotations

import httpx

from board.web.api import make_app
from tests.board.conftest import BoardMaker
from tests.board.fake_worker import FakeWorker

MINUTE = 60_000
NOON = 1_795_176_000_000


async def test_each_minute_has_who_waited_at_its_first_second_and_who_came(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON + 30_000)
    worker.join("support", "a", NOON - 3 * MINUTE)  # counts in the first second of its minute
    worker.join("support", "b", NOON - 2 * MINUTE - 1_000)
    worker.leave("support", "a", NOON - 3 * MINUTE, NOON - MINUTE - 1, "abandoned")
    worker.leave("support", "b", NOON - 2 * MINUTE - 1_000, NOON + 10_000, "answered")
    worker.commit(NOON + 30_000)
    await board.catch_up()
    transport = httpx.ASGITransport(app=make_app(board.parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        body = (await client.get("/api/trends")).json()
        assert (await client.get("/api/trends", params={"queue": "none"})).status_code == 404
    assert body["state"] == board.parts.publisher.latest.verdict.state == "fresh"
    assert body["minutes"][-1] == NOON and len(body["minutes"]) == 60
    (trend,) = body["queues"]
    assert trend["waiting"][-4:] == [1, 2, 1, 1]
    assert sum(trend["waiting"][:-4]) == 0
    assert trend["offered"][-4:] == [2, 0, 0, 0]
    assert trend["abandoned"][-4:] == [0, 1, 0, 0]
    assert trend["answered"][-4:] == [0, 0, 0, 1]
