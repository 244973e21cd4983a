"""A board on a real Redis: what it loads, follows, notices and publishes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from redis.asyncio import Redis

from board.deltas import delta_fields, parse_delta
from board.load import LEDGER_CHECKS, UNREADABLE, Loader
from board.pieces import load_partition
from board.view import Delta
from kpi import keys
from kpi.snapshot import QueueSnapshot
from tests.board.conftest import BoardMaker
from tests.board.fake_worker import FakeWorker

NOON = 1_795_176_000_000


async def test_what_a_worker_wrote_before_and_after_the_board_came_is_on_the_board(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url, partitions=2), make_board(now_ms=NOON)
    worker.join("support", "a", NOON - 30_000)
    worker.commit(NOON, partition=0)
    worker.join("support", "b", NOON - 20_000)
    worker.commit(NOON, partition=1)
    await board.catch_up()
    assert board.snapshot("support").now.waiting == 2
    worker.leave("support", "a", NOON - 30_000, NOON + 1_000, "answered")
    worker.commit(NOON + 1_000, partition=0)
    worker.commit(NOON + 1_000, partition=1)
    board.now_ms = NOON + 1_500
    publication = await board.catch_up()
    snapshot = board.snapshot("support")
    assert (publication.verdict.state, publication.verdict.true_at_ms) == ("fresh", NOON + 1_000)
    assert (snapshot.now.waiting, snapshot.now.in_service, snapshot.now.oldest_wait_seconds) == (1, 1, 21.5)
    assert snapshot.windows["30m"]["answered"] == 1
    assert snapshot.windows["30m"]["service_level"]["sl_event"] == {"numerator": 0, "denominator": 2, "value": 0.0}


async def test_a_board_that_came_late_shows_what_one_that_was_there_shows(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, early = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.commit(NOON - 10_000)
    await early.catch_up()
    for number in range(20):
        joined = NOON - 60_000 + number * 1_700
        worker.join("support", str(number), joined)
        worker.leave("support", str(number), joined, joined + number * 900, "answered" if number % 3 else "abandoned")
        worker.commit(NOON)
    late = make_board(now_ms=NOON)
    await early.catch_up()
    await late.catch_up()
    assert early.snapshot("support") == late.snapshot("support")
    assert early.snapshot("support").windows["5m"]["offered"] == 20


async def test_deltas_that_come_while_a_partition_is_loaded_are_neither_lost_nor_added_twice(
    redis_url: str, make_board: BoardMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.join("support", "a", NOON - 5_000)
    worker.commit(NOON)
    real = Loader._read
    calls = 0

    async def read_while_the_worker_goes_on(loader: Loader, names: list[str], block_ms: int | None) -> object:
        nonlocal calls
        calls += 1
        worker.join("support", f"while loading {calls}", NOON - 4_000)
        worker.commit(NOON)
        found = await real(loader, names, block_ms)
        # The stream keeps only the newest deltas: what a load does not read along is gone.
        worker.redis.xtrim(keys.deltas_key(worker.prefix()), maxlen=0)
        return found

    monkeypatch.setattr(Loader, "_read", read_while_the_worker_goes_on)
    await board.parts.loader.check()
    await board.parts.loader.load_missing()
    await board.parts.publisher.tick()
    assert calls == 2
    assert board.view.partitions["calls.events/0"].loaded
    assert board.snapshot("support").now.waiting == board.snapshot("support").windows["5m"]["offered"] == 3


async def test_a_stream_cut_beyond_what_was_read_is_noticed_and_loaded_again(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.commit(NOON)
    await board.catch_up()
    worker.join("support", "a", NOON)
    worker.commit(NOON)
    worker.redis.xtrim(keys.deltas_key(worker.prefix()), maxlen=0)
    worker.commit(NOON)
    await board.parts.loader.follow()
    assert (await board.parts.publisher.tick()).verdict.state == "rebuilding"
    assert (await board.catch_up()).verdict.state == "fresh"
    assert board.snapshot("support").now.waiting == 1


async def test_an_emptied_redis_is_rebuilding_until_the_worker_has_caught_up(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.join("support", "a", NOON - 5_000)
    worker.commit(NOON)
    await board.catch_up()
    worker.wipe()
    verdict = (await board.catch_up()).verdict
    assert verdict.state == "rebuilding"
    assert verdict.reason is not None
    assert verdict.reason.startswith("calls.events/0: waiting for the worker, there is no position yet, since")
    worker.join("support", "b", NOON - 4_000)
    worker.commit(NOON)
    assert (await board.catch_up()).verdict.state == "fresh"
    assert board.snapshot("support").now.waiting == 1


async def test_a_partition_whose_write_failed_half_way_is_not_shown(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.commit(NOON)
    worker.redis.hset(keys.position_key(worker.prefix()), "dirty", "1")
    publication = await board.catch_up()
    assert publication.verdict.state == "rebuilding"
    assert "failed write" in str(publication.verdict.reason)


async def test_what_no_worker_wrote_is_said_and_nothing_is_shown_until_it_is_gone(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.commit(NOON)
    worker.redis.sadd(keys.panes_key(worker.prefix()), "no pane")
    publication = await board.catch_up()
    assert publication.verdict.state == "rebuilding"
    assert str(publication.verdict.reason).startswith(f"calls.events/0: {UNREADABLE}, since")
    worker.redis.srem(keys.panes_key(worker.prefix()), "no pane")
    assert (await board.catch_up()).verdict.state == "fresh"


async def test_queues_configured_and_queues_only_seen_both_have_a_snapshot(
    redis_url: str, make_board: BoardMaker, tmp_path: Path
) -> None:
    file = tmp_path / "floor.toml"
    file.write_text('[queue.billing]\nname = "账单"\nchannel = "voice"\n', "utf-8")
    worker, board = FakeWorker(redis_url), make_board(config=file, now_ms=NOON)
    worker.redis.hset(keys.queues_key("live"), keys.queue_suffix("a:b 客", "chat"), "seen")
    worker.commit(NOON)
    publication = await board.catch_up()
    assert set(publication.entries) == {("billing", "voice"), ("a:b 客", "chat")}
    assert publication.unconfigured == ("a:b 客",)
    assert board.snapshot("billing").display_name == "账单"


async def test_snapshots_are_written_with_a_short_life_and_announced(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.join("support", "a", NOON - 30_000)
    worker.commit(NOON)
    await board.catch_up()
    listener = worker.redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    listener.subscribe(keys.snapshots_channel("live"))
    listener.get_message(timeout=20)  # that it listens
    assert await board.parts.publisher.write() == 1
    key = keys.snapshot_key("live", "support", "voice")
    stored = worker.redis.get(key)
    assert isinstance(stored, bytes)
    assert QueueSnapshot.from_json(stored) == board.snapshot("support")
    assert 0 < int(worker.redis.ttl(key)) <= 15
    announced = listener.get_message(timeout=20)
    assert announced["data"] == stored
    assert json.loads(stored)["now"]["oldest_wait_seconds"] == 30
    listener.close()


async def test_a_snapshot_is_written_only_over_an_older_one(redis_url: str, make_board: BoardMaker) -> None:
    worker, one, two = FakeWorker(redis_url), make_board(now_ms=NOON + 10), make_board(now_ms=NOON)
    worker.join("support", "a", NOON)
    worker.commit(NOON)
    for board in (one, two):
        await board.catch_up()
    assert await one.parts.publisher.write() == 1
    assert await two.parts.publisher.write() == 0, "an older publication of the same epoch"
    worker.wipe()
    worker.redis.set(keys.snapshot_key("live", "support", "voice"), one.snapshot("support").to_json())
    worker.join("support", "b", NOON)
    worker.commit(NOON)
    await two.catch_up()
    assert await two.parts.publisher.write() == 1, "a newer epoch wins whatever the clocks say"
    await one.catch_up()
    one.now_ms = NOON - 60_000
    await one.parts.publisher.tick()
    assert await one.parts.publisher.write() == 0


async def test_a_replay_is_shown_at_its_own_time(redis_url: str, make_board: BoardMaker) -> None:
    monday = 933_500_000_000
    worker, board = FakeWorker(redis_url, namespace="monday"), make_board(namespace="monday", now_ms=NOON)
    worker.join("support", "a", monday - 45_000)
    worker.commit(monday)
    publication = await board.catch_up()
    assert (publication.verdict.state, publication.verdict.now_ms) == ("fresh", monday)
    snapshot = board.snapshot("support")
    assert (snapshot.true_at_ms, snapshot.now.oldest_wait_seconds) == (monday, 45)
    assert snapshot.windows["5m"]["offered"] == 1


async def test_a_reload_of_a_bad_file_keeps_the_old_one_and_says_so(
    redis_url: str, make_board: BoardMaker, tmp_path: Path
) -> None:
    file = tmp_path / "floor.toml"
    file.write_text('[queue.support]\nchannel = "voice"\ntarget = { seconds = 45 }\n')
    worker, board = FakeWorker(redis_url), make_board(config=file, now_ms=NOON)
    worker.commit(NOON)
    await board.catch_up()
    file.write_text('[queue.support]\nchannel = "voice"\ntarget = { seconds = "soon" }\n')
    board.parts.config.reload()
    await board.catch_up()
    assert board.snapshot("support").target.seconds == 45
    assert "floor.toml:3" in str(board.parts.config.error)
    file.write_text('[queue.support]\nchannel = "voice"\ntarget = { seconds = 60 }\n')
    board.parts.config.reload()
    await board.catch_up()
    assert (board.snapshot("support").target.seconds, board.parts.config.error) == (60, None)


async def test_only_panes_that_a_window_can_reach_are_loaded(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    for hours in (0, 1, 3, 30):
        worker.count("support", "voice", NOON - hours * 3_600_000, offered=1)
    worker.commit(NOON)

    async def nothing() -> None:
        return None

    redis: Redis = board.parts.redis
    loaded = await load_partition(redis, worker.prefix(), nothing)
    ages = sorted((name.split(":")[0], (NOON - int(name.split(":")[1])) // 3_600_000) for name in loaded.panes)
    assert ages == [("10", 0), ("10", 1), ("900", 0), ("900", 1), ("900", 3)]


def test_a_delta_survives_the_way_through_a_stream() -> None:
    pane, live = keys.pane_suffix(10_000, NOON, "客:服", "voice"), keys.live_suffix("waiting", "客:服", "voice")
    delta = Delta(5, 10, 12, {pane: {"offered": 1, "net.3": -1}}, {live: {"c|1": NOON, "d|1": None}}, NOON, NOON - 1)
    assert parse_delta({key.encode(): value for key, value in delta_fields(delta).items()}) == delta


async def test_what_stands_under_no_queue_is_never_shown_as_one(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.redis.hset(keys.queues_key("live"), keys.queue_suffix("", "agents"), "seen")
    worker.agent("ana", "idle", NOON - 60_000)
    worker.live("source", "", "", "/acd/one", NOON)
    worker.commit(NOON)
    assert not (await board.catch_up()).entries


async def test_a_ledger_is_read_now_and_then_and_goes_with_its_partition(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.redis.hset(keys.ledger_key(worker.prefix()), mapping={"duplicate": 3})
    worker.commit(NOON)
    await board.catch_up()
    assert board.view.ledgers == {"calls.events/0": {"duplicate": 3}}
    worker.redis.hset(keys.ledger_key(worker.prefix()), mapping={"duplicate": 4})
    for _ in range(LEDGER_CHECKS):
        await board.parts.loader.check()
    assert board.view.ledgers == {"calls.events/0": {"duplicate": 4}}
    board.view.expect([])
    assert not board.view.ledgers
