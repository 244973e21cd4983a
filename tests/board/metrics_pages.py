"""The two metrics pages read back, and a floor on which every family of the board has something to say."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from board.metrics import BoardState, full_page, live_page
from board.publish import Publication
from kpi import keys
from kpi.catalogue import BY_NAME
from kpi.floor import parse_floor
from tests.board.conftest import BoardMaker
from tests.board.fake_worker import FakeWorker

NOON = 1_795_176_000_000
Series = dict[tuple[str, tuple[str, ...]], float]


def series(page: bytes) -> Series:
    """(name, label values in the catalogue's order) -> value; no series may stand there twice."""
    found: Series = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            labels = tuple(sample.labels[label] for label in BY_NAME[sample.name].labels)
            assert (sample.name, labels) not in found
            found[(sample.name, labels)] = sample.value
    return found


def both(publication: Publication, wall_ms: int, max_queues: int = 200) -> tuple[Series, Series]:
    """What stands on `/metrics/live` and on `/metrics`."""
    live = live_page(publication, wall_ms, max_queues)
    full = full_page(publication, wall_ms, BoardState(), max_queues)
    return series(live), series(full)


#: A floor.toml that makes every family of its own.
SETTINGS = parse_floor(
    """
    [defaults.thresholds]
    occupancy_ratio = { warning = { enter = 0.88, exit = 0.85 }, critical = 0.93, for_seconds = 900 }
    growth_ratio = { warning = { enter = 0.2, exit = 0.1 }, for_seconds = 45 }
    ready_agents = true

    [queue.support]
    name = { en = "Support", zh-CN = "客服" }
    channel = "voice"

    [queue.support.thresholds]
    longest_wait_seconds = { warning = { enter = 60, exit = 45 }, for_seconds = 5, keep_seconds = 60 }
    waiting = { warning = { enter = 8, exit = 6 }, critical = 15, alert = false }
    abandonment_ratio = { minimum = 50, only_open = false }

    [alerts]
    also = ["EventDelayHigh"]

    [[quiet]]
    from = 2026-11-20T11:55:00
    to = 2026-11-20T12:05:00
    queue = "support"
    """
)


def settled(publication: Publication) -> Publication:
    """The same queues as SETTINGS have them."""
    entries = {
        key: replace(
            each,
            config=SETTINGS.queue(*key),
            snapshot=msgspec.structs.replace(each.snapshot, judged={**each.snapshot.judged, "ready_agents": None}),
        )
        for key, each in publication.entries.items()
    }
    return replace(publication, entries=entries, config=SETTINGS, quiet=SETTINGS.quiet)


async def busy_floor(redis_url: str, make_board: BoardMaker) -> Publication:
    """Support: one waits for 50 s, two were answered (20 s, 24 s), one gave up after 3 s, two left; mail: two cases.

    Besides one of everything else there is: a chat, agents, callbacks, a list of the source, a ledger.
    """
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON + 1_000)
    worker.join("support", "a", NOON - 49_000)
    for contact, joined, wait, how in (
        ("b", 100_000, 24_000, "answered"),
        ("c", 90_000, 3_000, "abandoned"),
        ("d", 80_000, 60_000, "timeout"),
        ("f", 75_000, 20_000, "key_exit"),
        ("e", 70_000, 20_000, "answered"),
    ):
        worker.join("support", contact, NOON - joined)
        worker.leave("support", contact, NOON - joined, NOON - joined + wait, how)
    worker.hang_up("support", "e", NOON - 50_000, NOON - 10_000)
    worker.live("ringing", "support", "voice", "a", NOON - 2_000)
    for case, status, opened, due in (("m1", "new", 7_200_000, -1), ("m2", "pending", 3_600_000, 60_000)):
        for kind in ("open_cases", f"case_{status}"):
            worker.live(kind, "mail", "email", case, NOON - opened)
        for kind in ("due", "due_resolution"):
            worker.live(kind, "mail", "email", case, NOON + due)
    worker.live("unassigned", "mail", "email", "m1", NOON - 7_200_000)
    ten_calls_and_a_wait_to_foretell(worker)
    everything_else(worker)
    worker.commit(NOON)
    return await board.catch_up()


def ten_calls_and_a_wait_to_foretell(worker: FakeWorker) -> None:
    """Sales: ten calls of 120 s over the last half hour, the only agent is in the last one, one customer waits."""
    for number in range(10):
        joined = NOON - 1_500_000 + number * 130_000
        worker.join("sales", f"s{number}", joined)
        worker.leave("sales", f"s{number}", joined, joined + 4_000, "answered")
        worker.hang_up("sales", f"s{number}", joined + 4_000, joined + 124_000)
    worker.live("in_service", "sales", "voice", "s10|1", NOON - 30_000)
    worker.join("sales", "s11", NOON - 5_000)
    call = (("sales", "voice", "talking", NOON - 30_000),)
    worker.agent("dora", "busy", NOON - 30_000, team="Back", queues={"sales": None}, engaged=call)


def everything_else(worker: FakeWorker) -> None:
    """What came with chats, agents, callbacks and doubts."""
    worker.live("outbound", "support", "voice", "out|1", NOON - 9_000)
    worker.live("lost", "support", "voice", "c|1", NOON - 87_000)
    worker.live("lost", "support", "voice", "long ago|1", NOON - 3_700_000)
    for callback, due in (("cb1", 60_000), ("cb2", -60_000), ("cb3", -901_001)):
        worker.live("callbacks", "support", "voice", callback, NOON + due)
    worker.live("snapshot", "support", "voice", "other", NOON - 60_000)
    worker.live("snapshot_at", "support", "voice", "/acd/one", NOON - 30_000)
    worker.live("unanswered", "talks", "chat", "t|1", NOON - 70_000)
    worker.count("talks", "chat", NOON - 80_000, first_response__12=1, first_response_ms=11_500, missed=1, orphan=1)
    worker.count("support", "voice", NOON - 5_000, wrapup__8=1, wrapup_ms=7_500)
    chats = (("talks", "chat", "talking", NOON - 60_000),)
    worker.agent(
        "ana", "busy", NOON - 60_000, team="Front", queues={"talks": None}, capacity={"chat": 3}, engaged=chats
    )
    worker.agent("bo", "idle", NOON - 400_000, team="Front", queues={"support": None, "talks": None})
    worker.agent("cleo", "break", NOON - 600_000, team="Back", queues={"support": "lunch"})
    worker.live("agent_heartbeat", "", "", "cleo", NOON - 301_000)
    worker.live("source", "", "", "/acd/one", NOON - 91_001)
    worker.live("source_heartbeat", "", "", "/acd/two", NOON - 1_000)
    ledger = {"late_dropped": 2, "duplicate": 3, "dead_lettered": 1, "reason:late": 2, "reason:schema": 1}
    worker.redis.hset(keys.ledger_key(worker.prefix()), mapping=ledger)  # type: ignore[arg-type]
