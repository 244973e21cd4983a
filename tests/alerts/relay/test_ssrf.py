"""The relay posts to the addresses of relay.toml and to nothing else, whatever stands in a call or an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alerts.relay import senders
from alerts.relay.answers import Verdict
from alerts.relay.app import Relay
from alerts.relay.config import Robot
from alerts.relay.senders import make_client
from alerts.relay.spool import Spool
from tests.alerts.relay.calls import T0, alert, body
from tests.alerts.relay.fakes import PATHS, Platforms, served
from tests.eventually import eventually

INSIDE = [
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/",
    "http://127.0.0.1:{port}/steal",
    "http://localhost:{port}/steal",
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://rebind.example:{port}/",
    "file:///etc/passwd",
]
ANNOTATIONS = ("dashboard_url", "runbook_url", "acknowledge_url", "summary", "description")


@pytest.mark.parametrize("inside", INSIDE)
async def test_an_address_in_a_call_is_shown_at_most_and_never_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    platforms, thief = Platforms(), Platforms()
    asked: list[str] = []
    real = httpx.AsyncHTTPTransport.handle_async_request

    async def handle(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.host}:{request.url.port}")
        return await real(self, request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    with served(platforms) as url, served(thief) as other:
        inside = inside.format(port=other.rpartition(":")[2])
        robots = {"r": Robot("r", "wecom", url=url + PATHS["wecom"].format(platforms.key))}
        spool = Spool(tmp_path / "relay.sqlite")
        relay = Relay(robots, spool, clock_ms=lambda: T0, wall_ms=lambda: T0)
        call = body([alert(**dict.fromkeys(ANNOTATIONS, inside))], externalURL=inside, receiver=inside)
        call["alerts"][0]["generatorURL"] = inside
        call["alerts"][0]["labels"]["instance"] = inside
        async with relay.running():
            transport = httpx.ASGITransport(relay.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://relay") as client:
                headers = {"host": "169.254.169.254", "x-forwarded-host": inside, "referer": inside}
                assert (await client.post("/robots/r", json=call, headers=headers)).status_code == 200
            await asyncio.to_thread(eventually, lambda: bool(platforms.taken))
        spool.close()
        assert set(asked) == {url.removeprefix("http://")}
    assert thief.times == []


async def test_an_answer_without_an_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "WHOLE_SECONDS", 0.1)

    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    answer = httpx.MockTransport(lambda request: httpx.Response(200, content=drip()))
    robot = Robot("floor", "wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k")
    async with httpx.AsyncClient(transport=answer) as client:
        verdict = await senders.ask(client, robot, "POST", robot.url, {})
    assert verdict == Verdict("failed", "ReadTimeout")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_an_answer_that_points_elsewhere_is_not_followed(tmp_path: Path, status: int) -> None:
    platforms, thief = Platforms(), Platforms()
    with served(platforms) as url, served(thief) as other:
        platforms.trouble.append((status, {"headers": {"Location": f"{other}/steal"}}))
        async with make_client() as client:
            answer = await client.post(url + PATHS["wecom"].format(platforms.key), json={})
    assert answer.status_code == status
    assert thief.times == []
