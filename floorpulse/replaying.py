"""One replay from end to end: topics, worker, events and ticks, and the wait until everything is in Redis."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import redis

from floorpulse.comparison import Poll, compare
from floorpulse.embedded import Servers, accepts, free_port
from floorpulse.errors import UserError
from floorpulse.killing import Killer
from floorpulse.lag import Lag
from floorpulse.processes import Child, Children, floorpulse_command, wait_until
from floorpulse.progress import progress
from floorpulse.report_read import read_partitions
from floorpulse.sampling import Sampler
from kpi.floor import Floor
from kpi.instants import format_time
from kpi.keys import CONTACT_TOPICS, parse_pane_suffix, partitions_key, queues_key, replay_key
from kpi.lengths import Lengths, add_net
from kpi.panes import FINE_MS
from sources.publish import Publisher
from sources.replay import SLICE, Driver, Plan

#: All keys of a replay go away together, so long after its start.
KEEP_MS = 7 * 86_400_000
_STALL_SECONDS = 120.0
_BOARD_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_SECOND_MS = 1000


@dataclass(frozen=True, slots=True)
class Request:
    """What to replay, and how. `speed` None: as fast as possible. `retention`: "replay" keeps all panes, "live" not."""

    ns: str
    plan: Plan
    floor: Floor
    speed: float | None = None
    kills: int = 0
    seed: int = 0
    partitions: int = 4
    retention: str = "replay"
    config: Path | None = None
    polls: Sequence[Poll] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was sent, which kills hit a worker with work left, and the comparison with the source's own list."""

    sent: int
    acknowledged: int
    kills: int
    comparison: dict[str, int] | None


def run(request: Request, at: Servers, store: redis.Redis, children: Children) -> Outcome:
    """Replay and return when Redis holds everything. Raises UserError when a process ends or nothing moves any more."""
    return asyncio.run(_Replay(request, at, store, children).run())


