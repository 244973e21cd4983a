"""How many served a queue in the hour before: sampled, remembered across restarts, compared with now."""

from __future__ import annotations

from board.staffing import HOUR_MS, RECENT_MS, SAMPLE_MS, Staffing
from kpi.keys import staffing_key
from tests.board.conftest import BoardMaker
from tests.board.fake_worker import FakeWorker

NOON = 1_795_176_000_000


def test_the_hour_before_is_a_mean_without_what_happened_just_now() -> None:
    staffing = Staffing()
    staffing.take(NOON, {"support": 10})
    staffing.take(NOON + SAMPLE_MS, {"support": 6})
    staffing.take(NOON + 2 * SAMPLE_MS, {})
    assert staffing.before("support", NOON + 2 * SAMPLE_MS) == 8
    assert staffing.before("support", NOON + 2 * SAMPLE_MS + RECENT_MS) == 16 / 3
    assert staffing.before("support", NOON + HOUR_MS + SAMPLE_MS) == 3, "the first sample is too old"
    assert Staffing().before("support", NOON) is None


def test_a_sample_that_is_not_news_is_passed_over() -> None:
    staffing = Staffing()
    staffing.take(NOON, {"support": 10})
    staffing.take(NOON, {"support": 1})
    assert staffing.newest() == (NOON, {"support": 10})
    assert staffing.due_ms == NOON + SAMPLE_MS


async def test_a_board_that_starts_anew_knows_who_was_there_before(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.agent("ana", "idle", NOON - 9, queues={"support": None})
    worker.commit(NOON)
    await board.catch_up()
    await board.parts.publisher.write()
    other = make_board(now_ms=NOON + RECENT_MS)
    await other.parts.publisher.remember()
    assert other.parts.publisher.staffing.before("support", NOON + RECENT_MS) == 1


async def test_what_is_no_sample_is_passed_over_and_cleared_away(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    key, publisher = staffing_key("live"), board.parts.publisher
    worker.redis.hset(key, mapping={"then": "{}", str(NOON - 1): "{", str(NOON - 2): '{"support": 3}'})
    await publisher.remember()
    assert publisher.staffing.newest() == (NOON - 2, {"support": 3})
    worker.commit(NOON)
    board.now_ms = NOON + SAMPLE_MS
    worker.commit(board.now_ms)
    await board.catch_up()
    await publisher.write()
    assert b"then" not in worker.redis.hkeys(key)


async def test_half_of_the_people_gone_makes_a_queue_acute_and_first(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    for number in range(4):
        worker.agent(f"a{number}", "idle", NOON - 9, queues={"support": None})
    worker.join("billing", "b", NOON - 500_000)
    worker.join("support", "c", NOON)
    worker.commit(NOON)
    assert next(iter((await board.catch_up()).entries))[0] == "billing"
    board.now_ms = later = NOON + RECENT_MS
    for number in range(3):
        worker.agent(f"a{number}", "break", later, queues={"support": "outage"})
    worker.commit(later)
    publication = await board.catch_up()
    first = next(iter(publication.entries.values())).snapshot
    assert first.queue == "support"
    assert first.cause is not None
    assert (first.cause.kind, first.cause.since_ms) == ("staff", later)
    assert (first.cause.staff.now, first.cause.staff.before) == (1, 4)


async def test_a_queue_whose_people_all_went_home_is_known_to_be_unattended(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    ana = worker.agent("ana", "idle", NOON - 9, queues={"support": None})
    bo = worker.agent("bo", "busy", NOON - 9, engaged=(("chats", "chat", "talking", NOON - 9),))
    worker.join("support", "c", NOON)
    worker.join("chats", "d", NOON, channel="chat")
    worker.commit(NOON)
    await board.catch_up()
    await board.parts.publisher.write()
    assert board.snapshot("support").judged["unattended_contacts"] == 0
    for card in (ana, bo):
        worker.live("agents", "", "", card, None)
    worker.commit(NOON + 1_000)
    for each in (board, make_board(now_ms=NOON + 1_000)):
        await each.parts.publisher.remember()
        await each.catch_up()
        support, chats = each.snapshot("support"), each.snapshot("chats", "chat")
        assert support.agents_known
        assert (support.judged["unattended_contacts"], support.severity) == (1, 2)
        # Who is named only while he talks says nothing of who serves the queue.
        assert not chats.agents_known
        assert chats.judged["unattended_contacts"] is None


async def test_whoever_is_on_a_break_serves_nobody(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.agent("ana", "break", NOON - 9, queues={"support": "lunch"})
    worker.join("support", "c", NOON)
    worker.commit(NOON)
    await board.catch_up()
    assert board.snapshot("support").now.serving == 0
    assert board.snapshot("support").severity_by["unattended_contacts"] == 2
