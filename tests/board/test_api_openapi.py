"""/api/openapi.json: it tells of every address that there is, of none that there is not, and of what really comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from fastapi.routing import APIRoute

from board.web.api import make_app
from board.web.openapi.document import document
from floorpulse.board_report import report_maker
from kpi.instants import format_time
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_alertmanager import FakeAlertmanager
from tests.board.fake_worker import FakeWorker
from tests.board.held_alerts import held, tell

METHODS = {"get", "post", "put", "delete", "patch"}
HOUR_MS = 3_600_000
TAKEN = "/api/alerts/QueueLongestWaitHigh%7Ccritical%7Ca%2Fb:voice/acknowledge"
#: What one address or another has to be told, to answer at all.
FILLED = {"queue": "a%2Fb", "channel": "voice", "measure": "offered"}


def routes_of(app: Any) -> Iterator[APIRoute]:
    """The routes of an application, whatever it is wrapped in."""
    while not hasattr(app, "routes"):
        app = app._app
    yield from (route for route in app.routes if isinstance(route, APIRoute))


def operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of a document."""
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def parts_of(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts_of(part)


@pytest.fixture
async def board(make_board: BoardMaker, redis_url: str, tmp_path: Path) -> Board:
    """A board that has something to tell at every address."""
    file = tmp_path / "floor.toml"
    file.write_text('[queue."a/b"]\nchannel = "voice"\ngroup = "Front"\n', "utf-8")
    made, worker = make_board(config=file, demo=True), FakeWorker(redis_url)
    now = made.now_ms
    worker.known("c1")
    worker.join("a/b", "c1", now - 90_000)
    worker.leave("a/b", "c1", now - 90_000, now - 80_000, "answered")
    worker.join("a/b", "c2", now - 30_000)
    worker.live("open_cases", "mail", "email", "k1", now - HOUR_MS)
    worker.live("case_new", "mail", "email", "k1", now - HOUR_MS)
    engaged = (("a/b", "voice", "talking", now - 80_000),)
    worker.agent("ana", "busy", now - 80_000, team="Front", queues={"a/b": None}, engaged=engaged)
    worker.live("source", "", "", "/acd/one", now)
    worker.commit(now)
    await made.catch_up()
    tell(redis_url, held(queue="a/b", annotations={"summary": "3:20"}))
    made.parts = replace(made.parts, alertmanager=FakeAlertmanager().client())
    return made


@pytest.mark.parametrize("demo", [False, True])
def test_it_tells_of_every_route_and_of_no_other(make_board: BoardMaker, demo: bool) -> None:
    routes = routes_of(make_app(make_board(demo=demo).parts))
    there = {
        (method.lower(), route.path) for route in routes for method in route.methods or () if "/api/" in route.path
    }
    told = {(method, path) for method, path, _ in operations(document(demo=demo))}

    assert ("post", "/api/simulator/spike") in there or not demo
    assert told == there


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    told = document(demo=True)
    for schema in told["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)

    references = {part["$ref"] for part in parts_of(told) if "$ref" in part}
    names = {reference.removeprefix("#/components/schemas/") for reference in references}
    assert names <= set(told["components"]["schemas"])


def test_every_operation_has_a_name_of_its_own_and_tells_its_path_parameters() -> None:
    found = list(operations(document(demo=True)))
    names = [operation["operationId"] for *_, operation in found]

    assert len(names) == len(set(names))
    for method, path, operation in found:
        in_path = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
        assert in_path == [part[1:-1] for part in path.split("/") if part.startswith("{")]
        assert method in METHODS
        assert operation["summary"].endswith(".")
        assert {"400", *(("401", "403") if operation["security"] else ())} <= operation["responses"].keys()


def test_it_says_which_scope_an_operation_needs() -> None:
    needs = {
        (method, path): operation["security"][0]["bearer"]
        for method, path, operation in operations(document(demo=True))
        if operation["security"]
    }

    assert needs["get", "/api/queues"] == ["tv"]
    assert needs["get", "/api/agents"] == ["read"]
    assert needs["post", "/api/notes"] == ["write"]
    assert needs["delete", "/api/queues/{queue}/claims/{contact}"] == ["write"]
    assert ("get", "/api/session") not in needs


async def test_it_is_served(board: Board) -> None:
    async with asking(board) as client:
        answer = await client.get("/api/openapi.json")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(json.dumps(document(demo=True)))
    assert answer.json()["openapi"] == "3.1.0"


def check(told: dict[str, Any], method: str, path: str, answer: httpx.Response) -> None:
    """Whether an answer is what the document says of it, and holds nothing that the document does not know."""
    responses = told["paths"][path][method]["responses"]
    assert str(answer.status_code) in responses, answer.text
    schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": told["components"]}
    jsonschema.Draft202012Validator(whole).validate(answer.json())
    if "$ref" in schema:
        known = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
        assert set(answer.json()) <= set(known)


GETS = [
    path
    for path, methods in document(demo=True)["paths"].items()
    if "get" in methods and "application/json" in methods["get"]["responses"]["200"]["content"]
]


@pytest.mark.parametrize("path", GETS)
async def test_what_comes_is_what_it_says(board: Board, redis_url: str, path: str) -> None:
    told = document(demo=True)
    async with asking(board, report=report_maker(redis_url, "live")) as client:
        await client.post("/api/notes", json={"text": "x", "author": "Ana", "queue": "a/b"})
        address = path
        for name, value in FILLED.items():
            address = address.replace(f"{{{name}}}", value)
        answer = await client.get(address)
        wrong = await client.get(f"{address}?limit=none")

    assert answer.status_code == 200, answer.text
    check(told, "get", path, answer)
    assert wrong.status_code in (200, 400)
    check(told, "get", path, wrong)


async def test_what_changes_something_answers_as_it_says(board: Board) -> None:
    told, claims = document(demo=True), "/api/queues/{queue}/claims"
    note = {"text": "x", "at": format_time(board.now_ms), "queue": None, "author": "Ana"}
    async with asking(board) as client:
        made = await client.post("/api/notes", json=note)
        check(told, "post", "/api/notes", made)
        check(told, "post", "/api/notes", await client.post("/api/notes", json={}))
        check(told, "post", "/api/notes", await client.post("/api/notes", content=b"x"))
        check(told, "delete", "/api/notes/{note}", await client.delete(f"/api/notes/{made.json()['id']}"))
        check(told, "delete", "/api/notes/{note}", await client.delete("/api/notes/none"))
        for by, status in (("Ana", 200), ("Bo", 409)):
            answer = await client.post("/api/queues/a%2Fb/claims", json={"channel": "voice", "contact": "c1", "by": by})
            assert answer.status_code == status
            check(told, "post", claims, answer)
        for contact, by in (("c1", "Bo"), ("c1", "Ana"), ("c1", "Ana")):
            gone = await client.delete(f"/api/queues/a%2Fb/claims/{contact}?by={by}")
            check(told, "delete", f"{claims}/{{contact}}", gone)
        acknowledge = "/api/alerts/{alert}/acknowledge"
        for body, status in (({"author": "Ana", "reason": "x", "minutes": 5}, 201), ({}, 400)):
            answer = await client.post(TAKEN, json=body)
            assert answer.status_code == status, answer.text
            check(told, "post", acknowledge, answer)
        for status in (200, 404):
            answer = await client.delete(TAKEN)
            assert answer.status_code == status, answer.text
            check(told, "delete", acknowledge, answer)
        planned = await client.post("/api/quiet", json={"author": "Ana", "reason": "x", "minutes": 5})
        check(told, "post", "/api/quiet", planned)
        check(told, "post", "/api/quiet", await client.post("/api/quiet", json={"minutes": 5}))
        for _ in range(2):
            gone = await client.delete(f"/api/quiet/{planned.json()['id']}")
            check(told, "delete", "/api/quiet/{quiet}", gone)
        check(told, "post", "/api/session", await client.post("/api/session", json={"token": "x"}))
        check(told, "delete", "/api/session", await client.delete("/api/session"))
        spike = await client.post("/api/simulator/spike", json={"queue": "a/b", "cause": "staff"})
        check(told, "post", "/api/simulator/spike", spike)


@pytest.mark.parametrize("path", GETS)
async def test_the_parameters_it_tells_are_those_that_are_taken(board: Board, redis_url: str, path: str) -> None:
    """One that is told is not called unknown; what is a whole number says so of anything else."""
    parameters = document(demo=True)["paths"][path]["get"]["parameters"]
    address = path
    for name, value in FILLED.items():
        address = address.replace(f"{{{name}}}", value)
    async with asking(board, report=report_maker(redis_url, "live")) as client:
        for parameter in parameters:
            if parameter["in"] == "query":
                answer = await client.get(address, params={parameter["name"]: "\u0001"})
                assert "no such parameter" not in answer.text
                if parameter["schema"].get("type") == "integer" or "enum" in parameter["schema"]:
                    assert answer.status_code == 400
                    assert answer.json()["error"].startswith(f"{parameter['name']}: ")
