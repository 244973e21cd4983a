"""Tasks that end together, although one of them takes no notice of being cancelled at first."""

from __future__ import annotations

import asyncio

import pytest

from alerts.tasks import end, together


async def stubborn(times: int, ended: list[str]) -> None:
    """Swallow so many cancellations, as a Redis call may that fails at the same moment."""
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            times -= 1
            if times < 0:
                ended.append("stubborn")
                raise


async def failing(error: Exception) -> None:
    await asyncio.sleep(0)
    raise error


async def test_the_first_failure_ends_the_others_and_is_raised() -> None:
    ended: list[str] = []
    with pytest.raises(ZeroDivisionError):
        await together(stubborn(2, ended), failing(ZeroDivisionError()))
    assert ended == ["stubborn"]


async def test_of_several_failures_the_least_is_raised_last() -> None:
    for parts in ((OSError(), KeyError("x")), (KeyError("x"), OSError())):
        with pytest.raises(KeyError):
            await together(*(failing(error) for error in parts), least=(OSError,))


async def test_whoever_is_cancelled_leaves_nobody_behind() -> None:
    ended: list[str] = []
    outer = asyncio.create_task(together(stubborn(3, ended), stubborn(1, ended)))
    await asyncio.sleep(0)

    await end([outer], 0.01)

    assert outer.cancelled()
    assert ended == ["stubborn", "stubborn"]
    assert asyncio.all_tasks() == {asyncio.current_task()}
