"""/api/quiet: planned quiet is kept for all boards and the engine, ends by itself, and never longer than a day."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from board.quiet import KEEP_MS, MAX_QUIETS, Quiets, add_quiet
from board.stream.events import event
from kpi import keys
from kpi.instants import format_time
from kpi.quiet import Quiet
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_worker import FakeWorker

NOON = 1_795_176_000_000
MINUTE = 60_000
DAY = 86_400_000
FLOOR = """
[queue.support]
channel = "voice"
group = "Front"
[queue.mail]
channel = "email"
[[quiet]]
from = {begin}
to = {end}
group = "Front"
reason = "fire drill"
"""


@pytest.fixture
async def board(make_board: BoardMaker, redis_url: str, tmp_path: Path) -> Board:
    file = tmp_path / "floor.toml"
    file.write_text(FLOOR.format(begin=format_time(NOON + DAY), end=format_time(NOON + DAY + 30 * MINUTE)), "utf-8")
    made, worker = make_board(config=file, now_ms=NOON), FakeWorker(redis_url)
    worker.join("support", "c1", NOON - 5_000)
    worker.commit(NOON)
    await made.catch_up()
    return made


async def planned(board: Board, **quiet: Any) -> Any:
    body = {"reason": "team meeting", "author": "Ana", **({} if "to_ms" in quiet else {"minutes": 30}), **quiet}
    async with asking(board) as client:
        answer = await client.post("/api/quiet", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(board: Board, query: str = "") -> list[Any]:
    async with asking(board) as client:
        return list((await client.get(f"/api/quiet?{query}")).json()["quiet"])


async def test_planned_quiet_is_answered_as_it_stands_then(board: Board) -> None:
    made = await planned(board, queue="support", channel="voice")
    assert made == {
        "id": made["id"], "from_ms": NOON, "to_ms": NOON + 30 * MINUTE, "queue": "support", "channel": "voice",
        "group": None, "reason": "team meeting", "author": "Ana", "created_ms": NOON,
    }  # fmt: skip
    assert made in await listed(board)


async def test_it_may_begin_and_end_at_times_in_words(board: Board) -> None:
    made = await planned(
        board, **{"from": format_time(NOON + MINUTE), "to": format_time(NOON + 5 * MINUTE), "minutes": None}
    )
    assert (made["from_ms"], made["to_ms"]) == (NOON + MINUTE, NOON + 5 * MINUTE)


async def test_that_of_the_floor_file_is_listed_first_and_ends_only_there(board: Board) -> None:
    await planned(board)
    [fixed, *_] = await listed(board)
    assert (fixed["reason"], fixed["group"], fixed["created_ms"]) == ("fire drill", "Front", 0)
    async with asking(board) as client:
        answer = await client.delete(f"/api/quiet/{fixed['id']}")
    assert (answer.status_code, answer.json()) == (409, {"error": "this one stands in floor.toml; take it out there"})


async def test_what_is_about_a_queue_is_its_own_its_groups_and_the_floors(board: Board) -> None:
    for place in ({"queue": "support"}, {"group": "Front"}, {}, {"queue": "mail"}, {"channel": "email"}):
        await planned(board, **place)
    assert len(await listed(board)) == 6
    assert len(await listed(board, "queue=support")) == 4
    about_mail = {each["queue"] or each["channel"] for each in await listed(board, "queue=mail")}
    assert about_mail == {None, "mail", "email"}


async def test_the_publisher_knows_who_is_quiet_at_which_instant(board: Board) -> None:
    made = await planned(board, group="Front", from_ms=NOON + MINUTE)
    quiets, floor = board.parts.publisher.quiets, board.parts.config.floor

    def at(ms: int, queue: str = "support", group: str = "Front") -> str | None:
        found = quiets.at(floor, queue, "voice", group, ms)
        return None if found is None else found.id

    begin, end = made["from_ms"], made["to_ms"]
    assert [at(ms) for ms in (begin - 1, begin, end - 1, end)] == [None, made["id"], made["id"], None]
    assert at(begin, "mail", "") is None
    assert at(NOON + DAY) is not None, "floor.toml plans some, too"


async def test_it_is_taken_back_once(board: Board) -> None:
    made = await planned(board)
    async with asking(board) as client:
        first, second = [await client.delete(f"/api/quiet/{made['id']}") for _ in range(2)]
        word = await client.delete("/api/quiet/%23")
    assert (first.status_code, first.json()) == (200, {"id": made["id"]})
    assert (second.status_code, second.json()) == (404, {"error": "no such quiet"})
    assert word.status_code == 404


async def test_what_is_over_is_not_listed_and_gone_a_day_later(board: Board, redis_url: str) -> None:
    over = Quiet(id="over", from_ms=0, to_ms=NOON - KEEP_MS - 1, created_ms=1)
    late = Quiet(id="late", from_ms=0, to_ms=NOON, created_ms=1)
    with redis.Redis.from_url(redis_url) as client:
        for each in (over, late):
            client.hset(keys.quiet_key("live"), each.id, msgspec.json.encode(each))
        made = await planned(board)
        left = {name.decode() for name in client.hkeys(keys.quiet_key("live"))}
        assert client.pttl(keys.quiet_key("live")) > DAY
    assert left == {"late", made["id"], "#"}
    assert "late" not in {each["id"] for each in await listed(board)}


async def test_of_too_much_quiet_the_first_to_end_goes(board: Board, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        for number in range(MAX_QUIETS):
            each = Quiet(id=f"q{number}", from_ms=NOON, to_ms=NOON + 1 + number, created_ms=1)
            client.hset(keys.quiet_key("live"), each.id, msgspec.json.encode(each))
        await add_quiet(board.parts.redis, "live", Quiet(id="new", from_ms=NOON, to_ms=NOON + DAY), NOON)
        left = {name.decode() for name in client.hkeys(keys.quiet_key("live"))} - {"#"}
    assert len(left) == MAX_QUIETS
    assert "q0" not in left


async def test_another_board_sees_it_at_its_next_look(board: Board, make_board: BoardMaker) -> None:
    other, made = make_board().parts, await planned(board)
    quiets = Quiets()
    await quiets.refresh(other.redis, "live")
    assert [each.id for each in quiets.latest] == [made["id"]]


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"reason": " "}, 400, "reason: wanted 1 to 200 characters"),
        ({"author": None}, 400, "author: missing"),
        ({"minutes": 0}, 400, "minutes: wanted 1 to 1440"),
        ({"minutes": None}, 400, "minutes, to: wanted one of them"),
        ({"to_ms": NOON + MINUTE}, 400, "minutes, to: wanted one of them"),
        ({"minutes": None, "to_ms": NOON}, 400, "to: wanted a time to come"),
        ({"from_ms": NOON - 2 * DAY}, 400, "from: wanted a time at most 24 hours ago"),
        ({"from_ms": NOON + 31 * DAY}, 400, "from: wanted a time at most 24 hours ago, and at most 30 days ahead"),
        ({"from_ms": NOON - DAY, "minutes": 1}, 400, "to: wanted a time to come"),
        ({"from": "soon"}, 400, "from: wanted a time with an offset"),
        ({"queue": "support", "group": "Front"}, 400, "queue and group: wanted one of them"),
        ({"channel": "pigeon"}, 400, "channel: wanted one of voice"),
        ({"queue": "none"}, 404, "no such queue"),
        ({"queue": "support", "channel": "chat"}, 404, "no such channel of this queue"),
        ({"group": "none"}, 404, "no such group"),
        ({"colour": 1}, 400, "object contains unknown field `colour`"),
    ],
)
async def test_what_is_no_quiet_is_refused_with_what_is_wanted(
    board: Board, sent: dict[str, Any], status: int, said: str
) -> None:
    body = {"reason": "meeting", "author": "Ana", "minutes": 30, **sent}
    async with asking(board) as client:
        answer = await client.post("/api/quiet", content=json.dumps(body), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"][: len(said)]) == (status, said)


async def test_in_a_replay_it_goes_by_the_time_that_the_replay_has_reached(
    make_board: BoardMaker, redis_url: str
) -> None:
    board, at_ms = make_board("monday"), 1_500_000_000_000
    FakeWorker(redis_url, "monday").commit(at_ms)
    await board.catch_up()
    assert (await planned(board))["from_ms"] == at_ms


async def test_the_stream_tells_of_quiet_that_is_in_force_or_soon_and_no_reason_to_a_television(board: Board) -> None:
    made = await planned(board, queue="support")
    await planned(board, from_ms=NOON + 25 * 60 * MINUTE)
    publication = await board.parts.publisher.tick()
    told, on_tv = (json.loads(event(publication, 0, "live", tv=tv).decode().split("data: ")[1]) for tv in (False, True))
    assert made["id"] in told_ids(told)
    assert len(told_ids(told)) == 2, "floor.toml plans some within the day, and of the third it is too early to speak"
    assert "team meeting" in str(told["alerts"])
    assert "team meeting" not in str(on_tv["alerts"])
    assert "Ana" not in str(on_tv["alerts"])


def told_ids(told: dict[str, Any]) -> list[str]:
    return [each["id"] for each in told["alerts"]["quiet"]]
