"""Whatever changes something: who may order it, what the order must show, and the line that it leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from board.door.access import Access
from board.door.session_cookie import cookie_name
from tests.board.conftest import Board, BoardMaker
from tests.board.doors import SCOPES, TOKENS, at_door, bearer, canary_board, routes_of_board

Order = Callable[[httpx.AsyncClient, dict[str, str]], Awaitable[httpx.Response]]


def post(path: str, body: dict[str, Any]) -> Order:
    return lambda client, headers: client.post(path, json=body, headers=headers)


async def remove_note(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    added = await client.post("/api/notes", json={"text": "one", "author": "Ana"}, headers=bearer("write"))
    return await client.delete(f"/api/notes/{added.json()['id']}", headers=headers)


async def release(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    body = {"channel": "voice", "contact": "c2", "by": "Ana"}
    await client.post("/api/queues/support/claims", json=body, headers=bearer("write"))
    return await client.delete("/api/queues/support/claims/c2", headers=headers)


ACKNOWLEDGE = "/api/alerts/QueueLongestWaitHigh%7Ccritical%7Csupport:voice/acknowledge"
TAKEN = {"author": "Ana", "reason": "we know", "minutes": 15}
QUIET = {"author": "Ana", "reason": "team meeting", "minutes": 15}


async def give_back(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    await client.post(ACKNOWLEDGE, json=TAKEN, headers=bearer("write"))
    return await client.delete(ACKNOWLEDGE, headers=headers)


async def end_quiet(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    planned = await client.post("/api/quiet", json=QUIET, headers=bearer("write"))
    return await client.delete(f"/api/quiet/{planned.json()['id']}", headers=headers)


@pytest.fixture
async def board(redis_url: str, make_board: BoardMaker) -> Board:
    return await canary_board(redis_url, make_board)


#: How each route that changes something is asked so that it does, and what the audit then says.
ORDERS: dict[tuple[str, str], tuple[Order, str]] = {
    ("POST", "/api/session"): (post("/api/session", {"token": TOKENS["write"]}), "login"),
    ("DELETE", "/api/session"): (lambda client, headers: client.delete("/api/session", headers=headers), "logout"),
    ("POST", "/api/notes"): (post("/api/notes", {"text": "sent", "author": "Ana"}), "note_added"),
    ("DELETE", "/api/notes/note"): (remove_note, "note_removed"),
    ("POST", "/api/queues/queue/claims"): (
        post("/api/queues/support/claims", {"channel": "voice", "contact": "c1", "by": "Ana"}),
        "contact_claimed",
    ),
    ("DELETE", "/api/queues/queue/claims/contact"): (release, "claim_released"),
    ("POST", "/api/alerts/alert/acknowledge"): (post(ACKNOWLEDGE, TAKEN), "alert_acknowledged"),
    ("DELETE", "/api/alerts/alert/acknowledge"): (give_back, "acknowledgement_ended"),
    ("POST", "/api/quiet"): (post("/api/quiet", QUIET), "quiet_planned"),
    ("DELETE", "/api/quiet/quiet"): (end_quiet, "quiet_ended"),
    ("POST", "/api/simulator/spike"): (post("/api/simulator/spike", {"queue": "support"}), "spike_ordered"),
}
LOGIN = ("POST", "/api/session")


def test_mutating_routes_are_all_in_the_matrix(board: Board) -> None:
    assert {(method, path) for method, path in routes_of_board(board) if method not in ("GET", "HEAD")} == ORDERS.keys()


@pytest.mark.parametrize("route", [route for route in ORDERS if "session" not in route[1]], ids=" ".join)
async def test_mutating_routes_need_the_scope_for_it(board: Board, route: tuple[str, str]) -> None:
    order, _ = ORDERS[route]
    async with at_door(board) as client:
        assert (await order(client, {})).status_code == 401
        for scope in SCOPES:
            status = (await order(client, bearer(scope))).status_code
            assert (status < 300) if scope in ("write", "admin") else (status == 403), scope


@pytest.mark.parametrize("route", [route for route in ORDERS if route != LOGIN], ids=" ".join)
async def test_mutating_routes_need_the_sessions_word_when_a_cookie_asks(board: Board, route: tuple[str, str]) -> None:
    order, _ = ORDERS[route]
    async with at_door(board) as client:
        login = await client.post("/api/session", json={"token": TOKENS["write"]})
        cookie = {"Cookie": f"{cookie_name(is_https=False)}={login.cookies['floorpulse']}"}
        client.cookies.clear()
        assert (await order(client, cookie)).status_code == 403
        assert (await order(client, cookie | {"X-Floorpulse-CSRF": login.json()["csrf"]})).status_code < 300


@pytest.mark.parametrize("route", ORDERS, ids=" ".join)
async def test_mutating_routes_leave_an_audit_line(
    board: Board, route: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    order, action = ORDERS[route]
    async with at_door(board, peer="9.9.9.9") as client:
        login = await client.post("/api/session", json={"token": TOKENS["write"]})
        cookie = f"{cookie_name(is_https=False)}={login.cookies['floorpulse']}"
        client.cookies.clear()
        caplog.clear()
        await order(client, {"Cookie": cookie, "X-Floorpulse-CSRF": login.json()["csrf"]})
    lines = [record.__dict__ for record in caplog.records if record.name == "floorpulse.audit"]
    assert lines[-1]["action"] == action
    assert lines[-1]["who"].startswith("write token ")
    assert (lines[-1]["via"], lines[-1]["scope"], lines[-1]["address"]) == ("cookie", "write", "9.9.9.9")


@pytest.mark.parametrize("route", [route for route in ORDERS if "session" not in route[1]], ids=" ".join)
async def test_mutating_routes_take_no_orders_from_other_sites_where_nobody_logs_in(
    board: Board, route: tuple[str, str]
) -> None:
    order, _ = ORDERS[route]
    async with at_door(board, Access()) as client:
        for other in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
            assert (await order(client, other)).status_code == 403


@pytest.mark.parametrize("route", [route for route in ORDERS if route != LOGIN], ids=" ".join)
async def test_mutating_routes_take_no_orders_from_other_sites_even_with_the_sessions_word(
    board: Board, route: tuple[str, str]
) -> None:
    order, _ = ORDERS[route]
    async with at_door(board) as client:
        login = await client.post("/api/session", json={"token": TOKENS["write"]})
        shown = {
            "Cookie": f"{cookie_name(is_https=False)}={login.cookies['floorpulse']}",
            "X-Floorpulse-CSRF": login.json()["csrf"],
        }
        client.cookies.clear()
        foreign = await order(client, shown | {"Origin": "https://elsewhere.example"})
        own = await order(client, shown | {"Origin": "http://127.0.0.1:8080"})

    assert (foreign.status_code, foreign.json()) == (403, {"error": "other sites may not order anything"})
    assert own.status_code < 300
