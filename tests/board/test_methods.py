"""The methods of HTTP: HEAD is GET without a body, and what cannot be done is said to be so."""

from __future__ import annotations

import pytest

from board.door.access import Access
from tests.board.conftest import Board, BoardMaker
from tests.board.doors import ACCESS, at_door, bearer, canary_board, routes_of_board

NAMES = (("/queue/channel/measure", "/support/voice/offered"), ("/queues/queue", "/queues/support"))
# Differ from one request to the next, or never end.
LIVING = {"/metrics", "/metrics/live", "/api/stream"}


@pytest.fixture
async def board(redis_url: str, make_board: BoardMaker) -> Board:
    return await canary_board(redis_url, make_board)


def addresses(board: Board) -> list[str]:
    """Every address that can be read, with names that are there."""
    found = [path for method, path in routes_of_board(board) if method == "GET"]
    for wild, name in NAMES:
        found = [path.replace(wild, name) for path in found]
    return found


async def test_head_answers_like_get_without_a_body_on_every_address(board: Board) -> None:
    async with at_door(board) as client:
        for headers in ({}, bearer("read")):
            for path in [*addresses(board), "/nothing"]:
                if path in LIVING:
                    continue
                got, head = await client.get(path, headers=headers), await client.head(path, headers=headers)
                assert head.status_code == got.status_code, path
                assert dict(head.headers) == dict(got.headers), path
                assert head.content == b"", path


async def test_head_of_what_lives_answers_too_and_leaves_no_listener(board: Board) -> None:
    async with at_door(board) as client:
        heads = {path: await client.head(path, headers=bearer("read")) for path in LIVING}

    assert {head.status_code for head in heads.values()} == {200}
    assert heads["/api/stream"].headers["content-type"].startswith("text/event-stream")
    assert not any(head.content for head in heads.values())
    assert board.parts.clients.count == 0


async def test_head_knows_what_the_asker_has_already(board: Board) -> None:
    async with at_door(board) as client:
        tag = (await client.head("/api/queues", headers=bearer("read"))).headers["etag"]
        again = await client.head("/api/queues", headers={**bearer("read"), "If-None-Match": tag})

    assert again.status_code == 304


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/queues", "GET, HEAD"),
        ("DELETE", "/api/notes", "GET, HEAD, POST"),
        ("PATCH", "/api/session", "DELETE, GET, HEAD, POST"),
        ("OPTIONS", "/api/notes", "GET, HEAD, POST"),
        ("POST", "/api/queues/support/claims/c1", "DELETE"),
        ("HEAD", "/api/simulator/spike", "POST"),
        ("POST", "/metrics", "GET, HEAD"),
    ],
)
async def test_what_cannot_be_done_is_not_allowed_to_anybody_and_what_can_is_told(
    board: Board, method: str, path: str, allowed: str
) -> None:
    for access, headers in ((Access(), {}), (ACCESS, bearer("read")), (ACCESS, bearer("admin"))):
        async with at_door(board, access) as client:
            answer = await client.request(method, path, headers=headers)
        assert (answer.status_code, answer.headers.get("allow")) == (405, allowed)


async def test_an_address_that_is_not_there_is_not_found_whatever_is_wanted_of_it(board: Board) -> None:
    async with at_door(board) as client:
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "NONSENSE"):
            answer = await client.request(method, "/api/nothing", headers=bearer("read"))
            assert answer.status_code == 404, method
            assert "allow" not in answer.headers


async def test_a_stranger_learns_of_the_methods_of_open_addresses_only(board: Board) -> None:
    async with at_door(board) as client:
        for path, status in (("/livez", 405), ("/api/queues", 401), ("/api/nothing", 401)):
            assert (await client.put(path)).status_code == status


async def test_a_real_method_still_needs_its_scope(board: Board) -> None:
    async with at_door(board) as client:
        reader = await client.post("/api/notes", json={"text": "x", "author": "Ana"}, headers=bearer("read"))
        scraper = await client.get("/api/queues", headers=bearer("metrics"))

    assert (reader.status_code, reader.json()) == (403, {"error": "this needs the scope write"})
    assert (scraper.status_code, scraper.json()) == (403, {"error": "this token may only read metrics"})
