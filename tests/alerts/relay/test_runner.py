"""One robot's voice, on a clock of our own: budgets, digests, retries, cards, restarts."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.relay.app import sender_for
from alerts.relay.config import Robot
from alerts.relay.digest import stories
from alerts.relay.metrics import RelayMetrics
from alerts.relay.notice import Notice
from alerts.relay.runner import Runner
from alerts.relay.spool import Spool, SpoolError, Waiting
from tests.alerts.relay.calls import T0, alert, notice
from tests.alerts.relay.fakes import PATHS, RECORDED, Platforms
from tests.eventually import eventually
from tests.laws import SERVER_LAW

Arrival = tuple[int, Notice]


class World:
    """A robot, its platform, and time that passes only while somebody sleeps; calls arrive as it passes."""

    def __init__(self, spool: Path, robot: Robot, platforms: Platforms) -> None:
        self.now, self.robot, self.platforms = T0, robot, platforms
        self.arrivals: list[Arrival] = []
        self.path, self.spool = spool, Spool(spool)
        self.metrics = RelayMetrics([robot.name], self.spool.waiting)
        platforms.now_ms = lambda: self.now

    async def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1000)
        self.arrive()
        await asyncio.sleep(0)

    def arrive(self) -> None:
        while self.arrivals and self.arrivals[0][0] <= self.now:
            self.spool.put(self.robot.name, self.arrivals.pop(0)[1], self.now)

    @asynccontextmanager
    async def runner(self) -> AsyncIterator[Runner]:
        async with httpx.AsyncClient(transport=self.platforms.transport()) as client:
            sender = sender_for(self.robot, client, lambda: self.now)
            yield Runner(self.robot, self.spool, sender, self.metrics, lambda: self.now, self.sleep)

    async def run(self, *given: Arrival) -> None:
        """Let the calls arrive at their seconds, and everything be said."""
        self.arrivals += [(self.now + second * 1000, call) for second, call in given]
        async with self.runner() as runner:
            runner._spent = self.spool.spent(self.robot.name)
            while True:
                self.arrive()
                if not await runner.step():
                    if not self.arrivals:
                        return
                    await self.sleep((self.arrivals[0][0] - self.now) / 1000)

    def count(self, result: str) -> float:
        labels = {"robot": self.robot.name, "result": result}
        return self.metrics.registry.get_sample_value("cc_relay_messages_total", labels) or 0.0

    @property
    def taken(self) -> list[str]:
        return self.platforms.taken


def world(tmp_path: Path, platform: str = "wecom", *, app: bool = False, **more: str | int) -> World:
    secret = "" if platform == "wecom" else "SEC0123456789"
    platforms = Platforms(secret=secret, per_minute=100 if platform == "feishu" and not app else 20)
    url = "http://chat.test" + PATHS[platform].format(platforms.key)
    if app:
        robot = Robot("r", "feishu", app_id="cli_1", app_secret=secret, chat_id="oc_1", api="http://chat.test")
    else:
        robot = Robot("r", platform, url=url, secret=secret, **more)  # type: ignore[arg-type]
    return World(tmp_path / "relay.sqlite", robot, platforms)


PLATFORMS = ["wecom", "dingtalk", "feishu"]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_alert_is_shown_in_the_chat_at_once(tmp_path: Path, platform: str) -> None:
    chat = world(tmp_path, platform)
    await chat.run((0, notice([alert()])))

    assert len(chat.taken) == 1 and "CRITICAL: support: 14 waiting" in chat.taken[0]
    assert chat.now == T0
    assert chat.spool.waiting("r") == Waiting(0, None)
    assert (chat.count("sent"), chat.count("failed")) == (1, 0)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("seconds", [0, 5, 60])
async def test_500_alerts_within_a_minute_are_at_most_20_messages_with_all_of_them(
    tmp_path: Path, platform: str, seconds: int
) -> None:
    chat = world(tmp_path, platform)
    await chat.run(*((seconds * n // 500, notice([alert(f"q{n:03d}")], f"g{n}")) for n in range(500)))

    text = "\n".join(chat.taken)
    counted = sum(int(number) for number in re.findall(r"and (\d+) more \(", text))
    named = set(re.findall(r"q\d{3}", text))
    assert len(chat.taken) <= 20
    assert len(named) + counted == 500
    assert chat.now - T0 <= 66_000, "the last one is told within seconds"
    assert all(sum(at <= other <= at + 60_000 for other in chat.platforms.times) <= 20 for at in chat.platforms.times)
    assert chat.count("sent") + chat.count("digested") == len(chat.taken)
    assert chat.count("rejected") == chat.count("failed") == 0


async def test_the_messages_of_an_incident_say_what_changed(tmp_path: Path) -> None:
    chat = world(tmp_path)
    warning, critical = (alert("support", name, incident="i") for name in ("warning", "critical"))
    over = alert("support", "critical", status="resolved", incident="i")
    await chat.run(
        (0, notice([warning])),
        (10, notice([warning, critical])),
        (20, notice([over, warning])),
        (40, notice([alert("support", "warning", status="resolved", incident="i")])),
    )

    first = [text.splitlines()[0] for text in chat.taken]
    assert [re.sub(r"<.*?>", "", line) for line in first] == [
        "### WARNING: support: 14 waiting, longest 4:05",
        "### CRITICAL: support: 14 waiting, longest 4:05 (+1)",
        "### WARNING, critical is over: support: 14 waiting, longest 4:05 (+1)",
        "### Over: support: 14 waiting, longest 4:05",
    ]
    assert "Still: WARNING" in chat.taken[1] and "Over: CRITICAL" in chat.taken[2]


async def test_a_retry_of_alertmanager_is_told_once_and_its_reminder_again(tmp_path: Path) -> None:
    chat = world(tmp_path)
    call = notice([alert()])
    await chat.run((0, call), (1, call), (60, call), (900, call))

    assert ["Still" in text for text in chat.taken] == [False, True]


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
            async with chat.runner() as runner:
                runner._spent = chat.spool.spent("r")
                await runner.step()
            chat.spool.close()
            chat = World(chat.path, chat.robot, chat.platforms)
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
    async with chat.runner() as runner:
        task = asyncio.create_task(runner.run())
        await asyncio.to_thread(eventually, lambda: bool(chat.taken))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(chat.taken) == 1


async def test_a_message_that_cannot_be_made_does_not_end_the_robot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    chat = world(tmp_path)
    chat.spool.put("r", notice([alert()]), T0)

    def fit(*_: object) -> None:
        raise ValueError("canary")

    monkeypatch.setattr("alerts.relay.senders.fit", fit)
    async with chat.runner() as runner:
        task = asyncio.create_task(runner.run())
        await asyncio.to_thread(eventually, lambda: bool(chat.taken))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert "refused the full text" in chat.taken[0]
    assert "canary" not in caplog.text


async def test_an_incident_is_one_card_that_changes(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    warning = alert("support", "warning", incident="i")
    more = alert("sales", "warning", incident="i")
    ends = [alert(queue, "warning", status="resolved", incident="i") for queue in ("support", "sales")]
    await chat.run((0, notice([warning])), (15, notice([warning, more])), (30, notice(ends)))

    assert list(chat.platforms.cards) == ["om_0001"]
    texts = chat.platforms.cards["om_0001"]
    assert [text.splitlines()[0] for text in texts] == [
        "WARNING: support: 14 waiting, longest 4:05",
        "WARNING: sales: 14 waiting, longest 4:05 (+1)",
        "Over: support: 14 waiting, longest 4:05 (+1)",
    ]
    assert len(chat.platforms.tokens) == 1


async def test_what_is_worse_rings_with_a_card_of_its_own(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    warning, critical = (alert("support", name, incident="i") for name in ("warning", "critical"))
    over = alert("support", "critical", status="resolved", incident="i")
    await chat.run((0, notice([warning])), (15, notice([warning, critical])), (30, notice([over, warning])))

    assert {id: len(texts) for id, texts in chat.platforms.cards.items()} == {"om_0001": 1, "om_0002": 2}


async def test_a_card_that_can_be_changed_no_more_is_followed_by_a_new_one(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    await chat.run((0, notice([alert(incident="i")])))
    chat.platforms.trouble.append((400, RECORDED["app_old"]))
    await chat.run((5, notice([alert(status="resolved", incident="i")])))

    assert list(chat.platforms.cards) == ["om_0001", "om_0002"]
    assert "Over" in chat.taken[-1]


async def test_a_token_that_is_refused_is_fetched_anew_and_a_repeat_is_shown_once(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    chat.platforms.trouble.append((400, RECORDED["app_token"]))
    await chat.run((0, notice([alert()])))
    assert (len(chat.platforms.tokens), len(chat.platforms.cards), chat.count("sent")) == (2, 1, 1)

    # The same calls once more, as after a crash: Feishu knows the message by its uuid.
    again = World(tmp_path / "again.sqlite", chat.robot, chat.platforms)
    await again.run((0, notice([alert()])))
    assert len(chat.platforms.cards) == 1


async def test_a_wrong_app_secret_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    right, chat.platforms.secret = chat.platforms.secret, "another"
    chat.spool.put("r", notice([alert()]), T0)
    async with chat.runner() as runner:
        await runner.step()
        assert (chat.count("rejected"), chat.taken) == (1, [])
        chat.platforms.secret = right
        await runner.step()
    assert len(chat.taken) == 1


async def test_the_oldest_and_the_number_of_what_waits_are_on_the_metrics_page(tmp_path: Path) -> None:
    chat = world(tmp_path)
    chat.spool.put("r", notice([alert("a"), alert("b")], truncated=1), T0)
    page = chat.metrics.page().decode()

    assert 'cc_relay_pending_alerts{robot="r"} 3.0' in page
    assert 'cc_relay_oldest_pending_timestamp_seconds{robot="r"} 1.795e+09' in page
    assert 'cc_relay_messages_total{result="rejected",robot="r"} 0.0' in page
    await chat.run()
    page = chat.metrics.page().decode()
    assert "cc_relay_oldest_pending_timestamp_seconds{" not in page
    assert 'cc_relay_last_sent_timestamp_seconds{robot="r"} 1.795e+09' in page


async def test_told_to_stop_it_lets_the_message_on_its_way_arrive_and_begins_no_other(tmp_path: Path) -> None:
    chat = world(tmp_path)
    for n in range(3):
        chat.spool.put("r", notice([alert(f"q{n}")], f"g{n}"), T0)
    held, go = asyncio.Event(), asyncio.Event()
    async with chat.runner() as runner:
        real = runner._sender.send

        async def slow(*given: Any, **named: Any) -> Any:
            held.set()
            await go.wait()
            return await real(*given, **named)

        runner._sender.send = slow  # type: ignore[method-assign]
        task = asyncio.create_task(runner.run())
        await held.wait()
        hushed = asyncio.create_task(runner.hush())
        await asyncio.sleep(0.05)
        assert not hushed.done()
        go.set()
        await hushed
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(chat.taken) == 1
    assert chat.spool.waiting("r").alerts == 2


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
        async with chat.runner() as runner:
            runner._spent = chat.spool.spent("r")
            for _ in range(steps):
                await chat.sleep(1)
                await runner.step()
        chat.spool.close()
        again = World(chat.path, chat.robot, chat.platforms)
        again.now, again.arrivals = chat.now, chat.arrivals
        chat = again
    await chat.run()

    shown = "\n".join(chat.taken)
    counted = sum(int(number) for number in re.findall(r"(\d+) (?:more|alerts) \(", shown))
    assert sum(name not in shown for name in last) <= counted, "every alert is named, or counted"
    assert chat.spool.waiting("r") == Waiting(0, None)
    times = chat.platforms.times
    assert all(sum(at <= other <= at + 60_000 for other in times) <= 20 for at in times)
    chat.spool.close()
