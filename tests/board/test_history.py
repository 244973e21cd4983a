"""What is normal, as the board reads it from a real Redis: which panes, when, and when it is not known."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from board.app import connect
from board.history import Baselines, breathe
from board.load import REDIS_ERRORS
from kpi import keys
from kpi.panes import COARSE_MS, FINE_MS, pane_start
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_worker import FakeWorker

NOON = 1_795_176_000_000  # 2026-11-20T12:00:00Z, a Friday
WEEK = 7 * 86_400_000
QUARTER = NOON - COARSE_MS  # the last whole one at noon


def calls(worker: FakeWorker, queue: str, at_ms: int, answered: int, wait_seconds: int = 10) -> None:
    """So many calls within one second, each answered after so many seconds."""
    for number in range(answered):
        name = f"{at_ms}-{number}"
        worker.join(queue, name, at_ms)
        worker.leave(queue, name, at_ms, at_ms + wait_seconds * 1000, "answered")


def baselines(board: Board, between: Callable[[], Awaitable[None]] = breathe) -> Baselines:
    parts = board.parts
    return Baselines(parts.redis, parts.namespace, board.view, parts.config, lambda: board.now_ms, between)


async def loaded(board: Board) -> Baselines:
    """What a board knows that has read everything."""
    await board.catch_up()
    found = baselines(board)
    await found.refresh()
    return found


async def test_the_same_quarter_of_four_weeks_is_summed_over_partitions(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url, partitions=2), make_board(now_ms=NOON)
    for week, answered in enumerate((3, 9, 1, 4, 50), start=1):
        calls(worker, "support", QUARTER - week * WEEK + 60_000, answered)
        calls(worker, "support", QUARTER - week * WEEK - 60_000, 70)  # the quarter-hour before
        calls(worker, "sales", QUARTER - week * WEEK + 60_000, 80)
    worker.commit(NOON, partition=0)
    calls(worker, "support", QUARTER - WEEK + 120_000, 2, wait_seconds=30)
    worker.commit(NOON, partition=1)

    found = (await loaded(board)).normal("support", "voice", NOON)

    assert found is not None
    assert (found["label"], found["to"], found["weeks"]) == ("Friday 11:45", "12:00", 4)
    assert found["offered"] == {"last_week": 5, "low": 1, "high": 9}
    assert found["service_level"] == {"last_week": 3 / 5, "low": 3 / 5, "high": 1.0}
    assert found["asa_seconds"] == {"last_week": 18.0, "low": 10.0, "high": 18.0}


async def test_at_the_end_of_a_quarter_hour_its_normal_is_there_and_two_later_it_is_not(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    calls(worker, "support", QUARTER - WEEK, 3)
    calls(worker, "support", NOON - WEEK, 8)
    worker.commit(NOON)
    found = await loaded(board)

    before, after = (found.normal("support", "voice", NOON + ms) for ms in (COARSE_MS - 1, COARSE_MS))

    assert before is not None
    assert after is not None
    assert (before["offered"]["last_week"], after["offered"]["last_week"]) == (3, 8)
    assert found.normal("support", "voice", NOON + 2 * COARSE_MS) is None
    board.now_ms = NOON + COARSE_MS
    worker.commit(board.now_ms)
    await board.catch_up()
    await found.refresh()
    assert found.normal("support", "voice", board.now_ms) is after
    assert found.normal("support", "voice", NOON) is None


async def test_a_queue_without_a_past_and_one_that_nobody_knows_have_no_normal(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    calls(worker, "new", NOON - 60_000, 3)
    worker.commit(NOON)

    found = await loaded(board)

    assert found.normal("new", "voice", NOON) is None
    assert found.normal("unheard-of", "voice", NOON) is None


async def test_a_queue_that_comes_later_is_read_then(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.commit(NOON)
    found = await loaded(board)
    calls(worker, "support", QUARTER - WEEK, 3)
    worker.commit(NOON)
    await board.catch_up()
    assert found.normal("support", "voice", NOON) is None

    await found.refresh()

    assert found.normal("support", "voice", NOON) is not None


async def test_what_redis_lost_is_not_shown_and_comes_back_when_the_worker_has_caught_up(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    calls(worker, "support", QUARTER - WEEK, 3)
    worker.commit(NOON)
    found = await loaded(board)
    assert found.normal("support", "voice", NOON) is not None

    worker.wipe()
    await board.catch_up()
    assert found.normal("support", "voice", NOON) is None
    calls(worker, "support", QUARTER - WEEK, 2)
    worker.commit(NOON - WEEK)  # half-way through the log
    await board.catch_up()
    await found.refresh()
    assert found.normal("support", "voice", NOON) is None
    calls(worker, "support", QUARTER - WEEK + 1_000, 2)
    worker.commit(NOON)
    await board.catch_up()
    await found.refresh()
    again = found.normal("support", "voice", NOON)
    assert again is not None
    assert again["offered"]["last_week"] == 4


async def test_a_half_written_partition_has_no_normal(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    calls(worker, "support", QUARTER - WEEK, 3)
    worker.commit(NOON)
    await board.catch_up()
    worker.redis.hset(keys.position_key(worker.prefix()), "dirty", 1)
    found = baselines(board)

    await found.refresh()

    assert found.normal("support", "voice", NOON) is None


async def test_what_was_read_across_a_rebuild_is_thrown_away(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    calls(worker, "support", QUARTER - WEEK, 3)
    worker.commit(NOON)
    await board.catch_up()

    async def rebuild() -> None:
        worker.wipe()
        worker.commit(NOON)

    found = baselines(board, between=rebuild)
    await found.refresh()

    assert found.normal("support", "voice", NOON) is None


async def test_a_new_target_is_judged_by_at_once(redis_url: str, make_board: BoardMaker, tmp_path: Path) -> None:
    file = tmp_path / "floor.toml"
    file.write_text("[queue.support]\ntarget = { percent = 80, seconds = 20 }\n")
    worker, board = FakeWorker(redis_url), make_board(config=file, now_ms=NOON)
    calls(worker, "support", QUARTER - WEEK, 3, wait_seconds=30)
    worker.commit(NOON)
    found = await loaded(board)
    before = found.normal("support", "voice", NOON)
    file.write_text("[queue.support]\ntarget = { percent = 80, seconds = 30 }\n")
    board.parts.config.reload()
    assert found.normal("support", "voice", NOON) is None

    await found.refresh()

    after = found.normal("support", "voice", NOON)
    assert before is not None
    assert after is not None
    assert (before["service_level"]["high"], after["service_level"]["high"]) == (0.0, 1.0)


async def test_reading_that_a_reload_has_overtaken_is_given_up(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    for number in range(60):
        calls(worker, f"queue-{number}", QUARTER - WEEK, 1)
    worker.commit(NOON)
    await board.catch_up()
    pieces: list[int] = []

    async def reload() -> None:
        pieces.append(len(pieces))
        if len(pieces) == 1:
            board.parts.config.reload()

    found = baselines(board, between=reload)
    await found.refresh()
    after_reload = len(pieces)
    await found.refresh()

    assert after_reload < 60
    assert len(pieces) == after_reload + 2 * 60
    assert found.normal("queue-59", "voice", NOON) is not None


async def test_many_panes_are_read_in_pieces_with_ticks_between(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url, partitions=30), make_board(now_ms=NOON)
    for partition in range(30):
        for queue in ("support", "sales"):
            calls(worker, queue, QUARTER - WEEK + partition * 1_000, 1)
        worker.commit(NOON, partition=partition)
    await board.catch_up()
    ticks = []

    async def tick() -> None:
        ticks.append(await board.parts.publisher.tick())

    found = baselines(board, between=tick)
    await found.refresh()

    # 2 quarter-hours, 2 queues, 4 weeks in each of 30 partitions: 3 pieces of at most 50 panes.
    assert len(ticks) == 2 * 2 * 3
    normal = found.normal("sales", "voice", NOON)
    assert normal is not None
    assert normal["offered"]["last_week"] == 30


async def test_panes_of_ten_seconds_and_topics_without_contacts_are_not_asked(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.redis.hset(keys.partitions_key("live"), "agents.events", 1)
    calls(worker, "support", QUARTER - WEEK, 3)
    worker.commit(NOON)
    fine = keys.pane_suffix(FINE_MS, pane_start(QUARTER - WEEK, FINE_MS), "support", "voice")
    worker.redis.delete(keys.pane_key(worker.prefix(), fine))

    found = (await loaded(board)).normal("support", "voice", NOON)

    assert found is not None
    assert found["offered"]["last_week"] == 3


async def test_a_redis_that_does_not_answer_leaves_it_unknown(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    calls(worker, "support", QUARTER - WEEK, 3)
    worker.commit(NOON)
    await board.catch_up()
    nobody = connect("redis://127.0.0.1:1")
    found = Baselines(nobody, "live", board.view, board.parts.config, lambda: NOON)

    with pytest.raises(REDIS_ERRORS):
        await found.refresh()

    assert found.normal("support", "voice", NOON) is None
    await nobody.aclose()


async def test_before_the_log_has_a_time_nothing_is_read(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    calls(worker, "support", QUARTER - WEEK, 3)
    worker.commit(NOON)
    await board.catch_up()
    board.now_ms = 0
    found = baselines(board)

    await found.refresh()

    assert found.normal("support", "voice", NOON) is None


async def test_it_keeps_itself_known(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    calls(worker, "support", QUARTER - WEEK, 3)
    worker.commit(NOON)
    await board.catch_up()
    read = asyncio.Event()

    async def note() -> None:
        read.set()

    found = baselines(board, between=note)
    running = asyncio.create_task(found.run())
    async with asyncio.timeout(10):
        await read.wait()
        while found.normal("support", "voice", NOON) is None:
            await breathe()
    running.cancel()
