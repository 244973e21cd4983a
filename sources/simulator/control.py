"""Orders to a running simulation: the message on the control channel, and listening for it."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import cast, get_args

import redis.asyncio as aioredis
from redis.exceptions import RedisError

from kpi.keys import simulator_channel
from sources.simulator.spikes import Cause

RETRY_SECONDS = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SpikeOrder:
    """Trouble wanted in a queue (None: the default one): how strong, how long, and of which kind."""

    spike: str | None = None
    factor: float = 8.0
    seconds: float = 300.0
    cause: Cause = "volume"

    def to_json(self) -> str:
        """The message as it stands on the channel."""
        return json.dumps(asdict(self), ensure_ascii=False)


def parse_order(text: str | bytes) -> SpikeOrder:
    """Read a message. Raises ValueError with one sentence: what stands there and what is wanted."""
    try:
        wire = json.loads(text)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(wire, dict) or "spike" not in wire:
        raise ValueError('wanted an object like {"spike": "support", "factor": 8, "seconds": 300, "cause": "volume"}')
    return make_order(wire["spike"], wire.get("factor", 8.0), wire.get("seconds", 300.0), wire.get("cause", "volume"))


def make_order(spike: object, factor: object, seconds: object, cause: object) -> SpikeOrder:
    """An order from values of unknown kind. Raises ValueError naming the wrong one."""
    if spike is not None and not isinstance(spike, str):
        raise ValueError(f"spike: {spike!r}; wanted a queue's id or null")
    if cause not in get_args(Cause):
        raise ValueError(f"cause: {cause!r}; wanted volume or staff")
    return SpikeOrder(
        spike, _between("factor", factor, 1, 1000), _between("seconds", seconds, 1, 86_400), cast("Cause", cause)
    )


def _between(name: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name}: {value!r}; wanted a number from {low} to {high}")
    return float(value)


async def listen(redis_url: str, ns: str, on_order: Callable[[SpikeOrder], None]) -> None:
    """Call `on_order` for every good message on the channel, for ever; a lost Redis is tried again and again."""
    while True:
        client = aioredis.Redis.from_url(redis_url)
        try:
            async with client.pubsub() as channel:
                await channel.subscribe(simulator_channel(ns))
                async for message in channel.listen():
                    if message["type"] == "message":
                        _hand_over(message["data"], on_order)
        except (RedisError, OSError) as error:
            log.warning("the control channel is not reachable: %s", error)
        finally:
            await client.aclose()
        await asyncio.sleep(RETRY_SECONDS)


def _hand_over(text: bytes, on_order: Callable[[SpikeOrder], None]) -> None:
    try:
        order = parse_order(text)
    except ValueError as error:
        log.warning("order refused: %s", error)
        return
    on_order(order)
