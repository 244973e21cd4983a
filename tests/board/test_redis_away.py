"""With Redis away every address still answers: with what is in memory, else with one sentence and 503."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from board.alerts import labels_of
from board.alerts_silences import matchers_of
from board.app import connect
from board.web.openapi.document import document
from floorpulse.board_report import report_maker
from tests.board.api_client import asking
from tests.board.conftest import BoardMaker
from tests.board.fake_alertmanager import FakeAlertmanager
from tests.board.fake_worker import FakeWorker
from tests.board.held_alerts import held, tell

NOWHERE = "redis://127.0.0.1:1/0"
NAMES = {
    "queue": "support", "channel": "voice", "measure": "offered", "contact": "c1", "note": "n1", "quiet": "q1",
    "alert": "QueueLongestWaitHigh|critical|support:voice",
}  # fmt: skip
BODIES = {
    "/api/notes": {"text": "x", "author": "Ana"},
    "/api/queues/{queue}/claims": {"contact": "c1", "channel": "voice", "by": "Ana"},
    "/api/session": {"token": "x"},
    "/api/alerts/{alert}/acknowledge": {"reason": "x", "author": "Ana", "minutes": 15},
    "/api/quiet": {"reason": "x", "author": "Ana", "minutes": 15},
    "/api/simulator/spike": {"queue": "support"},
}
ROUTES = [
    (method, path)
    for path, methods in document(demo=True)["paths"].items()
    for method in methods
    if path != "/api/stream"  # it never ends, and reads memory alone
]
# What nobody can answer from memory.
NEED_REDIS = {
    ("get", "/api/queues/{queue}/contacts"),
    ("get", "/api/explain/{queue}/{channel}/{measure}"),
    ("get", "/api/report"),
    ("post", "/api/queues/{queue}/claims"),
    ("delete", "/api/queues/{queue}/claims/{contact}"),
    ("post", "/api/notes"),
    ("delete", "/api/notes/{note}"),
    ("post", "/api/quiet"),
    ("delete", "/api/quiet/{quiet}"),
    ("post", "/api/simulator/spike"),
}
# Silences are Alertmanager's.
CREATED = {("post", "/api/alerts/{alert}/acknowledge")}


@pytest.fixture
async def client(make_board: BoardMaker, redis_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Asks a board whose Redis went away after it had loaded everything."""
    worker, board = FakeWorker(redis_url), make_board(demo=True)
    worker.join("support", "c1", board.now_ms - 5_000)
    worker.commit(board.now_ms)
    await board.catch_up()
    tell(redis_url, held())
    for known in (board.parts.notes, board.parts.quiets):
        await known.refresh(board.parts.redis, "live")
    await board.parts.alerts.refresh(board.parts.redis, "live", board.now_ms)
    manager = FakeAlertmanager().client()
    labels = labels_of(board.parts.alerts.latest[0], [], "live")
    await manager.silence(matchers_of(labels, "live"), board.now_ms, board.now_ms + 60_000, "Bo", "known")
    away = connect(NOWHERE)
    async with asking(board, redis=away, alertmanager=manager, report=report_maker(NOWHERE, "live")) as asker:
        yield asker
    await away.aclose()


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
async def test_every_address_answers_without_redis(client: httpx.AsyncClient, route: tuple[str, str]) -> None:
    method, path = route
    body = BODIES[path] if method == "post" else None
    answer = await client.request(method.upper(), path.format(**NAMES), json=body)
    if route in NEED_REDIS:
        assert (answer.status_code, answer.json()) == (503, {"error": "Redis does not answer"})
    else:
        assert answer.status_code == (201 if route in CREATED else 200), answer.text


def test_the_addresses_that_need_redis_are_there() -> None:
    assert set(ROUTES) > NEED_REDIS


@pytest.mark.parametrize("path", ["/livez", "/metrics", "/metrics/live", "/wall", "/static/app.js"])
async def test_what_is_no_part_of_the_api_answers_too(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


async def test_a_board_without_redis_is_not_ready(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")

    assert (answer.status_code, answer.text) == (503, "not ready: Redis does not answer\n")
