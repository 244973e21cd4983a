"""What people write for all boards: a Redis hash, id -> JSON, and under "#" a word that is new after every change.

A board asks for that word every second, and reads the rest when it is another.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from redis.asyncio import Redis

from board.load import REDIS_ERRORS
from kpi.keys import LIVE, replay_key

log = logging.getLogger("floorpulse.board")

POLL_SECONDS = 1.0
_VERSION = "#"
_NEVER_READ = b"never read"


class Item(Protocol):
    """Anything that has a name of its own."""

    @property
    def id(self) -> str:
        """Where it stands in the hash."""


T = TypeVar("T", bound=Item)


class Kept(Generic[T]):
    """The items of one hash that a board knows. `latest`: in their order; `changed` grows with every change seen."""

    def __init__(
        self, kind: type[T], key: Callable[[str], str], order: Callable[[T], tuple[int, int, str]], called: str
    ) -> None:
        self.latest: tuple[T, ...] = ()
        self.changed = 0
        self._kind, self._key, self._order, self._called = kind, key, order, called
        self._version: bytes | None = _NEVER_READ

    @property
    def was_read(self) -> bool:
        """Whether Redis ever told them: that there are none is no answer before."""
        return self._version != _NEVER_READ

    async def run(self, redis: Redis, namespace: str) -> None:
        """Keep them current for ever; a Redis that does not answer is asked again."""
        while True:
            try:
                await self.refresh(redis, namespace)
            except REDIS_ERRORS as error:
                log.debug("%s: not read: %s", self._called, error)
            await asyncio.sleep(POLL_SECONDS)

    async def refresh(self, redis: Redis, namespace: str) -> None:
        """Read them, if anything was changed."""
        key = self._key(namespace)
        version: Any = await redis.hget(key, _VERSION)
        if version == self._version:
            return
        fields: Any = await redis.hgetall(key)
        found = tuple(sorted(parsed(fields, self._kind, self._called), key=self._order))
        if found != self.latest:
            self.latest, self.changed = found, self.changed + 1
        # A change between the two reads is in `found` already, and read once more at the next turn.
        self._version = version


def parsed(fields: dict[bytes, bytes], kind: type[T], called: str) -> Iterable[T]:
    """The items of a hash; what is none is passed over and said in the log."""
    for name, raw in fields.items():
        if name.decode("utf-8", "replace") == _VERSION:
            continue
        try:
            yield msgspec.json.decode(raw, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            log.warning("%s: what stands in Redis is none, it is passed over", called)


def too_many(known: Iterable[T], instant: Callable[[T], int], before_ms: int, most: int) -> list[str]:
    """The ids that go: those of an instant before `before_ms`, and of more than `most` the oldest."""
    by_age = sorted(known, key=lambda each: (instant(each), each.id))
    old = [each.id for each in by_age if instant(each) < before_ms]
    left = by_age[len(old) :]
    return old + [each.id for each in left[: max(0, len(left) - most)]]


async def add(redis: Redis, key: str, item: Item, gone: Iterable[str], lasts_ms: int) -> None:
    """Write one item, and take those out that go; all of it is kept for `lasts_ms` from now."""
    gone = list(gone)
    async with redis.pipeline(transaction=True) as calls:
        calls.hset(key, item.id, msgspec.json.encode(item))
        if gone:
            calls.hdel(key, *gone)
        calls.hset(key, _VERSION, secrets.token_hex(8))
        calls.pexpire(key, lasts_ms)
        await calls.execute()


async def remove(redis: Redis, key: str, item_id: str, lasts_ms: int) -> bool:
    """Remove one item; whether it was there."""
    if item_id == _VERSION:
        return False
    async with redis.pipeline(transaction=True) as calls:
        calls.hdel(key, item_id)
        calls.hset(key, _VERSION, secrets.token_hex(8))
        # Where nothing was, the word alone would stay for ever.
        calls.pexpire(key, lasts_ms)
        removed, *_ = await calls.execute()
    return bool(removed)


async def lasting_ms(redis: Redis, namespace: str, live_ms: int) -> int:
    """How long what people write is kept: in a replay as long as the replay, else `live_ms`."""
    left_ms: int = -1 if namespace == LIVE else await redis.pttl(replay_key(namespace))
    return left_ms if left_ms > 0 else live_ms


def new_id() -> str:
    """A name that nobody can guess, and no other item has."""
    return secrets.token_hex(8)
