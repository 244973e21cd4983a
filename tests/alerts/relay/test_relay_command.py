"""`floorpulse relay` as a process: its errors, its restarts, and that no secret ever shows."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from alerts.relay.notice import parse_notice
from alerts.relay.spool import Spool
from tests.alerts.relay.calls import T0, alert, body
from tests.alerts.relay.commands import Running, run, running
from tests.alerts.relay.fakes import PATHS, RECORDED, Platforms, served
from tests.eventually import eventually

CANARY = "c4nary-7f1e9b2d"
ANYWHERE = "allow_any_host = true"


def config(tmp_path: Path, url: str) -> Path:
    """relay.toml with a robot for each platform and a Feishu app, at the fakes' address; secrets in files."""
    (tmp_path / "secret").write_text(f"{CANARY}-secret\n")
    lines = []
    for platform, path in PATHS.items():
        (tmp_path / f"{platform}_url").write_text(url + path.format(f"{CANARY}-key"))
        lines += [f"[robot.{platform}]", f'platform = "{platform}"', f'url_file = "{platform}_url"', ANYWHERE]
        lines += [] if platform == "wecom" else ['secret_file = "secret"']
    lines += ["[robot.app]", 'platform = "feishu"', 'app_id = "cli_1"', 'chat_id = "oc_1"', f'api = "{url}"', ANYWHERE]
    lines += ['app_secret_file = "secret"']
    (tmp_path / "relay.toml").write_text("\n".join(lines))
    return tmp_path / "relay.toml"


def env(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"RELAY_SPOOL": str(tmp_path / "spool.sqlite"), "LOG_LEVEL": "debug", **more}


@pytest.mark.parametrize(
    ("arguments", "more", "wanted"),
    [
        ((), {}, "no robots: name relay.toml with --config or FLOORPULSE_RELAY_CONFIG"),
        (("--config", "nowhere.toml"), {}, "nowhere.toml: cannot be read: No such file or directory"),
        ((), {"BIND": "0.0.0.0"}, "FLOORPULSE_BIND is 0.0.0.0 and anybody there could write into your chats"),
        ((), {"RELAY_TOKEN": "canary"}, "FLOORPULSE_RELAY_TOKEN: a token of 6 characters"),
        ((), {"RELAY_PORT": "many"}, "FLOORPULSE_RELAY_PORT is 'many'; wanted a whole number"),
        (("--port", "70000"), {}, "'--port'"),
    ],
)
def test_wrong_use_is_one_line(tmp_path: Path, arguments: tuple[str, ...], more: dict[str, str], wanted: str) -> None:
    assert_one_line(run("relay", *arguments, **more), 2, wanted)


def test_what_cannot_be_done_is_one_line(tmp_path: Path) -> None:
    path = config(tmp_path, "http://127.0.0.1:9")
    (tmp_path / "spool.sqlite").write_text("no database, but long enough to be taken for one" * 50)
    assert_one_line(run("relay", "--config", str(path), **env(tmp_path)), 1, "file is not a database")
    (tmp_path / "spool.sqlite").unlink()
    with socket.socket() as used:
        used.bind(("127.0.0.1", 0))
        used.listen()
        port = str(used.getsockname()[1])
        done = run("relay", "--config", str(path), "--port", port, **env(tmp_path))
        assert_one_line(done, 1, f"port {port} on 127.0.0.1 is in use")
    path.write_text(path.read_text().replace(ANYWHERE, ""))
    assert_one_line(run("relay", "--config", str(path), **env(tmp_path)), 2, "relay.toml: [robot.wecom] url: ")


def assert_one_line(done: subprocess.CompletedProcess[str], code: int, wanted: str) -> None:
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert (done.returncode, len(errors)) == (code, 1), done.stderr
    assert wanted in errors[0]
    assert "Traceback" not in done.stderr and CANARY not in done.stdout + done.stderr
    assert "canary" not in errors[0]


