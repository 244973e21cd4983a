"""Snapshots as they come: announced on a channel, read from their keys in case an announcement got lost.

What is announced together is looked at together, so that alerts which begin together go out in one message.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Iterable
from contextlib import aclosing
from typing import Any

import msgspec
from redis.asyncio import Redis

from alerts.announced import Announced
from alerts.seen_queues import SNAPSHOT_LIVES_MS
from kpi.floor_snapshot import FloorSnapshot
from kpi.keys import floor_key, parse_queue_suffix, queues_key, quiet_key, snapshot_key, snapshots_channel
from kpi.quiet import Quiet

log = logging.getLogger("floorpulse.alerts")

Key = tuple[str, str]
# A board writes all its snapshots within some ms: what comes closer together than this belongs together.
SETTLE_SECONDS = 0.008
MOST_SETTLE_SECONDS = 0.04
LISTEN_SECONDS = 1.0
# A snapshot in Redis is believed at first sight when it was written no longer ago than this, by Redis' own clock. The
# board writes each at least once a second, to live SNAPSHOT_LIVES_MS.
FRESH_MS = 4_000
KEYS_PER_READ = 200
# Under which "rule" a snapshot that cannot be read counts as a failure.
BROKEN = "snapshot"
_VERSION = "#"
_NEVER_READ = b"never read"


class Inbox:
    """The newest snapshot of each queue since the last look. What cannot be read is counted in `failures`."""

    def __init__(self, failures: dict[str, int]) -> None:
        self._new: dict[Key, Announced] = {}
        self._heard: dict[Key, float] = {}
        self._event = asyncio.Event()
        self._last = 0.0
        self._failures = failures

    def put(self, text: bytes, now: float, *, is_announced: bool = True) -> None:
        """A snapshot as it was announced, or read, at `now` (monotonic); what is none is counted."""
        try:
            announced = Announced.read(text)
        except ValueError as error:
            self._failures[BROKEN] = self._failures.get(BROKEN, 0) + 1
            log.warning("a snapshot cannot be read, it is passed over: %s", str(error)[:300])
            return
        key = announced.glance.queue, announced.glance.channel
        self._new[key], self._last = announced, now
        if is_announced:
            self._heard[key] = now
        self._event.set()

    def heard_since(self, since: float) -> set[Key]:
        """The queues that were announced since then (monotonic)."""
        for key, at in list(self._heard.items()):
            if at < since:
                del self._heard[key]
        return set(self._heard)

    async def take(self, seconds: float) -> list[Announced]:
        """What was announced together, as soon as no more of it comes; nothing after `seconds` of silence."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return []
        end = time.monotonic() + MOST_SETTLE_SECONDS
        seen = -1.0
        while seen != self._last and time.monotonic() < end:
            seen = self._last
            await asyncio.sleep(SETTLE_SECONDS)
        return self.more(())

    def more(self, but: Collection[Key]) -> list[Announced]:
        """What there is right now, but of these queues: theirs stays."""
        left = {key: self._new[key] for key in but if key in self._new}
        taken = [announced for key, announced in self._new.items() if key not in left]
        self._new = left
        if not left:
            self._event.clear()
        return taken


async def listen(redis: Redis, namespace: str, inbox: Inbox, subscribed: asyncio.Event) -> None:
    """Put what is announced into `inbox` for ever; `subscribed` is set once nothing is missed any more."""
    async with aclosing(redis.pubsub(ignore_subscribe_messages=False)) as channel:
        await channel.subscribe(snapshots_channel(namespace))
        while True:
            message: Any = await channel.get_message(timeout=LISTEN_SECONDS)
            if message is None:
                continue
            if message["type"] == "subscribe":
                subscribed.set()
            elif message["type"] == "message":
                inbox.put(message["data"], time.monotonic())


async def read_missed(redis: Redis, namespace: str, inbox: Inbox, since: float) -> tuple[set[Key], bool]:
    """Read the snapshots of queues that were not announced since then (monotonic).

    Gives the queues that there are numbers of, and whether the floor's numbers are fresh.
    """
    heard = inbox.heard_since(since)
    names: Any = await redis.hkeys(queues_key(namespace))
    present = set(heard)
    known = [key for name in names if (key := _key_of(name)) is not None and key not in heard]
    for first in range(0, len(known), KEYS_PER_READ):
        some = known[first : first + KEYS_PER_READ]
        calls = redis.pipeline(transaction=False)
        for key in some:
            calls.get(snapshot_key(namespace, *key))
            calls.pttl(snapshot_key(namespace, *key))
        answers: list[Any] = await calls.execute()
        for key, text, left_ms in zip(some, answers[::2], answers[1::2], strict=True):
            if text is None:
                continue
            present.add(key)
            if left_ms >= SNAPSHOT_LIVES_MS - FRESH_MS:
                inbox.put(text, time.monotonic(), is_announced=False)
    return present, await _is_fresh(redis, namespace)


async def _is_fresh(redis: Redis, namespace: str) -> bool:
    text: Any = await redis.get(floor_key(namespace))
    if text is None:
        return False
    try:
        return FloorSnapshot.from_json(text).state == "fresh"
    except ValueError:
        return False


def _key_of(name: bytes) -> Key | None:
    try:
        return parse_queue_suffix(name.decode())
    except ValueError:
        return None


class Quiets:
    """What people planned as quiet, as the board writes it: read anew when its version is another."""

    def __init__(self) -> None:
        self.latest: tuple[Quiet, ...] = ()
        self._version: bytes | None = _NEVER_READ

    async def refresh(self, redis: Redis, namespace: str) -> None:
        """Read them, if anything was changed."""
        key = quiet_key(namespace)
        version: Any = await redis.hget(key, _VERSION)
        if version == self._version:
            return
        fields: Any = await redis.hgetall(key)
        self.latest = tuple(_quiets(fields.items()))
        self._version = version


def _quiets(fields: Iterable[tuple[bytes, bytes]]) -> Iterable[Quiet]:
    for name, text in fields:
        if name == _VERSION.encode():
            continue
        try:
            yield msgspec.json.decode(text, type=Quiet)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            log.warning("a quiet in Redis is none, it is passed over")
