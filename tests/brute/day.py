"""A day to compare on: the simulator's events, ill delivered, as the logs of partitions with copies and ticks."""

import random
from collections.abc import Iterator
from dataclasses import replace
from heapq import merge
from typing import NamedTuple
from zlib import crc32

from kpi.envelope import Event, base_topic, copies, make_event
from sources.simulator import Profile, Simulation, default_profile
from sources.simulator.faults import Faults
from tests.brute.wild import Wild

START = 1_795_104_000_000  # 2026-11-19T16:00:00Z, midnight in Shanghai
DAY = 86_400_000
PARTITIONS = {
    "calls.events": 2, "chats.events": 2, "cases.events": 1, "agents.events": 2, "customers.events": 2,
    "floor.events": 1,
}  # fmt: skip
DISORDER = 600_000


class Line(NamedTuple):
    """One record of a partition's log; or, without a topic, the moment at which everything before it has come."""

    topic: str
    partition: int
    key: str
    raw: bytes
    at: int


def small(share: float) -> Profile:
    """The usual floor with a share of its customers and people, and every kind of queue and team."""
    profile = default_profile()
    queues = (
        replace(
            queue,
            per_minute=queue.per_minute * share * (1.5 if queue.deferred else 1),
            limit=max(3, round(queue.limit * share / 2)),
            carried_over=queue.carried_over,
            outbound_per_minute=queue.outbound_per_minute * share * 20,
        )
        for queue in profile.queues
    )
    # Agents call out only while several of them are idle.
    calling = {queue.id for queue in profile.queues if queue.outbound_per_minute}
    teams = (
        replace(team, size=max(4 if calling & set(team.queues) else 2, round(team.size * share * 1.3)))
        for team in profile.teams
    )
    return replace(profile, queues=tuple(queues), teams=tuple(teams))


def events_of(seed: int, share: float, hours: int = 24) -> list[Event]:
    """The events of a simulated day, as they come: some lost, some twice, all up to ten minutes late.

    Among them stories that make no sense, which no simulated centre tells.
    """
    simulation = Simulation(small(share), seed, START)
    simulation.spike("support", 5.0, START + 10 * 3_600_000, 1_800_000)
    simulation.spike("chat-sales", 4.0, START + 15 * 3_600_000, 1_800_000)
    end = START + hours * DAY // 24
    faults = Faults(seed, loss=0.02, duplicate=0.05, disorder_ms=DISORDER)
    told = [*faults.deliver(simulation.run_until(end), end), *faults.drain()]
    wild = Wild(seed, START, hours).make(contacts=100, cases=20, agent_events=200)
    return [event for _, event in merge(arrivals(told), arrivals(wild), key=lambda pair: pair[0])]


def arrivals(events: list[Event]) -> Iterator[tuple[int, Event]]:
    """The events with an instant by which each cannot have come yet: the newest time of it and all before it."""
    come = 0
    for event in events:
        come = max(come, event.time_ms)
        yield come, event


def lines(events: list[Event], moments: list[int]) -> Iterator[Line]:
    """The log of everything, in order, with a tick everywhere at each moment."""
    waiting = sorted(moments)
    for come, event in arrivals(events):
        while waiting and waiting[0] <= come:
            yield from ticks(waiting.pop(0))
        raw, topic = event.to_json(), base_topic(event)
        yield Line(topic, partition_of(topic, event.key), event.key, raw, 0)
        for copy_topic, key in copies(event):
            yield Line(copy_topic, partition_of(copy_topic, key), key, raw, 0)
    for moment in waiting:
        yield from ticks(moment)


def ticks(moment: int) -> Iterator[Line]:
    for topic, count in PARTITIONS.items():
        for partition in range(count):
            tick = make_event("tick", source="/clock", id=f"tick {moment}", time_ms=moment, data={})
            yield Line(topic, partition, "clock", tick.to_json(), 0)
    yield Line("", 0, "", b"", moment)


def partition_of(topic: str, key: str) -> int:
    return crc32(key.encode()) % PARTITIONS[topic]


def moments_of(seed: int, count: int, begin: int = START, end: int = START + DAY + DISORDER) -> list[int]:
    """Random instants, in order; some of them on the edges of slices, quarters and hours."""
    chance = random.Random(seed)
    found: set[int] = set()
    while len(found) < count:
        at = chance.randrange(begin + 60_000, end)
        found.add(at - at % chance.choice((1, 1, 1000, 10_000, 900_000, 3_600_000)))
    return sorted(at for at in found if at > begin)
