"""What expired is gone, and Redis stops growing: weeks in short, with days instead of them."""

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bench.retention import DAY_MS, START_MS, Feed
from kpi.keys import parse_pane_suffix
from kpi.kinds import KINDS
from kpi.panes import COARSE_MS
from sources.simulator import default_profile

KEPT_MS = DAY_MS
QUIET = replace(
    default_profile("busy"),
    queues=tuple(replace(queue, per_minute=queue.per_minute / 15) for queue in default_profile().queues),
)


@pytest.fixture
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quarter-hours are kept for a day, and records for half a day after their newest fact."""
    monkeypatch.setattr("streams.difference.COARSE_KEEP_MS", KEPT_MS)
    monkeypatch.setattr("streams.partition.RECORDS_CACHED", 100)
    for name, kind in KINDS.items():
        monkeypatch.setitem(KINDS, name, kind._replace(horizon_ms=KEPT_MS // 2))


@pytest.mark.slow
async def test_what_expired_is_gone_and_memory_no_longer_grows(short_memory: None, redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        feed = Feed(redis, QUIET)
        sizes, keys = [], []
        for half_days in range(4, 10):
            await feed.until(START_MS + half_days * DAY_MS // 2)
            sizes.append(await feed.mib())
            keys.append(await redis.dbsize())
        assert max(sizes[3:]) < 1.1 * max(sizes[:3])
        assert max(keys[3:]) < 1.1 * max(keys[:3])
        await nothing_is_left_of_the_past(redis, feed.now_ms)


async def nothing_is_left_of_the_past(redis: "Redis", now_ms: int) -> None:
    """No pane, name of one, or closed record is older than its keep; a sweep may be one slice of time behind."""
    slack = 2 * COARSE_MS
    panes = [key.decode() async for key in redis.scan_iter(match="fp:{*}:pane:*")]
    assert len(panes) > 100
    for key in panes:
        res_ms, start_ms, *_ = parse_pane_suffix(key.partition(":pane:")[2])
        kept = KEPT_MS if res_ms == COARSE_MS else 7_200_000
        assert start_ms + res_ms + kept > now_ms - slack, key
    names = 0
    async for key in redis.scan_iter(match="fp:{*}:panes"):
        names += await redis.scard(key)
    assert names == len(panes)
    due = [member async for key in redis.scan_iter(match="fp:{*}:expiry")
           for member in await redis.zrange(key, "-inf", f"({now_ms - slack}", byscore=True)]  # fmt: skip
    assert due == []
