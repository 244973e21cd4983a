"""relay.toml read again: who is new speaks, who is gone is silent, and nothing that waits or is on its way is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.relay.app import Relay
from alerts.relay.config import RelayConfigError, Robot
from alerts.relay.spool import Spool, SpoolError
from tests.alerts.relay.calls import T0, alert, body, notice
from tests.alerts.relay.fakes import PATHS, RECORDED, Platforms, served
from tests.eventually import eventually

Robots = dict[str, Robot]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "relay.sqlite")
    yield made
    made.close()


@pytest.fixture
def chat() -> Iterator[tuple[Platforms, str]]:
    """The platforms, and the address of a WeCom robot there."""
    platforms = Platforms(now_ms=lambda: T0)
    with served(platforms) as url:
        yield platforms, url + PATHS["wecom"].format(platforms.key)


@asynccontextmanager
async def running(spool: Spool, *robots: Robot) -> AsyncIterator[tuple[Relay, httpx.AsyncClient]]:
    relay = Relay({each.name: each for each in robots}, spool, clock_ms=lambda: T0, wall_ms=lambda: T0)
    transport = httpx.ASGITransport(relay.app)
    async with relay.running(), httpx.AsyncClient(transport=transport, base_url="http://relay") as asked:
        yield relay, asked


async def reloaded(relay: Relay, *robots: Robot) -> None:
    """Read these, and wait until that is done."""
    relay.reload(lambda: {each.name: each for each in robots})
    await asyncio.gather(*relay._changing)


async def until(holds: Callable[[], bool]) -> None:
    await asyncio.to_thread(eventually, holds)


def wecom(name: str, url: str = "http://127.0.0.1:9/") -> Robot:
    return Robot(name, "wecom", url=url)


async def test_a_robot_that_is_new_speaks_and_one_that_was_there_goes_on(
    spool: Spool, chat: tuple[Platforms, str]
) -> None:
    platforms, url = chat
    async with running(spool, wecom("floor", url)) as (relay, asked):
        before = relay._voices._runners["floor"]
        assert (await asked.post("/robots/duty", json=body([alert("a")]))).status_code == 404
        await reloaded(relay, wecom("floor", url), wecom("duty", url))

        assert (await asked.post("/robots/duty", json=body([alert("b")]))).status_code == 200
        assert (await asked.post("/robots/floor", json=body([alert("c")]))).status_code == 200
        await until(lambda: len(platforms.taken) == 2)
        assert relay._voices._runners["floor"] is before
        assert 'cc_relay_messages_total{result="failed",robot="duty"} 0.0' in (await asked.get("/metrics")).text
        assert (await asked.get("/livez")).text == "ok\n"


async def test_what_waits_for_a_robot_that_is_gone_stays_is_told_and_is_said_when_it_is_back(
    spool: Spool, chat: tuple[Platforms, str], caplog: pytest.LogCaptureFixture
) -> None:
    platforms, url = chat
    async with running(spool, wecom("floor", url), wecom("duty")) as (relay, asked):
        await asked.post("/robots/duty", json=body([alert("kept"), alert("too")]))
        await reloaded(relay, wecom("floor", url))

        assert (await asked.post("/robots/duty", json=body([alert("b")]))).status_code == 404
        [said] = [record for record in caplog.records if record.getMessage() == "relay_unclaimed"]
        assert (said.__dict__["robot"], said.__dict__["alerts"]) == ("duty", 2)
        page = (await asked.get("/metrics")).text
        assert 'cc_relay_pending_alerts{robot="duty"} 2.0' in page
        assert 'cc_relay_oldest_pending_timestamp_seconds{robot="duty"}' not in page, "late for nobody"
        assert (await asked.get("/livez")).text == "ok\n"

        await reloaded(relay, wecom("floor", url), wecom("duty", url))
        await until(lambda: bool(platforms.taken) and spool.waiting("duty").alerts == 0)
        assert "kept" in platforms.taken[0] and "too" in platforms.taken[0]
        assert 'cc_relay_pending_alerts{robot="duty"} 0.0' in (await asked.get("/metrics")).text


async def test_a_robot_with_a_new_address_says_there_at_once_what_the_old_one_did_not_take(
    spool: Spool, chat: tuple[Platforms, str]
) -> None:
    platforms, url = chat
    async with running(spool, wecom("floor")) as (relay, asked):
        await asked.post("/robots/floor", json=body([alert("late")]))
        await until(lambda: relay._voices._runners["floor"]._failures > 0)
        await reloaded(relay, wecom("floor", url))

        await until(lambda: bool(platforms.taken))
    assert "late" in platforms.taken[0]


async def test_a_message_that_is_on_its_way_arrives_once(spool: Spool, chat: tuple[Platforms, str]) -> None:
    platforms, url = chat
    held, go = asyncio.Event(), asyncio.Event()
    async with running(spool, wecom("floor", url)) as (relay, asked):
        sender = relay._voices._runners["floor"]._sender
        real = sender.send

        async def slow(*given: Any, **named: Any) -> Any:
            held.set()
            await go.wait()
            return await real(*given, **named)

        sender.send = slow  # type: ignore[method-assign]
        await asked.post("/robots/floor", json=body([alert("billing")]))
        await held.wait()
        change = asyncio.create_task(reloaded(relay, replace(wecom("floor", url), language="zh-CN")))
        await asyncio.sleep(0)
        assert (await asked.post("/robots/floor", json=body([alert("sales")], group="g2"))).status_code == 200
        assert not change.done()
        go.set()
        await change
        await until(lambda: spool.waiting("floor").alerts == 0)
    assert [("billing" in text, "sales" in text) for text in platforms.taken] == [(True, False), (False, True)]


async def test_a_robot_that_is_blocked_is_not_knocked_at_because_another_one_changed(
    spool: Spool, chat: tuple[Platforms, str]
) -> None:
    platforms, url = chat
    platforms.trouble.append((200, RECORDED["wecom_fast"]))
    async with running(spool, wecom("floor", url)) as (relay, asked):
        await asked.post("/robots/floor", json=body([alert()]))
        await until(lambda: relay._voices._runners["floor"]._failures == 1)
        before = relay._voices._runners["floor"]
        await reloaded(relay, replace(wecom("floor", url), others=("secret-of-duty",)), wecom("duty"))

        after = relay._voices._runners["floor"]
        assert after is not before and "secret-of-duty" in after.robot.secrets
        assert (after._failures, after._pause_until) == (1, before._pause_until)
    assert len(platforms.times) == 1
    assert spool.waiting("floor").alerts == 1


async def test_a_file_that_cannot_be_used_changes_nothing_and_is_one_line(
    spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    def read() -> Robots:
        raise RelayConfigError("relay.toml: [robot.floor] platform: missing")

    async with running(spool, wecom("floor")) as (relay, asked):
        before = relay._voices._runners["floor"]
        caplog.clear()
        relay.reload(read)
        await asyncio.sleep(0)

        assert relay._voices._runners == {"floor": before}
        assert (await asked.post("/robots/floor", json=body([alert()]))).status_code == 200
    [said] = [record.getMessage() for record in caplog.records if "relay.toml" in record.getMessage()]
    assert said == (
        "relay.toml not read again, the old one stays in force: relay.toml: [robot.floor] platform: missing"
    )


async def test_files_read_shortly_after_one_another_leave_the_last_one_in_force(spool: Spool) -> None:
    async with running(spool, wecom("floor")) as (relay, asked):
        for names in (["duty"], ["floor", "night"], ["night", "duty"]):
            relay.reload(lambda names=names: {name: wecom(name) for name in names})  # type: ignore[misc]
        await asyncio.gather(*relay._changing)

        assert sorted(relay._voices._runners) == ["duty", "night"]
        assert (await asked.get("/livez")).text == "ok\n"


async def test_a_disk_that_is_gone_leaves_the_robots_as_they_were_read(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone() -> list[str]:
        raise SpoolError("disk I/O error")

    spool.put("floor", notice([alert()]), T0)
    async with running(spool, wecom("duty")) as (relay, asked):
        monkeypatch.setattr(spool, "robots", gone)
        await reloaded(relay, wecom("duty"), wecom("night"))

        assert sorted(relay._voices._runners) == ["duty", "night"]
        assert [record for record in caplog.records if record.getMessage() == "relay_spool"]
        assert (await asked.get("/metrics")).status_code == 200
