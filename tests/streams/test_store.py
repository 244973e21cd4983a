"""What the worker refuses of a Redis server."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

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