def nothing_waits(relay: Running, robot: str) -> bool:
    return f'cc_relay_pending_alerts{{robot="{robot}"}} 0.0' in httpx.get(f"{relay.url}/metrics").text


def test_sighup_reads_relay_toml_again_and_a_bad_file_keeps_the_old_one(tmp_path: Path) -> None:
    platforms = Platforms(key=f"{CANARY}-key", secret=f"{CANARY}-secret")
    with served(platforms) as url:
        path = config(tmp_path, url)
        whole = path.read_text()
        path.write_text(whole.partition("[robot.feishu]")[0].partition("[robot.dingtalk]")[0])
        with running(tmp_path / "out", "relay", "--config", str(path), "--port", "0", **env(tmp_path)) as relay:
            assert httpx.post(f"{relay.url}/robots/dingtalk", json=body([alert()])).status_code == 404
            path.write_text(whole.replace('platform = "feishu"', 'platform = "canary"'))
            relay.process.send_signal(signal.SIGHUP)
            eventually(lambda: "the old one stays in force" in relay.said())
            path.write_text(whole)
            relay.process.send_signal(signal.SIGHUP)
            eventually(lambda: "relay_reloaded" in relay.said())
            assert httpx.post(f"{relay.url}/robots/dingtalk", json=body([alert()])).status_code == 200
            eventually(lambda: nothing_waits(relay, "dingtalk"))
            assert relay.end() == 0
    [line] = [line for line in relay.said().splitlines() if "the old one stays in force" in line]
    assert "[robot.feishu] platform: 'canary'; wanted wecom, dingtalk, feishu" in line
    assert len(platforms.taken) == 1
    assert CANARY not in relay.said()


def test_what_waits_for_a_robot_that_was_taken_out_is_dropped_when_no_relay_runs(tmp_path: Path) -> None:
    path = config(tmp_path, "http://127.0.0.1:9")
    arguments = ("relay", "--config", str(path), "--drop")
    assert_one_line(run(*arguments, "wecom", **env(tmp_path)), 2, "still has [robot.wecom]; take it out first")
    assert_one_line(run(*arguments, "gone", **env(tmp_path)), 1, "spool.sqlite: no such file")
    spool = Spool(tmp_path / "spool.sqlite")
    spool.put("gone", parse_notice(json.dumps(body([alert("a"), alert("b")])).encode()), T0)
    spool.put("wecom", parse_notice(json.dumps(body([alert()])).encode()), T0)
    assert_one_line(run(*arguments, "gone", **env(tmp_path)), 1, "another relay uses it")
    spool.close()

    assert_one_line(run(*arguments, "gnoe", **env(tmp_path)), 1, "something waits for: gone, wecom")
    done = run(*arguments, "gone", **env(tmp_path, BIND="0.0.0.0"))
    assert (done.returncode, done.stdout) == (0, "relay: 2 alerts of gone dropped\n"), done.stderr
    spool = Spool(tmp_path / "spool.sqlite")
    assert spool.robots() == ["wecom"]
    spool.close()


