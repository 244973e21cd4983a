"""The relay's address: who may post, what is taken, and that 200 means that it stands on disk."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alerts.relay.app import Relay
from alerts.relay.config import Robot
from alerts.relay.door import MAX_BODY_BYTES, token_problem
from alerts.relay.spool import Spool, SpoolError
from tests.alerts.relay.calls import T0, alert, body
from tests.alerts.relay.fakes import PATHS, Platforms, served
from tests.eventually import eventually

TOKEN = "t0ken-" + "x" * 32
SHOWN = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "relay.sqlite")


def relay_of(spool: Spool, url: str = "http://127.0.0.1:9/") -> Relay:
    robots = {"floor": Robot("floor", "wecom", url=url), "duty": Robot("duty", "wecom", url=url)}
    return Relay(robots, spool, token=TOKEN, clock_ms=lambda: T0, wall_ms=lambda: T0)


@pytest.fixture
async def asked(spool: Spool) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(relay_of(spool).app)
    async with httpx.AsyncClient(transport=transport, base_url="http://relay", headers=SHOWN) as client:
        yield client
    spool.close()


async def test_200_means_that_it_stands_in_the_spool(asked: httpx.AsyncClient, spool: Spool) -> None:
    answers = [await asked.post("/robots/floor", json=body([alert()])) for _ in range(2)]

    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "kept\n"), (200, "known\n")]
    assert (spool.waiting("floor").alerts, spool.waiting("duty").alerts) == (1, 0)


@pytest.mark.parametrize("shown", [None, "", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer \xff"])
async def test_without_the_token_nothing_is_taken(asked: httpx.AsyncClient, spool: Spool, shown: str | None) -> None:
    headers = {} if shown is None else {"authorization": shown}
    asked.headers.pop("authorization")
    answer = await asked.post("/robots/floor", json=body([alert()]), headers=httpx.Headers(headers, encoding="latin-1"))

    assert answer.status_code == 401
    assert TOKEN not in answer.text
    assert spool.waiting("floor").alerts == 0


async def test_metrics_and_livez_need_no_token(asked: httpx.AsyncClient) -> None:
    asked.headers.pop("authorization")

    assert (await asked.get("/livez")).text == "ok\n"
    assert 'cc_relay_pending_alerts{robot="duty"} 0.0' in (await asked.get("/metrics")).text


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/robots/nobody", b"{}", 404),
        ("POST", "/robots/../floor", b"{}", 404),
        ("POST", "/robots/floor/more", b"{}", 404),
        ("GET", "/robots/floor", b"", 405),
        ("POST", "/metrics", b"", 405),
        ("POST", "/robots/floor", b"no json", 400),
        ("POST", "/robots/floor", gzip.compress(b"{}", mtime=0), 400),
        ("POST", "/robots/floor", b" " * (MAX_BODY_BYTES + 1), 413),
    ],
)
async def test_anything_else_is_refused_in_one_line(
    asked: httpx.AsyncClient, method: str, path: str, content: bytes, status: int
) -> None:
    answer = await asked.request(method, path, content=content)

    assert answer.status_code == status
    assert answer.text.count("\n") <= 1
    assert "Traceback" not in answer.text


async def test_a_body_without_a_length_ends_too(asked: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 1_000_000

    assert (await asked.post("/robots/floor", content=endless())).status_code == 413


async def test_a_spool_that_cannot_be_written_is_503_so_that_alertmanager_tries_again(
    asked: httpx.AsyncClient, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(*_: object) -> None:
        raise SpoolError("database or disk is full")

    monkeypatch.setattr(spool, "put", put)
    answer = await asked.post("/robots/floor", json=body([alert()]))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


async def test_what_is_taken_reaches_the_chat_and_a_robot_that_ended_is_told(spool: Spool) -> None:
    platforms = Platforms(now_ms=lambda: T0)
    with served(platforms) as url:
        relay = relay_of(spool, url + PATHS["wecom"].format(platforms.key))
        transport = httpx.ASGITransport(relay.app)
        async with relay.running(), httpx.AsyncClient(transport=transport, base_url="http://r", headers=SHOWN) as asked:
            await asked.post("/robots/floor", json=body([alert("售后")]))
            await asyncio.to_thread(eventually, lambda: bool(platforms.taken))
            assert (await asked.get("/livez")).status_code == 200
            relay._voices._tasks["duty"].cancel()
            await asyncio.wait([relay._voices._tasks["duty"]])
            answer = await asked.get("/livez")
            assert (answer.status_code, answer.text) == (503, "ended: duty\n")
    assert "售后: 14 waiting" in platforms.taken[0]
    spool.close()


@pytest.mark.parametrize(
    ("bind", "token", "wanted"),
    [
        ("127.0.0.1", "", ""),
        ("::1", "", ""),
        ("localhost", "", ""),
        ("0.0.0.0", "", "set FLOORPULSE_RELAY_TOKEN"),
        ("relay.example", "", "set FLOORPULSE_RELAY_TOKEN"),
        ("127.0.0.1", "short-canary", "a token of 12 characters; wanted at least 32"),
        ("0.0.0.0", TOKEN, ""),
        ("0.0.0.0", "with blank " * 5, "without blanks"),
    ],
)
def test_a_door_to_a_network_has_a_token(bind: str, token: str, wanted: str) -> None:
    said = token_problem(bind, token)

    assert wanted in said and bool(wanted) == bool(said)
    assert "canary" not in said


async def test_five_hundred_alerts_in_three_languages_are_one_call(asked: httpx.AsyncClient, spool: Spool) -> None:
    texts = {f"description{language}": "什么：" + "等" * 600 for language in ("", "_en", "_zh_cn", "_zh_tw")}
    call = body([alert(f"q{n}", **texts) for n in range(500)])

    assert 2_000_000 < len(json.dumps(call, ensure_ascii=False).encode()) < MAX_BODY_BYTES
    assert (await asked.post("/robots/floor", json=call)).status_code == 200
    assert spool.waiting("floor").alerts == 500
