"""Claims: of several who want to call a lost caller back, one has him, and everybody sees who."""

from __future__ import annotations

import asyncio
import logging
from ipaddress import ip_network

import pytest
import redis
from redis.asyncio import Redis

from board import claims
from board.app import connect
from board.claims import KEEP_MS, Claim, ClaimedError, TooManyError, claim, claims_of, release
from board.door.access import Access
from board.door.auth import Auth
from kpi import keys
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_worker import FakeWorker

PATH = "/api/queues/a%2Fb/claims"


@pytest.fixture
async def board(make_board: BoardMaker, redis_url: str) -> Board:
    made, worker = make_board(), FakeWorker(redis_url)
    worker.live("lost", "a/b", "voice", "c1|c1/1", made.now_ms - 60_000)
    worker.known("c1", "x/y%2F")
    worker.commit(made.now_ms)
    await made.catch_up()
    return made


@pytest.fixture
def shared(board: Board) -> Redis:
    return board.parts.redis


def wanted(by: str, contact: str = "c1") -> dict[str, str]:
    return {"channel": "voice", "contact": contact, "by": by}


async def test_a_claim_says_whose_the_caller_is_and_a_second_one_is_told_who_has_him(board: Board) -> None:
    async with asking(board) as client:
        first = await client.post(PATH, json=wanted(" Ana "))
        board.now_ms += 1_000
        again = await client.post(PATH, json=wanted("Ana"))
        other = await client.post(PATH, json=wanted("Bo"))

    mine = {"contact": "c1", "by": "Ana", "at_ms": first.json()["at_ms"]}
    assert (first.status_code, first.json()) == (200, mine)
    assert (again.status_code, again.json()) == (200, mine), "his first claim stands"
    assert (other.status_code, other.json()) == (409, {"error": "Ana calls back already", **mine})


async def test_a_contact_of_whom_nothing_is_known_is_claimed_by_nobody(board: Board, shared: Redis) -> None:
    async with asking(board) as client:
        answer = await client.post(PATH, json=wanted("Ana", "c2"))

    assert (answer.status_code, answer.json()) == (404, {"error": "no such contact"})
    assert await claims_of(shared, "live") == {}


@pytest.mark.parametrize(("topic", "status"), [("chats.events", 200), ("customers.events", 404)])
async def test_a_contact_is_looked_for_in_every_partition_that_has_contacts(
    board: Board, redis_url: str, topic: str, status: int
) -> None:
    with redis.Redis.from_url(redis_url) as client_of_redis:
        client_of_redis.hset(keys.partitions_key("live"), topic, 2)
        client_of_redis.hset(keys.records_key(keys.partition_prefix("live", topic, 1)), "c:c2", "")
    await board.catch_up()
    async with asking(board) as client:
        answer = await client.post(PATH, json=wanted("Ana", "c2"))

    assert answer.status_code == status


async def test_a_released_caller_is_free_for_others(board: Board) -> None:
    async with asking(board) as client:
        await client.post(PATH, json=wanted("Ana", "x/y%2F"))
        theirs = await client.delete(f"{PATH}/x%2Fy%252F?by=Bo")
        mine = await client.delete(f"{PATH}/x%2Fy%252F?by=Ana")
        gone = await client.delete(f"{PATH}/x%2Fy%252F")
        other = await client.post(PATH, json=wanted("Bo", "x/y%2F"))

    assert (theirs.status_code, theirs.json()["by"]) == (409, "Ana")
    assert (mine.status_code, mine.json()) == (200, {"contact": "x/y%2F"})
    assert (gone.status_code, gone.json()) == (404, {"error": "nobody has claimed this contact"})
    assert other.status_code == 200


async def test_of_many_who_claim_at_once_exactly_one_gets_the_caller(shared: Redis) -> None:
    tries = [claim(shared, "live", "c1", Claim(f"agent {number}", 1_000)) for number in range(12)]
    made = await asyncio.gather(*tries, return_exceptions=True)

    (mine,) = [each for each in made if isinstance(each, Claim)]
    assert all(isinstance(each, Claim | ClaimedError) for each in made)
    assert {each.claim for each in made if isinstance(each, ClaimedError)} == {mine}
    assert await claims_of(shared, "live") == {"c1": mine}


