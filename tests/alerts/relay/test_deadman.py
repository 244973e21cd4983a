"""The dead man's switch: silence is told in time, again, and its end too."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import deadman_app
from alerts.deadman import AGAIN_MS, DeadMan, webhook_body
from alerts.relay.answers import Verdict
from alerts.relay.notice import Alert, Notice, parse_notice
from tests.alerts.relay.calls import T0, alert, body
from tests.alerts.relay.commands import run, running
from tests.alerts.relay.fakes import PATHS, Platforms, served
from tests.eventually import eventually
from tests.laws import WIDE

NAMES = ["Watchdog", "StreamWatchdog"]


def beat(name: str, status: str = "firing") -> Alert:
    return Alert(status=status, labels={"alertname": name}, fingerprint=name)


def call(*names: str) -> Notice:
    return Notice("4", "g", [beat(name) for name in names])


def states(notice: Notice | None) -> dict[str, str]:
    assert notice is not None
    return {alert.labels["missing"]: alert.status for alert in notice.alerts}


def test_what_never_came_is_told_after_the_timeout_and_again_after_five_minutes() -> None:
    man = DeadMan(NAMES, 45_000, T0)
    assert man.due(T0 + 45_000) is None
    notice = man.due(T0 + 45_001)
    assert states(notice) == {"Watchdog": "firing", "StreamWatchdog": "firing"}
    assert notice is not None
    assert states(man.due(T0 + 46_000)) == states(notice), "until somebody has taken it"
    man.said(notice, T0 + 46_000)
    assert man.due(T0 + 46_000 + AGAIN_MS - 1) is None
    assert states(man.due(T0 + 46_000 + AGAIN_MS)) == states(notice)


def test_one_that_comes_does_not_speak_for_the_other_and_its_return_is_told() -> None:
    man = DeadMan(NAMES, 45_000, T0)
    assert man.take(call("Watchdog", "Other"), T0 + 40_000) == ["Watchdog"]
    notice = man.due(T0 + 50_000)
    assert states(notice) == {"StreamWatchdog": "firing"}
    assert notice is not None
    man.said(notice, T0 + 50_000)
    man.take(call(*NAMES), T0 + 60_000)
    back = man.due(T0 + 60_001)
    assert states(back) == {"StreamWatchdog": "resolved"}
    assert back is not None
    man.said(back, T0 + 60_001)
    assert man.due(T0 + 60_002) is None


def test_one_that_comes_while_its_silence_is_told_comes_again_after_the_silence_that_was_told() -> None:
    man = DeadMan(["Watchdog"], 60_000, T0)
    told = man.due(T0 + 60_001)
    assert told is not None
    man.take(call("Watchdog"), T0 + 61_000)
    man.said(told, T0 + 60_001)

    over = man.due(T0 + 62_000)
    assert over is not None
    assert [(alert.id, alert.lasted_ms) for alert in over.alerts] == [(told.alerts[0].id, 61_000)]


def test_a_watchdog_that_is_resolved_is_no_sign_of_life() -> None:
    man = DeadMan(NAMES, 45_000, T0)

    assert man.take(Notice("4", "g", [beat("Watchdog", "resolved")]), T0) == []


async def test_a_message_that_cannot_be_sent_for_any_reason_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadman_app, "MOST_PAUSE_MS", 1)
    said = asyncio.Queue[Notice]()

    class Voice:
        tries = 0

        async def tell(self, notice: Notice) -> Verdict:
            self.tries += 1
            if self.tries == 1:
                raise ValueError("nobody thought of it")
            said.put_nowait(notice)
            return Verdict("sent")

    man = DeadMan(NAMES, 45_000, T0)
    task = asyncio.create_task(deadman_app.Switch(man, Voice(), lambda: T0 + 50_000).watch())
    async with asyncio.timeout(5):
        assert states(await said.get()).keys() == set(NAMES)
    task.cancel()


def test_what_it_says_is_what_alertmanager_would_post() -> None:

    notice = DeadMan(NAMES, 45_000, T0, "https://book.example/runbook").due(T0 + 60_000)
    assert notice is not None
    sent = webhook_body(notice)

    assert set(sent) == set(body([alert()]))
    assert parse_notice(json.dumps(sent).encode()).alerts == notice.alerts
    assert "No Watchdog for 60 s" in notice.alerts[0].annotations["summary"]
    assert notice.alerts[0].annotations["runbook_url"] == "https://book.example/runbook#watchdog"


@WIDE
@given(beats=st.lists(st.tuples(st.integers(0, 120_000), st.sampled_from(NAMES)), max_size=60), taken=st.booleans())
def test_no_silence_goes_untold_and_nothing_is_told_without_one(beats: list[tuple[int, str]], taken: bool) -> None:
    man, last, heard = DeadMan(NAMES, 45_000, T0), T0, dict.fromkeys(NAMES, T0)
    told: dict[str, str] = {}
    for pause, name in beats:
        for now in range(last, last + pause + 1, 1_000):
            silent = {name for name in NAMES if now - heard[name] > 45_000}
            notice = man.due(now)
            if notice is not None and taken:
                man.said(notice, now)
                told |= states(notice)
                assert {name for name, status in states(notice).items() if status == "firing"} == silent
            if taken:
                assert {name for name, status in told.items() if status == "firing"} == silent
            else:
                assert (notice is not None) == bool(silent)
        last += pause
        man.take(call(name), last)
        heard[name] = last


@pytest.mark.parametrize(
    ("arguments", "env", "wanted"),
    [
        ((), {}, "one of --notify and --notify-file is wanted"),
        (("--notify", "ftp://canary"), {}, "--notify: wanted an address that begins with https://"),
        (("--notify", "https://x.example/canary y"), {}, "--notify: wanted an address"),
        (("--notify-file", "nowhere"), {}, "--notify-file: nowhere cannot be read"),
        (("--notify", "robot:floor"), {}, "--notify robot:NAME: name relay.toml with --config"),
        (("--notify", "http://a.example", "--expect", " ,"), {}, "--expect: no name"),
        (("--notify", "http://a.example"), {"BIND": "0.0.0.0"}, "set FLOORPULSE_RELAY_TOKEN"),
        (("--notify", "http://a.example", "--timeout", "0"), {}, "--timeout"),
    ],
)
def test_wrong_use_is_one_line(arguments: tuple[str, ...], env: dict[str, str], wanted: str) -> None:
    done = run("deadman", *arguments, **env)

    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert (done.returncode, len(errors)) == (2, 1), done.stderr
    assert wanted in errors[0]
    assert "Traceback" not in done.stderr and "canary" not in done.stderr


@pytest.mark.slow
def test_a_silent_chain_is_told_to_a_robot_in_time_and_so_is_its_return(tmp_path: Path) -> None:
    platforms = Platforms()
    with served(platforms) as url:
        (tmp_path / "relay.toml").write_text(
            '[robot.duty]\nplatform = "wecom"\nlanguage = "zh-CN"\nallow_any_host = true\n'
            f'url = "{url}{PATHS["wecom"].format(platforms.key)}"\n'
        )
        arguments = (
            "--notify",
            "robot:duty",
            "--config",
            str(tmp_path / "relay.toml"),
            "--timeout",
            "4",
            "--port",
            "0",
        )
        with running(tmp_path / "out", "deadman", *arguments) as man:
            post = body([beat(name) for name in NAMES])
            until = time.monotonic() + 5
            while time.monotonic() < until:
                assert httpx.post(f"{man.url}/deadman", json=post).status_code == 200
                time.sleep(0.2)
            assert platforms.taken == []
            assert httpx.get(f"{man.url}/livez").text == "ok\n"
            last = time.monotonic()
            eventually(lambda: len(platforms.taken) == 1, 20)
            assert time.monotonic() - last < 10
            assert httpx.post(f"{man.url}/", json=post).text == "alive: Watchdog, StreamWatchdog\n"
            eventually(lambda: len(platforms.taken) == 2)
            assert httpx.post(f"{man.url}/deadman", content=b"no json").status_code == 400
            assert man.end() == 0
            assert platforms.key not in man.said()
    assert "没有收到 Watchdog" in platforms.taken[0]
    assert "Watchdog 已恢复" in platforms.taken[1]


@pytest.mark.slow
def test_a_receiver_that_is_gone_is_tried_until_it_takes_it(tmp_path: Path) -> None:
    platforms = Platforms()
    with served(platforms) as url:
        platforms.trouble += [(500, {}), (503, {}), (200, {})]
        (tmp_path / "notify").write_text(f"{url}/hook?key=canary\n")
        arguments = ("--notify-file", str(tmp_path / "notify"), "--timeout", "1", "--port", "0")
        with running(tmp_path / "out", "deadman", *arguments) as man:
            eventually(lambda: not platforms.trouble and "deadman_said" in man.said(), 20)
            assert "canary" not in man.said()
    assert len(platforms.times) == 3
