"""What a worker leaves in Redis, written by a few plain commands: positions, panes, live sets, deltas."""

from __future__ import annotations

import json
from collections import defaultdict

import redis

from board.deltas import delta_fields
from board.view import Delta
from kpi import keys
from kpi.panes import COARSE_MS, FINE_MS, pane_start

TOPIC = "calls.events"


class FakeWorker:
    """Writes one topic of a namespace. What was noted (`join`, `answer` ...) becomes visible with `commit`."""

    def __init__(self, url: str, namespace: str = "live", partitions: int = 1, epoch: int = 1_000) -> None:
        self.redis = redis.Redis.from_url(url)
        self.namespace, self.epoch = namespace, epoch
        self.next = dict.fromkeys(range(partitions), 0)
        self.panes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.lives: dict[str, dict[str, int | None]] = defaultdict(dict)
        self.redis.hset(keys.partitions_key(namespace), TOPIC, partitions)

    def prefix(self, partition: int = 0) -> str:
        return keys.partition_prefix(self.namespace, TOPIC, partition)

    def count(self, queue: str, channel: str, at_ms: int, **fields: int) -> None:
        for res_ms in (FINE_MS, COARSE_MS):
            pane = self.panes[keys.pane_suffix(res_ms, pane_start(at_ms, res_ms), queue, channel)]
            for name, count in fields.items():
                pane[name.replace("__", ".")] += count

    def net(self, queue: str, channel: str, at_ms: int, change: int) -> None:
        for res_ms in (FINE_MS, COARSE_MS):
            start = pane_start(at_ms, res_ms)
            self.panes[keys.pane_suffix(res_ms, start, queue, channel)][f"net.{(at_ms - start) // 1000}"] += change

    def live(self, kind: str, queue: str, channel: str, member: str, score: int | None) -> None:
        self.lives[keys.live_suffix(kind, queue, channel)][member] = score

    def join(self, queue: str, contact: str, at_ms: int, channel: str = "voice") -> None:
        self.count(queue, channel, at_ms, offered=1)
        self.net(queue, channel, at_ms, 1)
        self.live("waiting", queue, channel, contact, at_ms)

    def leave(self, queue: str, contact: str, joined_ms: int, at_ms: int, how: str, channel: str = "voice") -> None:
        outcome = how if how in ("answered", "abandoned") else "other"
        wait_ms = at_ms - joined_ms
        field = how if outcome != "other" else f"exit__{how}"
        seconds = -(-wait_ms // 1000)
        self.count(
            queue, channel, at_ms, **{field: 1, f"wait__{outcome}__{seconds}": 1, f"wait_ms__{outcome}": wait_ms}
        )
        self.net(queue, channel, at_ms, -1)
        self.live("waiting", queue, channel, contact, None)
        if how == "answered":
            self.live("in_service", queue, channel, contact, at_ms)

    def hang_up(self, queue: str, contact: str, answered_ms: int, at_ms: int, channel: str = "voice") -> None:
        seconds = -(-(at_ms - answered_ms) // 1000)
        self.count(queue, channel, at_ms, **{f"talk__{seconds}": 1, "talk_ms": at_ms - answered_ms})
        self.live("in_service", queue, channel, contact, None)

    def known(self, *contacts: str) -> None:
        """There is a record of these contacts, whatever it says."""
        self.redis.hset(keys.records_key(self.prefix()), mapping={f"c:{contact}": "" for contact in contacts})

    def agent(
        self,
        agent: str,
        state: str,
        since_ms: int,
        *,
        queues: dict[str, str | None] | None = None,
        team: str = "",
        reason: str = "",
        capacity: dict[str, int] | None = None,
        engaged: tuple[tuple[str, str, str, int], ...] = (),
        was: str | None = None,
    ) -> str:
        """An agent as he stands now, in `state` since `since_ms`; gives his card. `was` is the state before, if any."""
        parts = [agent, state, reason, team, "", sorted((queues or {}).items()), capacity or {}, sorted(engaged)]
        card = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
        self.live("agents", "", "", card, since_ms)
        if team:
            self.live("agent_team", "", "", json.dumps([agent, team, ""], separators=(",", ":")), since_ms)
        for level, change in ((was, -1), (state, 1)):
            if level is not None:
                self.step(agent, level, since_ms, change)
        return card

    def step(self, agent: str, level: str, at_ms: int, change: int) -> None:
        """A level of an agent changes."""
        for res_ms in (FINE_MS, COARSE_MS):
            start = pane_start(at_ms, res_ms)
            pane = self.panes[keys.pane_suffix(res_ms, start, "", "agents")]
            pane[f"step.{level}.{agent}"] += change
            pane[f"into.{level}.{agent}"] += change * (start + res_ms - at_ms)

    def commit(self, tick: int, partition: int = 0, records: int = 1) -> Delta:
        """Write what was noted, as one commit of `records` records whose newest tick is `tick` (ms)."""
        prefix, base = self.prefix(partition), self.next[partition]
        self.next[partition] = base + records
        delta = Delta(
            self.epoch, base, base + records, {k: dict(v) for k, v in self.panes.items()}, dict(self.lives), tick, tick
        )
        self.panes.clear()
        self.lives.clear()
        with self.redis.pipeline(transaction=True) as calls:
            for suffix, fields in delta.panes.items():
                for field, count in fields.items():
                    calls.hincrby(keys.pane_key(prefix, suffix), field, count)
                calls.hset(keys.pane_key(prefix, suffix), "#", delta.next)
                calls.sadd(keys.panes_key(prefix), suffix)
            for suffix, change in delta.lives.items():
                for member, score in change.items():
                    key = keys.live_key(prefix, suffix)
                    calls.zrem(key, member) if score is None else calls.zadd(key, {member: score})
                calls.hset(keys.lives_key(prefix), suffix, delta.next)
            calls.xadd(keys.deltas_key(prefix), delta_fields(delta))  # type: ignore[arg-type]
            calls.hset(
                keys.position_key(prefix),
                mapping={
                    "next": delta.next,
                    "epoch": self.epoch,
                    "tick": tick,
                    "watermark": tick,
                    "schema": 1,
                    "first": 0,
                },
            )
            calls.execute()
        return delta

    def wipe(self) -> None:
        """Redis forgets everything; the next commits are a rebuild."""
        self.redis.flushall()
        self.redis.hset(keys.partitions_key(self.namespace), TOPIC, len(self.next))
        self.next = dict.fromkeys(self.next, 0)
        self.epoch += 1