@pytest.mark.slow
def test_no_secret_ever_reaches_logs_metrics_answers_errors_or_the_spool(tmp_path: Path) -> None:
    platforms = Platforms(key=f"{CANARY}-key", secret=f"{CANARY}-secret", per_minute=1_000)
    told = {"errmsg": f"{CANARY}-key is wrong, {CANARY}-secret too", "msg": f"{CANARY}-key"}
    platforms.trouble += [
        (200, {"errcode": 99, "code": 99, **told}),
        (500, {"error": CANARY}),
        (302, {"headers": {"Location": f"http://127.0.0.1:9/{CANARY}"}}),
        (200, RECORDED["dingtalk_sign"]),
        (200, RECORDED["app_secret"]),
    ]
    token = f"{CANARY}-token-{'x' * 32}"
    seen = ""
    with served(platforms) as url:
        path = config(tmp_path, url)
        with running(
            tmp_path / "out", "relay", "--config", str(path), "--port", "0", **env(tmp_path, RELAY_TOKEN=token)
        ) as relay:
            for shown in (token, token + "x", "none"):
                for name in (*PATHS, "app", CANARY[:4]):
                    headers = {"authorization": f"Bearer {shown}"}
                    for content in (json.dumps(body([alert()], group=name)), "no json"):
                        answer = httpx.post(f"{relay.url}/robots/{name}", content=content, headers=headers)
                        seen += f"{answer.status_code} {answer.headers} {answer.text}"
            eventually(lambda: len(platforms.times) >= 7, 60)
            seen += httpx.get(f"{relay.url}/metrics").text + httpx.get(f"{relay.url}/livez").text
            assert relay.end() == 0
            seen += relay.said()
        # Whoever cannot reach anything says so without the address.
    with running(
        tmp_path / "out2", "relay", "--config", str(path), "--port", "0", **env(tmp_path, RELAY_TOKEN=token)
    ) as relay:
        headers = {"authorization": f"Bearer {token}"}
        call = body([alert("new")], group="n")
        answer = httpx.post(f"{relay.url}/robots/wecom", json=call, headers=headers)
        eventually(lambda: "ConnectError" in relay.said())
        relay.end(signal.SIGABRT)  # a dump of what ran must not show it either
        seen += relay.said() + answer.text
    files = b"".join(file.read_bytes() for file in tmp_path.glob("spool.sqlite*"))

    assert "relay_not_sent" in seen and "code 99" in seen, "it was looked where something could have shown"
    assert b"QueueLongestWaitHigh" in files
    assert CANARY not in seen
    assert CANARY.encode() not in files


@pytest.mark.slow
def test_killed_again_and_again_it_loses_nothing(tmp_path: Path) -> None:
    platforms = Platforms(key=f"{CANARY}-key", secret=f"{CANARY}-secret")
    with served(platforms) as url:
        path = config(tmp_path, url)
        arguments = ("relay", "--config", str(path), "--port", "0")
        for life in range(4):
            relay = Running(tmp_path / "out", *arguments, **env(tmp_path))
            for n in range(25):
                call = body([alert(f"q{life}{n:02d}")], group=f"g{life}{n}")
                assert httpx.post(f"{relay.url}/robots/wecom", json=call).status_code == 200
            relay.end(signal.SIGKILL)
        with running(tmp_path / "out", *arguments, **env(tmp_path)) as relay:
            eventually(lambda: nothing_waits(relay, "wecom"), 90)
            assert relay.end() == 0
    text = "\n".join(platforms.taken)
    counted = sum(int(number) for number in re.findall(r"and (\d+) more \(", text))

    named = set(re.findall(r"q\d{3}", text))
    assert named <= {f"q{life}{n:02d}" for life in range(4) for n in range(25)}
    assert len(named) + counted >= 100
    assert all(sum(at <= other <= at + 60_000 for other in platforms.times) <= 20 for at in platforms.times)


@pytest.mark.slow
def test_500_alerts_posted_as_fast_as_can_be_arrive_as_few_messages(tmp_path: Path) -> None:
    platforms = Platforms(key=f"{CANARY}-key", secret=f"{CANARY}-secret")
    with served(platforms) as url:
        path = config(tmp_path, url)
        with running(tmp_path / "out", "relay", "--config", str(path), "--port", "0", **env(tmp_path)) as relay:
            began = time.monotonic()
            with httpx.Client() as client:
                for n in range(500):
                    call = body([alert(f"q{n:03d}")], group=f"g{n}")
                    assert client.post(f"{relay.url}/robots/dingtalk", json=call).status_code == 200
            minutes = 1 + int((time.monotonic() - began) / 60)
            eventually(lambda: nothing_waits(relay, "dingtalk"), 120)
    text = "\n".join(platforms.taken)
    counted = sum(int(number) for number in re.findall(r"and (\d+) more \(", text))

    # 20 for every minute that the posting took: one, on any machine that is not overrun.
    assert len(platforms.taken) == len(platforms.times) <= 20 * minutes
    assert len(set(re.findall(r"q\d{3}", text))) + counted == 500
