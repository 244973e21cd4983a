"""Reading one partition from Redis in pieces.

Each piece carries the offset of its last change, so that a delta that comes later can be told from one already in it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from redis.asyncio import Redis

from board.queue_view import MEMORY_MS
from board.view import Loaded
from kpi.keys import (
    deltas_key,
    ledger_key,
    live_key,
    lives_key,
    pane_key,
    panes_key,
    partition_prefix,
    position_key,
)

PANES_PER_CALL = 500
SETS_PER_CALL = 50
NAMES_PER_SCAN = 5_000
NO_POSITION = "waiting for the worker, there is no position yet"
HALF_WRITTEN = "being rebuilt by the worker after a failed write"


def text(raw: bytes | str) -> str:
    """What Redis answered, as text."""
    return raw if isinstance(raw, str) else raw.decode()


def prefix_of(namespace: str, partition: str) -> str:
    """The key prefix of a partition by its name, `<topic>/<number>`."""
    topic, _, number = partition.rpartition("/")
    return partition_prefix(namespace, topic, int(number))


class NotThere(Exception):  # noqa: N818 - it names what was found
    """The partition cannot be read now; the text says why."""


class Position(NamedTuple):
    """How far a partition is in Redis."""

    epoch: int
    next: int
    tick: int
    watermark: int
    dirty: bool


_POSITION = ("epoch", "next", "tick", "watermark", "dirty")


def _position(values: Sequence[bytes | str | None]) -> Position | None:
    epoch, next_, tick, watermark, dirty = values
    if next_ is None:
        return None
    return Position(int(epoch or 0), int(next_), int(tick or 0), int(watermark or 0), dirty in (b"1", "1"))


async def read_positions(redis: Redis, prefixes: Mapping[str, str]) -> dict[str, Position | None]:
    """The position of each partition (name -> key prefix), None where there is none yet."""
    calls = redis.pipeline(transaction=False)
    for prefix in prefixes.values():
        calls.hmget(position_key(prefix), _POSITION)
    return {name: _position(values) for name, values in zip(prefixes, await calls.execute(), strict=True)}


async def read_ledgers(redis: Redis, prefixes: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """The ledger of each partition (name -> key prefix): word -> number of records."""
    calls = redis.pipeline(transaction=False)
    for prefix in prefixes.values():
        calls.hgetall(ledger_key(prefix))
    answers = await calls.execute()
    return {
        name: {text(word): int(count) for word, count in ledger.items()}
        for name, ledger in zip(prefixes, answers, strict=True)
    }


async def last_entry(redis: Redis, prefix: str) -> bytes:
    """Id of the newest delta, to read on from. It must be asked for BEFORE the position is read."""
    newest = await redis.xrevrange(deltas_key(prefix), count=1)
    return text(newest[0][0] or b"0").encode() if newest else b"0"


async def load_partition(redis: Redis, prefix: str, between: Callable[[], Awaitable[None]]) -> Loaded:
    """All that windows and live sets need of one partition; `between` is awaited after each piece.

    NotThere while it has no position or is being rebuilt.
    """
    position = await _read_position(redis, prefix)
    stamps: dict[str, int] = {}
    panes = await _load_panes(redis, prefix, position.tick, stamps, between)
    lives = await _load_lives(redis, prefix, stamps, between)
    after = await _read_position(redis, prefix)
    if after.epoch != position.epoch:
        raise NotThere("being rebuilt while it was loaded")
    return Loaded(position.epoch, position.next, position.tick, position.watermark, panes, lives, stamps)


async def _read_position(redis: Redis, prefix: str) -> Position:
    position = _position(await redis.hmget(position_key(prefix), _POSITION))
    if position is None:
        raise NotThere(NO_POSITION)
    if position.dirty:
        raise NotThere(HALF_WRITTEN)
    return position


async def _load_panes(
    redis: Redis, prefix: str, tick: int, stamps: dict[str, int], between: Callable[[], Awaitable[None]]
) -> dict[str, dict[str, int]]:
    panes: dict[str, dict[str, int]] = {}
    cursor = 0
    while True:
        cursor, found = await redis.sscan(panes_key(prefix), cursor, count=NAMES_PER_SCAN)
        wanted = [name for name in (text(raw) for raw in found) if _is_recent(name, tick)]
        for first in range(0, len(wanted), PANES_PER_CALL):
            names = wanted[first : first + PANES_PER_CALL]
            calls = redis.pipeline(transaction=False)
            for name in names:
                calls.hgetall(pane_key(prefix, name))
            for name, fields in zip(names, await calls.execute(), strict=True):
                stamps[name] = int(fields.pop(b"#", 0))
                panes[name] = {
                    field.decode(): int(count) for field, count in fields.items() if field[:1] not in (b"@", b"~")
                }
            await between()
        if not cursor:
            return panes


def _is_recent(name: str, tick: int) -> bool:
    res, start, _ = name.split(":", 2)
    keep_ms = MEMORY_MS.get(int(res) * 1000)
    return keep_ms is not None and int(start) >= tick - keep_ms


async def _load_lives(
    redis: Redis, prefix: str, stamps: dict[str, int], between: Callable[[], Awaitable[None]]
) -> dict[str, dict[str, int]]:
    names = [text(raw) for raw in await redis.hkeys(lives_key(prefix))]
    lives: dict[str, dict[str, int]] = {}
    for first in range(0, len(names), SETS_PER_CALL):
        some = names[first : first + SETS_PER_CALL]
        # In one transaction, so that a set and the stamp that dates it are of one instant.
        calls = redis.pipeline(transaction=True)
        calls.hmget(lives_key(prefix), some)
        for name in some:
            calls.zrange(live_key(prefix, name), 0, -1, withscores=True)
        dates, *sets = await calls.execute()
        for name, date, members in zip(some, dates, sets, strict=True):
            stamps[name] = int(date or 0)
            lives[name] = _members(members)
        await between()
    return lives


def _members(pairs: list[Any]) -> dict[str, int]:
    return {text(member): int(score) for member, score in pairs}
