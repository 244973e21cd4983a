"""A group on the wall: sums over sums, each agent once, the worst queue named."""

from __future__ import annotations

from pathlib import Path

from board.groups import free_and_serving
from board.staffing import RECENT_MS
from kpi.group_card import Targets
from kpi.snapshot import JUDGED_VARIANT
from tests.board.conftest import BoardMaker
from tests.board.fake_worker import FakeWorker

NOON = 1_795_176_000_000
FLOOR = """
[group.After]
name = { en = "After-sales", zh-CN = "售后" }
[queue.support]
name = { en = "Support", zh-CN = "技术支持" }
channel = "voice"
group = "After"
target = { percent = 80, seconds = 20 }
thresholds = { waiting = { warning = 2, critical = 5 } }
[queue.chats]
channel = "chat"
group = "After"
target = { percent = 90, seconds = 60 }
thresholds = { waiting = { warning = 4, critical = 9 } }
[queue.mail]
channel = "email"
group = "After"
[queue.alone]
channel = "voice"
"""


async def test_a_group_sums_its_queues_and_names_the_worst(
    redis_url: str, make_board: BoardMaker, tmp_path: Path
) -> None:
    file = tmp_path / "floor.toml"
    file.write_text(FLOOR, "utf-8")
    worker, board = FakeWorker(redis_url), make_board(config=file, now_ms=NOON)
    for number, wait in enumerate((5, 10, 30, 40)):
        worker.join("support", f"s{number}", NOON - 100_000)
        worker.leave("support", f"s{number}", NOON - 100_000, NOON - 100_000 + wait * 1000, "answered")
    for number, wait in enumerate((50, 70)):
        worker.join("chats", f"t{number}", NOON - 100_000, channel="chat")
        worker.leave("chats", f"t{number}", NOON - 100_000, NOON - 100_000 + wait * 1000, "answered", channel="chat")
    for number in range(3):
        worker.join("support", f"w{number}", NOON - 7_000 - number)
    worker.live("open_cases", "mail", "email", "k", NOON - 1)
    worker.agent("both", "idle", NOON - 9, queues={"support": None, "chats": None})
    worker.agent("half", "idle", NOON - 9, queues={"support": "training", "chats": None})
    worker.agent("away", "break", NOON - 9, queues={"support": "lunch"})
    worker.commit(NOON)
    publication = await board.catch_up()
    after, alone = publication.groups.cards
    assert (after.group, alone.group) == ("After", "alone")
    assert after.display_names == {"en": "After-sales", "zh-CN": "售后"}
    level = after.service_level
    assert (level["numerator"], level["denominator"]) == (3, 6), "each queue by its own target"
    parts = [board.snapshot(*key).windows["30m"]["service_level"][JUDGED_VARIANT] for key in after.queues]
    assert level["numerator"] == sum(part["numerator"] for part in parts)
    assert (after.waiting, after.available, after.staffed) == (3, 2, 2)
    assert (after.worst.queue, after.severity, after.severity_by["waiting"]) == ("support", 1, 1)
    assert after.worst.display_names["zh-CN"] == "技术支持"
    assert after.target == Targets(80, 90, 20, 60)
    assert after.thresholds["waiting"] == {"warning": 2, "critical": 5}
    assert after.backlog is not None and after.backlog.open == 1
    assert alone.backlog is None
    assert after.oldest_queued_at_ms == NOON - 7_002
    board.now_ms += 250
    assert (await board.parts.publisher.tick()).groups is publication.groups, "nothing changed, nothing is sent"


async def test_who_could_help_are_own_people_first_and_no_television_names_them(
    redis_url: str, make_board: BoardMaker
) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.join("support", "a", NOON - 400_000)
    worker.join("billing", "b", NOON - 1_000)
    worker.agent("rests", "break", NOON - 60_000, queues={"support": "lunch"}, reason="lunch")
    worker.agent("writes", "acw", NOON - 50_000, queues={"support": None})
    worker.agent("elsewhere", "idle", NOON - 90_000, queues={"billing": None})
    worker.commit(NOON)
    publication = await board.catch_up()
    entry = publication.entries["support", "voice"]
    assert [(one.id, one.state, one.member) for one in entry.helpers] == [
        ("writes", "acw", True), ("rests", "break", True), ("elsewhere", "idle", False),
    ]  # fmt: skip
    assert b"writes" in entry.card
    assert b"writes" not in entry.tv_card
    assert publication.entries["billing", "voice"].helpers == ()


async def test_an_agent_paused_in_one_queue_is_free_for_the_other(redis_url: str, make_board: BoardMaker) -> None:
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON)
    worker.agent("half", "idle", NOON - 9, queues={"one": "training", "two": None})
    worker.commit(NOON)
    await board.catch_up()
    roster = board.parts.publisher.roster
    assert free_and_serving(roster, ["one"]) == (0, 0)
    assert free_and_serving(roster, ["one", "two"]) == (1, 1)


async def test_the_worst_queue_is_named_though_another_one_is_spiking(
    redis_url: str, make_board: BoardMaker, tmp_path: Path
) -> None:
    file = tmp_path / "floor.toml"
    queues = "".join(f'[queue.{name}]\nchannel = "voice"\ngroup = "G"\n' for name in ("busy", "left"))
    file.write_text(queues, "utf-8")
    worker, board = FakeWorker(redis_url), make_board(config=file, now_ms=NOON)
    for number in range(4):
        worker.agent(f"a{number}", "idle", NOON - 9, queues={"left": None})
    worker.join("busy", "b", NOON - 500_000)
    worker.join("left", "c", NOON)
    worker.commit(NOON)
    await board.catch_up()
    board.now_ms = later = NOON + RECENT_MS
    for number in range(3):  # were it all of them, nobody would serve the queue: critical by itself
        worker.agent(f"a{number}", "break", later, queues={"left": "outage"})
    worker.commit(later)
    (card,) = (await board.catch_up()).groups.cards
    assert card.queues[0] == ("left", "voice"), "what spikes is the first row"
    assert (card.severity, card.worst.queue) == (2, "busy")
    assert card.acute_queue is not None
    assert card.acute_queue.queue == "left"
    assert card.cause is not None
    assert card.cause.kind == "staff"
