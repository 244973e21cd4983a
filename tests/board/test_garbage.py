"""The garbage collector has its turn after a quick tick, and after a slow one when it has waited for too long."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from board.garbage import QUICK_SECONDS, TICKS_BETWEEN, Garbage

QUICK, SLOW = QUICK_SECONDS / 2, QUICK_SECONDS * 2


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_it_has_its_turn_once_in_so_many_quick_ticks() -> None:
    garbage = Garbage()
    turns = [garbage.after_tick(QUICK) for _ in range(3 * TICKS_BETWEEN)]
    assert [number for number, looked in enumerate(turns, 1) if looked] == [
        TICKS_BETWEEN,
        2 * TICKS_BETWEEN,
        3 * TICKS_BETWEEN,
    ]


def test_a_slow_tick_puts_it_off_but_not_for_ever() -> None:
    garbage = Garbage()
    turns = [garbage.after_tick(SLOW) for _ in range(2 * TICKS_BETWEEN)]
    assert turns.index(True) == 2 * TICKS_BETWEEN - 1


def test_after_the_take_over_python_does_not_look_by_itself_but_cycles_still_go() -> None:
    garbage = Garbage()
    garbage.take_over()
    assert not gc.isenabled()

    gone = []

    class Node:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            gone.append("gone")

    Node()
    for _ in range(TICKS_BETWEEN):
        garbage.after_tick(QUICK)
    assert gone == ["gone"]
