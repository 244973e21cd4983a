"""A robot whose platform refuses, whose disk fails or which ends midway loses nothing."""

import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.relay.digest import stories
from alerts.relay.spool import Spool, SpoolError, Waiting
from tests.alerts.relay.calls import T0, alert, notice
from tests.alerts.relay.fakes import RECORDED
from tests.alerts.relay.worlds import world
from tests.laws import SERVER_LAW


@pytest.mark.parametrize(
    ("platform", "name", "seconds"),
    [("wecom", "wecom_fast", 60), ("dingtalk", "dingtalk_fast", 600), ("feishu", "feishu_fast", 60)],
)
async def test_a_platform_that_says_too_often_is_left_alone_for_as_long_as_it_blocks(
    tmp_path: Path, platform: str, name: str, seconds: int
) -> None:
    chat = world(tmp_path, platform)
    chat.platforms.trouble.append((200, RECORDED[name]))
    await chat.run((0, notice([alert("a")])), (1, notice([alert("b")], "g2")))

    assert chat.platforms.times[1] - chat.platforms.times[0] >= seconds * 1000
    assert chat.count("rejected") == 1
    assert all(queue in "".join(chat.taken) for queue in ("a: 14", "b: 14"))


async def test_dingtalks_ten_minutes_are_waited_out_and_told_as_one(tmp_path: Path) -> None:
    chat = world(tmp_path, "dingtalk")
    chat.platforms.blocked_until = T0 + 1
    await chat.run(*((n, notice([alert(f"q{n:03d}")], f"g{n}")) for n in range(100)))

    assert len(chat.taken) == 1 and "100 alerts of 100 incidents" in chat.taken[0]
    assert "Waited 10 min" in chat.taken[0]
    assert len(chat.platforms.times) == 2, "a blocked robot is not knocked at"


async def test_what_a_platform_does_not_take_is_told_in_short(tmp_path: Path) -> None:
    chat = world(tmp_path, "feishu")
    chat.platforms.trouble.append((200, RECORDED["feishu_form"]))
    await chat.run((0, notice([alert()])))

    assert chat.taken == [
        "CRITICAL: support: 14 waiting, longest 4:05\n(the chat refused the full text; see the board)"
    ]
    assert chat.count("rejected") == 1


async def test_a_wrong_secret_loses_nothing_and_is_counted(tmp_path: Path) -> None:
    chat = world(tmp_path, "dingtalk")
    right, chat.platforms.secret = chat.platforms.secret, "another"
    chat.arrivals.append((T0, notice([alert()])))
    chat.arrive()
    async with chat.runner() as runner:
        for _ in range(5):
            await runner.step()
        assert (chat.taken, chat.count("rejected"), chat.spool.waiting("r").alerts) == ([], 5, 1)
        chat.platforms.secret = right
        await runner.step()
    assert len(chat.taken) == 1


@pytest.mark.parametrize(
    "answer", [(500, {}), (200, {}), (302, {"headers": {"Location": "http://169.254.169.254/"}}), (404, {})]
)
async def test_any_other_answer_is_tried_again(tmp_path: Path, answer: tuple[int, dict[str, object]]) -> None:
    chat = world(tmp_path)
    chat.platforms.trouble += [answer] * 3
    await chat.run((0, notice([alert()])))

    assert len(chat.taken) == 1
    assert chat.count("rejected") + chat.count("failed") == 3


async def test_a_restart_with_a_full_spool_loses_nothing_and_keeps_the_budget(tmp_path: Path) -> None:
    chat = world(tmp_path)
    for n in range(30):
        chat.spool.put("r", notice([alert(f"q{n:03d}")], f"g{n}"), T0)
        if n % 6 == 5:
            await chat.steps(1)
            chat = chat.restarted()
    await chat.run()

    assert {f"q{n:03d}" for n in range(30)} <= set(re.findall(r"q\d{3}", "".join(chat.taken)))
    assert len(chat.taken) == 5
    times = chat.platforms.times
    assert times == sorted(times)


