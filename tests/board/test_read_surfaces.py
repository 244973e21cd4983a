"""What the surfaces that others read promise: each test's first words name the promise of the checklist it is about."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from board.door.access import Access
from board.door.auth import Auth
from board.door.security import security_headers
from board.stream import sse
from board.web.server import Limits
from kpi.catalogue import CATALOGUE
from tests.board.conftest import Board, BoardMaker
from tests.board.doors import ACCESS, at_door, bearer, canary_board, routes_of_board
from tests.board.sockets import family_of, is_loopback, listening
from tests.eventually import eventually

PUBLIC = {
    ("GET", "/livez"),
    ("GET", "/login"),
    ("GET", "/static/name"),
    ("GET", "/api/session"),
    ("POST", "/api/session"),
}
PAGES = {"/", "/wall", "/queue/queue/channel"}
# What stands for one person, or what anybody may type in.
PERSONAL = {"contact", "leg", "customer", "agent", "caller", "phone", "user", "note", "text", "author", "address"}
SECRETS = ("canary", "491701234567", "4917")


@pytest.fixture
async def board(redis_url: str, make_board: BoardMaker) -> Board:
    return await canary_board(redis_url, make_board)


@pytest.mark.slow
def test_defaults_bind_every_role_to_loopback_only(tmp_path: Path) -> None:
    env = {name: text for name, text in os.environ.items() if not name.startswith("FLOORPULSE_")}
    env |= {"TMPDIR": str(tmp_path), "FLOORPULSE_WEBHOOK_PORT": "0"}
    commands = (["floorpulse", "demo", "--no-browser"], ["alerts.receiver"])
    roles = [
        subprocess.Popen(
            [sys.executable, "-m", *command], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for command in commands
    ]
    try:
        demo, receiver = roles
        assert demo.stderr is not None
        line = next(line for line in demo.stderr if line.startswith("board http"))
        port = int(re.search(r"http://127.0.0.1:(\d+)/", line)[1])  # type: ignore[index]
        eventually(lambda: bool(listening({receiver.pid})))
        # Kafka, Redis, board, and a worker's metrics; the simulator listens on nothing.
        eventually(lambda: len(family_of(demo.pid)) >= 6 and len(listening(family_of(demo.pid))) >= 4, 60)
        found = listening(family_of(demo.pid))
        assert port in {each for _, each in found}
        for address, each in found + listening({receiver.pid}):
            assert is_loopback(address), f"{address}:{each}"
    finally:
        for role in roles:
            role.terminate()
        for role in roles:
            role.communicate(timeout=120)


async def test_unauthenticated_requests_get_nothing_but_that_the_board_lives(board: Board) -> None:
    async with at_door(board) as client:
        for method, path in routes_of_board(board):
            answer = await client.request(method, path)
            if (method, path) in PUBLIC:
                assert answer.status_code in (200, 404, 415), path
            elif path in PAGES:
                assert (answer.status_code, answer.headers["location"][:12]) == (303, "/login?next="), path
            else:
                assert (answer.status_code, answer.json()) == (401, {"error": "log in first"}), path
        for path in (
            "/nothing",
            "/docs",
            "/api/queues/",
            "/static",
            "/livez/",
            "/%2e%2e/livez",
            "/api/session/x",
        ):
            assert (await client.get(path)).status_code == 401, path
        assert (await client.get("/livez")).text == "ok\n"


@pytest.mark.parametrize("wrong", ["Bearer nobody", "Bearer " + "x" * 64])
async def test_unauthenticated_is_also_who_shows_a_wrong_token_cookie_or_proxys_word(board: Board, wrong: str) -> None:
    shown = {"Authorization": wrong, "Cookie": "floorpulse=v1.a.read.9999999999.b.c", "X-Forwarded-User": "root"}
    async with at_door(board) as client:
        for method, path in routes_of_board(board):
            if (method, path) not in PUBLIC:
                assert (await client.request(method, path, headers=shown)).status_code in (401, 303), path


async def test_metrics_hold_no_personal_data_and_no_secrets(board: Board) -> None:
    assert not {label for metric in CATALOGUE for label in metric.labels} & PERSONAL
    async with at_door(board) as client:
        for path in ("/metrics", "/metrics/live"):
            page = await client.get(path, headers=bearer("metrics"))
            assert page.status_code == 200
            assert 'queue="support"' in page.text
            for secret in SECRETS:
                assert secret not in page.text, secret


async def snapshot_of_headers(
    client: httpx.AsyncClient, method: str, path: str, **more: Any
) -> tuple[int, dict[str, str]]:
    if path == "/api/stream":  # it never ends; its head is looked at where listeners are
        return 0, security_headers()
    answer = await client.request(method, path, **more)
    found = {
        name: text for name, text in answer.headers.items() if name in EXPECTED or name in ("server", "x-powered-by")
    }
    return answer.status_code, found


EXPECTED = security_headers(is_https=True)


async def test_headers_are_the_same_on_every_route_and_every_status(board: Board) -> None:
    wanted, seen = security_headers(), set()
    async with at_door(board) as client:
        for scope in (None, "metrics", "admin"):
            headers = bearer(scope) if scope else {}
            for method, path in [*routes_of_board(board), ("GET", "/nothing"), ("PUT", "/livez"), ("GET", "/?token=x")]:
                status, found = await snapshot_of_headers(client, method, path, headers=headers)
                assert found == wanted, (method, path, status)
                seen.add(status)
        long = await client.post("/api/notes", headers=bearer("write"), json={"text": "x" * 70_000})
        seen.add(long.status_code)
        assert dict(long.headers).items() >= wanted.items()
    async with at_door(board, Access()) as client:
        status, found = await snapshot_of_headers(client, "GET", "/", headers={"Host": "evil.example"})
        assert found == wanted
        seen.add(status)
    async with at_door(board, wall_ms=broken) as client:
        status, found = await snapshot_of_headers(client, "GET", "/")
        assert found == wanted
        seen.add(status)
    assert seen >= {200, 303, 400, 401, 403, 404, 405, 413, 421, 500}


def test_headers_are_those_that_were_agreed() -> None:
    assert security_headers() == {
        "content-security-policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
            "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }


async def test_headers_ask_for_tls_only_where_people_come_by_it(board: Board) -> None:
    hsts = "strict-transport-security"
    for url, wanted in (("", None), ("http://board.example", None), ("https://board.example", "max-age=31536000")):
        async with at_door(board, replace(ACCESS, public_url=url)) as client:
            assert (await client.get("/livez")).headers.get(hsts) == wanted


async def test_headers_let_only_the_named_kiosk_show_the_board_in_a_frame(board: Board) -> None:
    async with at_door(board, replace(ACCESS, frame_ancestors=("https://kiosk.example", "'self'"))) as client:
        policy = (await client.get("/login")).headers["content-security-policy"]
    assert policy.endswith("; frame-ancestors https://kiosk.example 'self'")


async def test_streams_have_the_limits_that_are_promised() -> None:
    assert (sse.PING_SECONDS, sse.WRITE_SECONDS, sse.MAX_LIFE_SECONDS) == (15, 5, 3_600)
    assert (Access().max_listeners, Access().listeners_per_address) == (200, 10)


def test_slow_sockets_have_the_limits_that_are_promised() -> None:
    assert Limits() == Limits(header=5, body=10, idle=15, connections=1_000)
    assert Access().max_connections == 1_000


def broken() -> int:
    raise RuntimeError("canary /srv/secret/place.py line 12")


class BrokenPublisher:
    """Nothing can be asked of it."""

    def __getattr__(self, name: str) -> Any:
        broken()


async def test_errors_tell_no_stack_path_or_version_and_the_log_has_all_of_it(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    seen = 0
    for parts in ({"publisher": BrokenPublisher()}, {"wall_ms": broken}):
        async with at_door(board, **parts) as client:
            for method, path in routes_of_board(board):
                if path == "/api/stream":
                    continue
                caplog.clear()
                answer = await client.request(method, path, headers=bearer("admin"))
                if answer.status_code < 500:
                    continue
                assert answer.status_code == 500
                assert answer.headers["content-type"] == "application/json"
                body = answer.json()
                assert re.fullmatch(r'\{"error":"internal error","id":"[0-9a-f]{8}"\}', answer.text), path
                (line,) = [record for record in caplog.records if getattr(record, "error_id", None) == body["id"]]
                assert line.exc_info is not None
                assert "canary" in str(line.exc_info[1])
                assert logging.getLevelName(line.levelno) == "ERROR"
                seen += 1
    assert seen > 20


async def test_errors_that_are_the_askers_own_name_no_software_either(board: Board) -> None:
    async with at_door(board) as client:
        answers = [
            await client.get("/api/nothing", headers=bearer("read")),
            await client.put("/livez"),
            await client.get("/api/queues?limit=x", headers=bearer("read")),
            await client.post("/api/session", content=b"{", headers={"content-type": "application/json"}),
            await client.get("/api/floor", headers=bearer("tv")),
        ]
    for answer in answers:
        assert answer.status_code >= 400
        assert list(json.loads(answer.text)) == ["error"]
        assert not re.search(r"(?i)traceback|\.py|/srv|fastapi|starlette|uvicorn|python|msgspec|pydantic", answer.text)


def test_the_door_of_a_board_is_open_to_nobody_by_mistake() -> None:
    assert not Auth().access.is_on
    assert Auth(ACCESS).access.is_on
