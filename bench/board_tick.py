"""How long one tick of the board takes: 1,000 queues, 100,000 open contacts, 100 events/s, 200 alerts, on this machine.

Prints its method and the figures. Needs nothing: Redis is our own.
Run: python -m bench.board_tick [EVENTS_PER_SECOND]
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import time
from typing import Any

from board.app import connect
from board.config import FloorFile
from board.garbage import Garbage
from board.health import Health
from board.publish import Publisher
from board.view import Delta, FloorView, Loaded
from floorpulse.embedded import start_redis
from floorpulse.processes import Children
from kpi.alert_state import VERSION_FIELD, Held
from kpi.keys import alerts_key, live_suffix, pane_suffix
from kpi.panes import COARSE_MS, FINE_MS, pane_start

QUEUES, OPEN_CONTACTS, TICKS, ALERTS = 1_000, 100_000, 80, 200
EVENTS_PER_SECOND = int(sys.argv[1]) if len(sys.argv) > 1 else 100
NOON = 1_795_176_000_000
PARTITION = "calls.events/0"


def an_hour(chance: random.Random) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """Panes of an hour at full load, and live sets with all open contacts."""
    panes: dict[str, dict[str, int]] = {}
    for _ in range(EVENTS_PER_SECOND * 3600 // 3):
        at_ms, queue = NOON - chance.randrange(3_600_000), f"q{chance.randrange(QUEUES)}"
        second, wait = at_ms % FINE_MS // 1000, chance.randrange(90)
        fields = {"offered": 1, "answered": 1, f"wait.answered.{wait}": 1, "wait_ms.answered": wait * 1000,
                  f"net.{second}": 1, f"talk.{wait * 3}": 1, "talk_ms": wait * 3000}  # fmt: skip
        for res_ms in (FINE_MS, COARSE_MS):
            pane = panes.setdefault(pane_suffix(res_ms, pane_start(at_ms, res_ms), queue, "voice"), {})
            for name, count in fields.items():
                pane[name] = pane.get(name, 0) + count
    lives: dict[str, dict[str, int]] = {}
    for number in range(OPEN_CONTACTS):
        suffix = live_suffix("waiting", f"q{number % QUEUES}", "voice")
        lives.setdefault(suffix, {})[f"c{number}|1"] = NOON - chance.randrange(600_000)
    return panes, lives


def some_events(chance: random.Random, now_ms: int, base: int, count: int) -> Delta:
    """What `count` events change: somebody joins, somebody is answered."""
    panes: dict[str, dict[str, int]] = {}
    lives: dict[str, dict[str, int | None]] = {}
    for number in range(count):
        queue, wait = f"q{chance.randrange(QUEUES)}", chance.randrange(90)
        for res_ms in (FINE_MS, COARSE_MS):
            pane = panes.setdefault(pane_suffix(res_ms, pane_start(now_ms, res_ms), queue, "voice"), {})
            for name in ("offered", "answered", f"wait.answered.{wait}", f"net.{now_ms % res_ms // 1000}"):
                pane[name] = pane.get(name, 0) + 1
        lives.setdefault(live_suffix("waiting", queue, "voice"), {})[f"n{base + number}|1"] = now_ms
    return Delta(1, base, base + count, panes, lives, now_ms, now_ms)


def some_alerts(now_ms: int) -> dict[Any, Any]:
    """Alerts of which each has a new number and its texts in three languages, as the alert engine writes them."""
    texts = {
        f"{name}{tag}": "x" * 400 for name in ("summary", "description") for tag in ("", "_en", "_zh_cn", "_zh_tw")
    }
    held = (
        Held(
            rule="QueueLongestWaitHigh", severity="critical", queue=f"q{number}", channel="voice", phase="firing",
            since_ms=NOON, fired_ms=NOON, looked_ms=now_ms, value=(now_ms - NOON) / 1000, annotations=texts,
        )
        for number in range(ALERTS)
    )  # fmt: skip
    return {each.field: each.to_json() for each in held} | {VERSION_FIELD: b"%d" % now_ms}


async def measure(redis_url: str) -> None:
    """Fill a view, tick it for 20 s of its own time, and print what that took."""
    chance, now_ms, began = random.Random(1), NOON, time.perf_counter()
    Garbage().take_over()
    view = FloorView()
    view.expect([PARTITION])
    panes, lives = an_hour(chance)
    view.replace(PARTITION, Loaded(1, 0, NOON, panes=panes, lives=lives))
    redis = connect(redis_url)
    publisher = Publisher(redis, "live", view, Health(is_replay=False), FloorFile(None), lambda: now_ms)
    await publisher.tick()
    print(f"{QUEUES:,} queues, {OPEN_CONTACTS:,} waiting, an hour of {EVENTS_PER_SECOND} events/s behind them")
    print(f"made and summed up in {time.perf_counter() - began:.1f} s; {len(panes):,} panes")
    took: dict[str, list[float]] = {}

    def note(what: str, began: float) -> None:
        took.setdefault(what, []).append((time.perf_counter() - began) * 1000)

    for _ in range(TICKS):
        now_ms += 250
        changes = "pane changes" if now_ms % FINE_MS == 0 else "pane stays"
        delta = some_events(chance, now_ms, view.partitions[PARTITION].next, EVENTS_PER_SECOND // 4)
        began = time.perf_counter()
        view.apply_delta(PARTITION, delta)
        note("deltas of a tick", began)
        if now_ms % 1_000 == 0:
            await redis.hset(alerts_key("live"), mapping=some_alerts(now_ms))
            began = time.perf_counter()
            await publisher.alerts.refresh(redis, "live", now_ms)
            note(f"{ALERTS} alerts read, once a second", began)
        whole = time.perf_counter()
        await publisher.tick()
        note(f"snapshots in memory, {changes}", whole)
        began = time.perf_counter()
        await publisher.write()
        note("written to Redis", began)
        note("tick as a whole", whole)
    began = time.perf_counter()
    gc.collect()
    note("garbage, once a minute", began)
    for what, figures in took.items():
        ordered = sorted(figures)
        print(
            f"{what:34} median {ordered[len(ordered) // 2]:6.1f} ms   worst of {len(ordered):2} {ordered[-1]:6.1f} ms"
        )
    size = sum(len(entry.json) for entry in publisher.latest.entries.values())
    told = len(publisher.latest.alerts.json)
    print(f"{size / 1e6:.1f} MB of snapshots a tick, {told / 1e3:.0f} kB of alerts when one of them changes")
    await redis.aclose()


if __name__ == "__main__":
    with Children() as children:
        asyncio.run(measure(start_redis(children)))
