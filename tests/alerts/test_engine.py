"""The engine on a real Redis: what is announced is told at once, by one of many, whatever goes away and comes back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import msgspec
import pytest
from redis.asyncio import Redis

from alerts import delivery, evaluate, rounds, snapshots, store
from alerts import engine as engine_module
from alerts.delivery import Voice
from alerts.store import Lost
from kpi.alert_state import Held
from kpi.floor import parse_floor
from kpi.instants import format_time, parse_time
from kpi.keys import alerts_key, alerts_lease_key, quiet_key, snapshots_channel
from kpi.quiet import Quiet
from tests.alerts import engines
from tests.alerts.engines import engine, until
from tests.alerts.fake_alertmanager import FakeAlertmanager, is_over
from tests.alerts.fake_alertmanager import alertmanager as fake_alertmanager
from tests.alerts.published import publish, snapshot, wall_ms

pytestmark = pytest.mark.usefixtures("quick")
LONG = "QueueLongestWaitHigh"
QUICK = parse_floor("[defaults.thresholds]\nlongest_wait_seconds = { keep_seconds = 0 }\n")


async def test_what_is_announced_together_is_told_in_one_call(
    redis: Redis, redis_url: str, fake: FakeAlertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slowly it comes in on this machine.
    monkeypatch.setattr(snapshots, "SETTLE_SECONDS", 0.1)
    monkeypatch.setattr(snapshots, "MOST_SETTLE_SECONDS", 20.0)
    async with engine(redis_url, [fake.url]) as running:
        await until(lambda: fake.told("StreamWatchdog"))
        await publish(redis, *(snapshot((70,), queue=f"q{number}") for number in range(50)))
        await until(lambda: len(fake.told()) == 50)

        # The sign of life goes out now and then, whatever else there is to tell.
        assert [len(fake.told(post=post)) for post in fake.posts if fake.told(post=post)] == [50]
        assert len(running.engine.evaluator.active()) == 50
        stored = [
            Held.from_json(text) for name, text in (await redis.hgetall(alerts_key("live"))).items() if name != b"#"
        ]
        assert {held.queue for held in stored if held.phase == "firing"} == {f"q{number}" for number in range(50)}


async def test_an_alert_has_its_true_start_and_ends_when_it_is_over(
    redis: Redis, redis_url: str, fake: FakeAlertmanager
) -> None:
    async with engine(redis_url, [fake.url], floor=QUICK):
        now = wall_ms()
        await publish(redis, snapshot((75,), at_ms=now, floor=QUICK))
        await until(fake.firing)
        await publish(redis, snapshot(at_ms=now + 10, floor=QUICK))
        await until(fake.over)

    first, over = fake.told()[0], fake.over()[0]
    assert first["startsAt"] == over["startsAt"] == format_time(now - 15_000)
    assert first["labels"] == over["labels"]
    assert parse_time(first["endsAt"]) > wall_ms() + 200_000


async def test_snapshots_that_were_announced_before_anybody_listened_are_read(
    redis: Redis, redis_url: str, fake: FakeAlertmanager
) -> None:
    await publish(redis, snapshot((75,)))
    async with engine(redis_url, [fake.url]):
        await until(fake.firing)


async def test_a_snapshot_that_a_dead_board_left_behind_wakes_nobody(
    redis: Redis, redis_url: str, fake: FakeAlertmanager
) -> None:
    await publish(redis, snapshot((75,)))
    await redis.expire("fp:live:snapshot:support:voice", 9)
    async with engine(redis_url, [fake.url]):
        await until(lambda: fake.told("StreamWatchdog"))
        await asyncio.sleep(0.5)
    assert fake.told() == []


@pytest.mark.parametrize("text", [b"", b"{}", b"[" * 100_000, b"\xff\x00", b'{"schema": 9}', b"null"])
async def test_a_broken_snapshot_is_counted_and_ends_nothing(
    redis: Redis, redis_url: str, fake: FakeAlertmanager, text: bytes
) -> None:
    async with engine(redis_url, [fake.url]) as running:
        await until(lambda: fake.told("StreamWatchdog"))
        await redis.publish(snapshots_channel("live"), text)
        await publish(redis, snapshot((75,)))
        await until(fake.firing)
        await until(lambda: b'failures_total{rule="snapshot"} 1.0' in running.metrics.page())


async def test_every_alertmanager_is_told_and_one_that_is_away_holds_up_nobody(
    redis: Redis, redis_url: str, fake: FakeAlertmanager
) -> None:
    with fake_alertmanager() as broken, fake_alertmanager() as slow:
        broken.status = 503
        slow.gate.clear()
        async with engine(redis_url, ["http://127.0.0.1:1", broken.url, slow.url, fake.url]) as running:
            await publish(redis, snapshot((75,)))
            await until(fake.firing)
            assert slow.told() == broken.told() == []
            broken.status = 200
            slow.gate.set()
            await until(broken.firing)
            await until(slow.firing)
            page = running.metrics.page().decode()
        assert broken.told()[0]["startsAt"] == fake.told()[0]["startsAt"]
    assert 'cc_alert_posts_total{alertmanager="127.0.0.1:1",result="ok"} 0.0' in page
    assert 'cc_alert_last_post_timestamp_seconds{alertmanager="127.0.0.1:1"}' not in page


async def test_what_goes_on_is_told_again_and_again_and_the_sign_of_life_more_often(
    redis: Redis, redis_url: str, fake: FakeAlertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(delivery, "RESEND_SECONDS", 0.5)
    monkeypatch.setattr(evaluate, "REFRESH_MS", 1)
    async with engine(redis_url, [fake.url]):
        await publish(redis, snapshot((75,)))
        await until(lambda: len(fake.told()) >= 2)
        await publish(redis, last := snapshot((80,)))
        await until(lambda: fake.told()[-1]["annotations"]["summary"].endswith(last.true_at))
    assert len(fake.told("StreamWatchdog")) > len(fake.told())
    assert len({alert["startsAt"] for alert in fake.told()}) == 1


async def test_an_end_is_told_again_with_the_next_signs_of_life_for_a_clock_that_is_behind(
    redis: Redis, redis_url: str, fake: FakeAlertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Alertmanager takes an end that is ahead for none, and keeps the one it was told before: minutes ahead.
    monkeypatch.setattr(delivery, "BEAT_SECONDS", 0.1)
    async with engine(redis_url, [fake.url], floor=QUICK):
        now = wall_ms()
        await publish(redis, snapshot((75,), at_ms=now, floor=QUICK))
        await until(fake.firing)
        await publish(redis, snapshot(at_ms=now + 10, floor=QUICK))
        await until(lambda: len(fake.over()) >= 3)

    assert len({alert["endsAt"] for alert in fake.over()}) == 1


async def test_only_what_is_told_for_the_first_time_counts_for_the_delay(
    redis: Redis, redis_url: str, fake: FakeAlertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "RESEND_SECONDS", 0.1)
    async with engine(redis_url, [fake.url], floor=QUICK) as running:
        now = wall_ms()
        await publish(redis, snapshot((75,), at_ms=now, floor=QUICK))
        await until(fake.firing)
        await publish(redis, snapshot(at_ms=now + 10, floor=QUICK))
        await until(lambda: len(fake.over()) >= 3)

        assert b"cc_alert_delay_seconds_count 2.0" in running.metrics.page()


async def test_a_whole_floor_in_trouble_does_not_cost_the_lease(
    redis: Redis,
    redis_url: str,
    fake: FakeAlertmanager,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def slow(held: object, snapshot: object, config: object) -> dict[str, str]:
        time.sleep(0.05)
        return {"summary": "it takes its time"}

    monkeypatch.setattr(engines, "words", slow)
    monkeypatch.setattr(rounds, "WORDS_PER_BREATH", 1)
    # Shorter than all the words together take.
    monkeypatch.setattr(store, "LEASE_MS", 1_500)
    async with engine(redis_url, [fake.url]):
        await until(lambda: fake.told("StreamWatchdog"))
        await publish(redis, *(snapshot((70,), queue=f"q{number}") for number in range(45)))
        await until(lambda: len(fake.firing()) == 45)

    assert "waits" not in caplog.text


async def test_the_first_of_a_storm_are_told_while_the_rest_is_put_into_words(
    redis: Redis, redis_url: str, fake: FakeAlertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = list[int]()

    def listening(held: object, snapshot: object, config: object) -> dict[str, str]:
        time.sleep(0.002)
        heard.append(len(fake.told()))
        return {"summary": "it takes its time"}

    monkeypatch.setattr(engines, "words", listening)
    monkeypatch.setattr(rounds, "WORDS_PER_BREATH", 1)
    async with engine(redis_url, [fake.url]):
        await until(lambda: fake.told("StreamWatchdog"))
        await publish(redis, *(snapshot((70,), queue=f"q{number}") for number in range(700)))
        await until(lambda: len(fake.firing()) == 700)

    assert 0 < heard[-1] < 700
    assert len(fake.told()) == 700


async def test_until_the_states_are_loaded_nothing_of_an_earlier_term_is_said(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine(redis_url) as running:
        made = running.engine
        await until(lambda: made.voice() is Voice.SPEAKING)
        heard = list[Voice]()

        async def work() -> None:
            heard.append(made.voice())
            raise Lost

        monkeypatch.setattr(made, "_work", work)
        await redis.delete(alerts_lease_key("live"))
        await until(lambda: heard)

    assert Voice.SPEAKING not in heard


async def test_a_replay_is_told_under_its_name_and_gives_no_sign_of_life(
    redis: Redis, redis_url: str, fake: FakeAlertmanager
) -> None:
    century = parse_time("1999-12-31T23:59:00.000Z")
    async with engine(redis_url, [fake.url], namespace="monday"):
        await asyncio.sleep(0.3)
        await publish(redis, snapshot((75,), at_ms=century, namespace="monday", published_at_ms=wall_ms()))
        await until(fake.firing)
    (alert,) = fake.told()
    assert (alert["labels"]["namespace"], alert["startsAt"]) == ("monday", "1999-12-31T23:58:45.000Z")
    assert not is_over(alert)
    assert fake.told("StreamWatchdog") == []


async def test_a_limit_that_floor_toml_gives_up_ends_its_alerts(
    redis: Redis, redis_url: str, fake: FakeAlertmanager
) -> None:
    async with engine(redis_url, [fake.url]) as running:
        await publish(redis, snapshot((75,)))
        await until(fake.firing)
        running.config.floor = parse_floor("[defaults.thresholds]\nlongest_wait_seconds = false\n")
        await until(fake.over)
        assert fake.firing() == []


async def test_quiet_that_somebody_planned_on_the_page_ends_what_fires(
    redis: Redis, redis_url: str, fake: FakeAlertmanager
) -> None:
    quiet = Quiet(id="a", from_ms=wall_ms() - 1_000, to_ms=wall_ms() + 60_000, queue="support", reason="meeting")
    async with engine(redis_url, [fake.url]) as running:
        await publish(redis, snapshot((75,)))
        await until(fake.firing)
        await redis.hset(quiet_key("live"), mapping={"a": msgspec.json.encode(quiet), "b": "rubbish", "#": "1"})
        await until(lambda: running.engine.evaluator.quiets)
        await publish(redis, snapshot((76,)))
        await until(fake.over)
        await redis.hdel(quiet_key("live"), "a")
        await redis.hset(quiet_key("live"), "#", "2")
        await until(lambda: not running.engine.evaluator.quiets)
        await publish(redis, snapshot((77,)))
        await until(fake.firing)
    assert len({(alert["startsAt"], alert["labels"]["incident"]) for alert in fake.told()}) == 1


async def test_without_an_alertmanager_states_stand_in_redis(redis: Redis, redis_url: str) -> None:
    async with engine(redis_url) as running:
        await publish(redis, snapshot((75,)))
        await until(running.engine.evaluator.active)
        await until(lambda: b'queue="support"' in running.metrics.page())
    assert await redis.hlen(alerts_key("live")) == 2


def test_the_script_is_part_of_the_package() -> None:
    assert (Path(engine_module.__file__).parent / "commit.lua").is_file()
