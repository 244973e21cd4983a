"""/api/alerts: what fires, who has taken it, and how somebody takes it."""

from __future__ import annotations

import logging
from dataclasses import replace
from ipaddress import ip_network
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from board.door.access import Access
from board.door.auth import Auth
from kpi.instants import format_time
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_alertmanager import FakeAlertmanager
from tests.board.fake_worker import FakeWorker
from tests.board.held_alerts import held, tell

NOON = 1_795_176_000_000
MINUTE = 60_000
ID = "QueueLongestWaitHigh|critical|a%2Fb:voice"
PATH = "/api/alerts/" + quote("QueueLongestWaitHigh|critical|a/b:voice", safe="") + "/acknowledge"
BODY = {"author": "Ana", "reason": "two more are on their way", "minutes": 30}


@pytest.fixture
def manager() -> FakeAlertmanager:
    return FakeAlertmanager()


@pytest.fixture
async def board(make_board: BoardMaker, redis_url: str, manager: FakeAlertmanager) -> Board:
    made, worker = make_board(now_ms=NOON), FakeWorker(redis_url)
    worker.join("a/b", "c1", NOON - 200_000)
    worker.join("sales", "c2", NOON - 5_000)
    worker.commit(NOON)
    await made.catch_up()
    made.parts = replace(made.parts, alertmanager=manager.client())
    tell(redis_url, held(queue="a/b", since_ms=NOON - MINUTE, fired_ms=NOON - MINUTE))
    return made


async def listed(board: Board, query: str = "") -> list[dict[str, Any]]:
    async with asking(board) as client:
        answer = await client.get(f"/api/alerts?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["alerts"]
    return found


async def test_an_alert_is_listed_with_its_numbers(board: Board) -> None:
    [alert] = await listed(board)
    assert {name: alert[name] for name in ("id", "rule", "severity", "queue", "channel", "phase", "since_ms")} == {
        "id": "QueueLongestWaitHigh|critical|a/b:voice", "rule": "QueueLongestWaitHigh", "severity": "critical",
        "queue": "a/b", "channel": "voice", "phase": "firing", "since_ms": NOON - MINUTE,
    }  # fmt: skip
    assert (alert["value"], alert["threshold"], alert["peak"], alert["acknowledged"]) == (200.0, 180.0, 210.0, None)
    assert await listed(board, "queue=sales") == []
    assert await listed(board, "state=pending") == []
    assert len(await listed(board, "state=firing&severity=critical&queue=a/b")) == 1


async def test_the_numbers_of_prometheus_alerts_are_those_of_the_snapshot(
    board: Board, manager: FakeAlertmanager, redis_url: str
) -> None:
    tell(redis_url)
    manager.fire("QueueLongestWaitHigh", NOON - MINUTE, queue="a/b", channel="voice")
    assert board.parts.alertmanager is not None
    await board.parts.alerts.ask(board.parts.alertmanager)
    [alert] = await listed(board)
    assert (alert["source"], alert["value"], alert["threshold"]) == ("prometheus", 200.0, 180.0)


async def test_taking_an_alert_silences_it_in_alertmanager_and_says_who_and_until_when(
    board: Board, manager: FakeAlertmanager, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "floorpulse.audit")
    async with asking(board) as client:
        answer = await client.post(PATH, json=BODY)
        [alert] = (await client.get("/api/alerts?state=acknowledged")).json()["alerts"]
    [silence] = manager.active()
    until_ms = NOON + 30 * MINUTE
    assert (answer.status_code, answer.json()) == (
        201,
        {"id": alert["id"], "silence": silence["id"], "by": "Ana", "reason": BODY["reason"], "until_ms": until_ms},
    )
    assert {each["name"]: each["value"] for each in silence["matchers"]} == {
        "alertname": "QueueLongestWaitHigh", "severity": "critical", "queue": "a/b", "channel": "voice",
    }  # fmt: skip
    assert not any(each["isRegex"] for each in silence["matchers"])
    assert (silence["createdBy"], silence["comment"], silence["endsAt"]) == (
        "Ana", BODY["reason"], format_time(until_ms),
    )  # fmt: skip
    assert alert["acknowledged"] == {
        "by": "Ana", "reason": BODY["reason"], "until_ms": until_ms, "silence": silence["id"], "alone": True,
    }  # fmt: skip
    [line] = [record.__dict__ for record in caplog.records if record.name == "floorpulse.audit"]
    assert line["action"] == "alert_acknowledged"
    assert line["target"] == {
        "alert": alert["id"], "author": "Ana", "reason": BODY["reason"], "until_ms": until_ms, "silence": silence["id"],
    }  # fmt: skip


async def test_taking_it_again_changes_the_one_silence(board: Board, manager: FakeAlertmanager) -> None:
    async with asking(board) as client:
        await client.post(PATH, json=BODY)
        await client.post(PATH, json={"author": "Bo", "reason": "later", "until_ms": NOON + 60 * MINUTE})
    [silence] = manager.active()
    assert (silence["createdBy"], silence["endsAt"]) == ("Bo", format_time(NOON + 60 * MINUTE))


async def test_giving_it_back_ends_the_silence_once(
    board: Board, manager: FakeAlertmanager, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "floorpulse.audit")
    async with asking(board) as client:
        await client.post(PATH, json=BODY)
        [silence] = manager.active()
        first, second = await client.delete(PATH), await client.delete(PATH)
        [alert] = (await client.get("/api/alerts")).json()["alerts"]
    assert (first.status_code, first.json()["silences"]) == (200, [silence["id"]])
    assert (second.status_code, second.json()) == (404, {"error": "nobody has acknowledged this alert"})
    assert (manager.active(), alert["acknowledged"]) == ([], None)
    assert [record.action for record in caplog.records if record.name == "floorpulse.audit"] == [  # type: ignore[attr-defined]
        "alert_acknowledged", "acknowledgement_ended",
    ]  # fmt: skip


async def test_a_silence_about_more_is_not_ended_by_one_alert(board: Board, manager: FakeAlertmanager) -> None:
    body = {
        "matchers": [{"name": "queue", "value": "a/b", "isRegex": False, "isEqual": True}], "createdBy": "amtool",
        "startsAt": format_time(NOON), "endsAt": format_time(NOON + MINUTE), "comment": "maintenance",
    }  # fmt: skip
    manager.answer(httpx.Request("POST", "http://a/api/v2/silences", json=body))
    async with asking(board) as client:
        answer = await client.delete(PATH)
    assert (answer.status_code, answer.json()) == (
        409, {"error": "its silence is about more than this alert; end it in Alertmanager"},
    )  # fmt: skip
    assert len(manager.active()) == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"minutes": None}, "minutes, until: wanted one of them"),
        ({"until_ms": NOON + MINUTE}, "minutes, until: wanted one of them"),
        ({"minutes": 0}, "minutes: wanted 1 to 1440"),
        ({"minutes": 1441}, "minutes: wanted 1 to 1440"),
        ({"minutes": None, "until_ms": NOON}, "until: wanted a time to come, at most 24 hours after the beginning"),
        ({"minutes": None, "until_ms": NOON + 86_400_001}, "until: wanted a time to come, at most 24 hours"),
        ({"minutes": None, "until": "14:30"}, "until: wanted a time with an offset"),
        ({"minutes": None, "until": "2026-11-20T10:00Z", "until_ms": NOON}, "until and until_ms: wanted one of them"),
        ({"minutes": 1.5}, "minutes: expected `int | null`, got `float`; "),
        ({"reason": ""}, "reason: wanted 1 to 200 characters"),
        ({"reason": "x" * 201}, "reason: wanted 1 to 200 characters"),
        ({"author": None}, "author: missing; wanted who it is"),
        ({"author": "\u202e"}, "author: wanted 1 to 80 characters"),
        ({"colour": "red"}, "object contains unknown field `colour`; "),
    ],
)
async def test_what_is_no_acknowledgement_is_refused_with_what_is_wanted(
    board: Board, manager: FakeAlertmanager, sent: dict[str, Any], said: str
) -> None:
    async with asking(board) as client:
        answer = await client.post(PATH, json={**BODY, **sent})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)
    assert manager.silences == {}


