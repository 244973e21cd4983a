"""/api/notes: what people write on the time line is cleaned, checked, and told as it was written."""

from __future__ import annotations

import json
import logging
import re
from ipaddress import ip_network
from typing import Any

import pytest

from board.app import connect
from board.door.access import Access
from board.door.auth import Auth
from kpi.instants import format_time, parse_time
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_worker import FakeWorker
from tests.board.noted import texts, written
from tests.board.test_api_queues import table
from tests.pages import CONTRACTS, example

HOUR_MS = 3_600_000


@pytest.fixture
async def board(make_board: BoardMaker, redis_url: str) -> Board:
    made, worker = make_board(), FakeWorker(redis_url)
    worker.join("support", "c1", made.now_ms - 5_000)
    worker.join("a/b", "c2", made.now_ms - 5_000)
    worker.commit(made.now_ms)
    await made.catch_up()
    return made


async def test_a_note_is_answered_as_it_stands_then(board: Board) -> None:
    made = await written(board, text="campaign sent 10:30", queue="a/b", channel="voice", at_ms=board.now_ms - HOUR_MS)

    async with asking(board) as client:
        told = (await client.get("/api/notes")).json()
    assert told["notes"] == [made]
    assert made == {
        "id": made["id"], "at_ms": board.now_ms - HOUR_MS, "text": "campaign sent 10:30", "author": "Ana",
        "queue": "a/b", "channel": "voice", "created_ms": board.now_ms,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "path", "at"),
    [
        ("A note", "/api/notes", "2026-11-20T10:33:00.000Z"),
        ("A claim", "/api/queues/support/claims", "2026-11-20T10:01:00.000Z"),
        ("Planned quiet", "/api/quiet", "2026-11-20T10:33:00.000Z"),
    ],
)
async def test_the_examples_of_the_contracts_are_what_is_answered(
    make_board: BoardMaker, redis_url: str, heading: str, path: str, at: str
) -> None:
    sent = re.search(rf"### {heading}\n.*?\n`(\{{.*?\}})` answers:", CONTRACTS, re.DOTALL)
    assert sent is not None
    board = make_board(now_ms=parse_time(at))
    worker = FakeWorker(redis_url)
    worker.known("c4")
    worker.join("support", "c1", board.now_ms)
    worker.commit(board.now_ms)
    await board.catch_up()

    async with asking(board) as client:
        made = (await client.post(path, json=json.loads(sent[1]))).json()
    assert {**made, "id": None} == {**example(heading), "id": None}


async def test_a_note_without_a_time_is_about_now_and_one_may_say_it_in_words(board: Board) -> None:
    earlier = board.now_ms - 90_000

    assert (await written(board))["at_ms"] == board.now_ms
    assert (await written(board, at=format_time(earlier)))["at_ms"] == earlier
    assert (await written(board))["queue"] is None


async def test_what_steers_the_text_around_it_is_taken_out_of_a_note(board: Board) -> None:
    made = await written(board, text=" \u202eevil\u2066\u0007\n  cafe\u0301 ", author="\u200fAna\tB")

    assert (made["text"], made["author"]) == ("evil café", "Ana B")


async def test_notes_are_told_oldest_first_by_span_and_queue(board: Board) -> None:
    now = board.now_ms
    for text, at_ms, queue in (("new", now, "support"), ("old", now - HOUR_MS, None), ("other", now - 1, "a/b")):
        await written(board, text=text, at_ms=at_ms, queue=queue)

    assert await texts(board) == ["old", "other", "new"]
    assert await texts(board, f"from_ms={now - 1}") == ["other", "new"]
    assert await texts(board, f"from_ms={now - HOUR_MS}&to_ms={now}") == ["old", "other"]
    assert await texts(board, "queue=support") == ["old", "new"], "what is about the whole floor is about each queue"
    assert await texts(board, "limit=1&offset=1") == ["other"]


async def test_a_table_of_notes_holds_no_formula(board: Board) -> None:
    await written(board, text='=HYPERLINK("https://elsewhere.example")', author="+Ana")

    async with asking(board) as client:
        (row,) = table(await client.get("/api/notes?format=csv"))
    assert (row["text"], row["author"]) == ('\'=HYPERLINK("https://elsewhere.example")', "'+Ana")
    assert row["at"] == format_time(board.now_ms)


async def test_a_note_is_removed_once(board: Board) -> None:
    made = await written(board)

    async with asking(board) as client:
        first = await client.delete(f"/api/notes/{made['id']}")
        second = await client.delete(f"/api/notes/{made['id']}")
    assert (first.status_code, first.json()) == (200, {"id": made["id"]})
    assert (second.status_code, second.json()) == (404, {"error": "no such note"})
    assert await texts(board) == []


async def test_the_word_beside_the_notes_is_no_note_to_remove(board: Board) -> None:
    await written(board)

    async with asking(board) as client:
        assert (await client.delete("/api/notes/%23")).status_code == 404
    assert await texts(board) == ["x"]


