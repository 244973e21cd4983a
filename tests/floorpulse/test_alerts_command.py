"""The command `floorpulse alerts`: what it refuses in one line, its signals, and two of them beside each other."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from floorpulse.processes import Child, Children, floorpulse_command, wait_until
from kpi.keys import alerts_lease_key
from tests import ports
from tests.alerts.fake_alertmanager import FakeAlertmanager
from tests.alerts.fake_alertmanager import alertmanager as fake_alertmanager
from tests.alerts.published import publish, snapshot
from tests.eventually import eventually

NOWHERE = "redis://127.0.0.1:1/0"
Start = Callable[..., tuple[Child, str]]


def environment(**more: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("FLOORPULSE_")}
    return {**kept, **{f"FLOORPULSE_{name}": text for name, text in more.items()}}


@pytest.fixture
def fake() -> Iterator[FakeAlertmanager]:
    with fake_alertmanager() as running:
        yield running


@pytest.fixture
def start(redis_url: str, fake: FakeAlertmanager) -> Iterator[Start]:
    """Start an engine; gives it and the address of its page, once it evaluates, or (`waits`) is there to take over."""
    with Children() as children:

        def start(*, waits: bool = False, **more: str) -> tuple[Child, str]:
            url = f"http://127.0.0.1:{(port := ports.port())}"
            env = environment(**{"REDIS": redis_url, "ALERTMANAGER": fake.url, "ALERTS_PORT": str(port), **more})
            child = children.start("the engine", floorpulse_command("alerts"), env)
            wait_until(lambda: page(f"{url}/livez") == "ok\n", child, 60, "alive")
            if not waits:
                wait_until(lambda: leads(url), child, 60, "evaluating")
            return child, url

        yield start


def page(url: str) -> str:
    """What stands there; "" while nobody answers."""
    try:
        return httpx.get(url, timeout=5).text
    except httpx.HTTPError:
        return ""


def announce(redis_url: str, *waits: float) -> None:
    """Publish a snapshot of a queue in which people have waited for so long."""

    async def told() -> None:
        async with Redis.from_url(redis_url) as redis:
            await publish(redis, snapshot(waits))

    asyncio.run(told())


def holder(redis_url: str) -> object:
    """Who holds the lease; None when nobody does. Asked while Redis is paused it answers after that."""
    with SyncRedis.from_url(redis_url) as redis:
        return redis.get(alerts_lease_key("live"))


def leads(url: str) -> bool:
    return "cc_alert_leader 1.0" in page(f"{url}/metrics")


@pytest.mark.parametrize(
    ("variables", "words", "said"),
    [
        ({"ALERTMANAGER": "alertmanager:9093"}, (), "FLOORPULSE_ALERTMANAGER: wanted addresses like http://127.0.0.1"),
        ({"ALERTMANAGER": "http://u:canary@h:99999"}, (), "FLOORPULSE_ALERTMANAGER: wanted addresses like http://127"),
        ({"PROMETHEUS": "file:///etc/canary"}, (), "FLOORPULSE_PROMETHEUS: wanted addresses like http://127.0.0.1"),
        ({"PROMETHEUS": "http://a:1,http://b:1"}, (), "FLOORPULSE_PROMETHEUS: only one Prometheus is watched; wanted"),
        ({"ALERTS_PORT": "many"}, (), "FLOORPULSE_ALERTS_PORT is 'many'; wanted a whole number"),
        ({"NAMESPACE": "no spaces"}, (), "FLOORPULSE_NAMESPACE: 'no spaces'; wanted letters"),
        ({}, ("--config", "/nowhere/floor.toml"), "/nowhere/floor.toml: cannot be read"),
        ({}, ("--port", "70000"), "python -m floorpulse alerts: invalid value for '--port'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(variables: dict[str, str], words: tuple[str, ...], said: str) -> None:
    env = environment(REDIS=NOWHERE, **variables)
    command = [sys.executable, "-m", "floorpulse", "alerts", *words]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode in (1, 2)
    assert ended.stderr.startswith(f"error: {said}")
    assert ended.stderr.count("\n") == 1
    assert "canary" not in ended.stderr


def test_a_mistake_in_floor_toml_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "floor.toml").write_text("[defaults]\nzone = 'Mars/Base'\n", encoding="utf-8")
    env = environment(REDIS=NOWHERE, CONFIG=str(tmp_path / "floor.toml"))
    command = [sys.executable, "-m", "floorpulse", "alerts"]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert ended.stderr.startswith("error: floor.toml:2: defaults.zone")


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "floorpulse", "alerts", "--port", str(port)]
        ended = subprocess.run(
            command, env=environment(REDIS=NOWHERE), capture_output=True, text=True, check=False, timeout=60
        )
    assert ended.stderr.splitlines()[-1].startswith(f"error: port {port} on 127.0.0.1 is in use; stop what uses it")


def test_an_alert_leaves_with_its_texts_and_links(start: Start, redis_url: str, fake: FakeAlertmanager) -> None:
    start(PUBLIC_URL="https://board.example/")
    announce(redis_url, 75)
    eventually(lambda: bool(fake.firing()))
    texts = fake.told()[0]["annotations"]
    assert "support" in texts["summary"]
    assert texts["runbook_url"] == "https://board.example/runbook.md#queuelongestwaithigh"
    assert texts["dashboard_url"].startswith("https://board.example/queue/support/voice?at=")
    assert {"summary_en", "summary_zh_cn", "summary_zh_tw", "description", "acknowledge_url"} <= texts.keys()


def test_one_that_is_frozen_is_replaced_and_says_nothing_when_it_wakes_up(
    start: Start, redis_url: str, fake: FakeAlertmanager
) -> None:
    first, first_url = start()
    announce(redis_url, 75)
    eventually(lambda: bool(fake.firing()))
    with fake_alertmanager() as its:
        _, second_url = start(waits=True, ALERTMANAGER=its.url)
        os.kill(first.pid, signal.SIGSTOP)
        try:
            eventually(lambda: leads(second_url), 10)
            eventually(lambda: bool(its.firing()))
            told = len(fake.posts)
            # What is announced while it sleeps waits in its connection: it must not act on it.
            announce(redis_url, 200)
            eventually(lambda: len(its.firing()) == 2)
        finally:
            os.kill(first.pid, signal.SIGCONT)
        eventually(lambda: "cc_alert_leader 0.0" in page(f"{first_url}/metrics"))
        announce(redis_url, 201)
        time.sleep(3)
        assert len(fake.posts) == told
        assert leads(second_url)
        warning = [alert for alert in its.told() if alert["labels"]["severity"] == "warning"]
        assert {(alert["startsAt"], str(alert["labels"])) for alert in warning} == {
            (alert["startsAt"], str(alert["labels"])) for alert in fake.told()
        }
        assert its.over() == []


def test_sigterm_hands_over_at_once_and_ends_no_alert(start: Start, redis_url: str, fake: FakeAlertmanager) -> None:
    first, _ = start()
    announce(redis_url, 75)
    eventually(lambda: bool(fake.firing()))
    _, second_url = start(waits=True)
    owner = holder(redis_url)
    first.ask_to_stop()
    eventually(lambda: first.exit_code is not None, 10)
    assert first.exit_code == 0
    assert holder(redis_url) != owner, "the lease does not have to run out"
    eventually(lambda: leads(second_url), 10)
    assert fake.over() == []


@pytest.mark.parametrize("away", [NOWHERE, "stopped"])
def test_it_ends_in_time_although_redis_does_not_answer(start: Start, redis_url: str, away: str) -> None:
    if away == NOWHERE:
        child, url = start(waits=True, REDIS=NOWHERE)
    else:
        child, url = start()

        async def pause() -> None:
            async with Redis.from_url(redis_url) as redis:
                await redis.client_pause(4_000)

        asyncio.run(pause())
        time.sleep(0.7)
    assert page(f"{url}/livez") == "ok\n"
    child.ask_to_stop()
    eventually(lambda: child.exit_code is not None, 7)
    assert child.exit_code == 0
    if away == "stopped":
        holder(redis_url)


def test_sighup_reads_floor_toml_anew_and_a_bad_one_changes_nothing(
    start: Start, redis_url: str, fake: FakeAlertmanager, tmp_path: Path
) -> None:
    path = tmp_path / "floor.toml"
    path.write_text("", encoding="utf-8")
    child, _ = start(CONFIG=str(path))
    announce(redis_url, 75)
    eventually(lambda: bool(fake.firing()))
    path.write_text("rubbish", encoding="utf-8")
    os.kill(child.pid, signal.SIGHUP)
    announce(redis_url, 76)
    eventually(lambda: "not reloaded" in child.last_words())
    assert fake.over() == []
    path.write_text("[queue.support.thresholds]\nlongest_wait_seconds = false\n", encoding="utf-8")
    os.kill(child.pid, signal.SIGHUP)
    eventually(lambda: bool(fake.over()))
    assert fake.firing() == []
    eventually(lambda: '"reason": "limit_gone"' in child.last_words())


def test_without_an_alertmanager_it_says_so_and_keeps_the_states(start: Start, redis_url: str) -> None:
    child, url = start(ALERTMANAGER="")
    eventually(lambda: "this engine evaluates" in child.last_words())
    announce(redis_url, 75)
    eventually(lambda: 'cc_alert_firing{channel="voice",queue="support"' in page(f"{url}/metrics"))


def test_no_password_of_an_address_is_in_a_log_or_on_a_page(redis_url: str, fake: FakeAlertmanager) -> None:
    there, away = fake.url.replace("://", "://user:canary@"), "http://user:canary@127.0.0.1:1"
    port = ports.port()
    env = environment(
        REDIS=redis_url, ALERTMANAGER=f"{there},{away}", PROMETHEUS=away, ALERTS_PORT=str(port), LOG_LEVEL="debug"
    )
    command = [sys.executable, "-m", "floorpulse", "alerts"]
    engine = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        eventually(lambda: bool(fake.told("StreamWatchdog")))
        shown = page(f"http://127.0.0.1:{port}/metrics")
    finally:
        engine.terminate()
        log, _ = engine.communicate(timeout=20)
    assert 'alertmanager="127.0.0.1:1",result="error"' in shown
    assert "canary" not in shown + log
    assert b64encode(b"user:canary").decode() not in shown + log


def test_its_page_answers_what_is_there_and_nothing_else(start: Start) -> None:
    _, url = start()
    assert httpx.get(f"{url}/metrics").headers["content-type"].startswith("text/plain; version=0.0.4")
    assert (httpx.get(f"{url}/").status_code, httpx.post(f"{url}/metrics").status_code) == (404, 405)
    assert httpx.head(f"{url}/livez").text == ""


async def test_the_lease_is_gone_when_it_was_stopped(redis_url: str, start: Start) -> None:
    child, _ = start()
    child.stop()
    async with Redis.from_url(redis_url) as redis:
        assert await redis.get(alerts_lease_key("live")) is None
