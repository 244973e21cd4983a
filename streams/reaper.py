"""Ends that never came are told into the log, as events like any other: `kpi.overdue` decides, here is what it reads.

What stands in Redis says who waits, rings and talks for too long. Only a partition that is known to be caught up is
looked at, by its own clock, its newest tick: in one that lags, the end may be on its way. And only in `live`: a replay
shows what was recorded, and nothing else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from redis.asyncio import Redis

from kpi import keys
from kpi.agent_state import Agent
from kpi.cold import thaw
from kpi.envelope import AGENT_TOPIC, Event, copies
from kpi.floor import Floor
from kpi.overdue import (
    Engaged,
    end_of_engagement,
    is_confirmed,
    lost_legs,
    overdue_engagements,
    phase_seconds,
)
from kpi.plausible import Plausible
from kpi.record import Record
from kpi.staff import Card, parse_cards
from streams.dead_letters import Producer
from streams.store import SCHEMA

log = logging.getLogger(__name__)
# A partition whose newest tick is older than this lags, or nobody owns it.
FRESH_MS = 10_000
RECORDS_AT_ONCE = 200
SETS_AT_ONCE = 500
_HEADERS = [("content-type", b"application/cloudevents+json")]
# From which live set after how many seconds a leg may be overdue; the record decides.
_SUSPECT: dict[str, Callable[[Plausible], int]] = {
    "waiting": lambda limits: limits.waiting,
    "ringing": lambda limits: limits.ringing,
    "in_service": lambda limits: limits.in_service,
    "outbound": lambda limits: min(limits.waiting, limits.in_service),
}

Place = tuple[str, int]
Clocks = Mapping[Place, int | None]


class Reaper:
    """Ends what is overdue in the partitions it is given. `floor` gives the limits of now.

    `lateness_ms`: events older than this behind the watermark would be refused. `reaped` is told (topic, how many).
    """

    def __init__(self, ns: str, redis: "Redis", producer: Producer, floor: Callable[[], Floor], lateness_ms: int,
                 reaped: Callable[[str, int], None]) -> None:  # fmt: skip
        self._ns, self._redis, self._producer, self._floor = ns, redis, producer, floor
        self._reach_ms, self._reaped = lateness_ms // 2, reaped

    async def look(self, owned: Iterable[Place], now_ms: int) -> int:
        """Look once through these (base topic, partition); how many ends were told. `now_ms`: the wall clock, UTC.

        Raises RedisError, KafkaError; what was told by then stays told, and telling it again changes nothing.
        """
        if self._ns != keys.LIVE:
            return 0
        clocks = await self._clocks(now_ms)
        told = 0
        for place in owned:
            clock = clocks.get(place)
            if clock is None:
                continue
            if place[0] in keys.CONTACT_TOPICS:
                count = await self._end_legs(place, clock, clocks, now_ms)
            elif place[0] == AGENT_TOPIC:
                count = await self._end_engagements(place, clock, clocks, now_ms)
            else:
                continue
            if count:
                log.info("reaped", extra={"topic": place[0], "partition": place[1], "ends": count})
                self._reaped(place[0], count)
            told += count
        return told

    def _limits(self, queue: str, channel: str) -> Plausible:
        return self._floor().queue(queue, channel).plausible

    async def _clocks(self, now_ms: int) -> Clocks:
        """The newest tick (ms) of every partition that is caught up; None of the others."""
        counts: dict[Any, Any] = await self._redis.hgetall(keys.partitions_key(self._ns))
        places = [(topic.decode(), number) for topic, count in counts.items() for number in range(int(count))]
        pipe = self._redis.pipeline(transaction=False)
        for place in places:
            pipe.hmget(keys.position_key(self._prefix(place)), ["tick", "schema", "dirty"])
        found: dict[Place, int | None] = {}
        for place, (tick, schema, dirty) in zip(places, await pipe.execute(), strict=True):
            is_sound = tick is not None and dirty is None and schema == str(SCHEMA).encode()
            found[place] = int(tick) if is_sound and now_ms - int(tick) <= FRESH_MS else None
        return found

    # --- Legs, in the partitions of contacts ---------------------------------------------------------

    async def _end_legs(self, place: Place, clock: int, clocks: Clocks, now_ms: int) -> int:
        suspects = await self._suspects(self._prefix(place), clock)
        listed = await self._listed(clocks) if suspects else None
        told = 0
        for first in range(0, len(suspects), RECORDS_AT_ONCE):
            records = await self._records(place, [f"c:{name}" for name in suspects[first : first + RECORDS_AT_ONCE]])
            events = [
                event for record in records for event in lost_legs(record, clock, self._limits, listed, self._reach_ms)
            ]
            # The original comes last: should a copy fail, the leg is still open and is told again.
            await self._send([(to, None, key, event) for event in events for to, key in copies(event)], now_ms)
            await self._send([(*place, event.key, event) for event in events], now_ms)
            told += len(events)
        return told

    async def _suspects(self, prefix: str, clock: int) -> list[str]:
        """Contacts that have been in one live set for longer than its limit."""
        names: list[Any] = await self._redis.hkeys(keys.lives_key(prefix))
        members: set[str] = set()
        # In slices: while one is asked for, the worker goes on with its events, however many queues there are.
        for first in range(0, len(names), SETS_AT_ONCE):
            pipe = self._redis.pipeline(transaction=False)
            for name in names[first : first + SETS_AT_ONCE]:
                suffix = name.decode()
                kind, queue, channel = keys.parse_live_suffix(suffix)
                if (seconds := _SUSPECT.get(kind)) is not None:
                    until = clock - seconds(self._limits(queue, channel)) * 1000
                    pipe.zrange(keys.live_key(prefix, suffix), "-inf", until, byscore=True)
            members.update(member.decode() for found in await pipe.execute() for member in found)
        return sorted({name for member in members for name in contacts_of(member)})

    async def _listed(self, clocks: Clocks) -> set[tuple[str, str]] | None:
        """(queue, contact) of everybody on the newest lists of the sources; None while one may still be on its way."""
        floor = [place for place in clocks if place[0] == "floor.events"]
        if not floor or any(clocks[place] is None for place in floor):
            return None
        found: set[tuple[str, str]] = set()
        for prefix in map(self._prefix, floor):
            names: list[Any] = await self._redis.hkeys(keys.lives_key(prefix))
            for suffix in (name.decode() for name in names):
                kind, queue, _ = keys.parse_live_suffix(suffix)
                if kind == "snapshot":
                    members: list[Any] = await self._redis.zrange(keys.live_key(prefix, suffix), 0, -1)
                    found |= {(queue, member.decode()) for member in members}
        return found

    # --- Engagements, in the partitions of agents ----------------------------------------------------

    async def _end_engagements(self, place: Place, clock: int, clocks: Clocks, now_ms: int) -> int:
        key = keys.live_key(self._prefix(place), keys.live_suffix("agents", keys.NO_QUEUE, keys.NO_QUEUE))
        members: list[Any] = await self._redis.zrange(key, 0, -1, withscores=True)
        cards = parse_cards((card.decode(), int(since)) for card, since in members).values()
        suspects = [f"a:{card.agent}" for card in cards if self._is_suspect(card, clock)]
        told = 0
        for record in await self._records(place, suspects):
            state: Agent = record.state
            for engaged in overdue_engagements(state, clock, self._limits):
                if await self._may_end(record.name, engaged, clocks):
                    event = end_of_engagement(record.name, engaged, clock)
                    await self._send([(*place, record.name, event)], now_ms)
                    told += 1
        return told

    def _is_suspect(self, card: Card, clock: int) -> bool:
        return any(
            one.since + phase_seconds(one.phase, self._limits(one.queue, one.channel)) * 1000 <= clock
            for one in card.engaged
        )

    async def _may_end(self, agent: str, engaged: Engaged, clocks: Clocks) -> bool:
        """Whether the contact, wherever it is, knows nothing of the engagement; False while it may yet learn of it."""
        places = [place for place in clocks if place[0] in keys.CONTACT_TOPICS]
        if any(clocks[place] is None for place in places):
            return False
        wanted = [f"c:{name}" for name in contacts_of(engaged.member)]
        found = [record for place in places for record in await self._records(place, wanted)]
        return not any(is_confirmed(agent, engaged, record.name, record.state) for record in found)

    # --- Redis and Kafka -----------------------------------------------------------------------------

    def _prefix(self, place: Place) -> str:
        return keys.partition_prefix(self._ns, *place)

    async def _records(self, place: Place, wanted: list[str]) -> list[Record]:
        """Those of the records that exist."""
        if not wanted:
            return []
        blobs: list[Any] = await self._redis.hmget(keys.records_key(self._prefix(place)), wanted)
        return [Record.unpack(key, thaw(blob)) for key, blob in zip(wanted, blobs, strict=True) if blob is not None]

    async def _send(self, records: list[tuple[str, int | None, str, Event]], now_ms: int) -> None:
        """Write (base topic, partition or None for that of the key, key, event), and wait for every acknowledgement."""
        waiting: list[Awaitable[object]] = []
        for base, partition, key, event in records:
            event.recorded_ms = now_ms
            topic, value = keys.topic_name(self._ns, base), event.to_json()
            waiting.append(
                await self._producer.send(topic, value=value, key=key.encode(), headers=_HEADERS, partition=partition)
            )
        await asyncio.gather(*waiting)


def contacts_of(member: str) -> list[str]:
    """The contacts that a member `<contact>|<leg>` may belong to: ids may hold a bar themselves."""
    return [member[:place] for place, sign in enumerate(member) if sign == "|"]
