"""One robot's voice: what is said at once, within the budget, again, and no more once it is told to stop."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from alerts.relay.spool import Waiting
from tests.alerts.relay.calls import T0, alert, notice
from tests.alerts.relay.worlds import world

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


async def test_one_that_ends_and_goes_on_as_it_began_is_told_each_time(tmp_path: Path) -> None:
    chat = world(tmp_path)
    on, over = notice([alert()]), notice([alert(status="resolved")])
    await chat.run((0, on), (15, over), (60, on), (75, over))

    assert ["CRITICAL" in text.splitlines()[0] for text in chat.taken] == [True, False, True, False]
    assert ["Over" in text.splitlines()[0] for text in chat.taken] == [False, True, False, True]


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
