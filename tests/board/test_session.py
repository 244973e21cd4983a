"""Logging in at the page: a cookie that nobody can make up, for as long as it should last."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from http.cookies import SimpleCookie

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.door.access import Access, Token
from board.door.attempts import SECONDS_PER_TRY, TRIES, Attempts
from board.door.session_cookie import SECONDS, TV_SECONDS, cookie_name, make_cookie, read_cookie
from tests.board.conftest import Board, BoardMaker
from tests.board.doors import ACCESS, TOKENS, at_door

NOON = 1_795_176_000_000
NOW = NOON // 1000
READ, TV = Token.of("read", TOKENS["read"]), Token.of("tv", TOKENS["tv"])
CSRF = "X-Floorpulse-CSRF"


@pytest.fixture
async def board(make_board: BoardMaker) -> Board:
    made = make_board(now_ms=NOON, demo=True)
    await made.parts.publisher.tick()
    return made


async def log_in(client: httpx.AsyncClient, scope: str = "write") -> httpx.Response:
    """Log in, and send the cookie from now on as a browser would to a loopback address."""
    answer = await client.post("/api/session", json={"token": TOKENS[scope]})
    cookie = answer.headers["set-cookie"].partition(";")[0]
    client.headers["cookie"] = cookie
    return answer


async def test_who_logs_in_gets_a_cookie_that_scripts_and_other_sites_never_see(board: Board) -> None:
    async with at_door(board) as client:
        answer = await log_in(client)
        told = answer.json()
        assert (told["auth"], told["scope"], told["user"], told["demo"]) == (True, "write", None, True)
        cookie = SimpleCookie(answer.headers["set-cookie"])["floorpulse"]
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "strict", "/")
        assert cookie["domain"] == ""
        assert int(cookie["max-age"]) == SECONDS == 12 * 3_600
        assert TOKENS["write"] not in str(answer.headers) + answer.text
        assert (await client.get("/api/floor")).status_code != 401
        assert (await client.get("/api/session")).json() == told


async def test_behind_tls_no_other_host_can_plant_the_cookie(board: Board) -> None:
    async with at_door(board, replace(ACCESS, public_url="https://board.example")) as client:
        answer = await log_in(client)
        assert answer.headers["set-cookie"].startswith("__Host-floorpulse=")
        assert (await client.get("/api/queues")).status_code == 200
    assert cookie_name(is_https=False) == "floorpulse"


async def test_a_televisions_session_lasts_a_quarter_and_shows_no_more_than_the_wall(board: Board) -> None:
    async with at_door(board) as client:
        answer = await log_in(client, "tv")
        assert f"Max-Age={TV_SECONDS}" in answer.headers["set-cookie"]
        assert (await client.get("/wall")).status_code == 200
        assert (await client.get("/api/floor")).status_code == 403
        board.now_ms += (TV_SECONDS - 1) * 1_000
        assert (await client.get("/wall")).status_code == 200
        board.now_ms += 1_000
        assert (await client.get("/wall")).status_code == 303


async def test_who_is_not_logged_in_is_told_no_more_than_that_there_is_a_login(board: Board) -> None:
    async with at_door(board) as client:
        told = (await client.get("/api/session")).json()
        assert told == {"auth": True, "scope": None, "user": None, "csrf": None, "demo": True}
        assert (await client.delete("/api/session")).status_code == 401


async def test_a_change_by_cookie_needs_this_sessions_own_word(board: Board) -> None:
    async with at_door(board) as client:
        csrf = (await log_in(client)).json()["csrf"]
        other = (await client.post("/api/session", json={"token": TOKENS["write"]})).json()["csrf"]
        assert csrf != other, "each session has a word of its own"

        async def order(**headers: str) -> int:
            sent = httpx.Headers(headers, encoding="utf-8")
            return (await client.post("/api/simulator/spike", json={"queue": "none"}, headers=sent)).status_code

        for wrong in ({}, {CSRF: ""}, {CSRF: other}, {CSRF: csrf[:-1]}, {CSRF: "é"}):
            assert await order(**wrong) == 403
        assert await order(**{CSRF: csrf}) == 404, "there is no such queue, but it was asked for"


async def test_a_session_that_was_ended_is_over_for_a_copy_of_its_cookie_too(board: Board) -> None:
    async with at_door(board) as client:
        csrf = (await log_in(client)).json()["csrf"]
        assert (await client.delete("/api/session")).status_code == 403, "nor may another site log people out"
        ended = await client.delete("/api/session", headers={CSRF: csrf})
        assert (ended.status_code, ended.json()["scope"]) == (200, None)
        assert 'floorpulse=""' in ended.headers["set-cookie"]
        assert "Max-Age=0" in ended.headers["set-cookie"]
        assert (await client.get("/api/queues")).status_code == 401


async def test_two_boards_agree_and_a_token_taken_away_ends_its_own_sessions_only(board: Board) -> None:
    async with at_door(board) as first:
        await log_in(first, "read")
        reader = first.headers["cookie"]
        await log_in(first, "write")
        writer = first.headers["cookie"]
    without = Access(tokens=(*(token for token in ACCESS.tokens if token.scope != "write"), Token.of("tv", "n" * 40)))
    async with at_door(board, without) as second:
        assert (await second.get("/api/queues", headers={"cookie": reader})).status_code == 200
        assert (await second.get("/api/queues", headers={"cookie": writer})).status_code == 401


async def test_another_sites_page_logs_nobody_in(board: Board) -> None:
    async with at_door(board) as client:
        answer = await client.post(
            "/api/session", json={"token": TOKENS["read"]}, headers={"origin": "https://elsewhere.example"}
        )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_the_metrics_token_logs_nobody_in(board: Board) -> None:
    async with at_door(board) as client:
        answer = await client.post("/api/session", json={"token": TOKENS["metrics"]})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"token": 5}', b'{"token": "\xff"}', b'{"token": "a", "scope": "admin"}']
)
async def test_a_login_that_is_none_is_refused_in_one_sentence(board: Board, body: bytes) -> None:
    async with at_door(board) as client:
        answer = await client.post("/api/session", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


async def test_after_five_wrong_tokens_an_address_waits_and_others_do_not(board: Board) -> None:
    clock = [1_000.0]
    attempts = Attempts(lambda: clock[0])

    async def attempt(client: httpx.AsyncClient, token: str = "wrong") -> httpx.Response:
        return await client.post("/api/session", json={"token": token})

    async with at_door(board, peer="9.9.9.9", attempts=attempts) as client:
        assert [(await attempt(client)).status_code for _ in range(TRIES)] == [401] * TRIES
        refused = await attempt(client, TOKENS["read"])
        assert (refused.status_code, refused.headers["retry-after"]) == (429, str(int(SECONDS_PER_TRY)))
        clock[0] += SECONDS_PER_TRY
        assert (await attempt(client)).status_code == 401
        assert (await attempt(client)).status_code == 429
    async with at_door(board, peer="8.8.8.8", attempts=attempts) as client:
        assert (await attempt(client, TOKENS["read"])).status_code == 200


async def test_wrong_tokens_that_come_all_at_once_are_no_more_tries(board: Board) -> None:
    attempts = Attempts(lambda: 1_000.0)
    arrived, everybody = [], asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        arrived.append(1)
        if len(arrived) == 3 * TRIES:
            everybody.set()
        await everybody.wait()
        yield b'{"token": "wrong"}'

    async with at_door(board, peer="9.9.9.9", attempts=attempts) as client:
        kind = {"content-type": "application/json"}
        asked = (client.post("/api/session", content=body(), headers=kind) for _ in range(3 * TRIES))
        found = sorted(answer.status_code for answer in await asyncio.gather(*asked))
    assert found == [401] * TRIES + [429] * 2 * TRIES


def test_failed_logins_of_very_many_addresses_take_no_more_memory() -> None:
    attempts = Attempts(lambda: 0.0)
    for number in range(10_050):
        attempts.failed(f"address {number}")
    assert len(attempts._full_at) == 10_000
    assert "address 10049" in attempts._full_at


async def test_logins_and_failures_are_in_the_audit_and_no_token_is_in_any_log(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with at_door(board, peer="9.9.9.9") as client:
        await client.post("/api/session", json={"token": "wrong-canary"})
        csrf = (await log_in(client)).json()["csrf"]
        await client.delete("/api/session", headers={CSRF: csrf})
    lines = [record.__dict__ for record in caplog.records if record.name == "floorpulse.audit"]
    assert [line["action"] for line in lines] == ["login_failed", "login", "logout"]
    assert {line["address"] for line in lines} == {"9.9.9.9"}
    assert lines[1]["who"] == lines[2]["who"] == Token.of("write", TOKENS["write"]).shown
    assert not any(
        "canary" in str(record.__dict__) for record in caplog.records if record.name.startswith("floorpulse")
    )


def test_a_session_is_read_as_it_was_made() -> None:
    session = read_cookie(make_cookie(TV, "ab" * 16, NOW), [READ, TV], NOW + TV_SECONDS - 1)
    assert session is not None
    assert (session.token, session.id, session.expires) == (TV, "ab" * 16, NOW + TV_SECONDS)


@given(st.data())
def test_a_cookie_with_any_sign_changed_is_none(data: st.DataObject) -> None:
    cookie = make_cookie(READ, "ab" * 16, NOW)
    place = data.draw(st.integers(0, len(cookie) - 1))
    sign = data.draw(st.characters(max_codepoint=255).filter(lambda sign: sign != cookie[place]))
    assert read_cookie(cookie[:place] + sign + cookie[place + 1 :], ACCESS.tokens, NOW) is None


def test_a_token_that_moved_to_another_scope_takes_its_sessions_along_to_nowhere() -> None:
    cookie = make_cookie(READ, "ab" * 16, NOW)
    assert read_cookie(cookie, [Token.of("admin", TOKENS["read"])], NOW) is None
    assert read_cookie(cookie.replace(".read.", ".admin."), [Token.of("admin", TOKENS["read"])], NOW) is None