async def test_an_alert_may_be_taken_until_a_time_with_an_offset(board: Board, manager: FakeAlertmanager) -> None:
    body = {"author": "Ana", "reason": "x", "until": "2026-11-20T20:30:00+08:00"}
    board.now_ms = NOON
    async with asking(board) as client:
        answer = await client.post(PATH, json={**body, "until": format_time(NOON + 90 * MINUTE)})
    assert answer.json()["until_ms"] == NOON + 90 * MINUTE


async def test_what_is_over_cannot_be_taken_and_what_never_was_is_not_found(board: Board, redis_url: str) -> None:
    tell(redis_url, held(queue="a/b", phase="ok", resolved_ms=NOON))
    async with asking(board) as client:
        over = await client.post(PATH, json=BODY)
        none = await client.post("/api/alerts/nothing/acknowledge", json=BODY)
        gone = await client.delete("/api/alerts/nothing/acknowledge")
    assert (over.status_code, over.json()) == (409, {"error": "this alert is over"})
    assert (none.status_code, none.json()) == (404, {"error": "no such alert"})
    assert gone.status_code == 404


async def test_without_an_alertmanager_it_is_said_and_with_one_that_is_away_too(
    board: Board, manager: FakeAlertmanager
) -> None:
    async with asking(board, alertmanager=None) as client:
        unset = await client.post(PATH, json=BODY)
        delivery = (await client.get("/api/alerts")).json()["delivery"]
    assert (unset.status_code, unset.json()["error"]) == (
        409, "no Alertmanager is named, so nothing can be silenced; set FLOORPULSE_ALERTMANAGER",
    )  # fmt: skip
    assert (delivery["configured"], delivery["why"]) == (False, "FLOORPULSE_ALERTMANAGER is not set")
    manager.away = True
    async with asking(board) as client:
        away = await client.post(PATH, json=BODY)
    assert (away.status_code, away.json()) == (503, {"error": "Alertmanager does not answer: no connection"})


async def test_who_is_logged_in_by_name_takes_it_under_that_name(board: Board, manager: FakeAlertmanager) -> None:
    access = Access(proxies=(ip_network("127.0.0.0/8"),), proxy_writers=frozenset({"*"}))
    async with asking(board, auth=Auth(access)) as client:
        answer = await client.post(PATH, json=BODY, headers={"x-forwarded-user": "ana@example"})
    assert answer.json()["by"] == manager.active()[0]["createdBy"] == "ana@example"


async def test_planned_quiet_stands_beside_the_alerts_of_its_queue(board: Board) -> None:
    async with asking(board) as client:
        plan = {"reason": "team meeting", "author": "Ana", "queue": "a/b", "minutes": 30}
        made = (await client.post("/api/quiet", json=plan)).json()
    [alert] = await listed(board)
    assert alert["quiet"] == made


async def test_before_redis_ever_told_them_it_is_not_said_that_there_are_none(make_board: BoardMaker) -> None:
    board = make_board()
    board.parts.health.redis_down_since_ms = 1
    async with asking(board) as client:
        answer = await client.get("/api/alerts")
    assert answer.status_code == 503
