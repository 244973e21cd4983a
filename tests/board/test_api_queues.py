"""/api/queues: what is asked for is what is told, page by page, as JSON and as a table."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from board.web import etags
from board.web.queue_table import COLUMNS
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_worker import FakeWorker

NAMES = ["a/b%2Fc", "100 % sure?", '"quoted" & <b>', "=cmd()", "客服", "a\x01b", "..a"]
FLOOR = """
[queue.support]
name = { en = "Support desk", zh-CN = "客服" }
channel = "voice"
group = "After-sales"

[queue.support-chat]
channel = "chat"
group = "After-sales"

[queue.sales]
channel = "voice"
group = "Sales"
"""


def table(answer: httpx.Response) -> list[dict[str, str]]:
    """The rows of a CSV answer."""
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def ids(answer: httpx.Response) -> list[str]:
    return [snapshot["queue"] for snapshot in answer.json()["queues"]]


@pytest.fixture
async def board(make_board: BoardMaker, redis_url: str, tmp_path: Path) -> Board:
    """Three queues in two groups; in `sales` somebody waits for ten minutes."""
    file = tmp_path / "floor.toml"
    file.write_text(FLOOR, "utf-8")
    made = make_board(config=file)
    worker = FakeWorker(redis_url)
    worker.join("sales", "c1", made.now_ms - 600_000)
    worker.commit(made.now_ms)
    await made.catch_up()
    return made


@pytest.fixture
async def odd_board(make_board: BoardMaker, redis_url: str) -> Board:
    """Queues with names that somebody might have thought of to do harm."""
    made, worker = make_board(), FakeWorker(redis_url)
    for name in NAMES:
        worker.join(name, f"c-{name}", made.now_ms - 5_000)
    worker.commit(made.now_ms)
    await made.catch_up()
    return made


async def test_without_a_filter_all_queues_are_told_worst_first(board: Board) -> None:
    async with asking(board) as client:
        answer = await client.get("/api/queues")

    assert ids(answer)[0] == "sales"
    told = answer.json()
    assert (told["total"], told["offset"], told["limit"], told["next"]) == (3, 0, 1000, None)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("group=After-sales", {"support", "support-chat"}),
        ("channel=chat", {"support-chat"}),
        ("group=After-sales&channel=voice", {"support"}),
        ("q=DESK", {"support"}),
        ("q=客服", {"support"}),
        ("q=sales", {"support", "support-chat", "sales"}),
        ("severity=2", {"sales"}),
        ("severity=0&group=", {"support", "support-chat", "sales"}),
        ("group=after-sales", set()),
    ],
)
async def test_a_filter_leaves_what_it_names(board: Board, query: str, wanted: set[str]) -> None:
    async with asking(board) as client:
        answer = await client.get(f"/api/queues?{query}")

    assert set(ids(answer)) == wanted
    assert answer.json()["total"] == len(wanted)


async def test_the_pages_together_are_the_whole(odd_board: Board) -> None:
    async with asking(odd_board) as client:
        whole = ids(await client.get("/api/queues"))
        address, found = "/api/queues?limit=2&channel=voice", []
        while address:
            answer = await client.get(address)
            found += ids(answer)
            address = answer.json()["next"]

    assert sorted(whole) == sorted(NAMES)
    assert found == whole


async def test_the_address_of_the_next_page_keeps_the_filters(board: Board) -> None:
    async with asking(board) as client:
        first = await client.get("/api/queues", params={"q": "s&l=e%s", "limit": "1"})
        some = await client.get("/api/queues", params={"group": "After-sales", "limit": "1", "offset": "0"})

    assert first.json()["next"] is None
    assert some.json()["next"] == "/api/queues?group=After-sales&limit=1&offset=1"


async def test_beyond_the_last_page_there_is_nothing(board: Board) -> None:
    async with asking(board) as client:
        answer = await client.get("/api/queues?offset=1000000000")

    assert (ids(answer), answer.json()["total"], answer.json()["next"]) == ([], 3, None)


@pytest.mark.parametrize("name", NAMES)
async def test_every_queue_is_found_under_its_name_and_links_to_itself(odd_board: Board, name: str) -> None:
    async with asking(odd_board) as client:
        (links,) = (await client.get(f"/api/queues/{quote(name, safe='')}")).json()["links"]
        page = await client.get(links["page"])
        notes = await client.get(links["notes"])
        snapshots = await client.get(links["contacts"].partition("/contacts?")[0])

    assert ids(snapshots) == [name]
    assert (page.status_code, notes.status_code) == (200, 200)


async def test_a_table_has_a_line_for_each_queue_and_no_formula(odd_board: Board) -> None:
    async with asking(odd_board) as client:
        by_name = await client.get("/api/queues?format=csv")
        by_header = await client.get("/api/queues", headers={"accept": "text/csv"})
        one = await client.get("/api/queues/%3Dcmd()?format=csv")

    rows = table(by_name)
    assert tuple(rows[0]) == COLUMNS
    assert {row["queue"] for row in rows} == {"'=cmd()" if name == "=cmd()" else name for name in NAMES}
    assert {row["now.waiting"] for row in rows} == {"1"}
    assert {row["30m.service_level.sl_event.denominator"] for row in rows} == {"0"}
    assert {row["30m.service_level.sl_event.value"] for row in rows} == {""}, "no value is an empty cell"
    assert len(table(by_header)) == len(NAMES)
    assert by_name.headers["content-disposition"] == 'attachment; filename="queues.csv"'
    assert [row["display_name"] for row in table(one)] == ["'=cmd()"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv"),
        ("text/csv, */*;q=0.1", "text/csv"),
        ("application/json;q=0.5, text/csv;q=0.8", "text/csv"),
        ("application/json, text/csv", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("text/csv;q=high", "text/csv"),
        (",;,q=,", "application/json"),
    ],
)
async def test_the_accept_header_chooses_between_json_and_a_table(board: Board, accept: str, kind: str) -> None:
    async with asking(board) as client:
        answer = await client.get("/api/queues", headers={"accept": accept})
        asked = await client.get("/api/queues?format=json", headers={"accept": accept})

    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["vary"] == "Accept"
    assert asked.headers["content-type"] == "application/json"


async def test_whoever_has_the_answer_already_is_not_sent_it_again(board: Board) -> None:
    async with asking(board) as client:
        first = await client.get("/api/queues")
        tag = first.headers["etag"]
        for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            again = await client.get("/api/queues", headers={"if-none-match": known})

            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            assert "content-security-policy" in again.headers
        other = await client.get("/api/queues", headers={"if-none-match": '"other"'})
        csv_tag = (await client.get("/api/queues?format=csv")).headers["etag"]

    assert (other.status_code, other.content) == (200, first.content)
    assert csv_tag != tag


async def test_another_answer_has_another_tag(board: Board, redis_url: str) -> None:
    async with asking(board) as client:
        before = (await client.get("/api/queues/sales")).headers["etag"]
        board.now_ms += 1_000
        await board.catch_up()
        after = await client.get("/api/queues/sales", headers={"if-none-match": before})

    assert after.status_code == 200
    assert json.loads(after.content)["queues"][0]["now"]["oldest_wait_seconds"] == 601


async def test_errors_and_pages_have_no_tag(board: Board) -> None:
    async with asking(board) as client:
        wrong, page = await client.get("/api/queues/none"), await client.get("/")

    assert "etag" not in wrong.headers
    assert "etag" not in page.headers


async def test_a_very_long_answer_has_a_tag_like_any_other(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking(board) as client:
        short = await client.get("/api/queues")
        monkeypatch.setattr(etags, "LARGE_BYTES", 1)
        long = await client.get("/api/queues")

    assert long.headers["etag"] == short.headers["etag"]
