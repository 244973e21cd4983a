"""A floor of many queues: quiet ones take turns, the others never wait, and nobody is more than a second behind."""

from __future__ import annotations

import pytest

from board import publish
from board.publish import MAX_TURNS
from kpi import keys
from kpi.panes import FINE_MS
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_worker import FakeWorker

NOON = 1_795_176_000_000
QUEUES = 8


@pytest.fixture
async def floor(redis_url: str, make_board: BoardMaker, monkeypatch: pytest.MonkeyPatch) -> tuple[FakeWorker, Board]:
    """Eight queues, each with one who joined 5 min before the pane that ends at NOON."""
    monkeypatch.setattr(publish, "QUEUES_PER_TURN", QUEUES // MAX_TURNS)
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON - 1)
    for number in range(QUEUES):
        worker.join(f"q{number}", "a", NOON - 310_000)
    worker.commit(NOON - 1)
    await board.catch_up()
    return worker, board


def offered(board: Board) -> list[int]:
    return [board.snapshot(f"q{number}").windows["5m"]["offered"] for number in range(QUEUES)]


async def test_quiet_queues_move_on_to_the_next_pane_a_quarter_at_a_time(floor: tuple[FakeWorker, Board]) -> None:
    _, board = floor
    assert offered(board) == [1] * QUEUES
    left = []
    for tick in range(MAX_TURNS):
        board.now_ms = NOON + 250 * tick
        await board.parts.publisher.tick()
        left.append(sum(offered(board)))
    assert left == [6, 4, 2, 0]


async def test_a_queue_with_news_does_not_wait_for_its_turn(floor: tuple[FakeWorker, Board]) -> None:
    worker, board = floor
    for number in range(QUEUES):
        worker.join(f"q{number}", "b", NOON + 1)
    worker.commit(NOON + 1)
    board.now_ms = NOON + 2
    await board.catch_up()
    assert offered(board) == [1] * QUEUES


async def test_a_longer_way_than_a_pane_is_gone_at_once(floor: tuple[FakeWorker, Board]) -> None:
    _, board = floor
    board.now_ms = NOON + FINE_MS
    await board.parts.publisher.tick()
    assert offered(board) == [0] * QUEUES


async def test_every_snapshot_is_written_within_a_second_and_at_once_when_anything_changed(
    floor: tuple[FakeWorker, Board],
) -> None:
    worker, board = floor
    assert await board.parts.publisher.write() == QUEUES
    counts = []
    for tick in range(1, MAX_TURNS + 1):
        board.now_ms = NOON - 1 + tick
        await board.parts.publisher.tick()
        counts.append(await board.parts.publisher.write())
    assert counts == [QUEUES // MAX_TURNS] * MAX_TURNS
    stored = [worker.redis.get(keys.snapshot_key("live", f"q{number}", "voice")) for number in range(QUEUES)]
    assert all(stored)
    worker.join("q0", "b", NOON)
    worker.join("q1", "b", NOON)
    worker.commit(NOON)
    board.now_ms = NOON + MAX_TURNS  # of two snapshots of one instant the first stays
    await board.catch_up()
    due = {queue for (queue, _), entry in board.parts.publisher.latest.entries.items() if entry.is_due}
    assert {"q0", "q1"} <= due, "those with news, beside those whose turn it is"
    assert await board.parts.publisher.write() == len(due) <= 2 + QUEUES // MAX_TURNS
    board.now_ms = NOON + 5_000
    assert (await board.parts.publisher.tick()).verdict.state == "stale"
    assert await board.parts.publisher.write() == QUEUES, "everybody has to know that this is old"
