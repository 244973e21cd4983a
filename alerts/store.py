"""The states of the alerts in Redis, and the lease that makes one engine of many the one that writes them.

The lease lasts LEASE_MS and is renewed all the time. It is checked once more inside the script that writes, so that an
engine which was stopped for a while and wakes up can write nothing, whatever it still believes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from redis.asyncio import Redis

from kpi.alert_state import VERSION_FIELD, Held
from kpi.keys import LIVE, alerts_channel, alerts_key, alerts_lease_key

log = logging.getLogger("floorpulse.alerts")

LEASE_MS = 2_000
# What a replay leaves behind goes a week after its last change.
REPLAY_KEEP_MS = 7 * 86_400_000

# KEYS 1 the lease; ARGV 1 who asks, 2 ms, 3 "1": also one that nobody holds.
_HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] or (not holder and ARGV[3] == '1') then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
end
return 0
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
"""


class Lost(Exception):  # noqa: N818 - it names what happened
    """The lease is another's, or ran out: whoever held it must not write or post any more."""


class Stored(NamedTuple):
    """What stands in Redis. `version`: None when nothing was ever written, or all of it is gone."""

    helds: tuple[Held, ...]
    version: str | None
    broken: int


class Store:
    """The alerts of one namespace. `owner`: a word that no other process has.

    `held_until`: how long (time.monotonic) the lease is certainly ours; counted from before it was asked for.
    """

    def __init__(self, redis: Redis, namespace: str, owner: str) -> None:
        self.owner, self.held_until = owner, 0.0
        self._commits = self._done = 0
        self._namespace = namespace
        self._key, self._lease = alerts_key(namespace), alerts_lease_key(namespace)
        self._commit = redis.register_script(files("alerts").joinpath("commit.lua").read_text())
        self._hold, self._release = redis.register_script(_HOLD), redis.register_script(_RELEASE)
        self._redis = redis

    def is_newer_than(self, version: str | None) -> bool:
        """Whether Redis, which holds `version` of the states, lost something that we know we had written.

        Nobody else has written since: then there would be a version of another.
        """
        owner, _, number = (version or f"{self.owner}:0").rpartition(":")
        return owner == self.owner and number.isdecimal() and int(number) < self._done

    async def acquire(self) -> bool:
        """Take the lease if nobody else holds it; whether it is ours now."""
        is_ours = await self._ask(new=True)
        if not is_ours:
            # Another writes now, so our memory is not the newer truth any more, whatever Redis may lose.
            self._done = 0
        return is_ours

    async def renew(self) -> None:
        """Keep the lease. Raises Lost when it ran out meanwhile, even if nobody else has taken it."""
        if not await self._ask(new=False):
            raise Lost

    async def release(self) -> None:
        """Hand the lease back, so that another engine takes over at once."""
        self.held_until = 0.0
        await self._release(keys=[self._lease], args=[self.owner])

    async def load(self) -> Stored:
        """Every alert that stands in Redis; what is none is counted and passed over."""
        fields: Any = await self._redis.hgetall(self._key)
        helds, version, broken = [], None, 0
        for name, text in fields.items():
            if name == VERSION_FIELD.encode():
                version = text.decode("utf-8", "replace")
                continue
            try:
                held = Held.from_json(text)
                if held.field.encode() != name:
                    raise ValueError("it stands under the name of another")
            except ValueError as error:
                broken += 1
                log.warning("an alert in Redis is none, it is passed over: %s", error)
            else:
                helds.append(held)
        return Stored(tuple(sorted(helds, key=lambda held: held.field)), version, broken)

    async def commit(self, helds: Iterable[Held], gone: Sequence[str] = (), *, whole: bool = False) -> None:
        """Write alerts and delete the fields `gone`; `whole`: and everything that is not among them.

        Raises Lost, and has written nothing, when the lease is not ours any more.
        """
        # A commit whose answer gets lost may have been done: its number is used up.
        self._commits += 1
        texts: list[str | int | bytes] = [part for held in helds for part in (held.field, held.to_json())]
        keep_ms = 0 if self._namespace == LIVE else REPLAY_KEEP_MS
        version = f"{self.owner}:{self._commits}"
        told: list[str | int | bytes] = [
            self.owner,
            version,
            alerts_channel(self._namespace),
            keep_ms,
            int(whole),
            len(gone),
        ]
        if not await self._commit(keys=[self._key, self._lease], args=[*told, *gone, *texts]):
            self.held_until = 0.0
            raise Lost
        self._done = self._commits

    async def _ask(self, *, new: bool) -> bool:
        asked = time.monotonic()
        done = bool(await self._hold(keys=[self._lease], args=[self.owner, LEASE_MS, int(new)]))
        self.held_until = asked + LEASE_MS / 1000 if done else 0.0
        return done