async def test_claims_of_different_callers_at_once_are_all_kept(shared: Redis) -> None:
    await asyncio.gather(*(claim(shared, "live", f"c{n}", Claim("Ana", 1_000)) for n in range(8)))

    assert len(await claims_of(shared, "live")) == 8


async def test_after_a_day_a_claim_is_forgotten(shared: Redis) -> None:
    old = await claim(shared, "live", "c1", Claim("Ana", 0))
    await claim(shared, "live", "c2", Claim("Ana", KEEP_MS))

    assert await claims_of(shared, "live", KEEP_MS) == {"c1": old, "c2": Claim("Ana", KEEP_MS)}
    assert list(await claims_of(shared, "live", KEEP_MS + 1)) == ["c2"]
    assert (await claim(shared, "live", "c1", Claim("Bo", KEEP_MS + 1))).by == "Bo"


async def test_a_new_claim_sweeps_the_old_ones_out_of_redis(shared: Redis, redis_url: str) -> None:
    await claim(shared, "live", "c1", Claim("Ana", 0))
    await claim(shared, "live", "c2", Claim("Ana", KEEP_MS + 1))

    with redis.Redis.from_url(redis_url) as client:
        assert client.hkeys(keys.claims_key("live")) == [b"c2"]
        assert client.pttl(keys.claims_key("live")) > 0


async def test_there_are_only_so_many_claims(shared: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MAX_CLAIMS", 1)
    await claim(shared, "live", "c1", Claim("Ana", 0))

    with pytest.raises(TooManyError):
        await claim(shared, "live", "c2", Claim("Ana", 0))


async def test_what_is_no_claim_in_redis_is_none(shared: Redis, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.hset(keys.claims_key("live"), mapping={b"\xff": "{", "c1": '{"by": 5}'})

    assert await claims_of(shared, "live") == {}
    assert not await release(shared, "live", "c1")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"channel": "chat", "contact": "c1", "by": "Ana"}, 404),
        ({"channel": "voice", "contact": "", "by": "Ana"}, 400),
        ({"channel": "voice", "contact": "c" * 201, "by": "Ana"}, 400),
        ({"channel": "voice", "contact": "c1"}, 400),
        ({"channel": "voice", "contact": "c1", "by": "\u202e"}, 400),
        ({"channel": "voice", "contact": ["c1"], "by": "Ana"}, 400),
        ({"contact": "c1", "by": "Ana"}, 400),
    ],
)
async def test_what_is_no_claim_is_refused(board: Board, shared: Redis, sent: dict[str, object], status: int) -> None:
    async with asking(board) as client:
        answer = await client.post(PATH, json=sent)

    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert await claims_of(shared, "live") == {}


async def test_who_is_logged_in_by_name_claims_and_releases_under_that_name(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    access = Access(proxies=(ip_network("127.0.0.0/8"),), proxy_writers=frozenset({"*"}))
    caplog.set_level(logging.INFO, "floorpulse.audit")

    async with asking(board, auth=Auth(access)) as client:
        made = await client.post(PATH, json=wanted("Bo"), headers={"x-forwarded-user": "ana"})
        other = await client.delete(f"{PATH}/c1?by=ana", headers={"x-forwarded-user": "chen"})
        freed = await client.delete(f"{PATH}/c1", headers={"x-forwarded-user": "ana"})

    assert (made.json()["by"], other.status_code, freed.status_code) == ("ana", 409, 200)
    told = [(line.action, line.who, line.target) for line in caplog.records]  # type: ignore[attr-defined]
    assert told == [
        ("contact_claimed", "ana", {"queue": "a/b", "contact": "c1", "by": "ana"}),
        ("claim_released", "ana", {"queue": "a/b", "contact": "c1"}),
    ]


async def test_without_redis_nothing_is_claimed(board: Board) -> None:
    away = connect("redis://127.0.0.1:1/0")
    async with asking(board, redis=away) as client:
        write, remove = await client.post(PATH, json=wanted("Ana")), await client.delete(f"{PATH}/c1")
    await away.aclose()

    assert (write.status_code, remove.status_code) == (503, 503)
    assert write.json() == {"error": "Redis does not answer"}
