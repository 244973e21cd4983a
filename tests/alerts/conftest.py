"""Engines of alerts on a Redis of the test, and an Alertmanager that listens to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from alerts import delivery, store
from alerts import engine as engine_module
from tests.alerts.fake_alertmanager import FakeAlertmanager
from tests.alerts.fake_alertmanager import alertmanager as fake_alertmanager


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def fake() -> Iterator[FakeAlertmanager]:
    with fake_alertmanager() as running:
        yield running


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds takes less, so that a test of going away and coming back does not take minutes.

    The lease lasts for longer, so that none is lost because the machine stood still; whoever tests it makes it short.
    """
    monkeypatch.setattr(store, "LEASE_MS", 20_000)
    monkeypatch.setattr(engine_module, "RENEW_SECONDS", 0.1)
    monkeypatch.setattr(engine_module, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(engine_module, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(engine_module, "SWEEP_SECONDS", 0.3)
    monkeypatch.setattr(delivery, "RETRY_SECONDS", 0.1)
