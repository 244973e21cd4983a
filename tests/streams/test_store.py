"""What the worker refuses of a Redis server."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from kpi.floor import parse_floor
from streams.difference import Difference
from streams.metrics import WorkerMetrics
from streams.store import Refused, Store


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client
        await client.config_set("maxmemory-policy", "noeviction")


async def test_a_redis_that_keeps_its_keys_is_accepted(redis: Redis) -> None:
    await Store(redis, "test").check_server()


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl", "allkeys-random"])
async def test_a_redis_that_may_evict_is_refused_with_what_to_do(redis: Redis, policy: str) -> None:
    await redis.config_set("maxmemory-policy", policy)
    with pytest.raises(Refused, match=rf"maxmemory-policy {policy}.*noeviction"):
        await Store(redis, "test").check_server()


async def test_every_commit_is_measured_and_a_failed_one_counted(redis: Redis) -> None:
    metrics = WorkerMetrics(parse_floor(""))
    store = Store(redis, "test", observe=metrics.redis_call)
    position = await store.position("fp:{test/calls.events/0}")
    await store.commit("fp:{test/calls.events/0}", position, 1, 0, 0, 0, Difference(True))
    await redis.set("fp:{test/calls.events/1}:position", "no hash")
    with pytest.raises(RedisError):
        await store.commit("fp:{test/calls.events/1}", position, 1, 0, 0, 0, Difference(True))
    sample = metrics.registry.get_sample_value
    assert sample("cc_stream_redis_write_duration_seconds_count", {"operation": "commit"}) == 1
    assert sample("cc_stream_redis_errors_total", {"operation": "commit"}) == 1
