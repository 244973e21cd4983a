"""What a board knows of alerts: read from Redis, asked of Alertmanager, and said when one of them does not answer."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest
import redis

from board.alerts_manager import Alertmanager, RefusedError, UnreachableError
from board.alerts_silences import matchers_of
from board.alerts_watch import Alerts, watch_alerts
from board.app import connect
from board.stream.events import event
from kpi import keys
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_alertmanager import ADDRESS, FakeAlertmanager
from tests.board.held_alerts import held, tell
from tests.eventually import eventually

MINUTE = 60_000
NOW = 1_795_176_000_000
LABELS = {"alertname": "AbandonmentHigh", "severity": "critical", "queue": "support", "channel": "voice"}


@pytest.fixture
def board(make_board: BoardMaker) -> Board:
    return make_board(now_ms=NOW)


async def refreshed(board: Board, alerts: Alerts, at_ms: int = 0) -> list[str]:
    await alerts.refresh(board.parts.redis, "live", NOW + at_ms)
    return [each.id for each in alerts.latest]


async def test_what_the_engine_writes_is_known_and_only_what_changed_is_read_again(
    board: Board, redis_url: str
) -> None:
    alerts = Alerts()
    assert await refreshed(board, alerts) == []
    assert (alerts.was_read, alerts.changed, alerts.delivery.engine_known) == (True, 0, False)
    tell(redis_url, held(), held(queue="billing"))
    assert len(await refreshed(board, alerts)) == 2
    assert (alerts.changed, alerts.delivery.engine_alive) == (1, True)
    known = alerts.latest
    await refreshed(board, alerts)
    assert alerts.latest is known
    tell(redis_url, held())
    assert len(await refreshed(board, alerts)) == 1
    assert alerts.changed == 2


async def test_what_is_no_alert_in_redis_is_passed_over(board: Board, redis_url: str) -> None:
    tell(redis_url, held())
    with redis.Redis.from_url(redis_url) as client:
        client.hset(keys.alerts_key("live"), mapping={"bad": "{", "worse": b"\xff", "#": "again"})
    assert len(await refreshed(board, Alerts())) == 1


async def test_an_engine_that_died_is_noticed_after_some_seconds_and_prometheus_is_believed(
    board: Board, redis_url: str
) -> None:
    manager, alerts = FakeAlertmanager(), Alerts()
    manager.fire("QueueLongestWaitHigh", NOW, queue="support", channel="voice")
    tell(redis_url, held())
    await alerts.ask(manager.client())
    await refreshed(board, alerts)
    assert [each.source for each in alerts.latest] == ["stream"]
    tell(redis_url, held(), alive=False)
    for polls in range(6):
        for at_ms in (0, 1, 500):
            await refreshed(board, alerts, (polls + 1) * 1_000 + at_ms)
            assert alerts.delivery.engine_alive == (polls < 4), "another one may take over first"
    assert [each.source for each in alerts.latest] == ["prometheus"]
    assert alerts.delivery.engine_known


async def test_prometheus_alerts_and_silences_come_from_alertmanager(board: Board) -> None:
    manager, alerts = FakeAlertmanager(), Alerts()
    manager.fire("AbandonmentHigh", NOW, {"summary": "5 %"}, queue="support", channel="voice")
    client = manager.client()
    await client.silence(matchers_of(LABELS, "live"), NOW, NOW + MINUTE, "Ana", "we know")
    await alerts.ask(client)
    [only] = await refreshed(board, alerts)
    assert only == "AbandonmentHigh|critical|support:voice"
    assert (alerts.latest[0].summary["en"], alerts.delivery.reachable, alerts.delivery.why) == ("5 %", True, "")
    taken = alerts.latest[0].acknowledged
    assert taken is not None
    assert (taken.by, taken.reason, taken.until_ms, taken.alone) == ("Ana", "we know", NOW + MINUTE, True)
    assert any("filter=audience" in url for _, url in manager.asked), "others' alerts are no business of ours"


async def test_an_alertmanager_that_is_away_is_said_once_and_what_it_told_stays(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    manager, alerts = FakeAlertmanager(), Alerts()
    manager.fire("AbandonmentHigh", NOW, queue="support", channel="voice")
    client = manager.client()
    await alerts.ask(client)
    manager.away = True
    for _ in range(3):
        await alerts.ask(client)
    await refreshed(board, alerts)
    assert [each.source for each in alerts.latest] == ["prometheus"]
    assert (alerts.delivery.configured, alerts.delivery.reachable) == (True, False)
    assert alerts.delivery.why == "Alertmanager does not answer: no connection"
    warned = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warned) == 1
    alerts.sum_up("live", NOW + 6 * MINUTE)
    assert not alerts.latest, "by then it would have ended by itself"
    manager.away = False
    await alerts.ask(client)
    assert alerts.delivery.reachable


@pytest.mark.parametrize("status", [301, 500, 502])
async def test_whatever_else_answers_is_no_alertmanager(status: int) -> None:
    manager = FakeAlertmanager()
    manager.status = status
    with pytest.raises(UnreachableError, match=f"^Alertmanager answers {status}$"):
        await manager.client().alerts()


@pytest.mark.parametrize("body", [b"<html>", b'{"a": 1}', b"[1]", b"\xff"])
async def test_what_speaks_otherwise_is_no_alertmanager(body: bytes) -> None:
    client = Alertmanager([ADDRESS], httpx.MockTransport(lambda _: httpx.Response(200, content=body)))
    with pytest.raises(UnreachableError, match=r"^what answers is no Alertmanager$"):
        await client.silences()


async def test_an_answer_without_an_end_is_left() -> None:
    client = Alertmanager([ADDRESS], httpx.MockTransport(lambda _: httpx.Response(200, content=b" " * 41_000_000)))
    with pytest.raises(UnreachableError, match="more than 40 MB"):
        await client.alerts()


async def test_a_thousand_queues_in_trouble_are_no_alertmanager_that_is_away() -> None:
    told = [
        {
            "labels": {"alertname": "QueueLongestWaitHigh", "queue": f"queue-{number}"},
            "fingerprint": str(number),
            "startsAt": "2026-11-20T06:00:00Z",
            "endsAt": "2026-11-20T07:00:00Z",
            "annotations": {"description": "x" * 4_000},
        }
        for number in range(4_000)
    ]
    client = Alertmanager([ADDRESS], httpx.MockTransport(lambda _: httpx.Response(200, json=told)))
    assert len(await client.alerts()) == 4_000


async def test_an_address_with_a_password_never_stands_in_an_error() -> None:
    manager = FakeAlertmanager()
    manager.away = True
    with pytest.raises(UnreachableError) as error:
        await manager.client(["http://ana:canary@alertmanager.test:9093"]).alerts()
    assert "canary" not in str(error.value)
    assert "alertmanager.test" not in str(error.value)


async def test_a_no_is_a_no_and_says_why() -> None:
    client = FakeAlertmanager().client()
    with pytest.raises(RefusedError, match="start time must be before end time"):
        await client.silence(matchers_of(LABELS, "live"), NOW, NOW - MINUTE, "Ana", "x")
    with pytest.raises(RefusedError, match="not found"):
        await client.expire("nobody")


async def test_of_several_replicas_the_one_that_answers_is_asked_from_then_on() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        if request.url.host == "one":
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, json=[])

    client = Alertmanager(["http://one:9093", "http://two:9093/path"], httpx.MockTransport(answer))
    for _ in range(2):
        assert await client.alerts() == []
    assert asked == ["one", "two", "two"]


async def test_two_questions_at_once_do_not_put_the_replica_that_is_away_first_again() -> None:
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        await asyncio.sleep(0)
        if request.url.host == "one":
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, json=[])

    client = Alertmanager(["http://one:9093", "http://two:9093"], httpx.MockTransport(answer))
    await asyncio.gather(client.alerts(), client.silences())
    asked.clear()
    await client.alerts()
    assert asked == ["two"]


async def cancelled(task: asyncio.Task[None]) -> None:
    """End a task and what it began. A call of Redis may swallow a cancellation, so one is not always enough."""
    here = asyncio.current_task()
    while not task.done():
        for each in asyncio.all_tasks() - {here}:
            each.cancel()
        await asyncio.wait([task], timeout=0.2)


async def test_an_alertmanager_that_never_answers_holds_up_nothing_else(
    board: Board, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("board.alerts_watch.POLL_SECONDS", 0.01)
    monkeypatch.setattr("board.alerts_manager.ANSWER_SECONDS", 600)
    asked, ended = asyncio.Event(), asyncio.Event()

    async def never(request: httpx.Request) -> httpx.Response:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    alerts, away = Alerts(), Alertmanager([ADDRESS], httpx.MockTransport(never))
    task = asyncio.create_task(watch_alerts(alerts, board.parts.redis, "live", away, lambda: NOW))
    tell(redis_url, held())
    try:
        await asyncio.wait_for(asked.wait(), 20)
        await asyncio.to_thread(eventually, lambda: bool(alerts.latest))
        await board.parts.publisher.tick()
        assert not ended.is_set(), "all this while it was waited for"
    finally:
        await cancelled(task)


async def test_a_redis_that_is_away_is_asked_again_and_silences_go_on(redis_url: str) -> None:
    alerts, away = Alerts(), connect("redis://127.0.0.1:1/0")
    manager = FakeAlertmanager()
    manager.fire("AbandonmentHigh", NOW, queue="support", channel="voice")
    task = asyncio.create_task(watch_alerts(alerts, away, "live", manager.client(), lambda: NOW))
    try:
        await asyncio.to_thread(eventually, lambda: bool(alerts.latest))
        assert not task.done()
        assert not alerts.was_read
    finally:
        await cancelled(task)
        await away.aclose()


def stream_of(board: Board, tv: bool = False, since: int = 0) -> Any:
    text = event(board.parts.publisher.latest, since, "live", tv=tv).decode()
    return json.loads(text.split("data: ")[1])["alerts"]


async def test_the_stream_tells_of_alerts_when_they_change_and_no_name_to_a_television(
    board: Board, redis_url: str
) -> None:
    manager, parts = FakeAlertmanager().client(), board.parts
    labels = {**LABELS, "alertname": "QueueLongestWaitHigh"}
    await manager.silence(matchers_of(labels, "live"), NOW, NOW + MINUTE, "Ana", "a secret reason")
    tell(redis_url, held(since_ms=NOW - MINUTE), held(severity="warning"), held("QueueGrowing", value=0.123456))
    await parts.alerts.ask(manager)
    await refreshed(board, parts.alerts)
    await parts.publisher.tick()
    seen = parts.publisher.latest.tick
    shown = stream_of(board)
    assert [each["rule"] for each in shown["alerts"]] == ["QueueGrowing", "QueueLongestWaitHigh"]
    assert [each["value"] for each in shown["alerts"]] == [0.12, None], "the page has the wait itself"
    assert shown["alerts"][1]["acknowledged"]["by"] == "Ana"
    on_tv = stream_of(board, tv=True)
    assert on_tv["alerts"][1]["acknowledged"] == {"until_ms": NOW + MINUTE}
    assert "secret" not in str(on_tv)
    tell(
        redis_url,
        held(since_ms=NOW - MINUTE, value=999.0),
        held(severity="warning"),
        held("QueueGrowing", value=0.1199),
    )
    await refreshed(board, parts.alerts)
    await parts.publisher.tick()
    assert stream_of(board, since=seen) is None, "a wait that grows is no news"
    tell(redis_url, held(since_ms=NOW - MINUTE, phase="ok", resolved_ms=NOW))
    await refreshed(board, parts.alerts)
    await parts.publisher.tick()
    assert stream_of(board, since=seen)["alerts"] == []
