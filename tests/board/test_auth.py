"""Who gets in at the board's door, by what, and how far."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from board.door.access import ANONYMOUS_SCOPE, Access, Token, Who
from board.door.auth import Auth
from board.door.hosts import client_address, is_known_host, neighbourhood
from board.door.scopes import RULES, rule_for
from tests.board.conftest import Board, BoardMaker
from tests.board.doors import ACCESS, SCOPES, TOKENS, at_door, bearer

NOON = 1_795_176_000_000
PROXIED = replace(
    ACCESS,
    proxies=(ip_network("10.0.0.0/24"),),
    proxy_writers=frozenset({"bo", "客服"}),
    proxy_admins=frozenset({"root"}),
    public_url="https://board.example",
)


@pytest.fixture
async def board(make_board: BoardMaker) -> Board:
    made = make_board(now_ms=NOON, demo=True)
    await made.parts.publisher.tick()
    return made


async def status(client: httpx.AsyncClient, path: str, **headers: str) -> int:
    sent = httpx.Headers({name.replace("_", "-"): text for name, text in headers.items()}, encoding="utf-8")
    return (await client.get(path, headers=sent)).status_code


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/metrics", {"metrics", "read", "write", "admin"}),
        ("/metrics/live", {"metrics", "read", "write", "admin"}),
        ("/", {"tv", "read", "write", "admin"}),
        ("/wall", {"tv", "read", "write", "admin"}),
        ("/queue/support/voice", {"tv", "read", "write", "admin"}),
        ("/api/queues", {"tv", "read", "write", "admin"}),
        ("/api/trends", {"tv", "read", "write", "admin"}),
        ("/api/floor", {"read", "write", "admin"}),
        ("/api/queues/support", {"read", "write", "admin"}),
        ("/nothing-here", {"read", "write", "admin"}),
        ("/livez", set(SCOPES)),
        ("/login", set(SCOPES)),
    ],
)
async def test_a_token_opens_what_its_scope_says_and_no_more(board: Board, path: str, allowed: set[str]) -> None:
    async with at_door(board) as client:
        for scope in SCOPES:
            answer = await client.get(path, headers=bearer(scope))
            assert (answer.status_code != 403) == (scope in allowed), scope
            assert answer.status_code != 401


async def test_without_a_token_people_are_sent_to_the_login_and_programs_are_told(board: Board) -> None:
    async with at_door(board) as client:
        sent = await client.get("/queue/a%2Fb/voice?lang=zh-CN&theme=dark")
        assert sent.status_code == 303
        assert sent.headers["location"] == "/login?next=%2Fqueue%2Fa%252Fb%2Fvoice%3Flang%3Dzh-CN%26theme%3Ddark"
        refused = await client.get("/api/queues")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert refused.json() == {"error": "log in first"}


@pytest.mark.parametrize(
    "shown",
    [
        "Bearer wrong",
        "Bearer",
        "Bearer ",
        f"Basic {TOKENS['read']}",
        TOKENS["read"],
        f"Bearer {TOKENS['read']}x",
        "Bearer é",
    ],
)
async def test_what_is_no_token_opens_nothing(board: Board, shown: str) -> None:
    async with at_door(board) as client:
        assert await status(client, "/api/queues", authorization=shown) == 401


async def test_an_old_and_a_new_token_both_open_while_one_follows_the_other(board: Board) -> None:
    both = Access(tokens=(Token.of("read", "o" * 40), Token.of("read", "n" * 40)))
    async with at_door(board, both) as client:
        for text in ("o" * 40, "n" * 40):
            assert await status(client, "/api/queues", authorization=f"bearer {text}") == 200


@pytest.mark.parametrize("name", ["token", "access_token", "TOKEN", "api_key"])
async def test_a_token_in_an_address_is_refused_and_not_repeated(board: Board, name: str) -> None:
    async with at_door(board) as client:
        for path in ("/", "/login", "/livez", "/api/queues"):
            answer = await client.get(f"{path}?lang=en&{name}={TOKENS['read']}")
            assert answer.status_code == 400
            assert TOKENS["read"] not in answer.text + str(answer.headers)


async def test_a_proxy_says_who_asks_only_when_it_is_listed(board: Board) -> None:
    async with at_door(board, PROXIED, peer="10.0.0.7") as client:
        assert await status(client, "/api/floor", x_forwarded_user="ann") != 401
        assert await status(client, "/api/floor") == 401
    async with at_door(board, PROXIED, peer="10.0.1.7") as client:
        assert await status(client, "/api/floor", x_forwarded_user="ann") == 401
        # Who speaks for a proxy is who the connection comes from, not who a header says.
        assert await status(client, "/api/floor", x_forwarded_user="ann", x_forwarded_for="10.0.0.7") == 401


async def test_a_proxy_that_names_nobody_is_believed_about_addresses_alone(board: Board) -> None:
    async with at_door(board, replace(PROXIED, proxy_user_header=""), peer="10.0.0.7") as client:
        assert await status(client, "/api/floor", x_forwarded_user="root") == 401
        assert await status(client, "/api/queues", **bearer("read"), x_forwarded_user="root") == 200


async def test_a_user_whom_two_headers_name_is_nobody(board: Board) -> None:
    async with at_door(board, PROXIED, peer="10.0.0.7") as client:
        headers = [("X-Forwarded-User", "root"), ("X-Forwarded-User", "ann")]
        assert (await client.get("/api/floor", headers=headers)).status_code == 401
        assert await status(client, "/api/floor", x_forwarded_user="  ") == 401


@pytest.mark.parametrize(("user", "scope"), [("ann", "read"), ("bo", "write"), ("客服", "write"), ("root", "admin")])
async def test_a_proxys_user_may_what_the_settings_say(board: Board, user: str, scope: str) -> None:
    async with at_door(board, PROXIED, peer="10.0.0.7") as client:
        told = (
            await client.get("/api/session", headers=httpx.Headers({"X-Forwarded-User": user}, encoding="utf-8"))
        ).json()
    assert (told["auth"], told["scope"], told["user"], told["csrf"]) == (True, scope, user, None)


async def test_with_a_star_every_user_of_a_proxy_may_write(board: Board) -> None:
    access = replace(PROXIED, proxy_writers=frozenset({"*"}))
    async with at_door(board, access, peer="10.0.0.7") as client:
        assert (await client.get("/api/session", headers={"X-Forwarded-User": "ann"})).json()["scope"] == "write"


async def test_another_site_can_order_nothing_through_a_proxys_login(board: Board) -> None:
    user = {"X-Forwarded-User": "bo", "Host": "board:8080"}
    async with at_door(board, PROXIED, peer="10.0.0.7") as client:

        async def order(**more: str) -> int:
            headers = user | {name.replace("_", "-"): text for name, text in more.items()}
            return (await client.post("/api/simulator/spike", json={"queue": "none"}, headers=headers)).status_code

        assert await order(origin="https://elsewhere.example") == 403
        assert await order(origin="null") == 403
        assert await order(origin="http://[") == 403
        assert await order(sec_fetch_site="cross-site") == 403
        assert await order(origin="https://board.example", sec_fetch_site="same-origin") != 403
        assert await order() != 403


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:8080", True),
        ("[::1]:8080", True),
        ("192.168.1.4", True),
        ("localhost:8080", True),
        ("LOCALHOST.", True),
        ("board.localhost", True),
        ("board:8080", True),
        ("Board", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:8080", False),
        ("board.evil.example", False),
        ("", False),
        ("board:8080:9", False),
        ("evil@localhost", False),
        ("localhost/evil", False),
        ("0x7f.1", False),
    ],
)
async def test_without_login_the_board_answers_only_to_names_it_knows(board: Board, host: str, known: bool) -> None:
    assert is_known_host(host, {"board"}) == known
    async with at_door(board, Access(hosts=frozenset({"board"}))) as client:
        for path in ("/livez", "/", "/api/queues", "/api/session"):
            assert await status(client, path, host=host) == (200 if known else 421)


async def test_without_login_everybody_may_write_and_nobody_is_an_admin(board: Board) -> None:
    async with at_door(board, Access()) as client:
        told = (await client.get("/api/session")).json()
        assert told == {"auth": False, "scope": "write", "user": None, "csrf": None, "demo": True}
    assert not Who(ANONYMOUS_SCOPE, None, "anonymous", "").may("admin")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("9.9.9.9", "1.1.1.1", "9.9.9.9"),
        ("10.0.0.7", "", "10.0.0.7"),
        ("10.0.0.7", "1.1.1.1", "1.1.1.1"),
        ("10.0.0.7", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        ("10.0.0.7", "1.1.1.1, 10.0.0.8", "1.1.1.1"),
        ("10.0.0.7", "1.1.1.1, nonsense", "10.0.0.7"),
        ("::ffff:10.0.0.7", "2001:db8::1", "2001:db8::1"),
        ("", "1.1.1.1", ""),
    ],
)
def test_where_a_request_began_is_believed_as_far_as_proxies_are_listed(
    peer: str, forwarded: str, address: str
) -> None:
    assert client_address(peer, forwarded, [ip_network("10.0.0.0/24")]) == address


def test_one_customers_ipv6_addresses_count_as_one() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("10.0.0.7") == "10.0.0.7"


raw_header = st.binary(max_size=60)


@given(raw_header, raw_header, raw_header, raw_header)
def test_no_header_however_hostile_gets_in_or_breaks_the_door(
    auth: bytes, cookie: bytes, user: bytes, far: bytes
) -> None:
    headers = Headers(
        raw=[
            (b"authorization", b"Bearer " + auth),
            (b"cookie", b"floorpulse=" + cookie),
            (b"x-forwarded-user", user),
            (b"x-forwarded-for", far),
        ]
    )
    scope: dict[str, Any] = {"type": "http", "client": ("9.9.9.9", 1)}
    assert Auth(PROXIED).who(scope, headers, NOON // 1000) is None
    only_cookie = Headers(raw=[(b"cookie", b"__Host-floorpulse=v1." + cookie)])
    assert Auth(PROXIED).who(scope, only_cookie, NOON // 1000) is None


def test_a_path_that_no_rule_names_is_for_readers_and_its_changes_for_admins() -> None:
    assert rule_for("GET", "/api/new").need == "read"
    assert {rule_for(method, "/api/new").need for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE")} == {"admin"}
    assert rule_for("GET", "//livez").need == rule_for("GET", "/livez/").need == "read"
    assert rule_for("GET", "/staticx").need == rule_for("GET", "/api/queuesx").need == "read"
    assert {rule.need for rule in RULES} <= {"public", *SCOPES}


def test_secrets_do_not_show_and_their_fingerprints_differ() -> None:
    assert "canary" not in repr(ACCESS) + repr(Auth(ACCESS)) + str(ACCESS.tokens[0])
    assert str(ACCESS.tokens[0].digest) not in repr(ACCESS)
    assert len({token.fingerprint for token in ACCESS.tokens}) == len(SCOPES)


async def test_requests_side_by_side_are_not_taken_for_one_another(board: Board) -> None:
    async with at_door(board) as client:
        scopes = SCOPES * 4
        asked = [client.get("/api/session", headers=bearer(scope)) for scope in scopes]
        told = await asyncio.gather(*asked)
    assert [answer.json()["scope"] for answer in told] == list(scopes)
