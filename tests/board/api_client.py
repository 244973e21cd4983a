"""Requests to a board in this process, without a server: its application, as a server would call it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from board.web.api import make_app
from tests.board.conftest import Board


@asynccontextmanager
async def asking(board: Board, **parts: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the board's application; `parts` are other than the board's own. An error inside is raised here."""
    app = make_app(replace(board.parts, **parts))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as client:
        yield client
