"""How routes read and change what people write for all boards (notes, planned quiet); 503 where Redis is needed."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, TypeVar

from starlette.exceptions import HTTPException

from board.kept import Kept
from board.load import REDIS_ERRORS
from board.web.parts import Parts

T = TypeVar("T")


async def read_again(parts: Parts, kept: Kept[Any], called: str) -> None:
    """Read what another board may have written just now.

    If Redis is away, what we know is what there is; HTTPException 503 when `called` ("the notes were") never read.
    """
    if not parts.health.redis_down_since_ms:
        with suppress(*REDIS_ERRORS):
            await kept.refresh(parts.redis, parts.namespace)
    if not kept.was_read:
        raise HTTPException(503, f"Redis does not answer, and {called} never read")


async def changed(parts: Parts, kept: Kept[Any], change: Awaitable[T]) -> T:
    """What `change` returns; this board knows of it at once. HTTPException 503 when Redis does not answer."""
    try:
        done = await change
        await kept.refresh(parts.redis, parts.namespace)
    except REDIS_ERRORS:
        raise HTTPException(503, "Redis does not answer") from None
    return done