async def test_in_a_replay_now_is_the_time_that_it_has_reached(make_board: BoardMaker, redis_url: str) -> None:
    board, at_ms = make_board("monday"), 1_500_000_000_000
    FakeWorker(redis_url, "monday").commit(at_ms)
    await board.catch_up()

    assert (await written(board))["at_ms"] == at_ms
    assert await texts(board) == ["x"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": ""}, "text: wanted 1 to 200 characters"),
        ({"text": "\u202e\u0000\n"}, "text: wanted 1 to 200 characters"),
        ({"text": "x" * 201}, "text: wanted 1 to 200 characters"),
        ({"author": "x" * 81}, "author: wanted 1 to 80 characters"),
        ({"author": None}, "author: missing; wanted who it is, 1 to 80 characters"),
        ({"at": "10:30"}, "at: wanted a time with an offset, e.g. 2026-11-20T08:00+01:00"),
        ({"at": "2026-11-20T08:00"}, "at: wanted a time with an offset, e.g. 2026-11-20T08:00+01:00"),
        ({"at_ms": 0}, "at: wanted a time at most 35 days ago, and at most 7 days ahead"),
        ({"at_ms": 2**60}, "at: wanted a time at most 35 days ago, and at most 7 days ahead"),
        ({"at": "2026-11-20T08:00Z", "at_ms": 0}, "at and at_ms: wanted one of them"),
        ({"channel": "voice"}, "channel: wanted a queue beside it"),
        ({"colour": "red"}, "object contains unknown field `colour`; "),
        ({"text": 5}, "text: expected `str`, got `int`; "),
        ({"at_ms": 2.5}, "at_ms: expected `int | null`, got `float`; "),
    ],
)
async def test_what_is_no_note_is_refused_with_what_is_wanted(board: Board, sent: dict[str, Any], said: str) -> None:
    async with asking(board) as client:
        answer = await client.post("/api/notes", json={"text": "x", "author": "Ana", **sent})

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


@pytest.mark.parametrize("sent", [{"queue": "none"}, {"queue": "support", "channel": "chat"}])
async def test_a_note_about_a_queue_that_is_not_there_is_refused(board: Board, sent: dict[str, Any]) -> None:
    async with asking(board) as client:
        answer = await client.post("/api/notes", json={"text": "x", "author": "Ana", **sent})

    assert answer.status_code == 404
    assert await texts(board) == []


async def test_who_is_logged_in_by_name_writes_under_that_name_and_it_is_in_the_audit(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    access = Access(proxies=(ip_network("127.0.0.0/8"),), proxy_writers=frozenset({"*"}))
    caplog.set_level(logging.INFO, "floorpulse.audit")

    async with asking(board, auth=Auth(access)) as client:
        headers = {"x-forwarded-user": "ana@example"}
        made = (await client.post("/api/notes", json={"text": "x", "author": "Bo"}, headers=headers)).json()
        await client.delete(f"/api/notes/{made['id']}", headers=headers)
        nobody = await client.post("/api/notes", json={"text": "x", "author": "Bo"})

    assert made["author"] == "ana@example"
    assert nobody.status_code == 401
    told = [(line.action, line.who, line.target["note"]) for line in caplog.records]  # type: ignore[attr-defined]
    assert told == [("note_added", "ana@example", made["id"]), ("note_removed", "ana@example", made["id"])]


async def test_without_redis_nothing_is_written_and_what_is_known_is_told(board: Board) -> None:
    await written(board)
    away = connect("redis://127.0.0.1:1/0")
    async with asking(board, redis=away) as client:
        write = await client.post("/api/notes", json={"text": "y", "author": "Ana"})
        remove = await client.delete("/api/notes/n1")
        told = await client.get("/api/notes")
    await away.aclose()

    assert (write.status_code, write.json()) == (503, {"error": "Redis does not answer"})
    assert remove.status_code == 503
    assert [note["text"] for note in told.json()["notes"]] == ["x"]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("queue=nosuch", 404, "no such queue"),
        ("from_ms=2&to_ms=1", 400, "from_ms, to_ms: wanted an instant and a later one"),
        ("from_ms=1&to_ms=1", 200, None),
        ("to_ms=0", 200, None),
    ],
)
async def test_notes_of_what_is_not_there_are_refused(board: Board, query: str, status: int, said: str | None) -> None:
    await written(board)
    async with asking(board) as client:
        answer = await client.get(f"/api/notes?{query}")

    assert (answer.status_code, answer.json().get("error")) == (status, said)
    assert answer.json().get("notes", []) == []


async def test_before_redis_ever_told_them_it_is_not_said_that_there_are_no_notes(board: Board) -> None:
    away = connect("redis://127.0.0.1:1/0")
    async with asking(board, redis=away) as client:
        answer = await client.get("/api/notes")
    await away.aclose()

    assert answer.status_code == 503
    assert answer.json() == {"error": "Redis does not answer, and the notes were never read"}
