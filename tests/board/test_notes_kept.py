"""Notes in Redis: every board sees them, and they go when they are old or too many."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
import redis

from board.app import connect
from board.notes import AHEAD_MS, KEEP_MS, MAX_NOTES, Note, Notes, add_note
from kpi import keys
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.noted import texts, written
from tests.eventually import eventually

HOUR_MS = 3_600_000


@pytest.fixture
def board(make_board: BoardMaker) -> Board:
    return make_board()


async def test_another_board_sees_a_note_at_its_next_look_and_only_reads_what_changed(
    board: Board, make_board: BoardMaker
) -> None:
    other = make_board().parts
    await other.notes.refresh(other.redis, "live")
    assert (other.notes.latest, other.notes.changed) == ((), 0)

    made = await written(board)
    await other.notes.refresh(other.redis, "live")
    known = other.notes.latest
    await other.notes.refresh(other.redis, "live")

    assert [note.id for note in known] == [made["id"]]
    assert other.notes.changed == 1
    assert other.notes.latest is known


async def test_a_board_looks_for_notes_by_itself_and_outlives_a_redis_that_is_away(board: Board) -> None:
    notes, away = Notes(), connect("redis://127.0.0.1:1/0")
    lost = asyncio.create_task(notes.run(away, "live"))
    await written(board)
    found = asyncio.create_task(notes.run(board.parts.redis, "live"))
    try:
        await asyncio.to_thread(eventually, lambda: bool(notes.latest))
        assert not lost.done()
    finally:
        for task in (lost, found):
            task.cancel()
        await asyncio.gather(lost, found, return_exceptions=True)
        await away.aclose()


async def test_of_too_many_notes_the_oldest_go_and_of_old_ones_all(board: Board, redis_url: str) -> None:
    parts, now = board.parts, board.now_ms
    with redis.Redis.from_url(redis_url) as client:
        for number in range(MAX_NOTES):
            text = Note(f"n{number}", now - MAX_NOTES + number, "x", "a", None, None, now)
            client.hset(keys.notes_key("live"), text.id, msgspec.json.encode(text))
        ancient = Note("ancient", now - KEEP_MS - 1, "x", "a", None, None, 0)
        client.hset(keys.notes_key("live"), ancient.id, msgspec.json.encode(ancient))
        await add_note(parts.redis, "live", Note("new", now, "x", "a", None, None, now), now)

        left = {name.decode() for name in client.hkeys(keys.notes_key("live"))} - {"#"}
    assert len(left) == MAX_NOTES
    assert {"new", "n1"} <= left
    assert left.isdisjoint({"n0", "ancient"})


async def test_what_is_no_note_in_redis_is_passed_over(board: Board, redis_url: str) -> None:
    await written(board)
    with redis.Redis.from_url(redis_url) as client:
        client.hset(keys.notes_key("live"), mapping={"bad": "{", "worse": b"\xff", "#": "again"})

    assert await texts(board) == ["x"]


@pytest.mark.parametrize("namespace", ["live", "monday"])
async def test_notes_do_not_stay_for_ever(make_board: BoardMaker, redis_url: str, namespace: str) -> None:
    board = make_board(namespace)
    with redis.Redis.from_url(redis_url) as client:
        client.set(keys.replay_key("monday"), "{}", px=HOUR_MS)
        await add_note(board.parts.redis, namespace, Note("n", 0, "x", "a", None, None, 0), 0)
        left_ms = client.pttl(keys.notes_key(namespace))

    assert 0 < left_ms <= (HOUR_MS if namespace == "monday" else KEEP_MS + AHEAD_MS)


async def test_removing_a_note_that_never_was_leaves_nothing_for_ever(board: Board, redis_url: str) -> None:
    async with asking(board) as client:
        assert (await client.delete("/api/notes/none")).status_code == 404
    with redis.Redis.from_url(redis_url) as client_of_redis:
        assert client_of_redis.pttl(keys.notes_key("live")) > 0
