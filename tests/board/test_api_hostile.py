"""What nobody should send: every answer is one sentence, never an error of our own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.web.openapi.document import document
from floorpulse.board_report import report_maker
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_alertmanager import FakeAlertmanager
from tests.board.fake_worker import FakeWorker
from tests.board.held_alerts import held, tell
from tests.laws import SERVER_LAW

JSON = {"content-type": "application/json"}
NAME = "a/b%2F\"'<é\x01"
ADDRESSES = {
    path.replace("{queue}", quote(NAME, safe="")).replace("{channel}", "voice").replace("{measure}", "offered"): path
    for path, methods in document()["paths"].items()
    if "get" in methods and path != "/api/stream"
}
PARAMS = sorted(
    {
        parameter["name"]
        for methods in document()["paths"].values()
        for operation in methods.values()
        for parameter in operation["parameters"]
        if parameter["in"] == "query"
    }
)
#: What is right for one parameter or another, or nearly.
TELLING = [
    "0", "1", "2", "-1", "1001", "999999999999999999999", "0x10", "１", "٣", "1e3", "NaN", "", " ", "csv", "json",
    "voice", "support", NAME, "event", "queue,hour", "UTC", "Europe/Berlin", "2026-11-20T08:00Z", "20261120T08Z",
    "2026-11-20T08:00+01:00", "2026-W01-1T00:00Z", "all", "sl_event", "30m", "waiting", "en", "\ud800", "\u0000",
    "\ue000", "%2F",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(TELLING), st.text(max_size=20))
PAIRS = st.lists(st.tuples(st.one_of(st.sampled_from(PARAMS), st.text(max_size=5)), TEXTS), max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.one_of(
    st.binary(max_size=40),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(
        st.sampled_from(
            [
                "text",
                "at",
                "at_ms",
                "queue",
                "channel",
                "author",
                "contact",
                "by",
                "cause",
                "reason",
                "minutes",
                "until",
                "until_ms",
                "from",
                "from_ms",
                "to",
                "to_ms",
                "group",
            ]
        ),
        VALUES,
        max_size=6,
    ).map(lambda value: json.dumps(value).encode()),
)
ALERT = held(queue=NAME)
BODY_PATHS = [
    "/api/notes", f"/api/queues/{quote(NAME, safe='')}/claims", "/api/simulator/spike", "/api/quiet",
    f"/api/alerts/{quote(ALERT.field, safe='')}/acknowledge",
]  # fmt: skip


@pytest.fixture
async def board(make_board: BoardMaker, redis_url: str) -> Board:
    made, worker = make_board(demo=True), FakeWorker(redis_url)
    worker.join(NAME, "c1", made.now_ms - 5_000)
    worker.agent(NAME, "idle", made.now_ms - 5_000, team=NAME, queues={NAME: None})
    worker.commit(made.now_ms)
    await made.catch_up()
    tell(redis_url, ALERT)
    made.parts = replace(made.parts, alertmanager=FakeAlertmanager().client())
    return made


def is_told_well(answer: httpx.Response) -> bool:
    """Whether an answer is one, or an error in one sentence that prints."""
    if answer.status_code < 400:
        return True
    told: dict[str, Any] = answer.json()
    sentence = told["error"]
    return answer.status_code < 500 and bool(sentence) and sentence.isprintable() and len(sentence) < 500


@SERVER_LAW
@given(address=st.sampled_from(sorted(ADDRESSES)), pairs=PAIRS)
async def test_no_query_brings_an_answer_down(
    board: Board, redis_url: str, address: str, pairs: list[tuple[str, str]]
) -> None:
    query = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in pairs)
    async with asking(board, report=report_maker(redis_url, "live")) as client:
        answer = await client.get(f"{address}?{query}")

    assert is_told_well(answer), answer.text


def escaped(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@SERVER_LAW
@given(query=st.binary(max_size=40))
async def test_no_bytes_in_a_query_bring_an_answer_down(board: Board, query: bytes) -> None:
    # As they are: a client would escape them before.
    async with asking(board) as client:
        request = client.build_request("GET", "/api/queues")
        request.url = httpx.URL(scheme="http", host="127.0.0.1", port=8080, raw_path=b"/api/queues?" + ascii_of(query))
        answer = await client.send(request)

    assert is_told_well(answer), answer.text


def ascii_of(raw: bytes) -> bytes:
    """Bytes as they may stand in a request line."""
    return bytes(byte for byte in raw if 0x21 <= byte < 0x7F and byte != ord("#"))


@SERVER_LAW
@given(body=BODIES, path=st.sampled_from(BODY_PATHS))
async def test_no_body_brings_an_answer_down(board: Board, path: str, body: bytes) -> None:
    async with asking(board) as client:
        answer = await client.post(path, content=body, headers=JSON)

    assert is_told_well(answer), answer.text


@SERVER_LAW
@given(name=TEXTS, contact=TEXTS)
async def test_no_name_in_an_address_brings_an_answer_down(board: Board, name: str, contact: str) -> None:
    paths = (f"queues/{escaped(name)}", f"notes/{escaped(name)}", f"queues/{escaped(name)}/claims/{escaped(contact)}")
    async with asking(board) as client:
        answers = [
            await client.get(f"/api/{paths[0]}"),
            await client.delete(f"/api/{paths[1]}"),
            await client.delete(f"/api/{paths[2]}"),
        ]

    assert all(is_told_well(answer) for answer in answers)


async def test_the_hostile_name_itself_is_found(board: Board) -> None:
    async with asking(board) as client:
        found = (await client.get(f"/api/queues/{quote(NAME, safe='')}")).json()
        agents = (await client.get("/api/agents", params={"queue": NAME, "team": NAME, "q": NAME})).json()

    assert [snapshot["queue"] for snapshot in found["queues"]] == [NAME]
    assert [agent["id"] for agent in agents["agents"]] == [NAME]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "limit: '0'; wanted a whole number from 1 to 1000"),
        ("limit=1001", "limit: '1001'; wanted a whole number from 1 to 1000"),
        ("limit=" + "9" * 500, "limit: '" + "9" * 40 + "…'; wanted a whole number from 1 to 1000"),
        ("limit=ten", "limit: 'ten'; wanted a whole number from 1 to 1000"),
        ("limit=%D9%A3", "limit: '٣'; wanted a whole number from 1 to 1000"),
        ("offset=-1", "offset: '-1'; wanted a whole number from 0 to 1000000000"),
        ("offset=1.5", "offset: '1.5'; wanted a whole number from 0 to 1000000000"),
        ("severity=3", "severity: '3'; wanted a whole number from 0 to 2"),
        ("channel=Voice", "channel: 'Voice'; wanted one of voice, video, callback"),
        ("format=xml", "format: 'xml'; wanted one of json, csv"),
        ("q=" + "x" * 1001, "q: '" + "x" * 40 + "…'; wanted at most 1,000 characters"),
        ("%0A=1", "'\\n': no such parameter; wanted one of group, channel, q, severity, limit, offset, format"),
        ("limit=1&limit=2", "limit: given twice; wanted it once"),
    ],
)
async def test_a_bad_parameter_is_named_with_what_is_wanted(board: Board, query: str, said: str) -> None:
    async with asking(board) as client:
        answer = await client.get(f"/api/queues?{query}")

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (b"x" * 4_097, JSON, 413, "the body is too long; wanted at most 4,096 bytes"),
        (b'{"text": "' + b"x" * 10_000_000 + b'"}', JSON, 413, ""),
        (b"{}", {"content-type": "text/plain"}, 415, "content-type: wanted application/json"),
        (b"{}", {"content-type": "application/json5"}, 415, "content-type: wanted application/json"),
        (b"{}", {}, 415, "content-type: wanted application/json"),
        (b"", JSON, 400, "not JSON; wanted a body like "),
        (b"{", JSON, 400, "not JSON; wanted a body like "),
        (b"\xff\xfe", JSON, 400, "not JSON; wanted a body like "),
        (b'{"text": "\xff"}', JSON, 400, "not JSON; wanted a body like "),
        (b"[" * 4_000, JSON, 400, ""),
        (b'{"text": NaN}', JSON, 400, "not JSON; wanted a body like "),
        (b"null", JSON, 400, "expected `object`, got `null`; wanted a body like "),
        (b"[]", JSON, 400, "expected `object`, got `array`; wanted a body like "),
        (b'{"text": "x"}', JSON, 400, "author: missing; wanted who it is, 1 to 80 characters"),
    ],
    ids=range(14),
)
async def test_a_body_that_is_none_is_refused_in_one_sentence(
    board: Board, body: bytes, kind: dict[str, str], status: int, said: str
) -> None:
    async with asking(board) as client:
        answer = await client.post("/api/notes", content=body, headers=kind)

    assert answer.status_code == status
    assert answer.json()["error"].startswith(said)
    assert is_told_well(answer)


@pytest.mark.parametrize("path", BODY_PATHS)
async def test_a_body_nested_without_end_is_refused_wherever_one_is_read(board: Board, path: str) -> None:
    async with asking(board) as client:
        answer = await client.post(path, content=b"[" * 4_000, headers=JSON)

    assert answer.status_code == 400
    assert is_told_well(answer)


async def test_a_charset_beside_the_content_type_is_no_fault(board: Board) -> None:
    async with asking(board) as client:
        answer = await client.post(
            "/api/notes",
            content=b'{"text": "x", "author": "Ana"}',
            headers={"content-type": "Application/JSON; charset=utf-8"},
        )

    assert answer.status_code == 201


@pytest.mark.parametrize("path", ["/api/queues", "/api/agents", "/api/backlog", "/api/report", "/api/openapi.json"])
async def test_another_method_is_not_allowed(board: Board, path: str) -> None:
    async with asking(board) as client:
        answer = await client.put(path)

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert is_told_well(answer)
