"""`floorpulse top --once`: the floor as a table, from the snapshots in Redis."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import redis
from rich.console import Console

from floorpulse.commands.top import screen
from floorpulse.top_feed import Feed
from kpi import keys
from kpi.floor import parse_floor
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_worker import FakeWorker
from tests.board.held_alerts import held, tell

FLOOR = parse_floor('[queue.support]\nchannel = "voice"\nname = "客服"\n')


async def published(redis_url: str, make_board: BoardMaker, *, ago_ms: int = 0) -> tuple[Board, int]:
    """A board that published, `ago_ms` ago: support with one who waits too long, billing with nobody."""
    now_ms = time.time_ns() // 1_000_000
    worker, board = FakeWorker(redis_url), make_board(now_ms=now_ms - ago_ms)
    worker.join("support", "a", now_ms - ago_ms - 200_000)
    for queue in ("support", "billing"):
        worker.redis.hset(keys.queues_key("live"), keys.queue_suffix(queue, "voice"), "seen")
    worker.commit(now_ms - ago_ms)
    await board.catch_up()
    await board.parts.publisher.write()
    return board, now_ms


def text_of(redis_url: str, now_ms: int, width: int = 120) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    with redis.Redis.from_url(redis_url) as client:
        console.print(screen(Feed(client, "live"), FLOOR, now_ms, width))
    return console.export_text()


async def test_the_worst_queue_stands_first_with_a_word_beside_its_colour(
    redis_url: str, make_board: BoardMaker
) -> None:
    _, now_ms = await published(redis_url, make_board)
    lines = text_of(redis_url, now_ms).splitlines()
    assert "fresh, data 0.0 s old" in lines[0]
    rows = [line for line in lines if "voice" in line]
    assert "support" in rows[0]
    assert "CRITICAL ‼" in rows[0]
    assert "3:20" in rows[0]
    assert "billing" in rows[1]
    assert "OK" in rows[1]
    assert "not in floor.toml, shown with defaults: billing" in lines[-1]


async def test_eighty_columns_leave_room_for_names_and_for_the_four_numbers(
    redis_url: str, make_board: BoardMaker
) -> None:
    _, now_ms = await published(redis_url, make_board)
    wide, narrow = (text_of(redis_url, now_ms, width).splitlines() for width in (120, 80))
    assert max(len(line) for line in narrow) <= 80
    for lines in (wide, narrow):
        [row] = [line for line in lines if "CRITICAL ‼" in line]
        assert row.strip().startswith("support · voice")
        assert "3:20" in row
        assert "0%" in row
        assert "…" not in "".join(lines)
    head = ["queue", "wait", "longest", "SL", "30m", "lost", "30m", "free", "cases"]
    assert [line.split() for line in narrow if "longest" in line] == [head]
    assert [line.split() for line in wide if "longest" in line] == [
        [*head[:3], "busy", *head[3:5], "target", *head[5:8], "break", "no", "reply", "cases", "no", "owner"]
    ]


async def test_agents_stand_above_the_queues_and_backlog_beside_them(redis_url: str, make_board: BoardMaker) -> None:
    now_ms = time.time_ns() // 1_000_000
    worker, board = FakeWorker(redis_url), make_board(now_ms=now_ms)
    worker.agent("ana", "idle", now_ms - 5_000, queues={"support": None})
    worker.agent("bo", "break", now_ms - 125_000, queues={"support": "lunch"})
    worker.agent("cleo", "break", now_ms - 65_000)
    worker.live("unanswered", "support", "chat", "a|1", now_ms - 61_000)
    for case in ("k1", "k2"):
        for kind in ("open_cases", "case_open", "unassigned"):
            worker.live(kind, "support", "chat", case, now_ms - 9_000)
    worker.live("due", "support", "chat", "k1", now_ms - 1_000)
    for channel in ("chat", "voice"):
        worker.redis.hset(keys.queues_key("live"), keys.queue_suffix("support", channel), "seen")
    worker.commit(now_ms)
    await board.catch_up()
    await board.parts.publisher.write()
    lines = text_of(redis_url, now_ms).splitlines()
    assert lines[1].strip() == "agents  3 logged in: 2 break, 1 idle; 1 available; longest break 2:05"
    [chat] = [line.split() for line in lines if "· chat" in line]
    assert chat[-8:] == ["1/1", "1", "1", "1:01", "2", "(1", "late)", "2"]


async def test_queues_of_which_people_are_told_have_a_mark_and_the_worst_are_named(
    redis_url: str, make_board: BoardMaker
) -> None:
    _, now_ms = await published(redis_url, make_board)
    others = [held("QueueGrowing", "warning", since_ms=now_ms)]
    quiet = [
        held("QueueLengthHigh", queue="billing", phase="pending"),
        held("QueueUnattended", queue="billing", phase="ok"),
    ]
    tell(redis_url, held(since_ms=1_795_176_000_000), *others, *quiet)
    for width in (120, 80):
        lines = text_of(redis_url, now_ms, width).splitlines()
        text = " ".join(" ".join(lines).split())
        assert (
            "alerts of the engine ⚑ 2: QueueLongestWaitHigh critical support · voice since 12:00; QueueGrowing warning"
            in text
        )
        [support] = [line for line in lines if "CRITICAL ‼" in line]
        assert "CRITICAL ‼ ⚑" in support
        assert all("⚑" not in line for line in lines if line.strip().startswith("billing"))
    tell(redis_url)
    assert "⚑" not in text_of(redis_url, now_ms)


async def test_a_board_that_stopped_publishing_makes_the_table_stale(redis_url: str, make_board: BoardMaker) -> None:
    _, now_ms = await published(redis_url, make_board, ago_ms=8_000)
    text = text_of(redis_url, now_ms)
    assert "STALE the board has published nothing since" in text
    assert "CRITICAL" not in text


async def test_what_is_stale_says_why(redis_url: str, make_board: BoardMaker) -> None:
    board, now_ms = await published(redis_url, make_board)
    board.now_ms = now_ms + 4_000
    await board.parts.publisher.tick()
    await board.parts.publisher.write()
    text = text_of(redis_url, now_ms + 4_000)
    assert "STALE calls.events/0: no tick since" in text


def test_without_a_board_it_says_what_to_start(redis_url: str) -> None:
    env = {**os.environ, "FLOORPULSE_REDIS": redis_url}
    command = [sys.executable, "-m", "floorpulse", "top", "--once"]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0
    assert "Start one with: floorpulse board" in " ".join(ended.stdout.split())


def test_without_redis_it_is_one_sentence(tmp_path: Path) -> None:
    env = {**os.environ, "FLOORPULSE_REDIS": "redis://127.0.0.1:1/0"}
    command = [sys.executable, "-m", "floorpulse", "top", "--once"]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: Redis is not reachable")
    assert ended.stderr.count("\n") == 1
