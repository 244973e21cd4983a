"""The floor as a whole, on a real Redis: when it is made anew, and who of it stays."""

from __future__ import annotations

from kpi import keys
from kpi.floor_snapshot import FloorSnapshot
from tests.board.conftest import BoardMaker
from tests.board.fake_worker import FakeWorker

NOON = 1_795_176_000_000


async def test_the_floor_is_made_once_a_second_but_for_the_busy_one_and_written_only_over_an_older_one(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, one, two = FakeWorker(redis_url), make_board(now_ms=NOON + 10), make_board(now_ms=NOON)
    worker.agent("ana", "idle", NOON - 60_000, team="Front", queues={"support": None})
    worker.commit(NOON)
    for board in (one, two):
        await board.catch_up()
    await one.parts.publisher.write()
    await two.parts.publisher.write()
    key = keys.floor_key("live")
    first = FloorSnapshot.from_json(worker.redis.get(key) or b"")
    assert (first.published_at_ms, [agent.id for agent in first.agents]) == (NOON + 10, ["ana"])
    assert 0 < int(worker.redis.ttl(key)) <= 15
    # In the second after a new pane it may wait for another one.
    for ahead_ms, published in (
        (999, 10),
        (1_010, 1_010),
        (2_009, 1_010),
        (2_010, 2_010),
        (9_900, 9_900),
        (10_950, 9_900),
        (11_000, 11_000),
    ):
        one.now_ms = NOON + ahead_ms
        await one.parts.publisher.tick()
        await one.parts.publisher.write()
        stored = FloorSnapshot.from_json(worker.redis.get(key) or b"")
        assert stored.published_at_ms == NOON + published


async def test_what_a_team_did_in_the_last_hours_stays_with_it_when_its_people_go_home(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    card = worker.agent("ana", "busy", NOON - 600_000, team="Front", queues={"support": None})
    worker.commit(NOON)
    await board.catch_up()
    worker.live("agents", "", "", card, None)
    worker.step("ana", "busy", NOON + 60_000, -1)
    worker.commit(NOON + 60_000)
    board.now_ms = NOON + 120_000
    floor = (await board.catch_up()).floor
    assert floor is not None
    assert not floor.snapshot.agents
    assert floor.snapshot.teams["Front"].windows["30m"].state_seconds == {"busy": 660}
    assert floor.snapshot.total.windows["30m"].occupancy["value"] == 1
    later = make_board(now_ms=NOON + 120_000)
    started_later = (await later.catch_up()).floor
    assert started_later is not None
    assert started_later.snapshot.teams == floor.snapshot.teams


async def test_agents_are_there_in_the_publication_in_which_everything_was_loaded(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    before = (await board.parts.publisher.tick()).floor
    worker.agent("ana", "idle", NOON - 60_000)
    worker.commit(NOON)
    after = (await board.catch_up()).floor
    assert before is not None and after is not None
    assert (before.snapshot.state, before.snapshot.agents) == ("rebuilding", ())
    assert (after.snapshot.state, [agent.id for agent in after.snapshot.agents]) == ("fresh", ["ana"])