async def test_a_crash_between_sending_and_marking_repeats_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = world(tmp_path)
    chat.spool.put("r", notice([alert()]), T0)

    def crash(*_: object) -> None:
        raise RuntimeError("the end")

    with monkeypatch.context() as patched:
        patched.setattr(Spool, "settle", crash)
        async with chat.runner() as runner:
            with pytest.raises(RuntimeError):
                await runner._tell(stories(chat.spool.pending("r"), {}))
    await chat.run()

    assert len(chat.taken) == 2


async def test_a_disk_that_is_gone_does_not_end_the_robot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = world(tmp_path)
    chat.spool.put("r", notice([alert()]), T0)
    real, failing = chat.spool.waiting, [3]

    def waiting(name: str) -> Waiting:
        if failing[0]:
            failing[0] -= 1
            raise SpoolError("disk I/O error")
        return real(name)

    monkeypatch.setattr(chat.spool, "waiting", waiting)
    await chat.run_until_told()
    assert len(chat.taken) == 1
    assert chat.count("failed") == 3


async def test_a_disk_that_cannot_keep_what_was_told_is_counted_and_nothing_is_told_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = world(tmp_path)
    real, failing = chat.spool.settle, [2]

    def settle(*given: Any) -> None:
        if failing[0]:
            failing[0] -= 1
            raise SpoolError("disk I/O error")
        real(*given)

    monkeypatch.setattr(chat.spool, "settle", settle)
    await chat.run((0, notice([alert()])))
    assert (len(chat.taken), chat.count("sent"), chat.count("failed")) == (1, 1, 2)


async def test_a_message_that_cannot_be_made_does_not_end_the_robot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    chat = world(tmp_path)
    chat.spool.put("r", notice([alert()]), T0)

    def fit(*_: object) -> None:
        raise ValueError("canary")

    monkeypatch.setattr("alerts.relay.senders.fit", fit)
    await chat.run_until_told()
    assert "refused the full text" in chat.taken[0]
    assert "canary" not in caplog.text
    assert chat.count("failed") == 1


TROUBLES = st.sampled_from(
    [None, None, (500, {}), (200, {}), (429, {}), *((200, RECORDED[f"dingtalk_{name}"]) for name in ("sign", "long"))]
)


@SERVER_LAW
@given(
    arrivals=st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 3), st.integers(0, 20), st.booleans()), min_size=1, max_size=40
    ),
    troubles=st.lists(TROUBLES, max_size=8),
    crashes=st.lists(st.integers(1, 6), max_size=3),
)
async def test_whatever_the_platform_answers_and_whenever_it_restarts_all_is_told_within_the_budget(
    tmp_path: Path, arrivals: list[tuple[int, int, int, bool]], troubles: list[Any], crashes: list[int]
) -> None:
    chat = world(tmp_path / secrets.token_hex(4), "dingtalk")
    chat.platforms.trouble += troubles
    last: dict[str, bool] = {}
    calls = []
    for second, incident, queue, over in sorted(arrivals):
        name = f"q{incident}x{queue}x"
        last[name] = over
        calls.append((second, notice([alert(name, status="resolved" if over else "firing")], f"g{incident}")))
    chat.arrivals = [(T0 + second * 1000, call) for second, call in calls]
    for steps in crashes:  # ends in the middle of things, and begins anew with what the disk knows
        await chat.steps(steps, apart=1)
        chat = chat.restarted()
    await chat.run()

    shown = "\n".join(chat.taken)
    counted = sum(int(number) for number in re.findall(r"(\d+) (?:more|alerts) \(", shown))
    assert sum(name not in shown for name in last) <= counted, "every alert is named, or counted"
    assert chat.spool.waiting("r") == Waiting(0, None)
    times = chat.platforms.times
    assert all(sum(at <= other <= at + 60_000 for other in times) <= 20 for at in times)
    chat.spool.close()
