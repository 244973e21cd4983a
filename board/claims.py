"""Who calls a lost caller back: "mine". One Redis hash for all boards, so that no caller is called by two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from board.notes import lasting_ms
from board.pieces import prefix_of
from kpi.keys import CONTACT_TOPICS, claims_key, records_key

T = TypeVar("T")
KEEP_MS = 24 * 3_600_000
MAX_CLAIMS = 5_000
_ATTEMPTS = 20


class Claim(msgspec.Struct, frozen=True):
    """Who calls back, since when (log's clock, ms), and in which queue the caller was lost."""

    by: str
    at_ms: int
    queue: str = ""
    channel: str = ""


class ClaimedError(Exception):
    """Somebody else has the caller already."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        super().__init__(f"{claim.by} calls back already")


class TooManyError(Exception):
    """There are MAX_CLAIMS already, or so many at once that ours never got its turn."""


async def claims_of(redis: Redis, namespace: str, now_ms: int | None = None) -> dict[str, Claim]:
    """Contact id -> its claim; those older than 24 h at `now_ms` are left out."""
    raw: Any = await redis.hgetall(claims_key(namespace))
    found = {name.decode("utf-8", "replace"): _parsed(value) for name, value in raw.items()}
    return {name: claim for name, claim in found.items() if claim is not None and _holds(claim, now_ms)}


async def is_known(redis: Redis, namespace: str, partitions: Iterable[str], contact: str) -> bool:
    """Whether one of `partitions` (`<topic>/<number>`) has a record of the contact; one round trip."""
    async with redis.pipeline(transaction=False) as calls:
        for partition in partitions:
            if partition.rpartition("/")[0] in CONTACT_TOPICS:
                calls.hexists(records_key(prefix_of(namespace, partition)), f"c:{contact}")
        return any(await calls.execute())


async def claim(redis: Redis, namespace: str, contact: str, mine: Claim) -> Claim:
    """Claim a contact, unless somebody has: then ClaimedError. Who claims what is his already keeps his first claim."""
    lasts_ms = await lasting_ms(redis, namespace)

    def change(claims: Mapping[str, Claim], calls: Pipeline) -> Claim:
        known = claims.get(contact)
        if known is not None and _holds(known, mine.at_ms):
            if known.by != mine.by:
                raise ClaimedError(known)
            return known
        gone = [name for name, each in claims.items() if not _holds(each, mine.at_ms) and name != contact]
        if len(claims) - len(gone) >= MAX_CLAIMS:
            raise TooManyError
        calls.hset(claims_key(namespace), contact, msgspec.json.encode(mine))
        if gone:
            calls.hdel(claims_key(namespace), *gone)
        calls.pexpire(claims_key(namespace), lasts_ms)
        return mine

    return await _change(redis, namespace, change)


async def release(redis: Redis, namespace: str, contact: str, by: str | None = None) -> bool:
    """Give a contact free again; whether anybody had it. ClaimedError when that is another than `by`, if given."""

    def change(claims: Mapping[str, Claim], calls: Pipeline) -> bool:
        known = claims.get(contact)
        if known is not None and by not in (None, known.by):
            raise ClaimedError(known)
        calls.hdel(claims_key(namespace), contact)
        return known is not None

    return await _change(redis, namespace, change)


async def _change(redis: Redis, namespace: str, change: Callable[[Mapping[str, Claim], Pipeline], T]) -> T:
    """Look at all claims and change them, as if nobody else did meanwhile; what `change` gives."""
    async with redis.pipeline(transaction=True) as calls:
        for _ in range(_ATTEMPTS):
            await calls.watch(claims_key(namespace))
            claims = await claims_of(redis, namespace)
            calls.multi()  # type: ignore[no-untyped-call]
            made = change(claims, calls)
            with suppress(WatchError):
                await calls.execute()
                return made
    raise TooManyError


def _holds(claim: Claim, now_ms: int | None) -> bool:
    return now_ms is None or now_ms - claim.at_ms <= KEEP_MS


def _parsed(raw: bytes) -> Claim | None:
    try:
        return msgspec.json.decode(raw, type=Claim)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
