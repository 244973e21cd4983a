"""Notes, as people write and read them."""

from __future__ import annotations

from typing import Any

from tests.board.api_client import asking
from tests.board.conftest import Board


async def written(board: Board, **note: Any) -> Any:
    """What the board answers to a note."""
    async with asking(board) as client:
        answer = await client.post("/api/notes", json={"text": "x", "author": "Ana", **note})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def texts(board: Board, query: str = "") -> list[str]:
    async with asking(board) as client:
        return [note["text"] for note in (await client.get(f"/api/notes?{query}")).json()["notes"]]
