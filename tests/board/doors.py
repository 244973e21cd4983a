"""A board behind its door, asked from wherever a test says, without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from board.door.access import Access, Token
from board.door.attempts import Attempts
from board.door.auth import Auth
from board.web.api import make_app
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_alertmanager import FakeAlertmanager
from tests.board.fake_worker import FakeWorker
from tests.board.held_alerts import held, tell

NOON = 1_795_176_000_000
SCOPES = ("metrics", "tv", "read", "write", "admin")
TOKENS = {scope: f"{scope}-canary-{'0123456789abcdef' * 2}" for scope in SCOPES}
ACCESS = Access(tokens=tuple(Token.of(scope, text) for scope, text in TOKENS.items()))


def bearer(scope: str) -> dict[str, str]:
    """The header that shows the token of a scope."""
    return {"Authorization": f"Bearer {TOKENS[scope]}"}


async def canary_board(redis_url: str, make_board: BoardMaker) -> Board:
    """A board of a demo with one queue, a customer and an agent whose names must show up nowhere else."""
    worker, made = FakeWorker(redis_url), make_board(now_ms=NOON, demo=True)
    worker.join("support", "canary-491701234567", NOON - 5_000)
    worker.agent("ana canary", "idle", NOON - 60_000, queues={"support": None}, team="Front")
    worker.known("c1", "c2")
    worker.commit(NOON)
    await made.catch_up()
    tell(redis_url, held(since_ms=NOON - 60_000))
    made.parts = replace(made.parts, alertmanager=FakeAlertmanager().client())
    return made


def routes_of_board(board: Board) -> list[tuple[str, str]]:
    """Every method and path of a board's application, a parameter standing for itself."""
    inner: Any = make_app(board.parts)
    while not isinstance(inner, FastAPI):
        inner = inner._app
    found = [
        (method, route.path.replace("{", "").replace("}", ""))
        for route in inner.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]
    assert len(found) > 10
    return found


@asynccontextmanager
async def at_door(
    board: Board, access: Access = ACCESS, *, peer: str = "127.0.0.1", attempts: Attempts | None = None, **parts: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose requests come from `peer`; an error inside is answered 500, as a server does it."""
    app = make_app(replace(board.parts, auth=Auth(access, attempts), **parts))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client