class _Replay:
    def __init__(self, request: Request, at: Servers, store: redis.Redis, children: Children) -> None:
        self._request, self._at, self._store, self._children = request, at, store, children
        self._killer: Killer | None = None
        self._worker: Child | None = None
        self._until_ms = time.time_ns() // 1_000_000 + KEEP_MS

    async def run(self) -> Outcome:
        request, at = self._request, self._at
        async with AsyncExitStack() as stack:
            publisher = await stack.enter_async_context(
                Publisher(at.kafka, request.ns, floor=request.floor, client=at.client)
            )
            await publisher.ensure_topics(request.partitions)
            lag = Lag(self._store, request.ns, lambda: publisher.ends)
            self._describe()
            sampler = await self._start_board(stack)
            self._start_workers(publisher, lag)
            await self._feed(publisher, lag)
            await self._wait_until_in(lag)
            # The workers give their partitions' keys the same end.
            for key in (partitions_key(request.ns), queues_key(request.ns)):
                self._store.pexpireat(key, self._until_ms)
            if sampler:
                await sampler.wait_for(request.plan.to_ms, seconds=5)
            return Outcome(
                publisher.counts.sent,
                publisher.counts.acknowledged,
                self._killer.done if self._killer else 0,
                self._compare(sampler),
            )

    def _describe(self) -> None:
        plan = self._request.plan
        descriptor = {
            "span": {"from": format_time(plan.from_ms), "to": format_time(plan.to_ms)},
            "from_ms": plan.from_ms,
            "to_ms": plan.to_ms,
            "sent": len(plan.due),
            "speed": self._request.speed or "max",
            "retention": self._request.retention,
            "expires_at_ms": self._until_ms,
        }
        self._store.set(replay_key(self._request.ns), json.dumps(descriptor), pxat=self._until_ms)

    def _spawn(self, name: str, *arguments: str, **more: str) -> Child:
        config = {"FLOORPULSE_CONFIG": str(self._request.config)} if self._request.config else {}
        env = self._at.env(
            FLOORPULSE_NAMESPACE=self._request.ns,
            FLOORPULSE_PARTITIONS=str(self._request.partitions),
            FLOORPULSE_RETENTION=self._request.retention,
            **config,
            **more,
        )
        return self._children.start(name, floorpulse_command(*arguments), env)

    def _spawn_worker(self, **more: str) -> Child:
        return self._spawn(
            "the worker", "worker", "--namespace", self._request.ns, FLOORPULSE_WORKER_PORT=str(free_port()), **more
        )

    async def _start_board(self, stack: AsyncExitStack) -> Sampler | None:
        """The board is needed only where its published snapshots are to be compared."""
        if not (self._request.polls and self._request.speed):
            return None
        sampler = await stack.enter_async_context(Sampler(self._at.redis, self._request.ns))
        port = free_port()
        board = self._spawn("the board", "board", "--namespace", self._request.ns, FLOORPULSE_BOARD_PORT=str(port))
        wait_until(lambda: accepts(port), board, _BOARD_SECONDS, "listening")
        return sampler

    def _start_workers(self, publisher: Publisher, lag: Lag) -> None:
        request, records = self._request, len(self._request.plan.due)
        if not request.kills:
            self._worker = self._spawn_worker()
            return
        # Small chunks, so that a kill falls between two commits of one stretch of the log, or into one.
        small = {"FLOORPULSE_CHUNK_RECORDS": str(max(1, min(200, records // (request.kills * 10))))}
        if self._at.embedded_kafka:  # a killed worker's partitions are handed on only when its session has run out
            small["FLOORPULSE_SESSION_SECONDS"] = "3"
        self._killer = Killer(
            request.kills,
            records,
            random.Random(request.seed),
            start=lambda: self._spawn_worker(**small),
            stop=self._children.remove,
            flush=publisher.flush,
            lag=lag,
        )

    async def _feed(self, publisher: Publisher, lag: Lag) -> None:
        request, killer, records = self._request, self._killer, len(self._request.plan.due)
        if request.speed is not None:
            # Paced, the first events must not wait for the worker to start.
            await publisher.tick(request.plan.from_ms - _SECOND_MS)
            await publisher.flush()
            await self._wait_until_in(lag)
        with progress(records, "events sent") as show:

            async def after_slice(sent: int) -> None:
                show(sent)
                if killer:
                    await killer.after_slice(sent)
                else:
                    self._check()

            size = max(1, min(SLICE, records // (request.kills * 20))) if killer else SLICE
            driver = Driver(publisher, request.plan, speed=request.speed, after_slice=after_slice, slice_size=size)
            await driver.run()
        if killer:
            await killer.finish()

    def _check(self) -> None:
        self._children.check()

    async def _wait_until_in(self, lag: Lag) -> None:
        total, last, since = lag.total(), -1, time.monotonic()
        with progress(total, "records counted") as show:
            while True:
                behind = lag.behind()
                show(total - behind)
                if not behind:
                    return
                self._check()
                if behind != last:
                    last, since = behind, time.monotonic()
                elif time.monotonic() - since > _STALL_SECONDS:
                    raise UserError(
                        f"the worker stands still: {behind} of {total} records are not counted after "
                        f"{_STALL_SECONDS:g} s without progress; its last words: {self._last_words()}"
                    )
                await asyncio.sleep(_LOOK_SECONDS)

    def _last_words(self) -> str:
        worker = self._killer.worker if self._killer else self._worker
        return (worker.last_words() if worker else "") or "none"

    def _compare(self, sampler: Sampler | None) -> dict[str, int] | None:
        if not self._request.polls:
            return None
        if sampler:
            if not sampler.samples:
                raise UserError("the board published no snapshot to compare with")
            return compare(self._request.polls, sampler.waiting_at)
        lengths = lengths_of(self._store, self._request.ns)
        nobody = Lengths({})
        return compare(self._request.polls, lambda queue, second: lengths.get(queue, nobody).at(second))


def lengths_of(store: redis.Redis, ns: str) -> dict[str, Lengths]:
    """How many waited in each queue, over all channels, at every second of a replay, from Redis alone."""
    nets: dict[str, dict[int, int]] = {}
    states = read_partitions(store, ns, lambda pane: pane.res_ms == FINE_MS, ())
    for state in states:
        if state.base_topic in CONTACT_TOPICS:
            for suffix, fields in state.panes.items():
                pane = parse_pane_suffix(suffix)
                add_net(nets.setdefault(pane.queue, {}), pane.start_ms, fields)
    return {queue: Lengths.forward(net) for queue, net in nets.items()}
