"""Who of several engines evaluates, and what becomes of alerts when engines, or what they know, go away."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from redis.asyncio import Redis

from alerts import delivery, store
from alerts.notices import Notice
from kpi.floor import parse_floor
from kpi.keys import alerts_key, alerts_lease_key
from tests.alerts.engines import Running, engine, until
from tests.alerts.fake_alertmanager import FakeAlertmanager
from tests.alerts.fake_alertmanager import alertmanager as fake_alertmanager
from tests.alerts.published import publish, snapshot

pytestmark = pytest.mark.usefixtures("quick")
#: About no queue, so it is known without Redis.
SILENT = Notice((("alertname", "PrometheusSilent"), ("audience", "platform")), {"summary": "It is silent"}, 1_000)
QUICK = parse_floor("[defaults.thresholds]\nlongest_wait_seconds = { keep_seconds = 0 }\n")


def labels(alerts: list[dict[str, dict[str, str]]]) -> list[tuple[str, str]]:
    return sorted({(alert["labels"]["queue"], alert["labels"]["severity"]) for alert in alerts})


def last_post(running: Running) -> float:
    """When Prometheus believes that the engine was on guard last."""
    (found,) = re.findall(
        r"^cc_alert_last_post_timestamp_seconds\{.*} (.*)$", running.metrics.page().decode(), re.MULTILINE
    )
    return float(found)


async def test_a_second_engine_waits_and_goes_on_where_the_first_stopped(
    redis: Redis, redis_url: str, fake: FakeAlertmanager
) -> None:
    async with engine(redis_url, [fake.url]) as first:
        await publish(redis, snapshot((75,)))
        await until(fake.firing)
        with fake_alertmanager() as its:
            async with engine(redis_url, [its.url], owner="two") as second:
                await publish(redis, snapshot((76,)))
                await asyncio.sleep(0.5)
                assert its.posts == []
                assert b"cc_alert_leader 0.0" in second.metrics.page()
                await first.kill()
                # That it runs out by itself: test_store.py.
                await redis.pexpire(alerts_lease_key("live"), 1)
                await until(its.firing)
                assert b"cc_alert_leader 1.0" in second.metrics.page()
            assert [(a["labels"], a["startsAt"]) for a in its.told()] == [
                (a["labels"], a["startsAt"]) for a in fake.told()
            ]
            assert its.over() == []


async def test_an_engine_that_leaves_hands_over_at_once_and_ends_nothing(
    redis: Redis, redis_url: str, fake: FakeAlertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LEASE_MS", 60_000)
    async with engine(redis_url, [fake.url]) as first:
        await publish(redis, snapshot((75,)))
        await until(fake.firing)
        await first.kill()
        await first.engine.leave()
        assert await redis.get(alerts_lease_key("live")) is None
        async with engine(redis_url, [fake.url], owner="two"):
            await until(lambda: len(fake.told()) >= 2)
    assert fake.over() == []


async def test_who_lost_the_lease_says_nothing_more(redis: Redis, redis_url: str, fake: FakeAlertmanager) -> None:
    async with engine(redis_url, [fake.url]) as running:
        await publish(redis, snapshot((75,)))
        await until(fake.firing)
        await redis.set(alerts_lease_key("live"), "another", px=60_000)
        await until(lambda: running.engine.voice() is delivery.Voice.SILENT)
        calls = len(fake.posts)
        await publish(redis, snapshot((200,)))
        await asyncio.sleep(0.5)
        assert len(fake.posts) == calls
        await redis.delete(alerts_lease_key("live"))
        await publish(redis, snapshot((201,)))
        await until(lambda: labels(fake.firing()) == [("support", "critical"), ("support", "warning")])


async def test_states_that_redis_lost_are_written_again_and_nobody_hears_of_it(
    redis: Redis, redis_url: str, fake: FakeAlertmanager
) -> None:
    async with engine(redis_url, [fake.url]):
        await publish(redis, snapshot((75,)))
        await until(fake.firing)
        before = fake.firing()
        await redis.flushall()
        await until(lambda: len(fake.told()) >= 2)
        await publish(redis, snapshot((80,)))
        await asyncio.sleep(0.3)
        assert [(a["labels"], a["startsAt"]) for a in fake.firing()] == [(a["labels"], a["startsAt"]) for a in before]
        assert await redis.hlen(alerts_key("live")) == 2
    assert fake.over() == []


async def test_an_engine_that_finds_no_states_goes_on_from_what_alertmanager_holds(
    redis: Redis, redis_url: str, fake: FakeAlertmanager
) -> None:
    async with engine(redis_url, [fake.url], floor=QUICK):
        await publish(redis, snapshot((75,), floor=QUICK))
        await until(fake.firing)
    (held,) = fake.firing()
    await redis.flushall()
    rubbish: list[Any] = [
        {"labels": 1},
        {},
        {"labels": {**held["labels"], "queue": "x", "alertname": "?"}, "annotations": {}},
    ]
    fake.held = [held | {"status": {"state": "active"}}, *rubbish]
    before = len(fake.told())

    async with engine(redis_url, [fake.url], owner="two", floor=QUICK):
        await until(lambda: len(fake.told()) > before)
        assert fake.over() == []
        await publish(redis, snapshot((90,), floor=QUICK))
        await asyncio.sleep(0.3)
        assert [alert["labels"] for alert in fake.firing()] == [held["labels"]]
        await publish(redis, snapshot(floor=QUICK))
        await until(fake.over)

    assert {alert["labels"]["incident"] for alert in fake.told()} == {held["labels"]["incident"]}


async def test_while_redis_is_away_what_fires_is_kept_and_nothing_else_is_said(
    redis: Redis,
    redis_url: str,
    fake: FakeAlertmanager,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(store, "LEASE_MS", 1_500)
    monkeypatch.setattr(delivery, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(delivery, "RESEND_SECONDS", 0.3)
    async with engine(redis_url, [fake.url]) as running:
        await publish(redis, snapshot((75,)), snapshot((75,), queue="other"))
        await until(lambda: len(fake.firing()) == 2)
        running.engine.tell(SILENT)
        await until(lambda: fake.told("PrometheusSilent"))
        odd: list[Any] = [{"labels": 1}, {"labels": None}, {}, {"labels": {"queue": ["other"]}}]
        fake.held = [*odd, *(alert for alert in fake.firing() if alert["labels"].get("queue") == "support")]
        await redis.client_pause(10_000)
        await until(lambda: running.engine.voice() is delivery.Voice.HOLDING)
        await asyncio.sleep(0.4)
        told, lives, on_guard = len(fake.told()), len(fake.told("StreamWatchdog")), last_post(running)
        await until(lambda: len([each for each in fake.told()[told:] if "queue" in each["labels"]]) >= 2)
        assert {alert["labels"].get("queue") for alert in fake.told()[told:]} == {"support", None}
        assert len(fake.told("StreamWatchdog")) > lives
        silent = len(fake.told("PrometheusSilent"))
        await until(lambda: len(fake.told("PrometheusSilent")) > silent)
        # It sees no queue, so Prometheus is to speak for it.
        assert last_post(running) == on_guard
        await until(lambda: running.engine.voice() is delivery.Voice.SPEAKING)
        await until(lambda: len(fake.firing()) == 3)
        await until(lambda: last_post(running) > on_guard)
    assert fake.over() == []
    said = [record.getMessage() for record in caplog.records if "Redis" in record.getMessage()]
    assert [text.startswith("Redis does not answer") for text in said].count(True) == 1
    assert said[-1] == "Redis answers again"
