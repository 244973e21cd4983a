"""Tasks that run together and end together, even where a cancellation gets lost.

A Redis call that fails at the very moment of its cancellation swallows it, and a group of asyncio's own waits for ever
for the task that goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

CANCEL_SECONDS = 0.1


async def end(tasks: Sequence[asyncio.Task[None]], seconds: float = CANCEL_SECONDS) -> None:
    """Cancel tasks, every `seconds` anew, until none of them runs; a cancellation of our own waits for that, too."""
    is_cancelled = False
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=seconds)
        except asyncio.CancelledError:
            is_cancelled = True
    if is_cancelled:
        raise asyncio.CancelledError


async def together(*parts: Coroutine[Any, Any, None], least: tuple[type[Exception], ...] = ()) -> None:
    """Run parts until one of them ends or fails, end the others, and raise what failed.

    Of several failures those of the kinds `least` are raised only when there is no other.
    """
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(tasks)
    failures = [error for task in tasks if not task.cancelled() and (error := task.exception()) is not None]
    for error in sorted(failures, key=lambda each: isinstance(each, least)):
        raise error
